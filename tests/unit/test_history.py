"""`annotate history`: what happened, in words, and nothing that the ledger does not say."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
import studies
from command import Done, annotate

from annotate.core.dataset.labels import label_id
from annotate.core.errors import UsageError
from annotate.core.history import HistoryEntry, history
from annotate.core.history_words import TELLERS
from annotate.core.ids import sha256_hex
from annotate.core.ledger import EVENTS, Event, Head, chain
from annotate.flows.history import read_history
from annotate.flows.importing import ImportRequest, import_labels
from annotate.store.ledger import append, read_ledger
from annotate.store.study import Study

GOLDEN = Path(__file__).parent.parent / "expected" / "history.txt"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return studies.nasty_study(tmp_path_factory.mktemp("nasty") / "study")


@pytest.fixture
def study(template: Study, tmp_path: Path) -> Study:
    shutil.copytree(template.root, tmp_path / "study")
    return Study(tmp_path / "study")


def spelled(entries: tuple[HistoryEntry, ...]) -> str:
    rows = (
        (one.after, one.by, one.happened_at, one.who, one.words, one.about.source_file) for one in entries
    )
    return "".join(" | ".join(row) + "\n" for row in rows)


def words(entries: tuple[HistoryEntry, ...]) -> list[str]:
    return [one.words for one in entries]


def test_the_history_of_the_nasty_study_is_the_golden_one(template: Study) -> None:
    assert spelled(read_history(template)) == GOLDEN.read_text("utf-8")


def test_one_label_from_suggestion_to_change(template: Study) -> None:
    found = [
        one for one in read_history(template, label_id(studies.ADA.key, 12)) if "relation" not in one.words
    ]
    assert [(one.who, one.what, one.after, one.by) for one in found] == [
        ("stated_dates 0.1.0", "suggested", "", "push-000001"),
        ("ada", "changed", "push-000001", "pull-000002"),
    ]
    assert found[1].words == (
        "changed DATE “2020-04-25” [27, 37) to PUB “2020-04-25” [27, 37) (suggested by stated_dates 0.1.0)"
    )


def test_who_deleted_is_unknown_and_when_is_between_two_pulls(template: Study) -> None:
    drawn, _, gone, _ = read_history(template, label_id(studies.ADA.key, 31))
    assert drawn.words == "drew LOADED “Ministerin” [50, 60)"
    # The push of a scheme in between did not look at labels: the pull before it bounds the time.
    assert (gone.who, gone.project, gone.happened_at) == ("", "ada", "")
    assert gone.words == "deleted LOADED “Ministerin” [50, 60): vanished between pull-000002 and pull-000004"


def test_a_file_a_document_and_a_passage_lead_to_the_same(template: Study) -> None:
    passage = next(one for one in studies.build().passages if one.source_file == "c-euro.txt")
    by_file = read_history(template, "c-euro.txt")
    assert (
        by_file == read_history(template, passage.passage_id) == read_history(template, passage.document_id)
    )
    assert {one.about.source_file for one in by_file} == {"c-euro.txt"}


def test_what_nothing_happened_to_has_an_empty_history(template: Study) -> None:
    assert read_history(template, "d-copy.txt") == ()


def test_an_annotator_is_what_they_did_and_what_happened_in_their_project(template: Study) -> None:
    found = read_history(template, annotator="ben")
    assert {one.project for one in found} == {"ben"}
    assert "carla" in {one.who for one in found}, "a stranger in ben's project is shown"
    assert {one.project for one in read_history(template, annotator="carla")} == {"ada", "ben"}


def test_since_a_pull(template: Study) -> None:
    found = read_history(template, since="pull-000002")
    assert {one.by for one in found} == {"push-000003", "pull-000004"}
    assert read_history(template, since="pull-000004") == ()


@pytest.mark.parametrize(
    ("what", "options", "near"),
    [
        ("a-emojy.txt", {}, "a-emoji.txt"),
        ("", {"annotator": "adda"}, "ada"),
        ("", {"since": "pull-000003"}, "pull-000002"),
        ("psg-09f17c71a4b6", {}, "psg-09f17c71a4b5"),
    ],
)
def test_an_unknown_name_is_refused_with_near_misses(
    template: Study, what: str, options: dict[str, str], near: str
) -> None:
    with pytest.raises(UsageError) as caught:
        read_history(template, what, **options)
    assert near in caught.value.hint


def test_what_is_taken_back_and_comes_again(study: Study) -> None:
    a = next(one for one in studies.build().passages if one.source_file == "a-emoji.txt")
    c = next(one for one in studies.build().passages if one.source_file == "c-euro.txt")
    ada, ben = studies.ADA, studies.BEN
    ours = sha256_hex(c.text.encode())
    comment = ben.comment(101, 151, "ben", "better not")
    append(
        study,
        "pull",
        [
            Event("unconfirmed", {"project": ada.key, "example": 1, "user": "ada"}),
            ada.label(a, 1, 31, "LOADED", "Ministerin", event="label_changed"),
            ada.label(
                a, 1, 22, "LOADED", "großen Lu\u0308gen 🎉", at="2026-01-01T00:00:00Z", event="label_changed"
            ),
            Event("passage_edited", {"project": ben.key, "example": 103, "text_sha256": ours}),
            Event("comment_changed", comment.data),
            Event("pulled", {"snapshot": "x", "files": {f"{ada.key}/spans.jsonl": "", f"{ben.key}/s": ""}}),
        ],
        at="2026-01-02T00:00:00Z",
    )
    found = read_history(study, since="pull-000004")
    assert [(one.what, one.who) for one in found] == [
        ("took back", ""),
        ("restored", ""),
        ("touched", "ada"),
        ("restored", ""),
        ("changed", "ben"),
    ]
    assert words(found)[0] == (
        "took the confirmation by ada back: vanished between pull-000004 and pull-000005"
    )
    assert words(found)[3] == (
        "the passage is there again, with the text that was pushed: "
        "changed between pull-000004 and pull-000005"
    )


def test_times_that_a_pull_learns_are_nobodys_deed(study: Study) -> None:
    a = next(one for one in studies.build().passages if one.source_file == "a-emoji.txt")
    dated = studies.ADA.label(a, 1, 11, "DATE", "3. Mai 2021", event="label_dated")
    append(study, "pull", [dated, Event("pulled", {"snapshot": "x", "files": {}})])
    assert read_history(study, since="pull-000004") == ()


def test_a_pull_of_one_server_does_not_bound_what_happened_on_another() -> None:
    a = next(one for one in studies.build().passages if one.source_file == "a-emoji.txt")
    ada, ben = studies.ADA, studies.BEN
    first = [
        ada.opened(),
        ben.opened(),
        ada.pushed(a, 1),
        ben.pushed(a, 101),
        ben.label(a, 101, 5, "DATE", "Mai"),
    ]
    lines = chain(first, Head(), transaction="push-000001", at="2025-01-01T00:00:00Z")
    alone = Event("pulled", {"snapshot": "x", "files": {f"{ada.key}/spans.jsonl": ""}})
    lines += chain([alone], Head(), transaction="pull-000002", at="2025-01-02T00:00:00Z")
    gone = [ben.gone("label", 5), Event("pulled", {"snapshot": "x", "files": {f"{ben.key}/spans.jsonl": ""}})]
    lines += chain(gone, Head(), transaction="pull-000003", at="2025-01-03T00:00:00Z")
    assert [one.after for one in history(lines)][-1] == "push-000001"


def test_imports_are_told_with_their_file_and_line(study: Study, tmp_path: Path) -> None:
    path = tmp_path / "dora.jsonl"
    text = next(one for one in studies.build().passages if one.source_file == "c-euro.txt").text
    path.write_text(json.dumps({"text": text, "label": [[25, 29, "When"]]}) + "\n")
    report = import_labels(study, ImportRequest((path,), "doccano", mapping=("When=DATE",)))
    batch, label = read_history(study, since="pull-000004")
    assert batch.words == "imported 1 labels and 0 relations from dora.jsonl (Doccano)"
    assert (label.who, label.by) == ("dora", report.transaction)
    assert label.words == "imported DATE “2018” [25, 29), set as When with Doccano (dora.jsonl:1)"
    assert read_history(study, label.about.labels[0]) == (label,)


def test_every_event_of_the_ledger_has_words_or_a_reason_to_have_none(template: Study) -> None:
    assert EVENTS - TELLERS.keys() <= {"begin", "end", "pulled"}
    assert len(list(history(read_ledger(template)))) == len(GOLDEN.read_text("utf-8").splitlines())


def run(study: Study, *more: str) -> Done:
    return annotate("--study", str(study.root), "history", *more)


def test_the_command_prints_a_table_and_json(study: Study) -> None:
    table = run(study, "c-euro.txt")
    assert table.returncode == 0, table.stderr
    assert "changed LOADED “€ fiel” [18, 24) to LOADED “5 € fiel” [16, 24)" in table.stdout
    found = json.loads(run(study, "c-euro.txt", "--json").stdout)
    fields = [one.name for one in dataclasses.fields(HistoryEntry)]
    assert all(list(one) == fields for one in found)
    assert run(study, "c-eur.txt").returncode == 2


def test_names_of_others_do_not_steer_the_terminal(study: Study) -> None:
    evil = studies.ADA.comment(1, 99, "ada\x1b[2J", "[bold]look[/]\u202e")
    append(study, "pull", [evil, Event("pulled", {"snapshot": "x", "files": {}})])
    shown = run(study, "--since", "pull-000004").stdout
    assert "[bold]look[/]" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
