"""Which stretches overlap a stretch, without looking at all of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate
from typing import Generic, TypeVar

from annotate.core.spans import Span

_T = TypeVar("_T")


class Overlaps(Generic[_T]):
    """Things by the stretch they cover: (start, end, thing), code points, half-open.

    Sorted by start, with the furthest end so far: looking backwards from the last one that begins early
    enough can stop where nothing before reaches. An empty stretch overlaps nothing.
    """

    def __init__(self, things: Iterable[tuple[int, int, _T]]) -> None:
        self._all = sorted((one for one in things if one[0] < one[1]), key=lambda one: one[:2])
        self._starts = [start for start, _, _ in self._all]
        self._reach = list(accumulate((end for _, end, _ in self._all), max))

    def touching(self, start: int, end: int) -> list[_T]:
        """The things that share a character with [start, end)."""
        found: list[_T] = []
        if start >= end:
            return found
        at = bisect_left(self._starts, end)
        while at and self._reach[at - 1] > start:
            at -= 1
            if self._all[at][1] > start:
                found.append(self._all[at][2])
        return found


def overlaps_of(spans: Iterable[Span]) -> Overlaps[Span]:
    """Spans by their place."""
    return Overlaps((one.start, one.end, one) for one in spans)
