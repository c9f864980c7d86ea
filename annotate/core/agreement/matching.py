"""Compare the spans of two annotators: exact, overlapping, and why they differ."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal

from annotate.core.agreement.overlaps import Overlaps
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
    names: Mapping[str, str],
    everything: tuple[Overlaps[Span], Overlaps[Span]],
) -> Counts:
    """Counts over two annotators' spans of one passage.

    ``names`` is what a label counts as: itself, or its group. ``everything`` are all spans of the two,
    also those that are not counted: they tell why one is missing.
    """
    own = {(names[one.label], one.start, one.end): one for one in mine}
    other = {(names[one.label], one.start, one.end): one for one in theirs}
    if own.keys() == other.keys():
        return Counts(len(own), len(own), len(own), len(own))
    sides = _by_name(own), _by_name(other)
    reasons = [
        *(_reason(key, one, sides[1], everything[1]) for key, one in own.items() if key not in other),
        *(_reason(key, one, sides[0], everything[0]) for key, one in other.items() if key not in own),
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
_ByName = Mapping[str, Overlaps[int]]


def _by_name(keys: Iterable[_Key]) -> _ByName:
    """The places of keys by their name; the things are their numbers."""
    found: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for number, (name, start, end) in enumerate(keys):
        found[name].append((start, end, number))
    return {name: Overlaps(places) for name, places in found.items()}


def _reason(key: _Key, span: Span, other: _ByName, all_of_other: Overlaps[Span]) -> Reason:
    if key[0] in other and other[key[0]].touching(span.start, span.end):
        return "boundary"
    return reason_of(span, all_of_other)


def reason_of(span: Span, other: Overlaps[Span]) -> Reason:
    """Why somebody does not have a span, given all that they have on the passage.

    ``boundary``: the same label over other, overlapping words. ``label``: another label of the layer
    over words in common. ``layer``: exactly these words in another layer. ``missing``: none of it.
    """
    touching = other.touching(span.start, span.end)
    if any(one.label == span.label for one in touching):
        return "boundary"
    if any(one.layer == span.layer for one in touching):
        return "label"
    if any((one.start, one.end) == (span.start, span.end) for one in touching):
        return "layer"
    return "missing"


def _most_pairs(mine: Sequence[_Key], theirs: Sequence[_Key]) -> int:
    """How many spans can be paired one to one with an overlapping one of the same name.

    A maximum, so it does not depend on who is first: augmenting paths (Kuhn 1955; Berge 1957: from any
    pairs to begin with, here those that are equal).
    """
    others = _by_name(theirs)
    partners = [others[name].touching(start, end) if name in others else [] for name, start, end in mine]
    place = {key: at for at, key in enumerate(theirs)}
    pairs = {number: place[key] for number, key in enumerate(mine) if key in place}
    taken = {at: number for number, at in pairs.items()}
    for number in range(len(mine)):
        if number not in pairs:
            _pair(number, partners, pairs, taken)
    return len(pairs)


def _pair(
    number: int, partners: Sequence[Sequence[int]], pairs: dict[int, int], taken: dict[int, int]
) -> None:
    """Find a partner for one span, moving others to another partner where needed (breadth first)."""
    came_from: dict[int, int] = {}
    waiting = deque([number])
    while waiting:
        mine = waiting.popleft()
        for at in partners[mine]:
            if at in came_from:
                continue
            came_from[at] = mine
            if at not in taken:
                _hand_over(at, number, came_from, pairs, taken)
                return
            waiting.append(taken[at])


def _hand_over(
    at: int, number: int, came_from: Mapping[int, int], pairs: dict[int, int], taken: dict[int, int]
) -> None:
    """Give ``at`` to the one it was reached from, whose partner until now goes on in the same way."""
    while True:
        mine = came_from[at]
        before = pairs.get(mine)
        pairs[mine], taken[at] = at, mine
        if mine == number or before is None:
            return
        at = before
