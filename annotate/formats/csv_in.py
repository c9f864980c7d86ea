"""Read a dataset's CSV strictly: every row that does not fit is reported with its line."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from annotate.core.dataset.compare import FoundRow, RowFault
from annotate.core.errors import Problem
from annotate.formats.schemas import Field, TableSchema
from annotate.formats.tables import BOM, unguard

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)\Z", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?\Z", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z\Z", re.ASCII)
_BOOLEANS = ("true", "false")


@dataclass(frozen=True, slots=True)
class ReadTable:
    """What could be read of one file.

    ``problems`` are those of its form: where there are any, rows may be missing here. ``faults`` are
    cells that do not fit the schema.
    """

    file: str
    rows: tuple[FoundRow, ...]
    problems: tuple[Problem, ...] = ()
    faults: tuple[RowFault, ...] = ()


def read_csv(data: bytes, schema: TableSchema, *, file: str, excel: bool = False) -> ReadTable:
    """Read and check one table; ``file`` names it in messages."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return ReadTable(file, (), (Problem(file, line, "is not UTF-8"),))
    problems: list[Problem] = []
    if text.startswith(BOM) != excel:
        what = "lacks the byte order mark of --excel" if excel else "begins with a byte order mark"
        problems.append(Problem(file, 1, what))
    records = list(_records(text.removeprefix(BOM), file, problems))
    header = records[0][1] if records else []
    if tuple(header) != schema.columns:
        problems.append(Problem(file, 1, _header_fault(header, schema)))
        return ReadTable(file, (), tuple(problems))
    rows = tuple(_rows(records[1:], schema, file, excel, problems))
    faults = tuple(fault for row in rows for fault in _cell_faults(row, schema, file))
    return ReadTable(file, rows, tuple(problems), faults)


@contextmanager
def _long_cells() -> Iterator[None]:
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _records(text: str, file: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    with _long_cells():
        while True:
            line = reader.line_num + 1
            try:
                yield line, next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                problems.append(Problem(file, line, f"is not CSV: {error}"))


def _header_fault(header: list[str], schema: TableSchema) -> str:
    missing = [name for name in schema.columns if name not in header]
    extra = [name for name in header if name not in schema.columns]
    if missing or extra:
        parts = [f"lacks {', '.join(missing)}" if missing else "", f"has {', '.join(extra)}" if extra else ""]
        return f"the header {' and '.join(part for part in parts if part)}"
    return "the header has its columns in another order, or twice"


def _rows(
    records: list[tuple[int, list[str]]],
    schema: TableSchema,
    file: str,
    excel: bool,
    problems: list[Problem],
) -> Iterator[FoundRow]:
    width = len(schema.fields)
    for line, record in records:
        if len(record) != width:
            problems.append(Problem(file, line, f"has {len(record)} cells, not {width}"))
            continue
        values = [unguard(cell) for cell in record] if excel else record
        yield FoundRow(line, dict(zip(schema.columns, values, strict=True)))


def _cell_faults(row: FoundRow, schema: TableSchema, file: str) -> Iterator[RowFault]:
    subject = " ".join(row.cells[name] for name in schema.primary_key)
    for field in schema.fields:
        what = cell_fault(row.cells[field.name], field)
        if what:
            problem = Problem(file, row.line, f"column {field.name}: {what}", subject=subject)
            yield RowFault(schema.name, problem, frozenset({field.name}))


def cell_fault(text: str, field: Field) -> str | None:
    """What is wrong with a cell by its schema, or None."""
    if not text:
        return "is empty and must not be" if field.required else None
    what = _type_fault(text, field.kind)
    if what:
        return what
    if field.pattern and not re.fullmatch(field.pattern, text):
        return f"{text!r} does not look like {field.pattern}"
    if field.enum and text not in field.enum:
        return f"{text!r} is none of {', '.join(field.enum)}"
    if field.minimum is not None and float(text) < field.minimum:
        return f"{text} is below {field.minimum}"
    return None


def _type_fault(text: str, kind: str) -> str | None:
    if kind == "integer" and not _INTEGER.match(text):
        return f"{text!r} is no integer"
    if kind == "number" and not _NUMBER.match(text):
        return f"{text!r} is no number"
    if kind == "boolean" and text not in _BOOLEANS:
        return f"{text!r} is neither true nor false"
    if kind == "datetime" and not _TIME.match(text):
        return f"{text!r} is no time in UTC like 2025-11-02T09:30:00Z"
    return None
