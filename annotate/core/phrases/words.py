"""The words of a text, as lexicons see them. Offsets are code points, half-open."""

from __future__ import annotations

import re
from itertools import accumulate, repeat
from typing import NamedTuple

_WORD = re.compile(r"([^\W_]++(?:[-'’\u00ad\u2010\u2011][^\W_]++)*+)")
_ASCII_WORD = re.compile(r"([A-Za-z0-9]++(?:[-'][A-Za-z0-9]++)*+)")
"""The same, where nothing else can occur: half as long."""
_FOLDS = str.maketrans({"\u00ad": None, "’": "'", "\u2010": "-", "\u2011": "-", "ς": "σ"})
_REMEMBERED = 50_000
_made = tuple.__new__


class Word(NamedTuple):
    """A word and its folded form: lower case, no soft hyphens, plain apostrophes and hyphens."""

    start: int
    end: int
    folded: str


class _Folds(dict[str, str]):
    """Words and their folded forms, within a bound: most words of a text come again."""

    def __missing__(self, word: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        self[word] = folded = fold(word)
        return folded


_folds = _Folds()


def words_of(text: str) -> list[Word]:
    """Every word in order. Compounds with a hyphen are one word, digits count as letters."""
    # What stands between the words, and the words, in turn. All loops run in C: this is asked of every text.
    pieces = (_ASCII_WORD if text.isascii() else _WORD).split(text)
    places = list(accumulate(map(len, pieces)))
    folded = map(_folds.__getitem__, pieces[1::2])
    return list(map(_made, repeat(Word), zip(places[::2], places[1::2], folded, strict=False)))


def fold(word: str) -> str:
    """The form in which words are compared. ``ß`` stays: it tells words apart."""
    return word.lower() if word.isascii() else word.lower().translate(_FOLDS)
