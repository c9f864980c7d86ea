"""Primary and foreign keys across the tables of a dataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from annotate.core.dataset.compare import RowFault
from annotate.core.errors import Problem
from annotate.formats.csv_in import ReadTable
from annotate.formats.schemas import TableSchema


def key_faults(schemas: Mapping[str, TableSchema], tables: Mapping[str, ReadTable]) -> Iterator[RowFault]:
    """Rows whose key is there twice, and references to rows that are not there."""
    for name, table in tables.items():
        yield from doubled(schemas[name], table)
        yield from _dangling(schemas[name], table, tables)


def doubled(schema: TableSchema, table: ReadTable) -> Iterator[RowFault]:
    """Rows whose key an earlier row has."""
    seen: dict[tuple[str, ...], int] = {}
    for row in table.rows:
        key = tuple(row.cells[name] for name in schema.primary_key)
        if key in seen:
            what = f"the row is there twice, first in line {seen[key]}"
            yield RowFault(schema.name, Problem(table.file, row.line, what, subject=" ".join(key)))
        seen.setdefault(key, row.line)


def _dangling(schema: TableSchema, table: ReadTable, tables: Mapping[str, ReadTable]) -> Iterator[RowFault]:
    for foreign in schema.foreign_keys:
        target = tables.get(foreign.table)
        if target is None or target.problems:
            continue
        there = {tuple(row.cells[name] for name in foreign.reference) for row in target.rows}
        for row in table.rows:
            key = tuple(row.cells[name] for name in foreign.columns)
            if any(key) and key not in there:
                what = f"column {', '.join(foreign.columns)}: {foreign.table}.csv has no {' '.join(key)}"
                subject = " ".join(row.cells[name] for name in schema.primary_key)
                problem = Problem(table.file, row.line, what, subject=subject)
                yield RowFault(schema.name, problem, frozenset(foreign.columns))
