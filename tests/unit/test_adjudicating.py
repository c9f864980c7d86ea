"""What is unanimous, what is offered, what an adjudicator makes of it, and what the dataset says then."""

from __future__ import annotations

import csv
import io
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import studies
from adjudicated import adjudicate_plan, adjudicated, outcome
from agreed import Said, dataset_of, said
from hypothesis import given, settings
from hypothesis import strategies as st
from studies import ADA, BEN

from annotate.core.adjudication.decided import (
    Decided,
    Decisions,
    decision_of,
    record_of_decision,
)
from annotate.core.adjudication.judge import judge
from annotate.core.adjudication.offer import blind_names, comment_on, due, fingerprint, is_stale, mark, offer
from annotate.core.dataset.gold import gold_label_ids
from annotate.core.history import history
from annotate.core.judgments import judgments
from annotate.core.scheme import Scheme
from annotate.core.spans import Link, Span
from annotate.flows import adjudicate, agree, export, verify
from annotate.flows.derived import derive_now
from annotate.store.ledger import append, read_ledger
from annotate.store.scheme import read_scheme
from annotate.store.study import Study

ALL = ("claims", "frame", "rhetoric")
CLAIM = Span("claims", "CLAIM", 0, 10)
LOADED = Span("rhetoric", "LOADED", 20, 30)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return studies.nasty_study(tmp_path_factory.mktemp("gold") / "study")


@pytest.fixture(scope="module")
def scheme(template: Study) -> Scheme:
    return read_scheme(template.scheme_dir)


def judged_of(*told: Said):
    dataset = dataset_of(*told)
    return judgments(dataset.assignments, dataset.labels, ())


def offered(scheme: Scheme, *told: Said, layers=ALL) -> Decided:
    return offer("p1", judged_of(*told)["p1"], layers, scheme)


def in_short(decided: Decided) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [(str(one.span.label), one.status, one.verdict, one.set_by) for one in decided.spans]


def test_what_all_say_is_unanimous_and_the_rest_is_open(scheme):
    decided = offered(
        scheme, said("p1", "A1", "CLAIM 0-10", "LOADED 20-30"), said("p1", "A2", "CLAIM 0-10", "LOADED 20-31")
    )
    assert in_short(decided) == [
        ("CLAIM", "unanimous", "kept", ("A1", "A2")),
        ("LOADED", "unresolved", "", ("A1",)),
        ("LOADED", "unresolved", "", ("A2",)),
    ]
    assert decided.is_open
    assert decided.spans[0].over == ("lbl-p1-A1-0", "lbl-p1-A2-0")
    # In the layer that they agree on there is nothing to decide.
    claims = said("p1", "A1", "CLAIM 0-10"), said("p1", "A2", "CLAIM 0-10")
    assert not offered(scheme, *claims, layers=("claims",)).is_open
    nothing = offered(scheme, said("p1", "A1"), said("p1", "A2"))
    assert (nothing.route, nothing.spans) == ("unanimous", ())
    two_of_three = offered(scheme, *claims, said("p1", "A3"))
    assert in_short(two_of_three) == [("CLAIM", "unresolved", "", ("A1", "A2"))]


def test_what_is_due_depends_on_what_was_decided(scheme):
    told = [
        said("p1", "A1", "CLAIM 0-10"),
        said("p1", "A2", "CLAIM 0-10"),
        said("p2", "A1", "CLAIM 0-10"),
        said("p2", "A2"),
        said("p3", "A1", "CLAIM 0-10"),
    ]
    decisions = Decisions()
    first = due(judged_of(*told), decisions, ALL, scheme)
    assert [one.passage_id for one in first.unanimous] == ["p1"]
    assert [one.passage_id for one in first.offers] == ["p2"]
    for one in (*first.unanimous, *first.offers):
        decisions.add(one)
    again = due(judged_of(*told), decisions, ALL, scheme)
    assert (again.unanimous, again.offers, again.settled) == ((), (), 2)
    told[1] = said("p1", "A2", "CLAIM 0-10", "LOADED 20-30")
    moved = due(judged_of(*told), decisions, ALL, scheme)
    assert [(one.passage_id, list(one.layers)) for one in moved.offers] == [("p1", ["rhetoric"])]
    assert moved.settled == 1
    # Somebody takes the confirmation back: one judgment is left, and nothing to decide on.
    told[3] = said("p2", "A2", confirmed=False)
    assert due(judged_of(*told), decisions, ALL, scheme).settled == 0


