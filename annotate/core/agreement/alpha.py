"""Krippendorff's alpha, nominal, over the characters of passages.

Each character is a unit and each annotator who confirmed the passage gives it a value, so that texts
need not be cut into tokens, annotators may be missing, and a boundary that is off by a word costs a
word. Krippendorff, Content Analysis (2nd ed. 2004), ch. 11: alpha = 1 - observed / expected
disagreement, from the coincidences of values within units.
"""

from __future__ import annotations

from collections import Counter, defaultdict
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
    disagreed: Counter[int] = Counter()
    for given, weight in units:
        many = len(given)
        if many < 2:
            continue
        counts = Counter(given)
        if len(counts) == 1:
            values[given[0]] += many * weight
            continue
        for value, count in counts.items():
            values[value] += count * weight
        disagreed[many] += (many * many - sum(count * count for count in counts.values())) * weight
    # One fraction for all units of as many values: adding up fractions is slow.
    return Tally(
        dict(values), sum((Fraction(each, many - 1) for many, each in disagreed.items()), Fraction(0))
    )


def added(tallies: Iterable[Tally]) -> Tally:
    """The tally of all their units."""
    values: Counter[Value] = Counter()
    disagreed = Fraction(0)
    for one in tallies:
        for value, count in one.values.items():
            values[value] += count
        disagreed += one.disagreed
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
    events: dict[int, list[tuple[int, Hashable, int]]] = defaultdict(list)
    for who, one in enumerate(spans):
        for start, end, name in one:
            if max(start, 0) < min(end, length):
                events[max(start, 0)].append((who, name, 1))
                events[min(end, length)].append((who, name, -1))
    open_: list[Counter[Hashable]] = [Counter() for _ in spans]
    covered: list[frozenset[Hashable]] = [frozenset() for _ in spans]
    units = []
    for low, high in pairwise(sorted({0, length, *events})):
        for who, name, step in events.get(low, ()):
            open_[who][name] += step
            if not open_[who][name]:
                del open_[who][name]
        for who in {who for who, _, _ in events.get(low, ())}:
            covered[who] = frozenset(open_[who])
        units.append((covered.copy(), high - low))
    return units
