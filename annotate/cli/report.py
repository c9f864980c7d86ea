"""`annotate report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from annotate.cli.context import emit_json, out, study


def report(
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="Where to; default: exports/report.html.")
    ] = None,
    names: Annotated[bool, typer.Option("--names", help="Account names in place of pseudonyms.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be written, write nothing.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the figures as one JSON document on standard output.")
    ] = False,
) -> None:
    """Write one HTML page: progress, labels, agreement, suggestions, dates, coverage, drift, problems.

    It needs no network to be read, prints well, and follows from the study alone, without a server.
    """
    from annotate.flows import report as flow

    plan = flow.plan(study(), to, names=names)
    if not dry_run:
        flow.apply(plan)
    if json:
        emit_json(plan.record() | {"dry_run": dry_run})
        return
    done = {"new": "written", "replaced": "replaced", "unchanged": "unchanged"}[plan.change]
    would = "would be " if dry_run and plan.change != "unchanged" else ""
    out.print(f"{plan.shown} {would}{done}: ledger {plan.counted.head.hash[:12]}", markup=False)
