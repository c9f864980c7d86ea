"""Agreement: published and hand-computed figures, symmetry, bounds, and what is not computed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from agreed import dataset_of, said
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.core.agreement import agreement, coverage, disagreements
from annotate.core.agreement.alpha import Tally, alpha, tally, units_of
from annotate.core.agreement.bootstrap import Column, draws, interval
from annotate.core.agreement.matching import compare, f1
from annotate.core.agreement.overlaps import overlaps_of
from annotate.core.spans import Span


def alpha_of(*annotators: str) -> float | None:
    """Alpha of one value a character, "." where nobody gave one."""
    columns = zip(*annotators, strict=True)
    return whole(tally(([value for value in column if value != "."], 1) for column in columns))


def whole(found: Tally) -> float | None:
    return alpha(found.values.values(), float(found.disagreed))


def test_alpha_of_krippendorffs_own_examples():
    # Krippendorff, Computing Krippendorff's Alpha-Reliability (2011): sections A and C.
    assert alpha_of("0100000010", "1110010000") == pytest.approx(0.095, abs=5e-4)
    four = ("12332141" + "2...", "12332241" + "25.3", ".3332342" + "251.", "12332441" + "251.")
    assert alpha_of(*four) == pytest.approx(0.743, abs=5e-4)


def test_alpha_of_perfect_chance_and_undefined():
    assert alpha_of("aabb", "aabb") == 1.0
    assert alpha_of("abab", "baba") == -0.75  # 1 - 8 * 7 / (64 - 32)
    assert alpha_of("aaaa", "aaaa") is None
    assert alpha_of("ab..", "..ab") is None
    assert alpha([], 0.0) is None


def test_units_join_equal_neighbours_and_hold_sets():
    units = units_of(10, [[(2, 5, "X"), (4, 6, "Y")], [(2, 5, "X")]])
    assert units == [
        ([frozenset(), frozenset()], 2),
        ([frozenset("X"), frozenset("X")], 2),
        ([frozenset("XY"), frozenset("X")], 1),
        ([frozenset("Y"), frozenset()], 1),
        ([frozenset(), frozenset()], 4),
    ]
    assert tally(units).disagreed == Fraction(4)


def spans(*told: str) -> list[Span]:
    """Spans written ``LABEL 3-9``; labels in capitals are of layer one, others of layer two."""
    found = []
    for one in told:
        label, place = one.split()
        start, end = map(int, place.split("-"))
        found.append(Span("one" if label.isupper() else "two", label, start, end))
    return found


def counted(mine: list[Span], theirs: list[Span]):
    names = {one.label: one.label for one in (*mine, *theirs)}
    return compare(mine, theirs, names, (overlaps_of(mine), overlaps_of(theirs)))


def test_reasons_of_disagreement():
    mine = spans("A 0-5", "A 10-15", "A 20-25", "A 30-35", "A 40-45")
    theirs = spans("A 0-5", "A 12-18", "B 21-24", "x 30-35", "x 41-45")
    found = counted(mine, theirs)
    assert (found.a, found.b, found.exact, found.relaxed) == (5, 5, 1, 2)
    assert (found.boundary, found.label, found.layer, found.missing) == (2, 2, 2, 2)
    assert f1(found.exact, found.a + found.b) == 0.2


def test_overlaps_are_paired_one_to_one_and_as_many_as_possible():
    # Greedy by position would give (0-10 with 0-4) and leave 5-20 alone only if 0-4 took nothing else.
    found = counted(spans("A 0-10", "A 0-4"), spans("A 3-8", "A 6-9"))
    assert found.relaxed == 2
    assert counted(spans("A 0-100"), spans("A 0-4", "A 5-9", "A 10-20")).relaxed == 1
    assert counted(spans("A 0-5"), spans("A 5-9")).relaxed == 0


_SPANS = st.lists(
    st.builds(
        lambda label, start, length: Span("one" if label.isupper() else "two", label, start, start + length),
        st.sampled_from("ABx"),
        st.integers(0, 30),
        st.integers(1, 12),
    ),
    max_size=8,
)


@given(_SPANS, _SPANS)
def test_comparison_is_symmetric_and_bounded(mine, theirs):
    one, two = counted(mine, theirs), counted(theirs, mine)
    assert one == replace(two, a=two.b, b=two.a)
    assert one.exact <= one.relaxed <= min(one.a, one.b)
    assert one.boundary + one.label + one.layer + one.missing == one.a + one.b - 2 * one.exact
    assert one.b == len(set(theirs))


@given(_SPANS, _SPANS)
def test_alpha_is_symmetric_and_at_most_one(mine, theirs):
    def value(*both):
        units = units_of(50, [[(one.start, one.end, one.label) for one in each] for each in both])
        assert sum(weight for _, weight in units) == 50
        return whole(tally(units))

    found = value(mine, theirs)
    assert found == value(theirs, mine)
    assert found is None or -1 <= found <= 1
    assert value(mine, mine) in (None, 1.0)


def test_draws_are_the_same_everywhere_and_none_of_too_few():
    assert draws(4) == ()
    assert draws(5, resamples=3) == draws(5, resamples=3)
    assert [sum(one) for one in draws(7, resamples=50)] == [7] * 50
    assert [len(draws(number)) for number in (5, 400, 2000)] == [1000, 500, 200]
    assert draws(5, resamples=1) == ([0, 2, 2, 0, 1],)


def test_interval_is_the_middle_of_what_is_defined():
    samples = tuple([number] for number in range(1, 101))
    assert interval(samples, lambda one: float(one[0])) == (3.0, 98.0)
    assert interval(samples, lambda one: None if one[0] > 49 else 1.0) == (None, None)
    assert interval((), lambda one: 1.0) == (None, None)


# --- over the rows of a dataset -----------------------------------------------------------------------------


def row_of(rows, name, pair=("A1", "A2")):
    (found,) = [row for row in rows if row.name == name and (row.annotator_a, row.annotator_b) == pair]
    return found


def test_only_what_two_confirmed_is_compared():
    dataset = dataset_of(
        said("p1", "A1", "CLAIM 0-10", "LOADED 12-15"),
        said("p1", "A2", "CLAIM 0-10", "ENEMY 12-15"),
        said("p2", "A1", "CLAIM 0-10"),
        said("p3", "A1", "CLAIM 0-10"),
        said("p3", "A2", "CLAIM 5-10", confirmed=False),
    )
    assert coverage(dataset).passages_by_several == 1
    assert coverage(dataset).passages_by_one == 2
    rows = agreement(dataset, groups={"LOADED": "tone", "ENEMY": "tone"})
    assert [(row.scope, row.name) for row in rows] == [
        ("all", ""),
        ("layer", "claims"),
        ("label", "CLAIM"),
        ("layer", "rhetoric"),
        ("group", "tone"),
        ("label", "ENEMY"),
        ("label", "LOADED"),
    ]
    assert row_of(rows, "CLAIM").f1_exact == 1.0
    assert row_of(rows, "CLAIM").alpha == 1.0
    assert row_of(rows, "LOADED").f1_exact == 0.0
    assert row_of(rows, "tone").f1_exact == 1.0
    assert row_of(rows, "rhetoric").label == 2
    assert row_of(rows, "CLAIM").passages == 1
    assert row_of(rows, "CLAIM").f1_exact_low is None
    assert "too few for intervals" in row_of(rows, "CLAIM").note
    limited = agreement(dataset, labels=["CLAIM"])
    assert [row.name for row in limited] == ["", "claims", "CLAIM"]
    assert limited[0].labels_a == 1


def test_one_annotator_alone_has_no_agreement():
    (row,) = agreement(dataset_of(said("p1", "A1", "CLAIM 0-10"), said("p2", "A2", "CLAIM 0-10")))
    assert (row.f1_exact, row.f1_relaxed, row.alpha, row.passages) == (None, None, None, 0)
    assert "nothing to compare" in row.note


def test_two_who_agree_that_there_is_nothing():
    rows = agreement(dataset_of(said("p1", "A1"), said("p1", "A2"), said("p2", "A1", "CLAIM 0-3")))
    assert row_of(rows, "CLAIM").f1_exact is None
    assert row_of(rows, "CLAIM").note == "nobody set it where two looked"


def test_three_annotators_pair_by_pair_and_together():
    dataset = dataset_of(
        said("p1", "A1", "CLAIM 0-10"),
        said("p1", "A2", "CLAIM 0-10"),
        said("p1", "A3", "CLAIM 0-5"),
    )
    rows = agreement(dataset)
    assert row_of(rows, "CLAIM", ("A1", "A2")).f1_exact == 1.0
    assert row_of(rows, "CLAIM", ("A1", "A3")).f1_exact == 0.0
    together = row_of(rows, "CLAIM", ("", ""))
    assert (together.exact, together.labels_a, together.labels_b) == (1, 3, 3)
    assert together.f1_exact == pytest.approx(1 / 3)
    found = {(one.annotator, one.other, one.reason) for one in disagreements(dataset)}
    assert found == {(a, b, "boundary") for a, b in [("A1", "A3"), ("A2", "A3"), ("A3", "A1"), ("A3", "A2")]}


def test_intervals_over_documents_hold_the_figure():
    told = []
    for number in range(8):
        told.append(said(f"p{number}", "A1", "CLAIM 0-10", "LOADED 20-30"))
        told.append(said(f"p{number}", "A2", f"CLAIM {number % 2}-10", "LOADED 20-30"))
    rows = agreement(dataset_of(*told))
    claim = row_of(rows, "CLAIM")
    assert claim.documents == 8
    assert claim.f1_exact == 0.5
    assert claim.f1_exact_low < 0.5 < claim.f1_exact_high
    assert claim.alpha_low <= claim.alpha <= claim.alpha_high < 1
    sure = row_of(rows, "LOADED")
    assert (sure.f1_exact_low, sure.f1_exact_high, sure.alpha_low) == (1.0, 1.0, 1.0)
    assert rows == agreement(dataset_of(*told))


@settings(max_examples=50)
@given(_SPANS, st.integers(0, 40), st.integers(0, 12))
def test_overlaps_are_those_that_looking_at_all_finds(known, start, length):
    asked = Span("one", "A", start, start + length)
    found = overlaps_of(known).touching(asked.start, asked.end)
    assert sorted(found) == sorted(one for one in known if asked.shared(one))


@settings(max_examples=30)
@given(st.lists(st.integers(0, 3), min_size=5, max_size=9))
def test_a_column_leaves_out_only_what_does_not_count(figures):
    for draw in draws(len(figures), resamples=5):
        wanted = sum(one * often for one, often in zip(figures, draw, strict=True))
        assert (Column(figures).whole(draw), Column(figures).sum(draw)) == (wanted, float(wanted))


def test_counts_of_all_labels_are_those_of_each_added_up():
    told = []
    for number in range(6):
        told += [
            said(f"p{number}", "A1", f"CLAIM {number}-10", "LOADED 20-30", "DATE 40-50"),
            said(f"p{number}", "A2", "CLAIM 0-10", "ENEMY 22-31", f"DATE {40 + number}-50"),
            said(f"p{number}", "A3", "DATE 40-50"),
        ]
    rows = agreement(dataset_of(*told))
    figures = ("labels_a", "labels_b", "exact", "relaxed", "boundary", "label", "other_layer", "missing")
    for pair in {(row.annotator_a, row.annotator_b) for row in rows}:
        here = {(row.scope, row.name): row for row in rows if (row.annotator_a, row.annotator_b) == pair}
        for name in figures:
            several = sum(getattr(row, name) for key, row in here.items() if key[0] == "label")
            assert getattr(here["all", ""], name) == several
            assert sum(getattr(row, name) for key, row in here.items() if key[0] == "layer") == several
