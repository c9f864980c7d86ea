"""`annotate export`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from annotate.cli.context import console, emit_json, out, study

if TYPE_CHECKING:
    from annotate.flows.export import ExportReport


def export(
    name: Annotated[str, typer.Argument(help="Name of the dataset: its folder in exports/.")],
    names: Annotated[bool, typer.Option("--names", help="Account names in place of pseudonyms.")] = False,
    excel: Annotated[
        bool, typer.Option("--excel", help="CSV for spreadsheets: byte order mark, formula cells guarded.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be written, write nothing.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a dataset that somebody edited.")] = False,
) -> None:
    """Write a dataset: tables, schemas, checksums.

    Derived from the study alone: the same study gives the same bytes anywhere.
    """
    from annotate.flows import export as flow

    plan = flow.plan(study(), name, flow.ExportOptions(names, excel, force))
    report = flow.report_of(study(), plan) if dry_run else flow.apply(study(), plan)
    for reason, number in report.quarantine.items():
        console.print(f"[yellow]set aside:[/] {number} of {escape(reason)} (quarantine.csv)")
    emit_json(asdict(report) | {"dry_run": dry_run}) if json else _show(report, dry_run)


def _show(report: ExportReport, dry_run: bool) -> None:
    what = {"new": "written", "replaced": "replaced", "unchanged": "unchanged"}[report.change]
    done = f"would be {what}" if dry_run and report.change != "unchanged" else what
    out.print(f"{report.folder} {done}: {report.files} files, ledger {report.ledger_head[:12]}", markup=False)
    counts = ", ".join(f"{number} {table}" for table, number in report.rows.items())
    out.print(f"rows: {counts}", markup=False)
