"""Percentile intervals by resampling documents: labels of one document are not independent of each other.

Efron and Tibshirani, An Introduction to the Bootstrap (1993), ch. 13; whole documents are drawn.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

SEED = 20251121
RESAMPLES = 1000
LEVEL = 0.95
FEWEST = 5
"""So many documents at least: from fewer an interval would look sure of what it cannot know."""

Draw = Mapping[int, int]
"""Number of a document to how often it was drawn."""


def draws(documents: int, *, resamples: int = RESAMPLES, seed: int = SEED) -> tuple[Draw, ...]:
    """Samples with replacement of as many documents; the same on every machine. None for too few."""
    if documents < FEWEST:
        return ()
    chance = random.Random(f"{seed}/{documents}")  # noqa: S311 - no secret
    return tuple(
        Counter(int(chance.random() * documents) for _ in range(documents)) for _ in range(resamples)
    )


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
