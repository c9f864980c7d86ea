"""A foreign project pulled twice: what is news, what vanished, what is only not told this time."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.core.imports.from_project import Origin, project_events
from annotate.core.imports.plan import FilePlan
from annotate.core.ledger import Event, Line
from annotate.core.state import State, fold

HERE = Origin("embedded", 17)
OPTIONS = {"annotator": "", "offsets": "auto", "finished": False, "layer": "", "map": {}}


def made(name: str, *, created: str = "2025-01-01T00:00:00Z", **more: Any) -> Event:
    data = {
        "batch": "imp-1",
        "label_id": name,
        "original_id": "4",
        "line": 1,
        "pass": "spans",
        "passage_id": "psg",
        "label": "CLAIM",
        "original_label": "CLAIM",
        "start": 0,
        "end": 4,
        "quote": "Vesk",
        "anchor": "exact",
        "anchor_score": 1.0,
        "annotator": "cleo",
        "finished": False,
        "created_at": created,
        "updated_at": created,
        "example": 9,
    }
    return Event("label_imported", {**data, **more})


def plan(*labels: Event) -> FilePlan:
    head = {"batch": "imp-1", "file": "f", "sha256": "0", "format": "doccano", "tool": "Doccano", **OPTIONS}
    events = (Event("labels_imported", {**head, "passages": []}), *labels) if labels else ()
    return FilePlan("f", "imp-1", events, len(labels), 0, 0, {}, (), (), {})


def told(state: State, pull: str, events: list[Event]) -> State:
    return fold([Line(1, pull, "", one.event, one.data, "", "") for one in events], state)


@pytest.fixture
def state() -> State:
    first = project_events(State(), HERE, [plan(made("lbl-a"), made("lbl-b"))], {"cleo"})
    return told(State(), "pull-1", first)


def kinds(events: list[Event]) -> list[str]:
    return [one.event for one in events]


def test_the_first_pull_brings_all_and_says_from_where(state: State) -> None:
    assert set(state.imports.labels) == {"lbl-a", "lbl-b"}
    (batch,) = state.imports.batches.values()
    assert (batch.server, batch.project_id) == ("embedded", 17)
    assert state.imports.labels["lbl-a"].example == 9


def test_the_same_again_is_no_news(state: State) -> None:
    assert project_events(state, HERE, [plan(made("lbl-a"), made("lbl-b"))], {"cleo"}) == []


def test_a_label_that_is_not_there_any_more_vanished(state: State) -> None:
    events = project_events(state, HERE, [plan(made("lbl-a"))], {"cleo"})
    assert [(one.event, one.data) for one in events] == [("imported_label_vanished", {"label_id": "lbl-b"})]
    after = told(state, "pull-2", events)
    assert after.imports.labels["lbl-b"].vanished_in == "pull-2"
    assert project_events(after, HERE, [plan(made("lbl-a"))], {"cleo"}) == []
    back = told(after, "pull-3", project_events(after, HERE, [plan(made("lbl-a"), made("lbl-b"))], None))
    assert back.imports.labels["lbl-b"].vanished_in is None


def test_of_somebody_who_could_not_be_read_nothing_vanished(state: State) -> None:
    assert project_events(state, HERE, [plan()], {"dan"}) == []
    assert kinds(project_events(state, HERE, [plan()], None)) == ["imported_label_vanished"] * 2
    assert project_events(state, Origin("embedded", 18), [plan()], None) == []


def test_times_that_are_not_told_this_time_are_kept(state: State) -> None:
    untold = [made("lbl-a", created=""), made("lbl-b", created="")]
    assert project_events(state, HERE, [plan(*untold)], {"cleo"}) == []
    done = made("lbl-a", created="", finished=True)
    events = project_events(state, HERE, [plan(done, untold[1])], {"cleo"})
    assert kinds(events) == ["labels_imported", "label_imported"]
    assert events[1].data["created_at"] == "2025-01-01T00:00:00Z"
    assert events[0].data["labels"] == 1
