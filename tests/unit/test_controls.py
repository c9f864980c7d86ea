"""Control passages against suggested ones: counts and intervals, checked by hand."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import pytest
import studies
from material import material_of

from annotate.core.dataset import Dataset
from annotate.core.figures.controls import ALL, control_sheets, rate_of
from annotate.core.figures.fates import fates_section
from annotate.core.figures.material import Material


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return material_of(studies.nasty_study(tmp_path_factory.mktemp("controls") / "study")).dataset


def drawn(dataset: Dataset, labels: dict[str, int], controls: set[str]) -> Dataset:
    """Passages of 100 characters, confirmed by one person with so many labels each."""
    passage, given, label = dataset.passages[0], dataset.assignments[0], dataset.labels[0]
    return replace(
        dataset,
        passages=tuple(replace(passage, passage_id=one, text="x" * 100) for one in labels),
        assignments=tuple(
            replace(given, passage_id=one, assignee="A1", status="confirmed", control=one in controls)
            for one in labels
        ),
        labels=tuple(
            replace(label, passage_id=one, annotator="A1", status="confirmed", label="LOADED", pass_="spans")
            for one, number in labels.items()
            for _ in range(number)
        ),
    )


def test_a_study_without_a_draw_has_no_comparison(dataset: Dataset) -> None:
    assert control_sheets(dataset) == ()
    assert [one.name for one in fates_section(Material(dataset)).sheets] == [
        "by_agent", "by_label", "by_annotator", "by_all",
        "relations_by_agent", "relations_by_relation", "relations_by_annotator", "relations_by_all",
    ]  # fmt: skip


def test_rates_and_their_difference(dataset: Dataset) -> None:
    made = drawn(dataset, {"c1": 1, "c2": 0, "c3": 2, "s1": 3, "s2": 1}, {"c1", "c2", "c3"})
    by_label, by_person = control_sheets(made)
    everything, loaded = by_label.records()
    assert (everything["label"], loaded["label"]) == (ALL, "LOADED")
    assert {key: loaded[key] for key in loaded if key != "label"} == {
        key: everything[key] for key in everything if key != "label"
    }
    assert (loaded["control_passages"], loaded["control_labels"], loaded["control_rate"]) == (3, 3, 10.0)
    assert (loaded["suggested_passages"], loaded["suggested_labels"], loaded["suggested_rate"]) == (
        2,
        4,
        20.0,
    )
    # With equal sizes a ratio estimate is a mean: variances 1 and 2 of the counts, over 3 and 2 passages.
    half = 1.959963984540054 * 10 * sqrt(1 / 3 + 2 / 2)
    assert loaded["difference"] == 10.0
    assert (loaded["low"], loaded["high"]) == pytest.approx((10 - half, 10 + half), abs=1e-6)
    assert by_person.records()[0]["annotator"] == "A1"
    words = fates_section(Material(made)).words
    assert "drawn by lot" in words[-1]


def test_what_is_not_confirmed_or_was_not_drawn_does_not_count(dataset: Dataset) -> None:
    made = drawn(dataset, {"c1": 1, "c2": 3, "s1": 1, "s2": 2, "s3": 9, "s4": 9}, {"c1", "c2"})
    given = {row.passage_id: row for row in made.assignments}
    given["s3"] = replace(given["s3"], status="open")
    given["s4"] = replace(given["s4"], control=None)
    by_label, _ = control_sheets(replace(made, assignments=tuple(given.values())))
    assert by_label.records()[0]["suggested_labels"] == 3


def test_two_annotators_of_a_passage_are_one_observation(dataset: Dataset) -> None:
    made = drawn(dataset, {"c1": 1, "c2": 3, "s1": 1, "s2": 2}, {"c1", "c2"})
    more = tuple(replace(row, assignee="A2") for row in made.assignments)
    by_label, by_person = control_sheets(replace(made, assignments=(*made.assignments, *more)))
    found = by_label.records()[0]
    assert (found["control_passages"], found["control_rate"]) == (2, 10.0)
    assert [row["suggested_labels"] for row in by_person.records()] == [3, 0]
    assert (by_person.records()[1]["low"], by_person.records()[1]["difference"]) == (None, 0.0)


def test_small_groups_have_no_interval() -> None:
    assert rate_of([]) == rate_of([(3, 0)])
    assert rate_of([]).rate is None
    one = rate_of([(2, 500)])
    assert (one.passages, one.rate, one.variance) == (1, 4.0, None)
