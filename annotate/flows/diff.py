"""`annotate diff NAME1 NAME2`: what changed between two datasets, from their files alone.

Each dataset is read by the schemas that it carries, so that two versions of the tables can be compared;
no study is needed. Nothing is proven here: `annotate verify` does that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from annotate.core.dataset import ROW_TYPES
from annotate.core.dataset.difference import (
    KINDS,
    Change,
    Difference,
    Table,
    TableDifference,
    by_group,
    difference,
    transitions,
)
from annotate.core.errors import BadInput, Problem, UsageError, VerifyFailed
from annotate.flows.dataset_folder import folder_files, is_name
from annotate.store.files import replace_file
from annotate.store.study import Study

TRANSITIONS: Final = (
    ("labels", "status"),
    ("suggestions", "fate"),
    ("suggested_relations", "fate"),
    ("assignments", "status"),
)
"""Columns whose changes are counted by what they were and what they became."""
RECORD: Final = "dataset.json"
GROUPS: Final = ("label", "annotator", "status")


@dataclass(frozen=True, slots=True)
class Side:
    """One dataset: its folder as the user named it, its record where it has one, its tables."""

    shown: str
    name: str
    study: str
    ledger: str
    pulls: tuple[str, ...]
    tables: Mapping[str, Table] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DiffReport:
    """Two datasets and what changed from the first to the second."""

    before: Side
    after: Side
    difference: Difference

    def record(self) -> dict[str, Any]:
        """The whole report as plain JSON values."""
        found = self.difference
        return {
            "before": _about(self.before),
            "after": _about(self.after),
            "differs": found.differs,
            "only_before": list(found.only_before),
            "only_after": list(found.only_after),
            "tables": {table.table: _summary(table) for table in found.tables},
            "changes": [asdict(change) for table in found.tables for change in table.changes],
        }


def diff(before: str, after: str, study: Study | None) -> DiffReport:
    """Compare two datasets, each the name of one in ``study`` or the path of a folder.

    Raises UsageError where one is no dataset, BadInput where its tables cannot be read.
    """
    sides = [_side(_folder(name, study), name) for name in (before, after)]
    return DiffReport(sides[0], sides[1], difference(sides[0].tables, sides[1].tables))


def write_csv(report: DiffReport, path: Path) -> None:
    """One row a changed cell, and one for each row that came or went. Raises StorageFailure."""
    from annotate.formats.records import records_csv

    replace_file(path, records_csv(CSV_COLUMNS, csv_rows(report)))


CSV_COLUMNS: Final = (
    *("table", "kind", "key", "old_key", "label", "annotator", "status", "where", "quote"),
    *("column", "before", "after"),
)


def csv_rows(report: DiffReport) -> Iterator[tuple[str, ...]]:
    """The rows of ``write_csv``, in the order of the report."""
    for table in report.difference.tables:
        for one in table.changes:
            yield from _csv_rows(one)


def different(report: DiffReport) -> VerifyFailed:
    """The error that ``--exit-code`` makes of a difference."""
    return VerifyFailed(f"{report.before.shown} and {report.after.shown} differ")


def _csv_rows(one: Change) -> Iterator[tuple[str, ...]]:
    head = (one.table, one.kind, one.key, one.old_key, one.label, one.annotator, one.status, one.where)
    if not one.cells:
        yield (*head, one.quote, "", "", "")
    for cell in one.cells:
        yield (*head, one.quote, cell.column, cell.before, cell.after)


def _about(side: Side) -> dict[str, Any]:
    rows = {name: len(table.rows) for name, table in side.tables.items()}
    about = {"dataset": side.name, "study": side.study, "ledger": side.ledger, "pulls": list(side.pulls)}
    return {"folder": side.shown, **about, "rows": rows}


def _summary(table: TableDifference) -> dict[str, Any]:
    found: dict[str, Any] = {"before": table.before, "after": table.after, "same": table.same}
    found |= {kind: table.count(kind) for kind in KINDS}
    found |= {"cells": table.cells()}
    found |= {"only_before": list(table.only_before), "only_after": list(table.only_after)}
    if table.table == "labels":
        found |= {f"by_{column}": by_group(table, column) for column in GROUPS}
    for name, column in TRANSITIONS:
        if table.table == name:
            moves = transitions(table, column).items()
            found[f"{column}_changes"] = [[before, after, number] for (before, after), number in moves]
    return found


def _folder(name: str, study: Study | None) -> Path:
    if study and is_name(name) and (study.exports_dir / name).is_dir():
        return study.exports_dir / name
    folder = Path(name)
    if folder.is_dir():
        return folder
    known = sorted(one.name for one in study.exports_dir.glob("*") if one.is_dir()) if study else []
    shown = [one for one in known if not one.startswith(".")]
    raise UsageError(
        f"{name!r} is no dataset of this study and no folder",
        hint=f"datasets here: {', '.join(shown)}" if shown else "name two datasets, or two folders",
    )


def _side(folder: Path, shown: str) -> Side:
    files: Mapping[str, bytes] = folder_files(folder) or {}
    record = _record(files, shown)
    tables = _tables(files, shown, excel=record.excel)
    if "labels" not in tables:
        raise UsageError(
            f"{shown} is no dataset: it has no labels.csv", hint="name a folder that export made"
        )
    return Side(shown, record.name or folder.name, record.study, record.ledger, record.pulls, tables)


@dataclass(frozen=True, slots=True)
class _Record:
    """What is used of a dataset.json, which another version may have written."""

    name: str = ""
    study: str = ""
    ledger: str = ""
    pulls: tuple[str, ...] = ()
    excel: bool = False


def _record(files: Mapping[str, bytes], shown: str) -> _Record:
    if RECORD not in files:
        return _Record()
    try:
        raw = json.loads(files[RECORD])
        ledger = raw.get("ledger", {})
        return _Record(
            name=str(raw.get("dataset", "")),
            study=str(raw.get("study", "")),
            ledger=str(ledger.get("hash", "")),
            pulls=tuple(str(one) for one in ledger.get("pulls", ())),
            excel=raw.get("options", {}).get("excel") is True,
        )
    except (ValueError, AttributeError, TypeError) as error:
        problem = Problem(f"{shown}/{RECORD}", 0, f"cannot be read: {error}")
        raise BadInput(f"{shown} cannot be compared", problems=[problem]) from error


def _tables(files: Mapping[str, bytes], shown: str, *, excel: bool) -> dict[str, Table]:
    # pandas loads with the formats, not when the command line starts.
    from annotate.formats.csv_in import read_csv
    from annotate.formats.keys import doubled
    from annotate.formats.schemas import TableSchema, parse_schema, table_schema

    def schema_of(name: str) -> TableSchema | None:
        own = files.get(f"schemas/{name}.json")
        if own is not None:
            return parse_schema(json.loads(own))
        return table_schema(name) if name in ROW_TYPES else None

    problems: list[Problem] = []
    tables: dict[str, Table] = {}
    names = [path.removesuffix(".csv") for path in files if path.endswith(".csv") and "/" not in path]
    known = list(ROW_TYPES)
    for name in sorted(names, key=lambda one: (known.index(one) if one in known else len(known), one)):
        try:
            schema = schema_of(name)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            problems.append(
                Problem(f"{shown}/schemas/{name}.json", 0, f"is no Table Schema of ours: {error!r}")
            )
            continue
        if schema is None:
            continue
        found = read_csv(files[f"{name}.csv"], schema, file=f"{shown}/{name}.csv", excel=excel)
        problems.extend(found.problems)
        problems.extend(fault.problem for fault in doubled(schema, found))
        tables[name] = Table(name, schema.primary_key, schema.columns, [row.cells for row in found.rows])
    if problems:
        raise BadInput(
            f"{shown} cannot be compared: {len(problems)} problem(s)",
            hint="`annotate verify` says more; export the dataset again",
            problems=problems,
        )
    return tables
