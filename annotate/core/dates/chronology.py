"""The stated dates of many documents in the order of time: the rows of a chronology."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from annotate.core.dates.edtf import earliest, latest
from annotate.core.dates.model import StatedDate


@dataclass(frozen=True, slots=True)
class ChronologyRow:
    """One stated date of one document. ``first`` and ``last`` are the days that its EDTF spans.

    They are (year, month, day) with a year zero, as EDTF counts; offsets are code points of the text
    that the date was read in. ``published`` is the document's EDTF date, None where unknown.
    """

    first: tuple[int, int, int]
    last: tuple[int, int, int]
    document_id: str
    published: str | None
    start: int
    end: int
    text: str
    timex_type: str
    edtf: str
    anchor: str


def chronology(
    documents: Iterable[tuple[str, str | None, Iterable[StatedDate]]],
) -> tuple[ChronologyRow, ...]:
    """Rows of all dates that have a place in time, by first day, last day, document and offset.

    ``documents`` are (document id, published as EDTF, its dates). A date without a year, an open
    interval and what EDTF has no form for are left out.
    """
    rows = [
        row
        for document_id, published, dates in documents
        for date in dates
        if (row := _row(document_id, published, date)) is not None
    ]
    return tuple(sorted(rows, key=lambda row: (row.first, row.last, row.document_id, row.start)))


def _row(document_id: str, published: str | None, date: StatedDate) -> ChronologyRow | None:
    days = span_of(date.edtf)
    if days is None or date.edtf is None:
        return None
    return ChronologyRow(
        first=days[0],
        last=days[1],
        document_id=document_id,
        published=published,
        start=date.start,
        end=date.end,
        text=date.text,
        timex_type=date.timex_type,
        edtf=date.edtf,
        anchor=date.anchor.kind,
    )


def span_of(edtf: str | None) -> tuple[tuple[int, int, int], tuple[int, int, int]] | None:
    """First and last day of a valid EDTF value, None where it has no place in time of its own."""
    if edtf is None or "XXXX" in edtf or ".." in edtf or "[" in edtf:
        return None
    ends = edtf.split("/")
    return earliest(ends[0]), latest(ends[-1])
