"""Prove rows of a dataset from the dataset and the source texts alone (invariants 1 and 3)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Final

from annotate.core.dataset.compare import FoundRow, RowFault
from annotate.core.dataset.lookup import CONTEXT, hull, spelled_ranges
from annotate.core.errors import Problem
from annotate.core.ids import sha256_hex
from annotate.core.model import Passage, Piece
from annotate.core.offsets import OffsetOutOfText, Range
from annotate.core.passages import quote_of_ranges, source_ranges, spell

PLACE: Final = frozenset(
    {
        "quote",
        "prefix",
        "suffix",
        "source_id",
        "source_file",
        "source_start",
        "source_end",
        "source_ranges",
        "passage_id",
        "start",
        "end",
    }
)
"""The cells that a proof of a quote is about."""


_KEYS: Final = {"labels": "label_id", "suggestions": "placement_id", "gold": "gold_id"}


def passages_of(
    rows: Iterable[FoundRow], texts: Mapping[str, str], file: str
) -> tuple[dict[str, Passage], list[RowFault]]:
    """Passages of passages.csv by id, and what does not hold about them."""
    found: dict[str, Passage] = {}
    faults: list[RowFault] = []
    columns = frozenset({"text", "pieces", "text_sha256", "source_id", "source_start", "source_end"})
    for row in rows:
        try:
            passage = _passage(row.cells)
        except (ValueError, TypeError) as error:
            what: str | None = f"the pieces cannot be read: {error}"
        else:
            found[passage.passage_id] = passage
            what = _passage_fault(passage, row.cells, texts.get(passage.source_id))
        if what:
            problem = Problem(file, row.line, what, subject=row.cells["passage_id"])
            faults.append(RowFault("passages", problem, columns))
    return found, faults


def _passage(cells: Mapping[str, str]) -> Passage:
    pieces = tuple(Piece(*piece) for piece in json.loads(cells["pieces"]))
    if any(type(piece.start) is not int or type(piece.end) is not int for piece in pieces):
        raise TypeError("an offset is no integer")
    return Passage(
        passage_id=cells["passage_id"],
        document_id=cells["document_id"],
        source_id=cells["source_id"],
        source_file=cells["source_file"],
        number=int(cells["number"]),
        of=int(cells["of"]),
        text=cells["text"],
        pieces=pieces,
    )


def _passage_fault(passage: Passage, cells: Mapping[str, str], text: str | None) -> str | None:
    if sha256_hex(passage.text.encode("utf-8", "surrogatepass")) != cells["text_sha256"]:
        return "text_sha256 is not the hash of text"
    place = hull(passage)
    if [str(place.start), str(place.end)] != [cells["source_start"], cells["source_end"]]:
        return "source_start and source_end are not the hull of the pieces"
    if text is not None and spell(passage.pieces, text) != passage.text:
        return "the pieces do not spell the text over the source"
    return None


def quote_faults(
    table: str,
    rows: Iterable[FoundRow],
    passages: Mapping[str, Passage],
    texts: Mapping[str, str],
    file: str,
) -> Iterator[RowFault]:
    """Rows whose quote is not what source and passage read at their place; the first reason of each."""
    for row in rows:
        what = _place_fault(row.cells, passages, texts)
        if what:
            subject = row.cells[_KEYS[table]]
            yield RowFault(table, Problem(file, row.line, what, subject=subject), PLACE)


def _place_fault(
    cells: Mapping[str, str], passages: Mapping[str, Passage], texts: Mapping[str, str]
) -> str | None:
    try:
        ranges = _ranges(cells["source_ranges"])
        start, end = int(cells["start"]), int(cells["end"])
    except ValueError as error:
        return f"its place cannot be read: {error}"
    if [str(ranges[0].start), str(ranges[-1].end)] != [cells["source_start"], cells["source_end"]]:
        return "source_start and source_end are not the ends of source_ranges"
    text = texts.get(cells["source_id"])
    if text is not None and quote_of_ranges(text, ranges) != cells["quote"]:
        return f"the source reads {quote_of_ranges(text, ranges)!r} at source_ranges, not {cells['quote']!r}"
    passage = passages.get(cells["passage_id"])
    return _passage_place_fault(cells, passage, start, end) if passage else None


def _passage_place_fault(cells: Mapping[str, str], passage: Passage, start: int, end: int) -> str | None:
    if passage.text[start:end] != cells["quote"] or start >= end:
        return f"the passage reads {passage.text[start:end]!r} at start and end, not {cells['quote']!r}"
    if passage.source_id != cells["source_id"]:
        return "the passage is of another source"
    if "prefix" in cells and cells["prefix"] != passage.text[max(0, start - CONTEXT) : start]:
        return "prefix is not what the passage has before the quote"
    if "suffix" in cells and cells["suffix"] != passage.text[end : end + CONTEXT]:
        return "suffix is not what the passage has after the quote"
    try:
        ranges = spelled_ranges(source_ranges(passage.pieces, start, end))
    except OffsetOutOfText as error:
        return str(error)
    if ranges != cells["source_ranges"]:
        return f"the passage maps start and end to {ranges}, not to source_ranges"
    return None


def _ranges(text: str) -> tuple[Range, ...]:
    ranges = []
    for part in text.split(";"):
        start, end = part.split("-")
        ranges.append(Range(int(start), int(end)))
    for one, two in pairwise(ranges):
        if two.start <= one.end:
            raise ValueError("source_ranges touch or overlap")
    return tuple(ranges)
