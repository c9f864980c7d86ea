"""Which ids an import got, over HTTP: worked out from its ends where that is certain, or read back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from small_studies import (
    TEXTS,
    TOLD,
    Campaign,
    Tied,
    Told,
    account,
    build,
    small_scheme,
    suggest,
    write_study,
)

from annotate.core.offsets import Utf16Map
from annotate.doccano import archive, importing
from annotate.flows.pull import pull
from annotate.flows.push import plan, push

pytestmark = pytest.mark.server

COPIES = 30
RELATED_FROM = 11
RELATIONS = """
SELECT r.id, r.example_id, t.text, r.from_id_id, r.to_id_id FROM labels_relation r
JOIN label_types_relationtype t ON t.id = r.type_id JOIN examples_example e ON e.id = r.example_id
WHERE e.project_id = ? ORDER BY r.id
"""
SPANS = """
SELECT s.id, s.example_id, t.text, s.start_offset, s.end_offset FROM labels_span s
JOIN label_types_spantype t ON t.id = s.label_id JOIN examples_example e ON e.id = s.example_id
WHERE e.project_id = ? ORDER BY s.id
"""


@pytest.fixture
def made(embedded: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Campaign:
    """A study that knows its server by address alone, pushed in three imports."""
    monkeypatch.setenv("DOCCANO_HOME", str(embedded.home))
    monkeypatch.setenv("ANNOTATE_DOCCANO_PASSWORD", embedded.service[1])
    monkeypatch.setattr(importing, "BATCH", 12)
    ann = account(embedded, "ann", "en")
    study = write_study(tmp_path / "study", [ann], server=embedded.url)
    small_scheme(study)
    many = {f"z{number:02}.txt": f"😀 {number}: am 3. April 1970 und 1999.\n" for number in range(COPIES)}
    passages = build(study, {**TEXTS, **many})
    told = [Told(name, quote) for name in many for quote in ("3. April 1970", "1999")]
    # None in the first import, whose ids the tests change; some in each of the others.
    tied = [Tied(name, "restates", "3. April 1970", "1999") for name in list(many)[RELATED_FROM::2]]
    suggest(study, [*TOLD, *told], tied=tied)
    return Campaign(study, (ann,), embedded.database, passages)


@pytest.fixture
def exports(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The projects that exports were asked of."""
    asked: list[int] = []
    real = archive._start

    def start(server: Any, project_id: int, *, approved: bool) -> str:
        asked.append(project_id)
        return real(server, project_id, approved=approved)

    monkeypatch.setattr(archive, "_start", start)
    return asked


