"""Origins of relations and fates of suggested ones."""

from __future__ import annotations

from dataclasses import replace

import pytest
import studies

from annotate.core.fate import fates
from annotate.core.ledger import Event, Head, chain
from annotate.core.model import SuggestedRelation
from annotate.core.relation_fate import RelationFates, match_redrawn, relation_fates
from annotate.core.state import PlacedRelation, RelationSeen, State, fold

PROJECT = studies.ADA.key
LATER = "2025-11-06T12:00:00Z"


@pytest.fixture(scope="module")
def state() -> State:
    return studies.nasty_state()


def found(state: State, *events: Event) -> RelationFates:
    """Fates after these events, in a pull of their own."""
    now = fold(chain(events, Head(), transaction="pull-9", at=LATER), copy_of(state))
    return relation_fates(now, fates(now).suggestions)


def copy_of(state: State) -> State:
    return replace(
        state,
        relations=dict(state.relations),
        labels=dict(state.labels),
        confirmations=dict(state.confirmations),
        placed_relations=dict(state.placed_relations),
    )


def fate_of(told: RelationFates, number: int, project: str = PROJECT) -> tuple[str, str | None, int | None]:
    (one,) = [
        one for one in told.suggestions if (one.placed.project, one.placed.relation_id) == (project, number)
    ]
    return one.fate, one.annotator, one.relation_id


def origins(told: RelationFates, project: str = PROJECT) -> dict[int, tuple[str, str]]:
    return {
        one.seen.relation_id: (one.origin, one.annotator)
        for one in told.relations
        if one.seen.project == project
    }


class TestTheNastyStudy:
    def test_every_fate_and_origin(self, state: State) -> None:
        told = found(state)
        assert [fate_of(told, number) for number in (61, 62, 63)] == [
            ("accepted", "ada", 61),
            ("rejected", "ada", None),
            ("edited", "ada", 44),
        ]
        manual = {number: ("manual", "ada") for number in (41, 42)}
        assert origins(told) == {**manual, 44: ("edited", "ada"), 61: ("accepted", "ada")}
        # A stranger confirmed ben's passage.
        for number in (161, 162, 163):
            assert fate_of(told, number, studies.BEN.key) == ("accepted", "carla", number)

    def test_nothing_is_anybodys_until_the_passage_is_confirmed(self, state: State) -> None:
        where = {"project": PROJECT, "example": 1, "user": "ada"}
        told = found(state, Event("unconfirmed", where))
        assert fate_of(told, 61) == ("untouched", None, 61)
        assert 61 not in origins(told)
        assert fate_of(told, 62)[0] == "rejected"
        assert {one.status for one in told.relations if one.seen.project == PROJECT} == {"draft"}

    def test_another_type_is_an_edit(self, state: State) -> None:
        changed = studies.ADA.relation(1, 61, (11, 12), "targets").data
        told = found(state, Event("relation_changed", {**changed, "user": studies.SERVICE}))
        assert fate_of(told, 61) == ("edited", "ada", 61)
        assert origins(told)[61] == ("edited", "ada")

    def test_what_no_pull_has_seen_change_is_untouched(self, state: State) -> None:
        young = copy_of(state)
        del young.relations[PROJECT, 61]
        assert fate_of(relation_fates(young, ()), 61) == ("untouched", None, 61)

    def test_a_label_that_was_moved_takes_its_relation_along(self, state: State) -> None:
        """11 is deleted with its relations and drawn anew, wider; so is the relation between it and 12."""
        passage = state.passages[PROJECT, 1].passage
        told = found(
            state,
            *(studies.ADA.gone("relation", number) for number in (41, 42, 61)),
            studies.ADA.gone("label", 11),
            studies.ADA.label(passage, 1, 71, "DATE", "Am 3. Mai 2021"),
            studies.ADA.relation(1, 72, (71, 12)),
        )
        assert fate_of(told, 61) == ("edited", "ada", 72)
        assert origins(told)[72] == ("edited", "ada")


def placed(number: int, start: int, end: int, name: str = "dates") -> PlacedRelation:
    suggestion = SuggestedRelation(f"rel-{number}", "run", "psg", name, "sug-1", "sug-2", None)
    return PlacedRelation("p", 1, number, start, end, suggestion, "a", "1", "")


def drawn(number: int, start: int, end: int, name: str = "dates") -> RelationSeen:
    return RelationSeen("p", 1, number, name, start, end, "ada", "", "", "pull-1", "pull-1")


class TestRedrawn:
    def test_the_same_beats_another_type_beats_another_end(self) -> None:
        several = [drawn(7, 1, 3), drawn(8, 1, 2, "targets"), drawn(9, 1, 2)]
        for gone in ([9], [8], [7]):
            assert match_redrawn([placed(1, 1, 2)], several, {}) == {1: gone[0]}
            several.pop()

    def test_one_to_one(self) -> None:
        assert match_redrawn([placed(1, 1, 2), placed(2, 1, 3)], [drawn(9, 1, 3)], {}) == {2: 9}

    def test_another_first_end_is_a_relation_of_ones_own(self) -> None:
        assert match_redrawn([placed(1, 1, 2)], [drawn(9, 3, 2), drawn(8, 2, 1)], {}) == {}

    def test_ends_are_followed_to_the_labels_they_live_on_in(self) -> None:
        living = {("p", 1): 5, ("p", 2): 6}
        assert match_redrawn([placed(1, 1, 2)], [drawn(9, 5, 6)], living) == {1: 9}
