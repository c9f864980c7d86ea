"""The words of a text, as lexicons see them. Offsets are code points, half-open."""

from __future__ import annotations

import re
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+(?:[-'’\u00ad\u2010\u2011][^\W_]+)*")
_FOLDS = str.maketrans({"\u00ad": None, "’": "'", "\u2010": "-", "\u2011": "-"})


class Word(NamedTuple):
    """A word and its folded form: lower case, no soft hyphens, plain apostrophes and hyphens."""

    start: int
    end: int
    folded: str


def words_of(text: str) -> list[Word]:
    """Every word in order. Compounds with a hyphen are one word, digits count as letters."""
    return [Word(found.start(), found.end(), fold(found.group())) for found in _WORD.finditer(text)]


def fold(word: str) -> str:
    """The form in which words are compared. ``ß`` stays: it tells words apart."""
    return word.lower() if word.isascii() else word.lower().translate(_FOLDS)
