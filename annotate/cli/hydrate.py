"""`annotate hydrate`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from annotate.cli.context import console, emit_json, out

if TYPE_CHECKING:
    from annotate.flows.hydrate import HydrateReport


def hydrate(
    dataset: Annotated[Path, typer.Argument(help="Folder of a dataset whose texts were left out.")],
    sources: Annotated[Path, typer.Option("--sources", help="Folder with the sources, under any name.")],
    to: Annotated[
        Path | None, typer.Option("--to", help="Folder for the full dataset; default: in place.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Prove everything, say what would be written, write nothing.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")] = False,
) -> None:
    """Put the texts back into a stand-off dataset, from the sources.

    Needs no study. Proves the bytes of each source, the text of each passage and each quote; what comes out
    is byte for byte what `annotate export --full-text` gives its author.
    """
    from annotate.flows import hydrate as flow

    plan = flow.plan(dataset, sources, to)
    report = flow.report_of(plan) if dry_run else flow.apply(plan)
    for note in report.notes:
        console.print(f"[yellow]note:[/] {escape(note)}")
    emit_json(asdict(report) | {"dry_run": dry_run}) if json else _show(report, dry_run)


def _show(report: HydrateReport, dry_run: bool) -> None:
    done = "would be written" if dry_run else "written"
    what = f"{report.passages} passages and {report.labels} labels of {len(report.sources)} source(s)"
    out.print(f"{report.folder} {done}: {report.files} files; {what} have their texts again", markup=False)
