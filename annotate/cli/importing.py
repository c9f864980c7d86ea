"""`annotate import`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.context import console, emit_json, out, study
from annotate.core.errors import PartlyDone

if TYPE_CHECKING:
    from annotate.flows.importing import ImportReport


def import_labels(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files that another tool exported.")],
    format_: Annotated[
        str, typer.Option("--format", help="doccano, prodigy, label-studio, brat or cas (UIMA XMI).")
    ],
    annotator: Annotated[
        str, typer.Option(help="Who set the labels; default: whom the file names, else unknown.")
    ] = "",
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="OLD=NEW", help="What a name means in the scheme; OLD= leaves it out."),
    ] = None,
    offsets: Annotated[str, typer.Option(help="What offsets count: code-points, utf-16 or auto.")] = "auto",
    layer: Annotated[
        str, typer.Option(metavar="TYPE[:FEATURE]", help="cas: the annotation type that holds the labels.")
    ] = "",
    finished: Annotated[
        bool,
        typer.Option("--finished", help="The labels are finished work, though the file does not say so."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done and do nothing.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")] = False,
) -> None:
    """Take labels that another tool exported into the ledger, marked as imported.

    Every label is found again in the study's own text, or listed and left out. Importing twice adds nothing.
    """
    from annotate.flows import importing as flow

    pairs = tuple(mapping or ())
    request = flow.ImportRequest(tuple(files), format_, annotator, pairs, offsets, layer, finished, dry_run)
    report = flow.import_labels(study(), request)
    emit_json(asdict(report)) if json else _show(report, flow.totals(report))
    if report.problems:
        raise PartlyDone(
            f"{len(report.problems)} label(s) or relation(s) stay out",
            hint="the rest would come in" if dry_run else "the rest is in the ledger",
            problems=report.problems,
        )


def _show(report: ImportReport, totals: dict[str, int]) -> None:
    for file in report.files:
        for what, number in file.passed_over.items():
            console.print(f"passed over in {file.file}: {number} {what}", markup=False)
    counts = ", ".join(f"{number} {what}" for what, number in totals.items() if number)
    name = report.transaction or ("would record" if report.dry_run else "nothing new")
    out.print(f"{name}: {counts or 'no labels'}", markup=False)