@pytest.fixture
def after_the_first_import(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Have something happen between the first import and the look at what it brought."""

    def arrange(what: Callable[[], None]) -> None:
        real, done = importing.finish_import, []

        def finish(server: Any, task: str) -> importing.ImportOutcome:
            outcome = real(server, task)
            if not done:
                done.append(True)
                what()
            return outcome

        monkeypatch.setattr(importing, "finish_import", finish)

    return arrange


def change(made: Campaign, sql: str, *parameters: object) -> None:
    with closing(sqlite3.connect(made.database, timeout=30)) as connection, connection:
        connection.execute(sql, parameters)


def spans(made: Campaign) -> list[tuple[Any, ...]]:
    """(id, example, label, start, end in UTF-16) of each label on the server."""
    return [tuple(row) for row in made.rows(SPANS, made.remotes()[made.ann.user].project_id)]


def recorded(made: Campaign) -> list[tuple[Any, ...]]:
    """The same of each suggestion in the ledger, from the suggestion's own place in the text."""
    state = made.state()
    found = []
    for one in state.placed.values():
        units = Utf16Map(state.passages[one.project, one.example].passage.text)
        suggestion = one.suggestion
        ends = (units.to_utf16(suggestion.start), units.to_utf16(suggestion.end))
        found.append((one.label_id, one.example, suggestion.label, *ends))
    return sorted(found)


def relations(made: Campaign) -> list[tuple[Any, ...]]:
    """(id, example, type, from, to) of each relation on the server."""
    return [tuple(row) for row in made.rows(RELATIONS, made.remotes()[made.ann.user].project_id)]


def assert_recorded_as_it_is(made: Campaign) -> None:
    assert len(recorded(made)) == len(TOLD) + 2 * COPIES
    assert recorded(made) == spans(made)
    state = made.state()
    placed = sorted(state.placed_relations.values(), key=lambda one: one.relation_id)
    assert [
        (one.relation_id, one.example, one.suggestion.relation, one.from_label, one.to_label)
        for one in placed
    ] == relations(made)
    assert len(placed) == len(range(RELATED_FROM, COPIES, 2))
    texts = {example: one.passage.text for (_, example), one in state.passages.items()}
    assert texts == {one["id"]: one["text"] for one in made.examples(made.ann)}
    assert plan(made.study).is_empty
    pull(made.study)
    kinds = {event for event, _ in made.events_since(state.head.seq)}
    assert kinds <= {"label_dated", "relation_dated"}


def test_ids_in_a_row_are_recorded_without_an_export(made, exports):
    push(made.study)
    assert exports == []
    assert_recorded_as_it_is(made)


def test_more_passages_later_follow_those_that_are_there(made, exports):
    push(made.study)
    more = {f"y{number:02}.txt": f"Nr. {number}, im Jahr 1999.\n" for number in range(15)}
    made.grow({**{one.source_file: one.text for one in made.passages.values()}, **more})
    suggest(made.study, [Told(name, "1999") for name in more], version="0.2.0")
    exports.clear()
    push(made.study)
    assert len(exports) == 1, "the plan's, none to read back"
    assert recorded(made) == spans(made)
    assert len(recorded(made)) == len(TOLD) + 2 * COPIES + len(more)


def test_ids_that_are_not_in_a_row_are_read_back(made, exports, after_the_first_import):
    def make_a_gap() -> None:
        own = [row[0] for row in spans(made)][:20]
        # As if the server had given ids to somebody else in the middle of the import.
        change(made, "UPDATE labels_span SET id = id + 1000000 WHERE id BETWEEN ? AND ?", own[9], own[-1])

    after_the_first_import(make_a_gap)
    push(made.study)
    assert len(exports) == 1
    assert_recorded_as_it_is(made)


def test_a_sample_that_disagrees_has_everything_read_back(made, exports, after_the_first_import):
    def turn_the_middle_around() -> None:
        own = [row[0] for row in spans(made)][:20]
        middle = own[3:-3]
        for old, new in zip(middle, reversed(middle), strict=True):
            change(made, "UPDATE labels_span SET id = ? WHERE id = ?", -new, old)
        change(made, "UPDATE labels_span SET id = -id WHERE id < 0")

    after_the_first_import(turn_the_middle_around)
    push(made.study)
    assert len(exports) == 1
    assert_recorded_as_it_is(made)


def test_examples_of_somebody_else_in_between_have_everything_read_back(
    made, exports, after_the_first_import
):
    def move_the_first() -> None:
        # The place of an import's first passage in the list of examples is not what it was.
        change(
            made,
            "UPDATE examples_example SET created_at = datetime(created_at, '+1 hour') WHERE id ="
            " (SELECT min(id) FROM examples_example WHERE project_id = ?)",
            made.remotes()[made.ann.user].project_id,
        )

    after_the_first_import(move_the_first)
    push(made.study)
    assert exports
    assert_recorded_as_it_is(made)


def test_relations_that_a_dead_worker_did_not_store_are_drawn(made, exports, monkeypatch):
    """The importer stores relations after all labels; here it dies in between."""
    monkeypatch.setattr("annotate.flows.push.completing.SETTLE", 0.0)
    real = importing.finish_import

    def finish(server: Any, task: str) -> importing.ImportOutcome:
        outcome = real(server, task)
        project = made.remotes()[made.ann.user].project_id
        change(
            made,
            "DELETE FROM labels_relation WHERE example_id IN"
            " (SELECT id FROM examples_example WHERE project_id = ?)",
            project,
        )
        return outcome

    monkeypatch.setattr(importing, "finish_import", finish)
    push(made.study)
    assert exports
    assert_recorded_as_it_is(made)


def test_what_a_person_did_before_we_looked_is_theirs(made, exports, after_the_first_import):
    rejected: list[int] = []

    def reject_one() -> None:
        ann = made.project(made.ann)
        # The second passage with labels: the ends and every other one between them are looked at.
        example = sorted({row[1] for row in spans(made)})[1]
        (file,) = [name for name, number in ann.examples.items() if number == example]
        rejected.append(min(one["id"] for one in ann.spans(file)))
        ann.delete(file, "spans", rejected[0])

    after_the_first_import(reject_one)
    push(made.study)
    assert exports == []
    key = made.remotes()[made.ann.user].marker.key
    assert (key, rejected[0]) in made.state().placed
    pull(made.study)
    labels = made.state().labels
    assert labels[key, rejected[0]].vanished_in == made.state().last_pull()
    assert {row[0] for row in spans(made)} == {
        number for (_, number), one in labels.items() if one.vanished_in is None
    }
