"""The weights of the features of a clause: data of a lexicon file, checked when it is read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_KEYS = frozenset({"bias", "claim", "caps", "length", "question", "weights", "strong_participles"})


_NO_WEIGHT = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Weights:
    """``features``: name to (weight, the most that is counted). Scores are logistic(bias + weighted sum)."""

    bias: float = 0.0
    claim: float = 0.5
    caps: tuple[float, float] = (0.0, 0.0)
    length: tuple[float, float] = (0.0, 40.0)
    question: float = 0.0
    features: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    strong_participles: frozenset[str] = frozenset()

    def sum(self, counts: Mapping[str, int], words: int, caps: int, *, asks: bool) -> float:
        """The weighted sum of counted features, without the logistic function."""
        total = self.bias + self.caps[0] * min(caps, self.caps[1])
        total += self.length[0] * math.log(max(1, min(words, self.length[1])) / 12)
        total += self.question if asks else 0.0
        for name, count in counts.items():
            weight, most = self.features.get(name, _NO_WEIGHT)
            total += weight * (count if count < most else most)
        return total


def parse_weights(settings: Mapping[str, Any]) -> Weights:
    """The ``[lexicon]`` table of a claims lexicon. Raises ValueError that says which value is wrong."""
    unknown = sorted(settings.keys() - _KEYS)
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r} in [lexicon]; known are {', '.join(sorted(_KEYS))}")
    table = settings.get("weights", {})
    if not isinstance(table, Mapping):
        raise ValueError("[lexicon.weights] is no table")
    participles = settings.get("strong_participles", [])
    if not isinstance(participles, list) or not all(isinstance(one, str) for one in participles):
        raise ValueError("strong_participles must be a list of words")
    return Weights(
        bias=_number(settings, "bias", 0.0),
        claim=_number(settings, "claim", 0.5),
        caps=_pair("caps", settings.get("caps", [0, 0])),
        length=_pair("length", settings.get("length", [0, 40])),
        question=_number(settings, "question", 0.0),
        features={name: _pair(name, pair) for name, pair in sorted(table.items())},
        strong_participles=frozenset(participles),
    )


def logistic(total: float) -> float:
    """1 / (1 + e^-x), from 0 to 1."""
    return 1 / (1 + math.exp(-max(-40.0, min(40.0, total))))


def _number(settings: Mapping[str, Any], name: str, default: float) -> float:
    value = settings.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} = {value!r} is no number")
    return float(value)


def _pair(name: str, value: object) -> tuple[float, float]:
    numbers = isinstance(value, list) and [
        one for one in value if isinstance(one, int | float) and not isinstance(one, bool)
    ]
    if not numbers or len(numbers) != 2 or len(numbers) != len(value):  # type: ignore[arg-type]
        raise ValueError(f"{name} must be [weight, the most that is counted], not {value!r}")
    return float(numbers[0]), float(numbers[1])
