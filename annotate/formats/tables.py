"""Tables as typed pandas frames, and frames as CSV bytes.

CSV is UTF-8 with LF line ends and RFC 4180 quoting. The Excel variant adds a byte order mark and an
apostrophe before text that a spreadsheet would run as a formula; it can be undone (``unguard``).
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from annotate.core.dataset import Row, cell_text, cells
from annotate.formats.schemas import TableSchema

if TYPE_CHECKING:
    import pandas

BOM = "\ufeff"
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_GUARDED = re.compile("'+[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_DTYPES = {"integer": "Int64", "number": "Float64", "boolean": "boolean"}


def frame_of(schema: TableSchema, rows: Sequence[Row]) -> pandas.DataFrame:
    """Rows as a frame: nullable integers, floats and booleans; text as objects, None where unknown."""
    import pandas

    records = [cells(row) for row in rows]
    columns = {}
    for index, field in enumerate(schema.fields):
        values = [record[index] for record in records]
        if field.kind in _DTYPES:
            columns[field.name] = pandas.Series(values, dtype=_DTYPES[field.kind])
        else:
            columns[field.name] = pandas.Series([value or None for value in values], dtype=object)
    return pandas.DataFrame(columns, columns=list(schema.columns))


def csv_bytes(schema: TableSchema, rows: Sequence[Row], *, excel: bool = False) -> bytes:
    """Rows as CSV bytes, columns in the order of the schema."""
    frame = frame_of(schema, rows)
    for field in schema.fields:
        column = frame[field.name]
        if field.kind in ("number", "boolean"):
            plain = [None if value is None else cell_text(value) for value in _values(column)]
            frame[field.name] = _objects(plain)
        elif excel and field.kind not in _DTYPES:
            frame[field.name] = _objects([guard(value) if value else None for value in column])
    sink = _LineFeeds()
    # The csv module quotes a cell that holds a character of the line end: CRLF makes it quote both.
    frame.to_csv(sink, index=False, lineterminator="\r\n", na_rep="")
    return (BOM if excel else "").encode() + sink.getvalue().encode("utf-8")


def _values(column: pandas.Series) -> list[float | bool | None]:
    return column.astype(object).where(column.notna(), None).tolist()


def _objects(values: Sequence[str | None]) -> pandas.Series:
    import pandas

    return pandas.Series(values, dtype=object)


class _LineFeeds(io.StringIO):
    """A sink that the csv module writes one record at a time to; ends each with LF."""

    def __init__(self) -> None:
        super().__init__(newline="")

    def write(self, record: str) -> int:
        if not record.endswith("\r\n"):
            raise ValueError("expected one whole CSV record at a time")
        return super().write(record[:-2] + "\n")


def guard(text: str) -> str:
    """An apostrophe before text that a spreadsheet would run; ``unguard`` takes exactly it away."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguard(text: str) -> str:
    """Undo ``guard``."""
    return text[1:] if _GUARDED.match(text) else text
