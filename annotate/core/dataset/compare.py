"""Compare a table as it was found with the same table derived again: cell by cell, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from annotate.core.errors import Problem


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One record of a file: the line it begins on (1-based) and its cells by column name."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RowFault:
    """A problem with one row; ``columns`` are the cells it is about, none for the row as a whole.

    ``about`` tells a row that is not in the file, and rows in another order, from the rest.
    """

    table: str
    problem: Problem
    columns: frozenset[str] = frozenset()
    about: Literal["row", "missing", "order"] = "row"


@dataclass(frozen=True, slots=True)
class Expected:
    """A derived table: rows of cells as text, and what derived them (for the message)."""

    table: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


Witness = Callable[[str], str]
"""Column name to what says otherwise: ``the ledger`` for most, ``corpus/built`` for titles."""


def compare(expected: Expected, found: Sequence[FoundRow], file: str, witness: Witness) -> Iterator[RowFault]:
    """Every changed cell, and every row that is missing, extra, doubled or out of order."""
    at = [expected.columns.index(name) for name in expected.key]
    wanted = {tuple(row[index] for index in at): row for row in expected.rows}
    seen: dict[tuple[str, ...], int] = {}
    for row in found:
        key = tuple(row.cells[name] for name in expected.key)
        subject = " ".join(key)
        if key in seen:
            what = f"the row is there twice, first in line {seen[key]}"
            yield RowFault(expected.table, Problem(file, row.line, what, subject=subject))
        elif key not in wanted:
            seen[key] = row.line
            what = f"{witness('')} has no such row"
            yield RowFault(expected.table, Problem(file, row.line, what, subject=subject))
        else:
            seen[key] = row.line
            yield from _cells(expected, wanted[key], row, file, witness)
    yield from _missing(expected, wanted, seen, file, witness)
    yield from _order(expected, wanted, seen, file)


def _cells(
    expected: Expected, wanted: tuple[str, ...], row: FoundRow, file: str, witness: Witness
) -> Iterator[RowFault]:
    subject = " ".join(row.cells[name] for name in expected.key)
    for column, text in zip(expected.columns, wanted, strict=True):
        if row.cells[column] != text:
            what = f"column {column}: {row.cells[column]!r}, but {witness(column)} says {text!r}"
            problem = Problem(file, row.line, what, subject=subject)
            yield RowFault(expected.table, problem, frozenset({column}))


def _missing(
    expected: Expected,
    wanted: Mapping[tuple[str, ...], tuple[str, ...]],
    seen: Mapping[tuple[str, ...], int],
    file: str,
    witness: Witness,
) -> Iterator[RowFault]:
    for key in wanted:
        if key not in seen:
            what = f"the row is missing, but {witness('')} has it"
            problem = Problem(file, 0, what, subject=" ".join(key))
            yield RowFault(expected.table, problem, about="missing")


def _order(
    expected: Expected,
    wanted: Mapping[tuple[str, ...], tuple[str, ...]],
    seen: Mapping[tuple[str, ...], int],
    file: str,
) -> Iterator[RowFault]:
    place = {key: number for number, key in enumerate(wanted)}
    last = -1
    for key, line in seen.items():
        if key not in place:
            continue
        if place[key] < last:
            problem = Problem(file, line, "the rows are not in order from here", subject=" ".join(key))
            yield RowFault(expected.table, problem, about="order")
            return
        last = place[key]


def untold(faults: Iterable[RowFault], told: Iterable[RowFault]) -> Iterator[RowFault]:
    """Those of ``faults`` that are not about a cell or row that ``told`` has named already."""
    cells: dict[tuple[str, int], set[str]] = {}
    for one in told:
        cells.setdefault((one.problem.file, one.problem.line), set()).update(one.columns or {""})
    for fault in faults:
        named = cells.get((fault.problem.file, fault.problem.line), set())
        if "" not in named and not named & fault.columns:
            yield fault
