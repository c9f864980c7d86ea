"""Compare the spans of two annotators: exact, overlapping, and why they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal

from annotate.core.spans import Span

Reason = Literal["boundary", "label", "layer", "missing"]


@dataclass(frozen=True, slots=True)
class Counts:
    """Two annotators' spans, counted; counts of disjoint passages add up.

    ``exact`` and ``relaxed`` are matches one to one. The reasons count the spans of either that the
    other does not have exactly: together ``a + b - 2 * exact``.
    """

    a: int = 0
    b: int = 0
    exact: int = 0
    relaxed: int = 0
    boundary: int = 0
    label: int = 0
    layer: int = 0
    missing: int = 0


def total(counts: Iterable[Counts]) -> Counts:
    """The sum."""
    several = [tuple(getattr(one, each.name) for each in fields(Counts)) for one in counts]
    return Counts(*map(sum, zip(*several, strict=True))) if several else Counts()


def f1(matches: int, spans: int) -> float | None:
    """F1 of two annotators who have so many spans together (it is symmetric); None where there is none."""
    return 2 * matches / spans if spans else None


def compare(
    mine: Iterable[Span],
    theirs: Iterable[Span],
    names: Mapping[Span, str],
    everything: Sequence[Sequence[Span]],
) -> Counts:
    """Counts over two annotators' spans of one passage.

    ``names`` is what a span counts as: its label, or the label's group. ``everything`` are all spans
    of the two, also those that are not counted: they tell why one is missing.
    """
    own = {(names[one], one.start, one.end): one for one in sorted(mine)}
    other = {(names[one], one.start, one.end): one for one in sorted(theirs)}
    reasons = [
        *(_reason(key, one, other, everything[1]) for key, one in own.items() if key not in other),
        *(_reason(key, one, own, everything[0]) for key, one in other.items() if key not in own),
    ]
    return Counts(
        a=len(own),
        b=len(other),
        exact=len(own.keys() & other.keys()),
        relaxed=_most_pairs(list(own), list(other)),
        boundary=reasons.count("boundary"),
        label=reasons.count("label"),
        layer=reasons.count("layer"),
        missing=reasons.count("missing"),
    )


_Key = tuple[str, int, int]


def _reason(key: _Key, span: Span, other: Mapping[_Key, Span], all_of_other: Iterable[Span]) -> Reason:
    if any(name == key[0] and span.shared(one) for (name, _, _), one in other.items()):
        return "boundary"
    return reason_of(span, all_of_other)


def reason_of(span: Span, other: Iterable[Span]) -> Reason:
    """Why somebody does not have a span, given all that they have on the passage.

    ``boundary``: the same label over other, overlapping words. ``label``: another label of the layer
    over words in common. ``layer``: exactly these words in another layer. ``missing``: none of it.
    """
    touching = [one for one in other if span.shared(one)]
    if any(one.label == span.label for one in touching):
        return "boundary"
    if any(one.layer == span.layer for one in touching):
        return "label"
    if any((one.start, one.end) == (span.start, span.end) for one in touching):
        return "layer"
    return "missing"


def _most_pairs(mine: Sequence[_Key], theirs: Sequence[_Key]) -> int:
    """How many spans can be paired one to one with an overlapping one of the same name.

    A maximum, so it does not depend on who is first: augmenting paths (Kuhn 1955).
    """
    partners = [[at for at, two in enumerate(theirs) if _touch(one, two)] for one in mine]
    taken: dict[int, int] = {}
    return sum(_pair(number, partners, taken) for number in range(len(mine)))


def _pair(number: int, partners: Sequence[Sequence[int]], taken: dict[int, int]) -> bool:
    """Find a partner for one span, moving others to another partner where needed (breadth first)."""
    came_from: dict[int, int] = {}
    waiting = [number]
    while waiting:
        mine = waiting.pop(0)
        for at in partners[mine]:
            if at in came_from:
                continue
            came_from[at] = mine
            if at not in taken:
                _hand_over(at, number, came_from, taken)
                return True
            waiting.append(taken[at])
    return False


def _hand_over(at: int, number: int, came_from: Mapping[int, int], taken: dict[int, int]) -> None:
    before = {mine: partner for partner, mine in taken.items()}
    while True:
        mine = came_from[at]
        taken[at] = mine
        if mine == number:
            return
        at = before[mine]


def _touch(one: _Key, two: _Key) -> bool:
    return one[0] == two[0] and min(one[2], two[2]) > max(one[1], two[1])
