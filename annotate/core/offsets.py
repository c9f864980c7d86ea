"""Offsets are typed: code points everywhere, UTF-16 code units only at Doccano's border.

Doccano stores plain integers; its web UI counts UTF-16 code units (``grapheme_mode=false``).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import NewType

CodePoint = NewType("CodePoint", int)
Utf16 = NewType("Utf16", int)

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


class OffsetOutOfText(ValueError):
    """An offset lies outside the text, or inside a surrogate pair."""


class Utf16Map:
    """Convert offsets of one text between code points and UTF-16 code units, both ways."""

    __slots__ = ("_astral", "_length", "_units")

    def __init__(self, text: str) -> None:
        # Positions of the characters that take two units; everything else is one to one.
        self._astral = [found.start() for found in _ASTRAL.finditer(text)]
        self._units = [i + n + 1 for n, i in enumerate(self._astral)]
        self._length = len(text)

    @property
    def utf16_length(self) -> Utf16:
        """Length of the text in UTF-16 code units."""
        return Utf16(self._length + len(self._astral))

    def to_utf16(self, offset: CodePoint) -> Utf16:
        """Code point offset to UTF-16 offset. Raises OffsetOutOfText."""
        if not 0 <= offset <= self._length:
            raise OffsetOutOfText(f"code point offset {offset} is outside a text of {self._length}")
        return Utf16(offset + bisect_left(self._astral, offset))

    def to_code_point(self, offset: Utf16) -> CodePoint:
        """UTF-16 offset to code point offset. Raises OffsetOutOfText, also inside a surrogate pair."""
        if not 0 <= offset <= self.utf16_length:
            raise OffsetOutOfText(f"UTF-16 offset {offset} is outside a text of {self.utf16_length} units")
        at = bisect_left(self._units, offset)
        if at < len(self._units) and self._units[at] == offset:
            raise OffsetOutOfText(f"UTF-16 offset {offset} falls inside a surrogate pair")
        return CodePoint(offset - at)

    def code_points(self, start: int, end: int) -> tuple[int, int]:
        """UTF-16 offsets of Doccano's web UI as code points; (-1, -1) where they do not fit the text."""
        try:
            low, high = self.to_code_point(Utf16(start)), self.to_code_point(Utf16(end))
        except OffsetOutOfText:
            return -1, -1
        return (low, high) if low < high else (-1, -1)


def code_points(text: str, start: int, end: int) -> tuple[int, int]:
    """``Utf16Map.code_points`` of a text."""
    return Utf16Map(text).code_points(start, end)


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """Half-open ``[start, end)`` in code points."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise OffsetOutOfText(f"not a range: [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def overlaps(self, other: Range) -> bool:
        """Whether the two share at least one character."""
        return self.overlap(other) > 0

    def overlap(self, other: Range) -> int:
        """How many characters the two share."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))

    def of(self, text: str) -> str:
        """The slice of the text."""
        return text[self.start : self.end]


class LineIndex:
    """Which line (1-based) an offset stands on; lines end at CRLF, LF or CR, nothing else."""

    __slots__ = ("_starts",)

    def __init__(self, text: str) -> None:
        self._starts = [0, *(end for _, end in line_ranges(text))]

    def line_of(self, offset: int) -> int:
        """Line number of a code point offset."""
        return max(1, min(bisect_right(self._starts, offset), len(self._starts)))


def line_ranges(text: str) -> list[tuple[int, int]]:
    r"""Ranges of the lines of a text, line end included; joined they are the text.

    Only ``\r\n``, ``\n`` and ``\r`` end a line: ``str.splitlines`` also breaks at form feeds,
    U+2028 and others, which would cut sentences of real sources.
    """
    ranges: list[tuple[int, int]] = []
    start = at = 0
    length = len(text)
    while at < length:
        char = text[at]
        at += 1
        if char == "\r" and at < length and text[at] == "\n":
            at += 1
        elif char not in "\r\n":
            continue
        ranges.append((start, at))
        start = at
    if start < length:
        ranges.append((start, length))
    return ranges
