"""Do suggestions change what people label? Passages without any, drawn by lot, against the others.

Only passages that took part in the draw are compared, whatever became of their suggestions. Both groups
are counted where the annotator confirmed the passage.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Final

from annotate.core.dataset.rows import Cell, Dataset
from annotate.core.figures.sheets import Column, Sheet, count, rate, text

ALL: Final = "(all)"
PER: Final = 1000
"""Rates are labels in so many code points of passage text."""
_Z95: Final = 1.959963984540054

WORDS: Final = (
    "Some passages went out without suggestions, drawn by lot. The rates are labels in 1,000 characters of "
    "the passages that annotators confirmed, the difference is the rate with suggestions less the one "
    "without. Its 95 % interval takes a passage for the unit that was drawn (a ratio estimate for each "
    "group, Cochran 1977, chapter 6), and is left out where a group has fewer than two passages or no "
    "label varies. A difference says that suggestions change what is labelled, not who is right."
)


@dataclass(frozen=True, slots=True)
class Rate:
    """Labels per ``PER`` code points over ``passages``; ``variance`` of that rate, None below two."""

    passages: int
    labels: int
    rate: float | None
    variance: float | None


def rate_of(observed: Iterable[tuple[int, int]]) -> Rate:
    """The rate over (labels, code points) of each passage, with its variance as a ratio estimate."""
    pairs = [one for one in observed if one[1] > 0]
    labels, size = sum(y for y, _ in pairs), sum(x for _, x in pairs)
    if not pairs:
        return Rate(0, 0, None, None)
    found = labels / size
    if len(pairs) < 2:
        return Rate(len(pairs), labels, found * PER, None)
    n = len(pairs)
    spread = sum((y - found * x) ** 2 for y, x in pairs) * n / (n - 1)
    return Rate(n, labels, found * PER, spread / size**2 * PER**2)


def control_sheets(dataset: Dataset) -> tuple[Sheet, ...]:
    """By label and by annotator; nothing where no passage was drawn, or none of a group is confirmed."""
    sizes = {row.passage_id: len(row.text) for row in dataset.passages}
    looked: dict[tuple[str, str, str], bool] = {
        (row.pass_, row.passage_id, row.assignee): row.control
        for row in dataset.assignments
        if row.control is not None and row.status == "confirmed" and sizes.get(row.passage_id)
    }
    if len(set(looked.values())) < 2:
        return ()
    counts: Counter[tuple[tuple[str, str, str], str]] = Counter()
    for row in dataset.labels:
        where = (row.pass_, row.passage_id, row.annotator)
        if row.status == "confirmed" and where in looked:
            counts.update(((where, row.label), (where, ALL)))
    labels = sorted({label for _, label in counts} - {ALL})
    by_label = [
        (one, *_row(looked, {key: counts[key, one] for key in looked}, sizes)) for one in (ALL, *labels)
    ]
    people = sorted({key[2] for key in looked})
    by_person = []
    for person in people:
        own = {key: control for key, control in looked.items() if key[2] == person}
        by_person.append((person, *_row(own, {key: counts[key, ALL] for key in own}, sizes)))
    caption = "Labels in 1,000 characters without suggestions (control) and with them, by "
    return (
        Sheet("control_by_label", caption + "label", _columns("label", "Label"), tuple(by_label)),
        Sheet("control_by_annotator", caption + "annotator", _columns("annotator", "Annotator"),
              tuple(by_person)),
    )  # fmt: skip


def _row(
    looked: Mapping[tuple[str, str, str], bool],
    counts: Mapping[tuple[str, str, str], int],
    sizes: Mapping[str, int],
) -> tuple[Cell, ...]:
    groups: dict[bool, dict[str, tuple[int, int]]] = {
        control: defaultdict(lambda: (0, 0)) for control in (True, False)
    }
    for key, control in looked.items():
        # What several annotators did with one passage is one observation.
        labels, size = groups[control][key[1]]
        groups[control][key[1]] = (labels + counts[key], size + sizes[key[1]])
    bare, helped = (rate_of(groups[control].values()) for control in (True, False))
    told = [
        (one.passages, one.labels, None if one.rate is None else round(one.rate, 6)) for one in (bare, helped)
    ]
    return (*told[0], *told[1], *_difference(bare, helped))


def _difference(bare: Rate, helped: Rate) -> tuple[Cell, ...]:
    if bare.rate is None or helped.rate is None:
        return None, None, None
    found = helped.rate - bare.rate
    if (not bare.variance and not helped.variance) or bare.variance is None or helped.variance is None:
        return round(found, 6), None, None
    half = _Z95 * sqrt(bare.variance + helped.variance)
    return round(found, 6), round(found - half, 6), round(found + half, 6)


def _columns(name: str, title: str) -> tuple[Column, ...]:
    return (
        text(name, title),
        *(count("control_passages", "Control passages"), count("control_labels", "Labels there")),
        rate("control_rate", "in 1,000 characters"),
        *(count("suggested_passages", "Suggested passages"), count("suggested_labels", "Labels there")),
        rate("suggested_rate", "in 1,000 characters"),
        *(rate("difference", "Difference"), rate("low", "from"), rate("high", "to")),
    )
