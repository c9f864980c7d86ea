"""Count what makes a clause worth checking. Features of words come from the lexicon; digits, magnitudes,
names and length are counted here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from annotate.core.claims.weights import Weights, logistic
from annotate.core.phrases import Match
from annotate.core.prose import Reading

_SIGNS = re.compile(r"[%‰€£]|\$\s?\d")
_YEAR = re.compile(r"(?:1[789]|20)\d\d\Z")
_ASKS = re.compile(r"\?[\s\"'”’“»«)]*\Z")
_NO_FEATURES = frozenset({"finite", "cue", "aftercue", "habit", "pledge"})


@dataclass(frozen=True, slots=True)
class Counted:
    """A range of a passage with what was counted in it."""

    start: int
    end: int
    words: int
    counts: Counter[str]
    score: float

    @property
    def why(self) -> str:
        """The counts that spoke for or against it, for people: "deed 2, digit 1"."""
        shown = sorted(self.counts.items())
        return ", ".join(f"{name} {count}" for name, count in shown if name not in _NO_FEATURES)


def count(reading: Reading, start: int, end: int, matches: Sequence[Match], weights: Weights) -> Counted:
    """Count the features of a range. ``matches``: those of the lexicon that begin in the range."""
    first, last = reading.words_in(start, end)
    counts: Counter[str] = Counter()
    for match in matches:
        if match.end <= end and (match.entry.where != "first" or match.first == first):
            counts[match.entry.label] += 1
    caps = 0
    for name in _of_words(reading, first, last):
        if name == "caps":
            caps += 1
        else:
            counts[name] += 1
    text = reading.text[start:end]
    big = len(_SIGNS.findall(text))
    if big:
        counts["big"] += big
    total = weights.sum(counts, last - first, caps, asks=bool(_ASKS.search(text[-12:])))
    if caps:
        counts["names"] = caps
    return Counted(start, end, last - first, counts, logistic(total))


def _of_words(reading: Reading, first: int, last: int) -> Iterator[str]:
    text = reading.text
    for number in range(first, last):
        word = reading.words[number]
        sign = text[word.start]
        if sign.isdigit():
            yield "digit"
            if _YEAR.match(word.folded):
                yield "year"
        elif number > first and word.end - word.start > 2 and sign.isupper():
            yield "caps"
