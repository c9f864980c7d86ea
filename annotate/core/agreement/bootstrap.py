"""Percentile intervals by resampling documents: labels of one document are not independent of each other.

Efron and Tibshirani, An Introduction to the Bootstrap (1993), ch. 13; whole documents are drawn.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from operator import itemgetter, mul

SEED = 20251121
RESAMPLES = 1000
FEWER = 200
MOST_DRAWN = 200_000
"""Above so many drawn documents the samples get fewer, down to FEWER: many documents need fewer samples."""

LEVEL = 0.95
FEWEST = 5
"""So many documents at least: from fewer an interval would look sure of what it cannot know."""

Draw = Sequence[int]
"""How often each document was drawn, in the order of documents."""


def draws(documents: int, *, resamples: int = RESAMPLES, seed: int = SEED) -> tuple[Draw, ...]:
    """Samples with replacement of as many documents; the same on every machine. None for too few."""
    if documents < FEWEST:
        return ()
    chance = random.Random(f"{seed}/{documents}")  # noqa: S311 - no secret
    enough = min(resamples, max(FEWER, MOST_DRAWN // documents))
    return tuple(_draw(documents, chance) for _ in range(enough))


def _draw(documents: int, chance: random.Random) -> list[int]:
    times = [0] * documents
    for _ in range(documents):
        times[int(chance.random() * documents)] += 1
    return times


class Column:
    """Figures by document, to be summed over draws; most are zero in a large study, and are left out."""

    def __init__(self, figures: Sequence[float]) -> None:
        self.documents = len(figures)
        places = [at for at, figure in enumerate(figures) if figure]
        self._figures = [figures[at] for at in places]
        self._drawn: Callable[[Draw], Sequence[int]]
        if len(places) == len(figures):
            self._drawn = lambda draw: draw
        elif len(places) == 1:
            self._drawn = lambda draw: (draw[places[0]],)
        else:
            self._drawn = itemgetter(*places) if places else lambda _: ()

    def sum(self, draw: Draw) -> float:
        """The sum over a draw, added in the order of documents."""
        return float(sum(map(mul, self._figures, self._drawn(draw))))

    def whole(self, draw: Draw) -> int:
        """The same for whole numbers."""
        return int(sum(map(mul, self._figures, self._drawn(draw))))


def interval(
    samples: Sequence[Draw], measure: Callable[[Draw], float | None]
) -> tuple[float, float] | tuple[None, None]:
    """The middle 95 % of a measure over samples; nothing where fewer than half of them define it."""
    values = sorted(value for one in samples if (value := measure(one)) is not None)
    if not samples or 2 * len(values) < len(samples):
        return None, None
    tail = (1 - LEVEL) / 2
    last = len(values) - 1
    return values[round(tail * last)], values[round((1 - tail) * last)]
