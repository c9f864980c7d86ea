"""A share and how well it is known."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

_Z95: Final = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Interval:
    """A share of a sample and its 95 % interval; all None where the sample is empty."""

    share: float | None
    low: float | None
    high: float | None


def wilson(successes: int, trials: int) -> Interval:
    """The score interval of a binomial share (E. B. Wilson, JASA 22, 1927, 209-212), rounded to 1e-6.

    It takes the trials for independent. Raises ValueError unless 0 <= successes <= trials.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no share")
    if not trials:
        return Interval(None, None, None)
    found, square = successes / trials, _Z95 * _Z95
    middle = (found + square / (2 * trials)) / (1 + square / trials)
    half = _Z95 / (1 + square / trials) * sqrt(found * (1 - found) / trials + square / (4 * trials * trials))
    low = 0.0 if successes == 0 else middle - half
    high = 1.0 if successes == trials else middle + half
    return Interval(round(found, 6), round(low, 6), round(high, 6))
