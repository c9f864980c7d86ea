"""Cut documents into passages without losing a character, and map every position back.

A passage drops page furniture and what a browser would not show (carriage returns, soft hyphens,
a byte order mark, runs of blank lines). Each drop is a ``removed`` piece, so the map to the source
is exact in both directions.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from annotate.core.ids import content_id, sha256_hex
from annotate.core.model import FURNITURE, Document, Passage, Piece, Segment
from annotate.core.offsets import OffsetOutOfText, Range

DEFAULT_PASSAGE_LENGTH = 5000

# In order: CRLF keeps its LF; a lone CR becomes LF; invisible characters go.
_UNSHOWN = re.compile("\r\n|\r|\u00ad|\ufeff")
# From a line end on: a pattern that began with blanks would be tried at each blank of a long run.
_BLANK_LINES = re.compile(r"\n(?:[ \t\u00a0]*\n){2,}")


def clean(text: str) -> list[Piece]:
    """Pieces that spell what an annotator sees of ``text``; offsets count from its start."""
    pieces: list[Piece] = []
    at = 0
    for match in _UNSHOWN.finditer(text):
        start, end = match.span()
        if at < start:
            pieces.append(Piece("verbatim", at, start))
        if match.group() == "\r\n":
            pieces.append(Piece("removed", start, start + 1))
            pieces.append(Piece("verbatim", start + 1, end))
        elif match.group() == "\r":
            pieces.append(Piece("replaced", start, end, "\n"))
        else:
            pieces.append(Piece("removed", start, end))
        at = end
    if at < len(text):
        pieces.append(Piece("verbatim", at, len(text)))
    return pieces


def spell(pieces: Iterable[Piece], source_text: str) -> str:
    """The passage text that the pieces spell over the text of their source."""
    return "".join(_text_of(piece, source_text) for piece in pieces)


def _text_of(piece: Piece, source_text: str) -> str:
    if piece.kind == "verbatim":
        return source_text[piece.start : piece.end]
    return piece.text


def piece_length(piece: Piece) -> int:
    """Length of a piece in the passage, in code points."""
    return piece.end - piece.start if piece.kind == "verbatim" else len(piece.text)


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece and where it stands in the passage."""

    piece: Piece
    start: int
    end: int


def placed(pieces: Sequence[Piece]) -> Iterator[Placed]:
    """The pieces with their passage offsets."""
    at = 0
    for piece in pieces:
        length = piece_length(piece)
        yield Placed(piece, at, at + length)
        at += length


def source_ranges(pieces: Sequence[Piece], start: int, end: int) -> tuple[Range, ...]:
    """Source ranges behind the passage range ``[start, end)``, joined where they touch.

    A ``removed`` piece inside the range splits it. Raises OffsetOutOfText for an empty range, one
    outside the passage, or one that covers only inserted text.
    """
    ranges: list[Range] = []
    length = 0
    for piece in pieces:
        at, length = length, length + piece_length(piece)
        if length <= start or at >= end:  # most pieces, for most labels
            continue
        found = _behind(Placed(piece, at, length), start, end)
        if found is None:
            continue
        if ranges and ranges[-1].end == found.start:
            ranges[-1] = Range(ranges[-1].start, found.end)
        else:
            ranges.append(found)
    if not 0 <= start < end <= length:
        raise OffsetOutOfText(f"[{start}, {end}) is not a range of a passage of {length} characters")
    if not ranges:
        raise OffsetOutOfText(f"[{start}, {end}) covers only text that is not in the source")
    return tuple(ranges)


def _behind(place: Placed, start: int, end: int) -> Range | None:
    low, high = max(start, place.start), min(end, place.end)
    if low >= high or place.piece.kind in ("removed", "inserted"):
        return None
    if place.piece.kind == "replaced":
        return Range(place.piece.start, place.piece.end)
    shift = place.piece.start - place.start
    return Range(low + shift, high + shift)


def passage_range(pieces: Sequence[Piece], start: int, end: int) -> Range | None:
    """Where the source range ``[start, end)`` stands in the passage; None if none of it does."""
    low = high = -1
    for place in placed(pieces):
        piece = place.piece
        if piece.kind in ("removed", "inserted"):
            continue
        first, last = max(start, piece.start), min(end, piece.end)
        if first >= last:
            continue
        if piece.kind == "replaced":
            begin, stop = place.start, place.end
        else:
            begin, stop = place.start + first - piece.start, place.start + last - piece.start
        low = begin if low < 0 else low
        high = stop
    return Range(low, high) if low >= 0 else None


def quote_of_ranges(source_text: str, ranges: Iterable[Range]) -> str:
    """The raw source slices, cleaned and joined: equal to the label's text (invariants 1 and 3)."""
    slices = (part.of(source_text) for part in ranges)
    return "".join(spell(clean(raw), raw) if _UNSHOWN.search(raw) else raw for raw in slices)


def cut_passages(
    document: Document, segments: Sequence[Segment], source_text: str, *, length: int = DEFAULT_PASSAGE_LENGTH
) -> tuple[Passage, ...]:
    """Passages of one document; ``length`` is the most code points one may have.

    Cuts fall on line ends; a line that is longer by itself is cut after a sentence, else at a blank.
    """
    shown = _shown_pieces(document, segments, source_text)
    chunks = [chunk for chunk in _chunks(shown, source_text, length) if spell(chunk, source_text).strip()]
    trimmed = [_trim(chunk, source_text) for chunk in chunks]
    return tuple(
        Passage(
            passage_id=passage_id(document.source_id, pieces, source_text),
            document_id=document.document_id,
            source_id=document.source_id,
            source_file=document.source_file,
            number=number,
            of=len(trimmed),
            text=spell(pieces, source_text),
            pieces=pieces,
        )
        for number, pieces in enumerate(trimmed, 1)
    )


