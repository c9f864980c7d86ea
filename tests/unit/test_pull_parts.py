"""However a project is read in parts, a pull has the events that it has when read as a whole."""

from __future__ import annotations

import sqlite3

import pytest
import studies
from histories import AT, possible, steps
from hypothesis import given
from hypothesis import strategies as st

from annotate.core.errors import StorageFailure
from annotate.core.ledger import Event, Head, chain
from annotate.core.observation import (
    Observation,
    ObservedComment,
    ObservedConfirmation,
    ObservedLabel,
    ObservedRelation,
    changes,
)
from annotate.core.state import fold
from annotate.store.index_tables import Tables
from annotate.store.spool import EventSpool, SketchSpool, temporary_tables

KEY = studies.ADA.key
EXAMPLES = (1, 2, 3)
places = st.dictionaries(st.integers(1, 5), st.sampled_from(EXAMPLES), max_size=5)
"""Where the things with these ids stand now: perhaps on another example than the ledger knows."""


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    """A whole project; each example looked at, gone, or left alone."""
    fate = {one: draw(st.sampled_from(["looked at", "gone", "left"])) for one in EXAMPLES}
    looked_at = frozenset(one for one, what in fate.items() if what == "looked at")
    name = st.sampled_from(["DATE", "PUB"])

    def standing() -> list[tuple[int, int]]:
        return [(number, one) for number, one in draw(places).items() if one in looked_at]

    return Observation(
        KEY,
        {one: draw(st.sampled_from(["abc", "abX"])) for one in looked_at},
        looked_at,
        tuple(
            ObservedLabel(KEY, one, number, draw(name), 0, 1, 0, number, "ada", AT, AT)
            for number, one in standing()
        ),
        tuple(
            ObservedRelation(KEY, one, number, draw(name), 1, 2, "ada", AT, AT) for number, one in standing()
        ),
        tuple(
            ObservedConfirmation(KEY, one, user, AT)
            for one in sorted(looked_at)
            for user in sorted(draw(st.sets(name)))
        ),
        tuple(ObservedComment(KEY, one, number, "ada", draw(name), AT) for number, one in standing()),
        gone=frozenset(one for one, what in fate.items() if what == "gone"),
    )


def only(seen: Observation, example: int) -> Observation:
    """The part of an observation that speaks of one example."""
    return Observation(
        seen.project,
        {one: text for one, text in seen.texts.items() if one == example},
        seen.looked_at & {example},
        tuple(one for one in seen.labels if one.example == example),
        tuple(one for one in seen.relations if one.example == example),
        tuple(one for one in seen.confirmations if one.example == example),
        tuple(one for one in seen.comments if one.example == example),
        gone=seen.gone & {example},
    )


@given(steps, observations(), st.permutations(EXAMPLES))
def test_parts_in_any_order_give_the_events_of_the_whole(
    found: list[tuple[str, str, int, int, str]], seen: Observation, order: list[int]
) -> None:
    lines = chain(possible(found), Head(), transaction="push-000001", at=AT)
    tables = Tables(sqlite3.connect(":memory:", isolation_level=None))
    tables.clear()
    tables.take(lines)
    whole = changes(fold(lines), seen)
    with temporary_tables() as connection:
        spool = EventSpool(connection)
        for example in order:
            part = only(seen, example)
            homes = {(KEY, example)}
            for kind, ids in (
                ("labels", [one.label_id for one in part.labels]),
                ("relations", [one.relation_id for one in part.relations]),
                ("comments", [one.comment_id for one in part.comments]),
            ):
                homes |= {home for one in ids if (home := tables.home(kind, KEY, one))}
            spool.add(0, changes(tables.load(homes), part))
        spool.settle()
        assert list(spool.events()) == whole
        assert sum(spool.counts().values()) == len(whole)


def test_projects_follow_one_another() -> None:
    with temporary_tables() as connection:
        spool = EventSpool(connection)
        for project in (1, 0):
            spool.add(project, [Event("passage_vanished", {"project": str(project), "example": 1})])
        assert [one.data["project"] for one in spool.events()] == ["0", "1"]


def test_a_temporary_table_that_fails_is_a_matter_of_storage() -> None:
    def use() -> None:
        with temporary_tables() as connection:
            spool = SketchSpool(connection)
            connection.execute("drop table sketches")
            spool.count()

    with pytest.raises(StorageFailure, match="temporary folder"):
        use()
