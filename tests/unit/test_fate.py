"""Who labelled what: origins of labels and fates of suggestions."""

from __future__ import annotations

from random import Random

import pytest
import studies
from hypothesis import given
from hypothesis import strategies as st

from annotate.core.fate import Fates, fates, match_moved
from annotate.core.model import Suggestion
from annotate.core.state import LabelSeen, Placed, State


def placed(number: int, start: int, end: int, label: str = "DATE") -> Placed:
    suggestion = Suggestion(
        f"sug-{number}", "run", "psg", "frame", label, start, end, "", "a", "1", "", None, None, None
    )
    return Placed("p", 1, number, suggestion)


def drawn(number: int, start: int, end: int, label: str = "DATE") -> LabelSeen:
    return LabelSeen("p", 1, number, label, start, end, start, end, "ada", "", "", "pull-1", "pull-1")


spans = st.tuples(st.integers(0, 12), st.integers(1, 6), st.sampled_from(["DATE", "PUB"]))
gone_lists = st.lists(spans, max_size=6).map(
    lambda found: [
        placed(number, start, start + size, name) for number, (start, size, name) in enumerate(found)
    ]
)
drawn_lists = st.lists(spans, max_size=6).map(
    lambda found: [
        drawn(100 + number, start, start + size, name) for number, (start, size, name) in enumerate(found)
    ]
)


class TestMoved:
    @given(gone_lists, drawn_lists)
    def test_one_to_one_and_never_without_a_shared_character(
        self, gone: list[Placed], new: list[LabelSeen]
    ) -> None:
        moved = match_moved(gone, new)
        assert len(set(moved.values())) == len(moved)
        before = {one.label_id: one.suggestion for one in gone}
        after = {one.label_id: one for one in new}
        for old, number in moved.items():
            assert before[old].start < after[number].end
            assert after[number].start < before[old].end

    @given(gone_lists, drawn_lists, st.randoms(use_true_random=False))
    def test_the_order_of_reading_does_not_matter(
        self, gone: list[Placed], new: list[LabelSeen], random: Random
    ) -> None:
        expected = match_moved(gone, new)
        random.shuffle(gone)
        random.shuffle(new)
        assert match_moved(gone, new) == expected

    @given(gone_lists, drawn_lists)
    def test_nothing_is_left_that_could_be_matched(self, gone: list[Placed], new: list[LabelSeen]) -> None:
        moved = match_moved(gone, new)
        rest = [one for one in gone if one.label_id not in moved]
        free = [one for one in new if one.label_id not in moved.values()]
        assert match_moved(rest, free) == {}

    def test_the_same_name_beats_the_better_overlap(self) -> None:
        found = match_moved([placed(1, 0, 10)], [drawn(100, 0, 10, "PUB"), drawn(101, 8, 20)])
        assert found == {1: 101}

    def test_the_larger_shared_part_wins(self) -> None:
        found = match_moved([placed(1, 0, 10)], [drawn(100, 0, 4), drawn(101, 0, 9)])
        assert found == {1: 101}

    def test_touching_is_not_sharing(self) -> None:
        assert match_moved([placed(1, 0, 5)], [drawn(100, 5, 9)]) == {}

    def test_an_offset_that_does_not_fit_matches_nothing(self) -> None:
        assert match_moved([placed(1, 0, 5)], [drawn(100, -1, -1)]) == {}


@pytest.fixture(scope="module")
def state() -> State:
    return studies.nasty_state()


@pytest.fixture(scope="module")
def found(state: State) -> Fates:
    return fates(state)


class TestFates:
    def test_every_suggestion_has_exactly_one(self, state: State, found: Fates) -> None:
        keys = [(one.placed.project, one.placed.label_id) for one in found.suggestions]
        assert sorted(keys) == sorted(state.placed)

    def test_untouched_suggestions_of_unconfirmed_passages_are_no_labels(self, found: Fates) -> None:
        assert 114 not in {one.seen.label_id for one in found.labels}

    def test_accepted_needs_a_confirmation(self, found: Fates) -> None:
        for one in found.labels:
            assert one.origin != "accepted" or one.status == "confirmed"
            assert (one.status == "confirmed") == (one.confirmed_at is not None)

    def test_whoever_confirmed_stands_behind_an_accepted_suggestion(self, found: Fates) -> None:
        by_number = {one.seen.label_id: one for one in found.labels}
        assert by_number[111].annotator == "carla"
        assert by_number[11].annotator == "ada"

    def test_a_relabelled_suggestion_is_its_annotators_though_the_server_names_the_importer(
        self, found: Fates
    ) -> None:
        one = next(one for one in found.labels if one.seen.label_id == 12)
        assert (one.seen.user, one.annotator, one.origin) == (studies.SERVICE, "ada", "edited")

    def test_a_moved_suggestion_lives_on(self, found: Fates) -> None:
        fate = next(one for one in found.suggestions if one.placed.label_id == 14)
        assert (fate.fate, fate.label_id) == ("edited", 21)
        label = next(one for one in found.labels if one.seen.label_id == 21)
        assert label.placed == fate.placed
        assert label.annotator == "ada"

    def test_a_deleted_suggestion_is_rejected_by_the_one_who_confirmed(self, found: Fates) -> None:
        fate = next(one for one in found.suggestions if one.placed.label_id == 13)
        assert (fate.fate, fate.annotator, fate.label_id) == ("rejected", "ada", None)

    def test_a_vanished_label_is_nobodys(self, found: Fates) -> None:
        assert not {13, 14, 31} & {one.seen.label_id for one in found.labels}
