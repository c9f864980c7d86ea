"""The words of a text, as lexicons see them. Offsets are code points, half-open."""

from __future__ import annotations

import re
from itertools import accumulate, repeat
from typing import NamedTuple
from unicodedata import normalize

# A letter may carry its accent as a sign of its own: then they are one word still.
_LETTERS = r"(?:[^\W_]++[\u0300-\u036f]*+)++"
_WORD = re.compile(rf"({_LETTERS}(?:[-'’\u00ad\u2010\u2011]{_LETTERS})*+)")
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
    return cut(text).words


class Cut(NamedTuple):
    """The words of a text, where each begins, for searching by place, and as they are written."""

    words: list[Word]
    starts: list[int]
    written: list[str]


def cut(text: str) -> Cut:
    """As ``words_of``, with what comes to light on the way."""
    # What stands between the words, and the words, in turn. All loops run in C: this is asked of every text.
    pieces = (_ASCII_WORD if text.isascii() else _WORD).split(text)
    places = list(accumulate(map(len, pieces)))
    starts, written = places[:-1:2], pieces[1::2]
    made = zip(starts, places[1::2], map(_folds.__getitem__, written), strict=True)
    return Cut(list(map(_made, repeat(Word), made)), starts, written)


def fold(word: str) -> str:
    """The form in which words are compared. ``ß`` stays: it tells words apart. Accents are composed."""
    return word.lower() if word.isascii() else normalize("NFC", word.lower()).translate(_FOLDS)
