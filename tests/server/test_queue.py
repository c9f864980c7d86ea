"""The queue on a real server: the order that an annotator's page gets, controls, dealing out, repeating."""

from __future__ import annotations

import csv
import io

import pytest
from small_studies import Campaign, Told, campaigns, suggest

from annotate.core.queue import QueueSettings, is_control, is_shared
from annotate.doccano.wire import passage_id_of
from annotate.flows.export import ExportOptions
from annotate.flows.export import plan as plan_export
from annotate.flows.pull import pull
from annotate.flows.push import plan, push
from annotate.flows.status import status
from annotate.store.config import read_config
from annotate.store.study import Study

pytestmark = pytest.mark.server

TEXTS = {f"t{number:02}.txt": f"Text {number} was written in {1950 + number}.\n" for number in range(24)}
TOLD = [Told(file, str(1950 + number)) for number, file in enumerate(TEXTS)]


@pytest.fixture
def campaign(embedded, tmp_path, monkeypatch):
    return campaigns(embedded, tmp_path, monkeypatch)


def ask(made: Campaign, **keys: object) -> QueueSettings:
    """Write keys of [passes.spans] into the study's annotate.toml."""
    path = made.study.root / "annotate.toml"
    rest, inside = [], False
    for line in path.read_text("utf-8").splitlines():
        inside = line == "[passes.spans]" or (inside and not line.startswith("["))
        rest += [] if inside else [line]
    lines = [f"{key} = {value!r}".replace("'", '"') for key, value in keys.items()]
    text = "\n".join([*rest, "", "[passes.spans]", *lines, ""])
    path.write_text(text, "utf-8")
    made.study = Study(made.study.root)
    return read_config(path).pass_settings("spans").queue()


def shown(made: Campaign, person, **query: str) -> list[str]:
    """Passage ids as the annotation page asks for them: one example a page, no ordering unless chosen."""
    own = made.project(person)
    asked = {"limit": "1", "q": "", "confirmed": "", "ordering": "", **query}
    found = []
    for page in range(own.http.get(f"{own.base}/examples", asked)["count"]):
        answer = own.http.get(f"{own.base}/examples", {**asked, "offset": str(page)})
        found.append(passage_id_of(answer["results"][0]))
    return found


def test_annotators_see_the_order_of_upload_and_a_score_changes_nothing(campaign):
    made = campaign(texts=TEXTS, told=TOLD)
    ask(made, seed=5)
    planned = plan(made.study, order="random").projects[0]
    push(made.study, order="random")
    order = list(planned.passages.add)
    assert order != [one.passage_id for one in made.passages.values()]
    assert shown(made, made.ann) == order
    assert shown(made, made.bob) == order
    # Doccano's own `score` is 100 after an import and read only by who picks that order in the menu.
    base = made.admin_base(made.ann)
    last = made.project(made.ann).http.get(f"{base}/examples", {"limit": 1, "offset": 23})["results"][0]
    assert last["score"] == 100
    made.admin.send("PATCH", f"{base}/examples/{last['id']}", json={"score": 1})
    assert shown(made, made.ann) == order
    assert shown(made, made.ann, ordering="score")[0] == order[-1]


def test_controls_go_out_bare_and_stay_what_they_are(campaign):
    made = campaign(texts=TEXTS, told=TOLD)
    settings = ask(made, order="uncertainty", seed=3, control_share=0.25)
    controls = {one.passage_id for one in made.passages.values() if is_control(settings, one.passage_id)}
    assert 0 < len(controls) < 24
    report = push(made.study)
    assert set(report.suggestions_placed.values()) == {24 - len(controls)}
    own = made.project(made.ann)
    for file, passage in made.passages.items():
        assert len(own.spans(file)) == (passage.passage_id not in controls)
    before, lines = shown(made, made.ann), made.ledger()
    assert plan(made.study).is_empty
    push(made.study)
    assert made.ledger() == lines
    # Another seed, and more passages: what is there stays; what is new is drawn by the new wish.
    made.grow({**TEXTS, **{f"u{n}.txt": f"Another text, of {2000 + n}.\n" for n in range(6)}})
    told = [Told(f"u{n}.txt", str(2000 + n)) for n in range(6)]
    suggest(made.study, [*TOLD, *told])
    ask(made, order="balanced", seed=4, control_share=1.0)
    push(made.study)
    assert shown(made, made.ann)[:24] == before
    own = made.project(made.ann)
    assert [len(own.spans(f"u{n}.txt")) for n in range(6)] == [0] * 6
    for file, passage in made.passages.items():
        if file.startswith("t"):
            assert len(own.spans(file)) == (passage.passage_id not in controls)
    pull(made.study)
    rows = rows_of(made, "assignments")
    mine = {row["passage_id"]: row for row in rows if row["assignee"] == "A1"}
    new = {one.passage_id for file, one in made.passages.items() if file.startswith("u")}
    assert {one for one, row in mine.items() if row["control"] == "true"} == controls | new
    assert {row["control"] for row in mine.values()} == {"true", "false"}
    assert [mine[one]["queue_rank"] for one in shown(made, made.ann)] == [str(n) for n in range(1, 31)]
    assert all(row["queue_reason"] for row in mine.values())


def test_an_interrupted_push_leaves_controls_controls(campaign):
    """What it sent and did not record is taken over under the settings that it was sent with."""
    made = campaign(texts=TEXTS, told=TOLD)
    settings = ask(made, order="random", seed=3, control_share=0.5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("annotate.flows.push.sending.Sender._arrived", die)
        with pytest.raises(KeyboardInterrupt):
            push(made.study)
    assert len(made.examples(made.ann)) == 24
    ask(made, order="source", control_share=0.0)
    report = push(made.study)
    controls = {one.passage_id for one in made.passages.values() if is_control(settings, one.passage_id)}
    assert report.suggestions_placed == {made.ann.user: 24 - len(controls), made.bob.user: 24}
    pull(made.study)
    rows = [row for row in rows_of(made, "assignments") if row["assignee"] == "A1"]
    assert {row["passage_id"] for row in rows if row["control"] == "true"} == controls
    assert {(row["queue_order"], row["queue_rank"]) for row in rows} == {("random", "")}


def test_most_passages_go_to_one_annotator_and_some_to_all(campaign):
    made = campaign(texts=TEXTS, told=TOLD)
    settings = ask(made, overlap_share=0.25, seed=2)
    push(made.study)
    ann, bob = (set(shown(made, person)) for person in made.people)
    everything = {one.passage_id for one in made.passages.values()}
    assert ann | bob == everything
    assert ann & bob == {one for one in everything if is_shared(settings, one)}
    assert {row.not_pushed for row in status(made.study).annotators} == {0}
    lines = made.ledger()
    assert plan(made.study).is_empty
    push(made.study)
    assert made.ledger() == lines
    made.grow({**TEXTS, "z.txt": "One more.\n"})
    assert sum(row.not_pushed for row in status(made.study).annotators) in (1, 2)


def die(*args: object, **options: object) -> None:
    raise KeyboardInterrupt


def rows_of(made: Campaign, table: str) -> list[dict[str, str]]:
    files = plan_export(made.study, "q", ExportOptions(formats=("csv",))).files
    return list(csv.DictReader(io.StringIO(files[f"{table}.csv"].decode("utf-8"))))
