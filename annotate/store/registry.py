"""corpus/sources.csv: the acquisition record. People edit it; ingest only adds rows at its end.

What a person or a spreadsheet wrote stays byte for byte: byte order mark, line ends, quoting, order.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from annotate.core.errors import Problem

COLUMNS = (
    "file",
    "sha256",
    "encoding",
    "retrieved_from",
    "retrieved_at",
    "retrieved_by",
    "rights",
    "note",
    "redistribution",
)
OPTIONAL = frozenset({"redistribution"})
"""Columns that files of earlier versions lack; unknown where they do."""
REDISTRIBUTION = ("", "yes", "no")
SHOWN_AS = "corpus/sources.csv"

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d))?"
)
_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of sources.csv; ``line`` is where it begins (1-based). Empty cells are unknown."""

    line: int
    file: str
    sha256: str
    encoding: str = ""
    retrieved_from: str = ""
    retrieved_at: str = ""
    retrieved_by: str = ""
    rights: str = ""
    note: str = ""
    redistribution: str = ""


@dataclass(frozen=True, slots=True)
class Registry:
    """The rows that could be read, and everything that is wrong with the file."""

    data: bytes
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    delimiter: str = ","


def parse_registry(data: bytes) -> Registry:
    """Read the bytes of sources.csv; an empty file is a registry without rows."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "save it as UTF-8 (in a spreadsheet: CSV UTF-8)"
        return Registry(data, (), (Problem(SHOWN_AS, line, "is not UTF-8", hint),))
    if not text.lstrip(_MARK).strip():
        return Registry(data, (), ())
    delimiter = _delimiter(text)
    records, broken = _records(text.removeprefix(_MARK), delimiter)
    header = [cell.strip() for cell in records[0][1]] if records else []
    problems = [*broken, *_header_problems(header)]
    if problems:
        return Registry(data, (), tuple(problems), delimiter)
    rows: list[Row] = []
    for line, cells in records[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            what = f"has {len(cells)} cells, the header has {len(header)}"
            problems.append(Problem(SHOWN_AS, line, what, "quote cells that contain the separator"))
            continue
        rows.append(Row(line, **_cells(header, cells)))
    problems += [problem for row in rows for problem in _row_problems(row)]
    problems += _repeated(rows)
    return Registry(data, tuple(rows), tuple(problems), delimiter)


def append_rows(registry: Registry, rows: Sequence[Row]) -> bytes:
    """The file's bytes with rows added at its end, in its own separator and line ends."""
    if not rows:
        return registry.data
    text = registry.data.decode("utf-8")
    newline = "\r\n" if "\r\n" in text else "\n"
    header = _header_order(text, registry.delimiter)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=registry.delimiter, lineterminator=newline)
    if not text.lstrip(_MARK).strip():
        text = _MARK if text.startswith(_MARK) else ""
        writer.writerow(COLUMNS)
    elif not text.endswith(("\n", "\r")):
        out.write(newline)
    for row in rows:
        writer.writerow([getattr(row, name) for name in header])
    return (text + out.getvalue()).encode("utf-8")


def _header_order(text: str, delimiter: str) -> list[str]:
    records, _ = _records(text.removeprefix(_MARK), delimiter)
    return (
        [cell.strip() for cell in records[0][1]] if records and text.strip(_MARK).strip() else list(COLUMNS)
    )


def _delimiter(text: str) -> str:
    """Spreadsheets write the separator of their locale; the header shows which."""
    first = text.removeprefix(_MARK).splitlines()[0]
    return max(",;\t", key=first.count) if any(mark in first for mark in ",;\t") else ","


def _records(text: str, delimiter: str) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """Records with the line each begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            records.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        hint = "look for a quotation mark that is not closed"
        return records, [Problem(SHOWN_AS, line, f"is not valid CSV: {error}", hint)]
    return records, []


def _header_problems(header: Sequence[str]) -> Iterator[Problem]:
    hint = f"the columns are {', '.join(COLUMNS)}"
    for name in header:
        if name not in COLUMNS:
            yield Problem(SHOWN_AS, 1, f"unknown column {name!r}", hint)
    for name in COLUMNS:
        if header.count(name) != 1 and not (name in OPTIONAL and name not in header):
            what = "is missing" if name not in header else "is there twice"
            yield Problem(SHOWN_AS, 1, f"column {name!r} {what}", hint)


def _cells(header: Sequence[str], cells: Iterable[str]) -> dict[str, str]:
    values = dict(zip(header, cells, strict=True))
    values |= {"file": values["file"].strip(), "sha256": values["sha256"].strip().lower()}
    return values | {name: values[name].strip().lower() for name in OPTIONAL & values.keys()}


def _row_problems(row: Row) -> Iterator[Problem]:
    path = PurePosixPath(row.file)
    if not row.file or path.is_absolute() or ".." in path.parts or "\\" in row.file or "\0" in row.file:
        hint = "name a file below corpus/raw, with / between folders"
        yield Problem(SHOWN_AS, row.line, f"file {row.file!r} is not below corpus/raw", hint)
    if not _SHA256.fullmatch(row.sha256):
        hint = "64 hexadecimal digits; remove the row and `annotate ingest` writes it anew"
        yield Problem(SHOWN_AS, row.line, f"sha256 {row.sha256!r} is no SHA-256", hint, row.file)
    if row.retrieved_at and not is_rfc3339(row.retrieved_at):
        hint = "write it like 2025-11-01T09:00:00Z, or 2025-11-01 where the hour is unknown"
        what = f"retrieved_at {row.retrieved_at!r} is no RFC 3339 time"
        yield Problem(SHOWN_AS, row.line, what, hint, row.file)
    if row.redistribution not in REDISTRIBUTION:
        hint = "write yes, no, or nothing where you do not know"
        what = f"redistribution {row.redistribution!r} is neither yes nor no"
        yield Problem(SHOWN_AS, row.line, what, hint, row.file)


def is_rfc3339(text: str) -> bool:
    """Whether a text is an RFC 3339 date-time, or its full-date alone, of a day that exists."""
    if not _RFC3339.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text.upper().replace(" ", "T").replace("Z", "+00:00"))
    except ValueError:
        return False
    return True


def _repeated(rows: Sequence[Row]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for row in rows:
        if row.file in first:
            hint = "keep one of the two rows"
            what = f"is named on line {first[row.file]} already"
            yield Problem(SHOWN_AS, row.line, what, hint, row.file)
        else:
            first[row.file] = row.line
