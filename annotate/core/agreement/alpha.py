"""Krippendorff's alpha, nominal, over the characters of passages.

Each character is a unit and each annotator who confirmed the passage gives it a value, so that texts
need not be cut into tokens, annotators may be missing, and a boundary that is off by a word costs a
word. Krippendorff, Content Analysis (2nd ed. 2004), ch. 11: alpha = 1 - observed / expected
disagreement, from the coincidences of values within units.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

Value = Hashable


@dataclass(frozen=True, slots=True)
class Tally:
    """What alpha needs of some units; tallies of disjoint units add up.

    ``values``: how often each value was given in units that two or more valued. ``disagreed``: per
    unit of m values the ordered pairs that differ, divided by m - 1.
    """

    values: Mapping[Value, int] = field(default_factory=dict)
    disagreed: Fraction = Fraction(0)


def tally(units: Iterable[tuple[Sequence[Value], int]]) -> Tally:
    """The tally of units, each given as (its values, how many units have just these)."""
    values: Counter[Value] = Counter()
    disagreed = Fraction(0)
    for given, weight in units:
        many = len(given)
        if many < 2:
            continue
        counts = Counter(given)
        for value, count in counts.items():
            values[value] += count * weight
        differing = many * many - sum(count * count for count in counts.values())
        disagreed += Fraction(differing * weight, many - 1)
    return Tally(dict(values), disagreed)


def alpha(values: Iterable[int], disagreed: float) -> float | None:
    """Alpha from how often each value was given and how much was disagreed, as a tally has them.

    None, not defined, where only one value was ever given.
    """
    counts = list(values)
    total = sum(counts)
    differing = total * total - sum(count * count for count in counts)
    return 1.0 - disagreed * (total - 1) / differing if differing else None


def units_of(
    length: int, spans: Sequence[Iterable[tuple[int, int, Hashable]]]
) -> list[tuple[list[frozenset[Hashable]], int]]:
    """The characters of one passage as units, equal neighbours joined.

    ``spans`` has (start, end, name) per annotator, code points, half-open. The value of a character is
    the set of names that cover it: empty for unlabelled text, two names where labels overlap.
    """
    given = [list(one) for one in spans]
    cuts = {0, length, *(edge for one in given for start, end, _ in one for edge in (start, end))}
    edges = sorted(edge for edge in cuts if 0 <= edge <= length)
    return [
        (
            [frozenset(name for start, end, name in one if start <= low and high <= end) for one in given],
            high - low,
        )
        for low, high in pairwise(edges)
    ]