def test_a_fingerprint_is_of_what_is_said_not_of_its_ids():
    one = judged_of(said("p1", "A1", "CLAIM 0-10", "LOADED 20-30"), said("p1", "A2"))["p1"]
    other = judged_of(said("p1", "A1", "LOADED 20-30", "CLAIM 0-10"), said("p1", "A2"))["p1"]
    assert {fingerprint(one, layer) for layer in ALL} == {fingerprint(other, layer) for layer in ALL}
    swapped = judged_of(said("p1", "A1"), said("p1", "A2", "CLAIM 0-10", "LOADED 20-30"))["p1"]
    assert fingerprint(one, "claims") != fingerprint(swapped, "claims")
    assert fingerprint(one, "frame") == fingerprint(swapped, "frame")


def test_kept_refused_moved_and_new(scheme):
    given = offered(
        scheme,
        said("p1", "A1", "CLAIM 0-10", "LOADED 20-30", "ENEMY 40-45"),
        said("p1", "A2", "CLAIM 0-10", "LOADED 22-30"),
    )
    moved = Span("rhetoric", "LOADED", 21, 30)
    new = Span("claims", "CLAIM", 50, 60)
    decided = judge(given, outcome(CLAIM, moved, new, comments=("so it\n is", "indeed")))
    found = {one.span: one for one in decided.spans}
    assert (found[CLAIM].status, found[CLAIM].verdict) == ("unanimous", "kept")
    assert (found[LOADED].status, found[LOADED].verdict) == ("adjudicated", "none")
    assert (found[moved].verdict, found[moved].set_by) == ("kept", ())
    assert found[moved].over == ("lbl-p1-A1-1", "lbl-p1-A2-1")
    assert (found[new].over, found[new].number) == ((), 102)
    assert found[Span("rhetoric", "ENEMY", 40, 45)].verdict == "none"
    assert (decided.route, decided.decided_by, decided.reason) == (
        "adjudicated",
        "judge",
        "so it is | indeed",
    )
    assert decided.layers == given.layers


def test_an_adjudicator_may_overrule_what_all_said(scheme):
    given = offered(scheme, said("p1", "A1", "CLAIM 0-10", "LOADED 20-30"), said("p1", "A2", "CLAIM 0-10"))
    decided = judge(given, outcome(LOADED))
    assert in_short(decided) == [
        ("CLAIM", "adjudicated", "none", ("A1", "A2")),
        ("LOADED", "adjudicated", "kept", ("A1",)),
    ]


def test_a_comment_leaves_open_what_is_disputed_only(scheme):
    given = offered(scheme, said("p1", "A1", "CLAIM 0-10", "LOADED 20-30"), said("p1", "A2", "CLAIM 0-10"))
    decided = judge(given, outcome(CLAIM, comments=(" UNRESOLVED: see guideline",)))
    assert in_short(decided) == [
        ("CLAIM", "unanimous", "kept", ("A1", "A2")),
        ("LOADED", "unresolved", "", ("A1",)),
    ]


def test_relations_are_decided_too(scheme):
    link = Link("dates", LOADED, CLAIM)
    given = offered(scheme, said("p1", "A1", "CLAIM 0-10", "LOADED 20-30"), said("p1", "A2", "CLAIM 0-10"))
    decided = judge(given, outcome(CLAIM, LOADED, links=(link,)))
    (verdict,) = decided.links
    assert (verdict.link, verdict.status, verdict.verdict, verdict.number) == (link, "adjudicated", "kept", 7)
    again = judge(replace(given, links=(replace(verdict, status="unresolved", verdict=""),)), outcome(CLAIM))
    assert [(one.status, one.verdict) for one in again.links] == [("adjudicated", "none")]


_LABELS = st.lists(
    st.builds(
        lambda label, start, length: f"{label} {start}-{start + length}",
        st.sampled_from(["CLAIM", "LOADED", "DATE"]),
        st.integers(0, 40),
        st.integers(1, 20),
    ),
    max_size=6,
    unique=True,
)


