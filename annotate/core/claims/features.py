"""Count what makes a clause worth checking. Features of words come from the lexicon; digits, magnitudes,
names and length are counted here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from annotate.core.claims.weights import Weights, logistic
from annotate.core.phrases import Match
from annotate.core.phrases.words import fold
from annotate.core.prose import Reading

_SIGNS = re.compile(r"[%‰€£]|\$\s?\d")
_YEAR = re.compile(r"(?:1[789]|20)\d\d\Z")
_ASKS = re.compile(r"\?[\s\"'”’“»«)]*\Z")
_REMEMBERED = 50_000
_TAIL = 12
"""Characters among which the question mark of a question is looked for."""
_NO_FEATURES = frozenset({"finite", "cue", "aftercue", "habit", "pledge"})


class Counted(NamedTuple):
    """What was counted in the words from ``first`` up to ``last``, and what that makes."""

    first: int
    last: int
    counts: dict[str, int]
    score: float

    @property
    def why(self) -> str:
        """The counts that spoke for or against it, for people: "deed 2, digit 1"."""
        shown = sorted(self.counts.items())
        return ", ".join(f"{name} {count}" for name, count in shown if name not in _NO_FEATURES)


def count(reading: Reading, start: int, end: int, matches: Sequence[Match], weights: Weights) -> Counted:
    """Count the features of a range. ``matches``: those of the lexicon that begin in the range."""
    first, last = reading.words_in(start, end)
    counts: dict[str, int] = {}
    for match in matches:
        entry = match.entry
        if match.end <= end and (entry.where != "first" or match.first == first):
            counts[entry.label] = counts.get(entry.label, 0) + 1
    signs = _signs_of(reading)
    years = signs.words.count(_IS_YEAR, first, last)
    _add(counts, "digit", years + signs.words.count(_IS_FIGURE, first, last))
    _add(counts, "year", years)
    # The first word of a range has its capital for being the first.
    caps = signs.words.count(_IS_NAME, first + 1, last)
    if signs.amounts:
        _add(counts, "big", len(_SIGNS.findall(reading.text, start, end)))
    tail = reading.text[max(start, end - _TAIL) : end]
    asks = "?" in tail and _ASKS.search(tail) is not None
    total = weights.sum(counts, last - first, caps, asks=asks)
    if caps:
        counts["names"] = caps
    return Counted(first, last, counts, logistic(total))


def _add(counts: dict[str, int], name: str, found: int) -> None:
    if found:
        counts[name] = counts.get(name, 0) + found


_IS_YEAR, _IS_FIGURE, _IS_NAME = "YFN"


class _Signs(NamedTuple):
    """What each word is, one character a word, and whether there are signs of amounts."""

    words: str
    amounts: bool


@lru_cache(maxsize=2)  # every clause of a passage asks
def _signs_of(reading: Reading) -> _Signs:
    kinds = "".join(map(_kinds.__getitem__, reading.written))
    return _Signs(kinds, _SIGNS.search(reading.text) is not None)


class _Kinds(dict[str, str]):
    """Words as written, and what they are, within a bound."""

    def __missing__(self, word: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        self[word] = kind = _kind(word)
        return kind


_kinds = _Kinds()


def _kind(word: str) -> str:
    if word[0].isdigit():
        return _IS_YEAR if _YEAR.match(fold(word)) else _IS_FIGURE
    return _IS_NAME if len(word) > 2 and word[0].isupper() else "-"


def recount(whole: Counted, reading: Reading, start: int, end: int) -> Counted | None:
    """What a range has that holds all words of ``whole``; None where that has to be counted anew."""
    if reading.words_in(start, end) != (whole.first, whole.last):
        return None
    return None if "?" in reading.text[max(start, end - _TAIL) : end + _TAIL] else whole
