"""Both directions of a passage's pieces with an index, for the many labels of one long text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from annotate.core.model import Piece
from annotate.core.offsets import OffsetOutOfText, Range
from annotate.core.passages import passage_range, piece_length, source_ranges


class PieceMap:
    """The same answers as ``source_ranges`` and ``passage_range``, from the pieces nearby alone."""

    __slots__ = ("_ends", "_pieces", "_starts", "_text_starts")

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = tuple(pieces)
        self._text_starts = list(accumulate(map(piece_length, self._pieces), initial=0))
        self._starts = [piece.start for piece in self._pieces]
        self._ends = [piece.end for piece in self._pieces]

    def to_source(self, place: Range) -> tuple[Range, ...]:
        """Source ranges behind a range of the text. Raises OffsetOutOfText as source_ranges does."""
        if place.end > self._text_starts[-1]:
            raise OffsetOutOfText(f"the text ends at {self._text_starts[-1]}, before {place.end}")
        first = max(0, bisect_right(self._text_starts, place.start) - 1)
        last = bisect_left(self._text_starts, place.end)
        base = self._text_starts[first]
        return source_ranges(self._pieces[first:last], place.start - base, place.end - base)

    def to_text(self, place: Range) -> Range | None:
        """Where a range of the source stands in the text; None if none of it does."""
        first, last = bisect_right(self._ends, place.start), bisect_left(self._starts, place.end)
        found = passage_range(self._pieces[first:last], place.start, place.end)
        base = self._text_starts[first]
        return Range(found.start + base, found.end + base) if found else None