@settings(max_examples=30)
@given(_LABELS, _LABELS, st.data())
def test_decisions_lose_nothing_and_survive_the_ledger(template, mine, theirs, data):
    scheme = read_scheme_once(template)
    given_ = offered(scheme, said("p1", "A1", *mine), said("p1", "A2", *theirs))
    assert {number for one in given_.spans for number in one.over} == {
        *(f"lbl-p1-A1-{number}" for number in range(len(mine))),
        *(f"lbl-p1-A2-{number}" for number in range(len(theirs))),
    }
    kept = (
        data.draw(st.lists(st.sampled_from([one.span for one in given_.spans]), unique=True))
        if given_.spans
        else []
    )
    decided = judge(given_, outcome(*kept))
    assert {one.span for one in decided.spans if one.verdict == "kept"} == set(kept)
    assert {one.span for one in decided.spans} == {one.span for one in given_.spans}
    assert judge(given_, outcome(*kept)) == decided
    again = decision_of(record_of_decision(decided))
    assert record_of_decision(again) == record_of_decision(decided)
    assert set(again.spans) == set(decided.spans)


_SCHEMES: dict[Path, Scheme] = {}


def read_scheme_once(study: Study) -> Scheme:
    return _SCHEMES.setdefault(study.root, read_scheme(study.scheme_dir))


def test_a_blind_comment_names_nobody_and_ends_with_its_mark(scheme):
    given = offered(
        scheme, said("p1", "anna", "CLAIM 0-10", "LOADED 20-30"), said("p1", "boris", "CLAIM 0-10")
    )
    text = comment_on(given, "x" * 100, blind_names(given))
    assert "anna" not in text
    assert "boris" not in text
    assert "CLAIM “xxxxxxxxxx”: all" in text
    assert re.search("LOADED “x+”: [AB] only", text)
    assert text.endswith(mark(given))
    letters = {blind_names(replace(given, passage_id=f"psg-{number}"))["anna"] for number in range(20)}
    assert letters == {"A", "B"}
    moved = offered(scheme, said("p1", "anna", "CLAIM 0-10"), said("p1", "boris"))
    assert mark(moved) != mark(given)


# --- in a study ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def study(template: Study, tmp_path_factory: pytest.TempPathFactory) -> Study:
    made = adjudicated(template, tmp_path_factory.mktemp("adjudicated") / "study")
    export.apply(made, export.plan(made, "gold"))
    return made


