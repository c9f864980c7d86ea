"""Tokens and sentences for formats that want them, by rules that no version of a library changes.

A token is a run of letters, digits, marks and underscores, or one other character that is no blank. It is
cut wherever a label begins or ends, so every label is a whole number of tokens. A sentence is a line.
Offsets are code points, half-open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from annotate.core.offsets import line_ranges

_TOKEN: Final = re.compile(r"[\w\u0300-\u036f\u00ad]+|[^\w\s]")


def tokens_of(text: str, cuts: Iterable[int] = ()) -> list[tuple[int, int]]:
    """The tokens of a text, also cut at these offsets."""
    places = sorted(set(cuts))
    at, found = 0, []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        while at < len(places) and places[at] <= start:
            at += 1
        while at < len(places) and places[at] < end:
            found.append((start, places[at]))
            start = places[at]
            at += 1
        found.append((start, end))
    return found


def sentences_of(text: str, spans: Iterable[tuple[int, int]] = ()) -> list[tuple[int, int]]:
    """The lines of a text, outer blanks cut; lines that one of these spans joins are one sentence."""
    lines = [(start, end) for start, end in line_ranges(text) if not text[start:end].isspace()]
    joined: list[tuple[int, int]] = []
    reach = -1
    waiting = sorted(spans)
    at = 0
    for start, end in lines:
        if joined and start < reach:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
        while at < len(waiting) and waiting[at][0] < end:
            reach = max(reach, waiting[at][1])
            at += 1
    return [_trimmed(text, start, end) for start, end in joined]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    words = text[start:end]
    return start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())
