"""Tables as columns and as CSV.

CSV is UTF-8 with LF line ends and RFC 4180 quoting. The Excel variant adds a byte order mark and an
apostrophe before text that a spreadsheet would run as a formula; it can be undone (``unguard``).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Protocol

from annotate.core.dataset import ROW_TYPES, Cell, Row, cell_text
from annotate.formats.schemas import TableSchema

BOM = "\ufeff"
# fmt: off
CATEGORIES = frozenset({
    "agency", "agent", "agent_version", "aggregator", "annotator", "assignee", "confirmed_by",
    "doccano_server", "encoding", "fate", "label", "language", "layer", "origin", "pass", "publisher",
    "published_rule", "pull", "reason", "relation", "scheme", "scheme_version", "source_file", "source_id",
    "status", "table", "timex_type", "to_publication", "value_origin", "value_type",
})
# fmt: on
"""Columns of few different values: categories wherever a format has them."""
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_GUARDED = re.compile("'+[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_PLAIN = frozenset({"integer", "number", "boolean", "datetime"})


class Sink(Protocol):
    """Something that takes text."""

    def write(self, text: str, /) -> object:
        """Write ``text``."""


def records(schema: TableSchema, rows: Sequence[Row]) -> Iterator[tuple[Cell, ...]]:
    """The cells of rows in column order; unknown text is ``""`` here, other unknown cells are None."""
    return map(attrgetter(*(one.name for one in fields(ROW_TYPES[schema.name]))), rows)


def columns_of(schema: TableSchema, rows: Sequence[Row]) -> dict[str, list[Cell]]:
    """Column name to cells, unknown as None."""
    columns = list(zip(*records(schema, rows), strict=True)) or [()] * len(schema.fields)
    return {
        field.name: list(cells) if field.kind in _PLAIN - {"datetime"} else [cell or None for cell in cells]
        for field, cells in zip(schema.fields, columns, strict=True)
    }


def write_csv(sink: Sink, schema: TableSchema, rows: Sequence[Row], *, excel: bool = False) -> None:
    """Write rows as CSV, columns in the order of the schema; ``sink`` must not translate line ends."""
    if excel:
        sink.write(BOM)
    # The csv module quotes a cell that holds a character of the line end: CRLF makes it quote both.
    writer = csv.writer(_LineFeeds(sink), lineterminator="\r\n")
    writer.writerow(schema.columns)
    # It writes floats as repr does; booleans would have a capital.
    changes = [(at, _change(field.kind, excel)) for at, field in enumerate(schema.fields)]
    wanted = [(at, change) for at, change in changes if change is not None]
    found = records(schema, rows)
    writer.writerows(_changed(found, wanted) if wanted else found)


def _change(kind: str, excel: bool) -> Callable[[Cell], Cell] | None:
    if kind == "boolean":
        return cell_text
    return _guarded if excel and kind not in _PLAIN else None


def _guarded(cell: Cell) -> Cell:
    return guard(cell) if isinstance(cell, str) else cell


def _changed(
    found: Iterator[tuple[Cell, ...]], changes: Sequence[tuple[int, Callable[[Cell], Cell]]]
) -> Iterator[list[Cell]]:
    for record in found:
        cells = list(record)
        for at, change in changes:
            cells[at] = change(cells[at])
        yield cells


def csv_bytes(schema: TableSchema, rows: Sequence[Row], *, excel: bool = False) -> bytes:
    """Rows as CSV bytes."""
    sink = io.StringIO(newline="")
    write_csv(sink, schema, rows, excel=excel)
    return sink.getvalue().encode("utf-8")


class _LineFeeds:
    """A sink that the csv module writes one record at a time to; ends each with LF."""

    def __init__(self, sink: Sink) -> None:
        self._write = sink.write

    def write(self, record: str) -> None:
        if not record.endswith("\r\n"):
            raise ValueError("expected one whole CSV record at a time")
        self._write(record[:-2] + "\n")


def guard(text: str) -> str:
    """An apostrophe before text that a spreadsheet would run; ``unguard`` takes exactly it away."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguard(text: str) -> str:
    """Undo ``guard``."""
    return text[1:] if _GUARDED.match(text) else text