def table(study: Study, name: str) -> list[dict[str, str]]:
    text = (study.exports_dir / "gold" / f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def test_gold_in_a_dataset(study: Study, template: Study) -> None:
    rows = table(study, "gold")
    by_quote = {(row["label"], row["quote"]): row for row in rows}
    new = by_quote["LOADED", "Schweigen"]
    assert (new["status"], new["verdict"], new["set_by"], new["over_label_ids"]) == (
        "adjudicated",
        "kept",
        "",
        "",
    )
    assert (new["annotators"], new["stale"], new["reason"]) == ("A1;A2", "false", "=because")
    assert re.fullmatch("X-[0-9a-f]{6}", new["adjudicator"])  # annotate.toml names no adjudicator here
    assert new["pull"] == "adjudicate-000007"
    assert by_quote["DATE", "3. Mai 2021"]["status"] == "unanimous"
    assert by_quote["DATE", "3. Mai 2021"]["value"] == "2021-05-03"
    assert by_quote["DATE", "3. Mai 2021"]["reason"] == ""
    assert by_quote["DATE", "2020-04-25"]["verdict"] == "none"
    assert {row["status"] for row in rows} == {"unanimous", "adjudicated"}
    # What stands in the adjudication project is in no other table, and no annotator's label has moved.
    before, _ = derive_now(template)
    after, _ = derive_now(study)
    for name in ("labels", "relations", "assignments", "comments", "suggestions", "quarantine", "chronology"):
        assert getattr(after, name) == getattr(before, name), name
    assert len(after.annotators) == len(before.annotators) + 1


def test_verify_derives_gold_again_and_proves_its_quotes(study: Study, tmp_path: Path) -> None:
    report = verify.verify(study, "gold")
    assert report.checked["quotes of gold"] == len(table(study, "gold"))
    shutil.copytree(study.root, tmp_path / "study")
    copy = Study(tmp_path / "study")
    path = copy.exports_dir / "gold" / "gold.csv"
    text = path.read_text("utf-8")
    for old, new in (
        ("adjudicated,kept", "unanimous,kept"),
        (",false,", ",true,"),
        ("Schweigen", "schweigen"),
    ):
        path.write_text(text.replace(old, new, 1), "utf-8")
        problems = verify.examine(copy, "gold").problems
        assert any("gold.csv" in one.file and one.line for one in problems), (old, new)
    path.write_text("".join(text.splitlines(keepends=True)[:-1]), "utf-8")
    assert any("the row is missing" in one.what for one in verify.examine(copy, "gold").problems)


def test_gold_goes_stale_when_a_label_moves(study: Study, tmp_path: Path) -> None:
    shutil.copytree(study.root, tmp_path / "study")
    copy = Study(tmp_path / "study")
    passage = next(one for one in studies.build().passages if one.source_file == "a-emoji.txt")
    append(copy, "pull", [ADA.label(passage, 1, 77, "LOADED", "Ministerin")], at="2025-11-07T10:00:00Z")
    rows = derive_now(copy)[0].gold
    assert {row.stale for row in rows if row.layer == "rhetoric"} == {True}
    assert {row.stale for row in rows if row.layer == "frame"} == {False}
    found = adjudicate.status(copy)
    assert (found.passages, found.stale, found.waiting, found.undecided) == (1, 1, 0, 0)
    again = adjudicate_plan(copy)
    assert list(again.layers) == ["rhetoric"]
    append(copy, "pull", [BEN.gone("label", 112)], at="2025-11-07T11:00:00Z")
    assert is_stale_everywhere(copy)


def is_stale_everywhere(study: Study) -> bool:
    from annotate.flows.adjudicate.plan import read_ground

    ground = read_ground(study)
    judged = judgments(ground.dataset.assignments, ground.dataset.labels, ground.dataset.relations)
    return all(is_stale(one, key[1], judged[key[0]]) for key, one in ground.state.decisions.last.items())


def test_labels_that_are_gold(study: Study) -> None:
    dataset, _ = derive_now(study)
    ids = gold_label_ids(dataset.gold, dataset.labels)
    found = [(row.doccano_project, row.label, row.quote) for row in dataset.labels if row.label_id in ids]
    assert found == [(7, "PUB", "2020-04-25"), (7, "DATE", "3. Mai 2021"), (8, "DATE", "3. Mai 2021")]


def test_history_tells_what_was_decided(study: Study) -> None:
    entries = [
        one for one in history(read_ledger(study)) if one.by in ("adjudicate-000005", "adjudicate-000007")
    ]
    assert [one.what for one in entries] == ["opened", "scheme", "pushed", "offered", "decided"]
    assert entries[-1].who == "judge"
    assert "adjudicated between ada and ben: frame, rhetoric" in entries[-1].words
    assert "“=because”" in entries[-1].words
    (offer_,) = [
        one for one in history(read_ledger(study)) if one.by == "pull-000006" and one.what == "offered"
    ]
    assert (offer_.who, offer_.words[:11]) == (studies.SERVICE, "offered PUB")


def test_agreement_is_that_of_the_annotators_whatever_was_decided(study: Study, template: Study) -> None:
    assert agree.agree(study) == agree.agree(template)
    report = agree.agree(study, labels=["PUB"])
    assert [row.name for row in report.rows] == ["", "frame", "PUB"]
    assert {one.label for one in report.disagreements} == {"PUB"}
    lines = agree.agreement_csv(report.rows).splitlines()
    assert lines[0].startswith("scope,layer,name,annotator_a,")
    assert len(lines) == 4


def test_every_decision_has_its_provenance(study: Study) -> None:
    from annotate.formats.writers.provenance import statements

    material = export.material_of(study, "gold", export.ExportOptions())
    graph = list(statements(material))
    there = {one["@id"]: one for one in graph if "@id" in one}
    assert len(there) == sum("@id" in one for one in graph)
    for row in material.dataset.gold:
        about = f"d:gold/{row.gold_id}"
        assert there[about]["t:status"] == [{"@value": row.status}]
        derived = {one["usedEntity"] for one in graph if one.get("generatedEntity") == about}
        over = {f"d:label/{one}" for one in row.over_label_ids.split(";") if one}
        assert derived == over | {f"d:passage/{row.passage_id}"}
        assert derived <= there.keys()
        (made,) = [one for one in graph if one["@type"] == "Generation" and one["entity"] == about]
        by = [one["agent"] for one in graph if one["@type"] == "Attribution" and one["entity"] == about]
        if row.status == "unanimous":
            assert (made["activity"], by) == (f"d:activity/{row.pull}", [])
            continue
        assert by == [f"d:who/{row.adjudicator}"]
        assert made["time"] == row.decided_at
        (sitting,) = [one for one in graph if one.get("activity") == made["activity"] and "role" in one]
        assert (sitting["agent"], sitting["plan"]) == (by[0], f"d:scheme/{row.scheme_sha256}")
        assert {by[0], sitting["plan"], made["activity"], f"d:activity/{row.pull}"} <= there.keys()
