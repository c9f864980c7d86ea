"""`annotate export`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from annotate.cli.context import console, emit_json, out, study

if TYPE_CHECKING:
    from annotate.flows.export import ExportReport


Many = list[str] | None


def export(
    name: Annotated[str, typer.Argument(help="Name of the dataset: its folder in exports/.")],
    formats: Annotated[
        Many, typer.Option("--format", help="A format by name (repeat for more); CSV is always there.")
    ] = None,
    profiles: Annotated[
        Many, typer.Option("--for", help="A bundle: spreadsheet, statistics, training or archive.")
    ] = None,
    layer: Annotated[Many, typer.Option(help="Only labels of this layer (repeat for more).")] = None,
    label: Annotated[Many, typer.Option(help="Only labels of this name (repeat for more).")] = None,
    annotator: Annotated[
        Many, typer.Option(help="Only what this person was given and did, by pseudonym (repeat for more).")
    ] = None,
    status: Annotated[Many, typer.Option(help="Only labels of this status: confirmed or draft.")] = None,
    pull: Annotated[Many, typer.Option(help="Only labels that this pull recorded (repeat for more).")] = None,
    since: Annotated[
        str, typer.Option(metavar="EDTF", help="Only documents published on or after this date.")
    ] = "",
    until: Annotated[
        str, typer.Option(metavar="EDTF", help="Only documents published on or before this date.")
    ] = "",
    outlet: Annotated[
        Many, typer.Option(help="Only documents of this publisher or agency (repeat for more).")
    ] = None,
    gold: Annotated[bool, typer.Option("--gold", help="Only labels behind the gold labels.")] = False,
    at: Annotated[str, typer.Option(metavar="PULL", help="The state of the day of this pull.")] = "",
    names: Annotated[bool, typer.Option("--names", help="Account names in place of pseudonyms.")] = False,
    excel: Annotated[
        bool, typer.Option("--excel", help="CSV for spreadsheets: byte order mark, formula cells guarded.")
    ] = False,
    full_text: Annotated[
        bool, typer.Option("--full-text", help="Also texts of sources that may not be passed on.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be written, write nothing.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a dataset that somebody edited.")] = False,
) -> None:
    """Write a dataset: tables, other formats, schemas, checksums, and what each format could not hold.

    Derived from the study alone: the same study gives the same bytes anywhere.
    """
    from annotate.flows import export as flow

    part = flow.selection(
        layers=layer,
        labels=label,
        annotators=annotator,
        statuses=status,
        pulls=pull,
        since=since,
        until=until,
        outlets=outlet,
        gold=gold,
    )
    wanted = flow.options(
        formats, profiles, part, at=at, names=names, excel=excel, force=force, full_text=full_text
    )
    plan = flow.plan(study(), name, wanted)
    report = flow.report_of(study(), plan) if dry_run else flow.apply(study(), plan)
    for reason, number in report.quarantine.items():
        console.print(f"[yellow]set aside:[/] {number} of {escape(reason)} (quarantine.csv)")
    if report.standoff:
        what = "without their text: corpus/sources.csv does not say `yes` in redistribution"
        console.print(f"[yellow]stand-off:[/] {report.standoff} source(s) {what} (--full-text keeps it)")
    emit_json(asdict(report) | {"dry_run": dry_run}) if json else _show(report, dry_run)


def _show(report: ExportReport, dry_run: bool) -> None:
    what = {"new": "written", "replaced": "replaced", "unchanged": "unchanged"}[report.change]
    done = f"would be {what}" if dry_run and report.change != "unchanged" else what
    out.print(f"{report.folder} {done}: {report.files} files, ledger {report.ledger_head[:12]}", markup=False)
    if report.selection or report.at:
        at = f"as of {report.at}" if report.at else ""
        out.print(f"part: {'; '.join(one for one in (report.selection, at) if one)}", markup=False)
    counts = ", ".join(f"{number} {table}" for table, number in report.rows.items())
    out.print(f"rows: {counts}", markup=False)
    lost = [name for name, losses in report.losses.items() if losses]
    out.print(f"formats: {', '.join(report.formats)}", markup=False)
    if lost:
        out.print(f"not everything fits into {', '.join(lost)}: see LOSSES.md", markup=False)
