"""`annotate diff`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from annotate.cli.context import chosen_study, console, emit_json, out

if TYPE_CHECKING:
    from annotate.core.dataset.difference import Difference, TableDifference

_COLUMNS = ("table", "before", "after", "same", "added", "removed", "moved", "relabelled", "changed")


def diff(
    before: Annotated[str, typer.Argument(metavar="NAME1", help="A dataset of exports/, or its folder.")],
    after: Annotated[str, typer.Argument(metavar="NAME2", help="The one to compare it with.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")] = False,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write every change, a row for each cell.")
    ] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Leave with exit code 11 where the two differ.")
    ] = False,
) -> None:
    """Show what changed between two datasets, label by label.

    Works on files alone: two folders can be compared without a study, also of different versions.
    """
    from annotate.flows import diff as flow

    report = flow.diff(before, after, chosen_study())
    if csv is not None:
        flow.write_csv(report, csv)
        console.print(f"wrote {escape(str(csv))}")
    if json:
        emit_json(report.record())
    else:
        _show(report.difference)
    if exit_code and report.difference.differs:
        raise flow.different(report)


def _show(found: Difference) -> None:
    if not found.differs:
        out.print("the two datasets are the same, row by row")
        return
    table = Table(box=box.SIMPLE, pad_edge=False)
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name == "table" else "right")
    for one in found.tables:
        kinds = (one.count(kind) for kind in ("added", "removed", "moved", "relabelled", "changed"))
        table.add_row(one.table, *(str(number or "") for number in (one.before, one.after, one.same, *kinds)))
    out.print(table)
    for one in found.tables:
        _tell(one)
    for name in found.only_before:
        out.print(f"only in the first: {name}", markup=False)
    for name in found.only_after:
        out.print(f"only in the second: {name}", markup=False)


def _tell(one: TableDifference) -> None:
    from annotate.core.dataset.difference import by_group, transitions

    if one.cells():
        cells = ", ".join(f"{column} {number}" for column, number in one.cells().items())
        out.print(f"{one.table}, changed cells: {cells}", markup=False)
    for column in ("status", "fate"):
        for (was, became), number in transitions(one, column).items():
            out.print(f"{one.table}, {column} {was} to {became}: {number}", markup=False)
    if one.table == "labels":
        for label, kinds in by_group(one, "label").items():
            counts = ", ".join(f"{number} {kind}" for kind, number in kinds.items() if number)
            out.print(f"labels, {label}: {counts}", markup=False)
    for side, columns in (("first", one.only_before), ("second", one.only_after)):
        if columns:
            out.print(f"{one.table}, columns only in the {side}: {', '.join(columns)}", markup=False)
