"""A dataset's CSV tables as rows again: what writing them did, undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from annotate.core.dataset import ROW_TYPES, Cell, Dataset
from annotate.core.errors import Problem
from annotate.formats.csv_in import ReadTable, read_csv
from annotate.formats.schemas import Field, table_schema


def dataset_of(
    files: Mapping[str, bytes], shown: str, *, excel: bool
) -> tuple[Dataset | None, tuple[Problem, ...]]:
    """The dataset of a folder's files, or None and everything that is wrong with its tables."""
    problems: list[Problem] = []
    tables: dict[str, ReadTable] = {}
    for name in ROW_TYPES:
        place = f"{shown}/{name}.csv"
        if f"{name}.csv" not in files:
            problems.append(Problem(place, 0, "is missing"))
            continue
        tables[name] = read_csv(files[f"{name}.csv"], table_schema(name), file=place, excel=excel)
        problems += [*tables[name].problems, *(fault.problem for fault in tables[name].faults)]
    if problems:
        return None, tuple(problems)
    return Dataset(**{name: _rows(name, table) for name, table in tables.items()}), ()


def _rows(name: str, table: ReadTable) -> tuple[Any, ...]:
    schema = table_schema(name)
    kind: Any = ROW_TYPES[name]
    names = [one.name for one in fields(kind)]
    found = []
    for row in table.rows:
        values = [_cell(row.cells[field.name], field) for field in schema.fields]
        found.append(kind(**dict(zip(names, values, strict=True))))
    return tuple(found)


def _cell(text: str, field: Field) -> Cell:
    if field.kind not in ("integer", "number", "boolean"):
        return text
    if not text:
        return None
    if field.kind == "boolean":
        return text == "true"
    return int(text) if field.kind == "integer" else float(text)