def passage_id(source_id: str, pieces: Sequence[Piece], source_text: str) -> str:
    """Id of a passage: its source, its pieces and the text they spell."""
    rows = [[piece.kind, piece.start, piece.end, piece.text] for piece in pieces]
    return content_id("psg", [source_id, rows, sha256_hex(spell(pieces, source_text).encode("utf-8"))])


def shown_pieces(document: Document, segments: Sequence[Segment], source_text: str) -> tuple[Piece, ...]:
    """Pieces of a whole document as annotators see it, however long it is."""
    return _trim(_shown_pieces(document, segments, source_text), source_text)


def cleaned_pieces(text: str) -> tuple[Piece, ...]:
    """Pieces of a foreign text, cleaned as passages are; offsets count from its start."""
    return _trim(_squeeze_blank_lines(clean(text), text), text)


def _shown_pieces(document: Document, segments: Sequence[Segment], text: str) -> list[Piece]:
    pieces: list[Piece] = []
    for segment in segments:
        if segment.end <= document.start or segment.start >= document.end:
            continue
        if segment.kind in FURNITURE:
            pieces.append(Piece("removed", segment.start, segment.end))
        else:
            pieces.extend(_shift(piece, segment.start) for piece in clean(text[segment.start : segment.end]))
    return _squeeze_blank_lines(pieces, text)


def _shift(piece: Piece, by: int) -> Piece:
    return Piece(piece.kind, piece.start + by, piece.end + by, piece.text)


def _squeeze_blank_lines(pieces: list[Piece], text: str) -> list[Piece]:
    """Keep one empty line where there are more: a wall of blank lines only costs scrolling."""
    spelled = spell(pieces, text)
    return _drop(pieces, [(match.start() + 1, match.end() - 1) for match in _BLANK_LINES.finditer(spelled)])


def _drop(pieces: list[Piece], drops: list[tuple[int, int]]) -> list[Piece]:
    """Turn the passage ranges ``drops`` (ascending, disjoint) into removed pieces."""
    edges = sorted({edge for drop in drops for edge in drop})
    lows = [low for low, _ in drops]
    result: list[Piece] = []
    for piece, start in _split_at(pieces, edges):
        at = bisect_right(lows, start) - 1
        dropped = at >= 0 and start < drops[at][1]
        if dropped and piece.kind in ("verbatim", "replaced"):
            result.append(Piece("removed", piece.start, piece.end))
        else:
            result.append(piece)
    return _join(result)


def _split_at(pieces: Iterable[Piece], edges: Sequence[int]) -> Iterator[tuple[Piece, int]]:
    """Pieces with their passage offset, verbatim ones cut at the given passage offsets."""
    at = 0
    for piece in pieces:
        length = piece_length(piece)
        if piece.kind != "verbatim":
            yield piece, at
            at += length
            continue
        inside = edges[bisect_right(edges, at) : bisect_left(edges, at + length)]
        shift = piece.start - at
        for low, high in pairwise([at, *inside, at + length]):
            yield Piece("verbatim", low + shift, high + shift), low
        at += length


def _join(pieces: Iterable[Piece]) -> list[Piece]:
    """Merge neighbours of one kind whose source ranges touch."""
    result: list[Piece] = []
    for piece in pieces:
        last = result[-1] if result else None
        if last and last.kind == piece.kind in ("verbatim", "removed") and last.end == piece.start:
            result[-1] = Piece(piece.kind, last.start, piece.end)
        else:
            result.append(piece)
    return result


def _chunks(pieces: list[Piece], text: str, length: int) -> list[list[Piece]]:
    spelled = spell(pieces, text)
    edges = list(_cut_points(spelled, length))
    chunks: list[list[Piece]] = [[] for _ in range(len(edges) + 1)]
    for piece, start in _split_at(pieces, edges):
        chunks[bisect_right(edges, start)].append(piece)
    return [_join(chunk) for chunk in chunks]


_SENTENCE_END = re.compile(r"[.!?…][\"'»”“’)\]]*\s+")


def _cut_points(text: str, length: int) -> Iterator[int]:
    at = 0
    while len(text) - at > length:
        at = _cut_before(text, at, at + length)
        yield at


def _cut_before(text: str, start: int, limit: int) -> int:
    line = text.rfind("\n", start, limit)
    if line > start:
        return line + 1
    sentences = [match.end() for match in _SENTENCE_END.finditer(text, start, limit)]
    if sentences and sentences[-1] > start:
        return sentences[-1]
    blank = text.rfind(" ", start, limit)
    return blank + 1 if blank > start else limit


def _trim(pieces: list[Piece], text: str) -> tuple[Piece, ...]:
    """Drop the blank edges of a chunk: Doccano strips them in places, and offsets would shift."""
    spelled = spell(pieces, text)
    left = len(spelled) - len(spelled.lstrip())
    right = len(spelled.rstrip())
    drops = [drop for drop in ((0, left), (right, len(spelled))) if drop[0] < drop[1]]
    kept = _drop(pieces, drops)
    while kept and kept[0].kind == "removed":
        kept.pop(0)
    while kept and kept[-1].kind == "removed":
        kept.pop()
    return tuple(kept)
