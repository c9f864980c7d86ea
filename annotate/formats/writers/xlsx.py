"""Excel: one workbook, a sheet a table, typed cells; no text of others can become a formula or a link."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from annotate.core.dataset import Row
from annotate.formats.schemas import TableSchema, table_schema
from annotate.formats.tables import records
from annotate.formats.writing import Loss, Material

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

BOOK: Final = "tables.xlsx"
MOST_ROWS: Final = 1_048_576
"""Rows of a sheet, the header one of them."""
MOST_UNITS: Final = 32_767
"""UTF-16 code units of a cell."""


_CREATED: Final = datetime(2000, 1, 1)
_ROWS = "rows beyond 1,048,575 do not fit into a sheet and are left out"
_LONG = "longer than 32,767 characters, so cut: the whole text is in the CSV"
_TIMES = "a spreadsheet shows milliseconds; the microseconds are in the CSV"
_NUMBERS = "more than 15 digits: a spreadsheet rounds such a number"


def write(material: Material, folder: Path) -> tuple[Loss, ...]:
    """``tables.xlsx``. Lost are texts too long for a cell, rows too many for a sheet, microseconds."""
    import xlsxwriter

    lost: Counter[tuple[str, str]] = Counter()
    # Rows go to disk as they come. Text stays text: what looks like a formula, link or number too.
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(folder / BOOK, options) as book:
        book.set_properties({"title": "", "created": _CREATED})
        bold = book.add_format({"bold": True})
        time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
        for name, rows in material.dataset.tables():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for column, header in enumerate(table_schema(name).columns):
                sheet.write_string(0, column, header, bold)
            _write_rows(sheet, table_schema(name), rows, time, lost)
    return tuple(Loss(what, number, why) for (what, why), number in lost.items())


def _write_rows(
    sheet: Worksheet,
    schema: TableSchema,
    rows: Sequence[Row],
    time: Format,
    lost: Counter[tuple[str, str]],
) -> None:
    if len(rows) >= MOST_ROWS:
        lost[schema.name, _ROWS] += len(rows) - MOST_ROWS + 1
    writers = [_writer(sheet, field.kind, time) for field in schema.fields]
    for number, record in enumerate(records(schema, rows[: MOST_ROWS - 1]), 1):
        for column, cell in enumerate(record):
            if cell is None or cell == "":
                continue
            why = writers[column](number, column, cell)
            if why:
                lost[f"{schema.name}.{schema.columns[column]}", why] += 1


def _writer(sheet: Worksheet, kind: str, time: Format) -> Callable[[int, int, Any], str]:
    """What writes a cell of a type; it says what the cell has lost, mostly nothing."""

    def text(row: int, column: int, cell: str) -> str:
        sheet.write_string(row, column, _cut(cell))
        return "" if len(cell) <= MOST_UNITS // 2 or _cut(cell) == cell else _LONG

    def number(row: int, column: int, cell: float) -> str:
        sheet.write_number(row, column, cell)
        return _NUMBERS if float(f"{cell:.15g}") != cell else ""

    def boolean(row: int, column: int, cell: bool) -> str:
        sheet.write_boolean(row, column, cell)
        return ""

    def moment(row: int, column: int, cell: str) -> str:
        when = datetime.fromisoformat(cell).replace(tzinfo=None)
        sheet.write_datetime(row, column, when, time)
        return _TIMES if when.microsecond % 1000 else ""

    kinds: dict[str, Callable[[int, int, Any], str]] = {
        "integer": number,
        "number": number,
        "boolean": boolean,
        "datetime": moment,
    }
    return kinds.get(kind, text)


def _cut(text: str) -> str:
    """As much of a text as a cell holds; a spreadsheet counts UTF-16 code units."""
    if len(text) <= MOST_UNITS // 2 or len(text.encode("utf-16-le")) <= 2 * MOST_UNITS:
        return text
    return text.encode("utf-16-le")[: 2 * MOST_UNITS].decode("utf-16-le", "ignore")
