"""The words of a text, as lexicons see them. Offsets are code points, half-open."""

from __future__ import annotations

import re
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+(?:[-'’\u00ad\u2010\u2011][^\W_]+)*")
_SIGNS = (("’", "'"), ("\u2010", "-"), ("\u2011", "-"), ("ς", "σ"))
_FOLDS = str.maketrans({"\u00ad": None} | dict(_SIGNS))


_made = tuple.__new__


class Word(NamedTuple):
    """A word and its folded form: lower case, no soft hyphens, plain apostrophes and hyphens."""

    start: int
    end: int
    folded: str


def words_of(text: str) -> list[Word]:
    """Every word in order. Compounds with a hyphen are one word, digits count as letters."""
    lower = text.lower()
    if len(lower) != len(text) or "\u00ad" in text:  # some letters fold into two
        return [Word(found.start(), found.end(), fold(found.group())) for found in _WORD.finditer(text)]
    if not text.isascii():
        for sign, plain in _SIGNS:  # faster than translate, which looks at every character
            lower = lower.replace(sign, plain)
    words = []
    for found in _WORD.finditer(text):
        start, end = found.span()
        words.append(_made(Word, (start, end, lower[start:end])))  # half the time of Word(start, end, …)
    return words


def fold(word: str) -> str:
    """The form in which words are compared. ``ß`` stays: it tells words apart."""
    return word.lower() if word.isascii() else word.lower().translate(_FOLDS)
