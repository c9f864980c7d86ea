"""Prove rows of a dataset from the dataset and the source texts alone (invariants 1 and 3)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Final

from annotate.core.dataset.compare import FoundRow, RowFault
from annotate.core.dataset.lookup import CONTEXT, hull, spelled_ranges
from annotate.core.dataset.standoff import QUOTE
from annotate.core.errors import Problem
from annotate.core.ids import text_sha256
from annotate.core.model import Passage, Piece
from annotate.core.offsets import OffsetOutOfText, Range
from annotate.core.passages import quote_of_ranges, source_ranges, spell

_OTHER_HASH: Final = "quote_sha256 is not the hash of the quote"
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
        "quote_sha256",
    }
)
"""The cells that a proof of a quote is about."""
PROVEN_CELLS: Final = PLACE | {
    "label_id",
    "gold_id",
    "placement_id",
    "quote_sha256",
    "document_id",
    "number",
    "of",
    "text",
    "text_sha256",
    "pieces",
}
"""All cells that the proofs of this module read."""


_KEYS: Final = {"labels": "label_id", "suggestions": "placement_id", "gold": "gold_id"}


def closed_passages(rows: Iterable[FoundRow]) -> frozenset[str]:
    """Ids of the passages whose text was left out, because their source may not be passed on."""
    empty = text_sha256("")
    return frozenset(
        row.cells["passage_id"] for row in rows if not row.cells["text"] and row.cells["text_sha256"] != empty
    )


def passages_of(
    rows: Iterable[FoundRow], texts: Mapping[str, str], file: str
) -> tuple[dict[str, Passage], list[RowFault]]:
    """Passages of passages.csv by id, and what does not hold about them.

    A text that was left out is spelled from the text of its source, and stays empty without that.
    """
    found: dict[str, Passage] = {}
    faults: list[RowFault] = []
    columns = frozenset({"text", "pieces", "text_sha256", "source_id", "source_start", "source_end"})
    for row in rows:
        try:
            passage = _passage(row.cells)
        except (ValueError, TypeError) as error:
            what: str | None = f"the pieces cannot be read: {error}"
        else:
            source = texts.get(passage.source_id)
            if not passage.text and source is not None:
                passage = replace(passage, text=spell(passage.pieces, source))
            found[passage.passage_id] = passage
            what = _passage_fault(passage, row.cells, source)
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
    if passage.text and text_sha256(passage.text) != cells["text_sha256"]:
        return f"text_sha256 is not the hash of {'text' if cells['text'] else 'what the pieces spell'}"
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
    closed: frozenset[str] = frozenset(),
) -> Iterator[RowFault]:
    """Rows whose quote is not what source and passage read at their place; the first reason of each.

    ``closed`` are the passages whose text was left out: quotes in them are cut, prefix and suffix empty.
    """
    for row in rows:
        what = _place_fault(row.cells, passages, texts, closed)
        if what:
            subject = row.cells[_KEYS[table]]
            yield RowFault(table, Problem(file, row.line, what, subject=subject), PLACE)


def _place_fault(
    cells: Mapping[str, str],
    passages: Mapping[str, Passage],
    texts: Mapping[str, str],
    closed: frozenset[str],
) -> str | None:
    most = QUOTE if cells["passage_id"] in closed else None
    try:
        ranges = _ranges(cells["source_ranges"])
        start, end = int(cells["start"]), int(cells["end"])
    except ValueError as error:
        return f"its place cannot be read: {error}"
    if [str(ranges[0].start), str(ranges[-1].end)] != [cells["source_start"], cells["source_end"]]:
        return "source_start and source_end are not the ends of source_ranges"
    text = texts.get(cells["source_id"])
    if text is not None:
        whole = quote_of_ranges(text, ranges)
        if whole[:most] != cells["quote"]:
            return f"the source reads {whole[:most]!r} at source_ranges, not {cells['quote']!r}"
        if text_sha256(whole) != cells["quote_sha256"]:
            return _OTHER_HASH
    passage = passages.get(cells["passage_id"])
    what = _passage_place_fault(cells, passage, start, end, most) if passage else None
    if what is None and (most is None or end - start <= most):
        return None if text_sha256(cells["quote"]) == cells["quote_sha256"] else _OTHER_HASH
    return what


def _passage_place_fault(
    cells: Mapping[str, str], passage: Passage, start: int, end: int, most: int | None
) -> str | None:
    quote = passage.text[start:end][:most]
    if not passage.text and most is not None:
        # The text was left out and its source is not at hand: the length is all there is to hold.
        quote = cells["quote"] if len(cells["quote"]) == min(end - start, most) else ""
    if quote != cells["quote"] or start >= end:
        return f"the passage reads {quote!r} at start and end, not {cells['quote']!r}"
    if passage.source_id != cells["source_id"]:
        return "the passage is of another source"
    around = CONTEXT if most is None else 0
    if "prefix" in cells and cells["prefix"] != passage.text[max(0, start - around) : start]:
        return "prefix is not what the passage has before the quote"
    if "suffix" in cells and cells["suffix"] != passage.text[end : end + around]:
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
