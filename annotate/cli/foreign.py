"""`annotate pull --project`: a project that this study did not make."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.markup import escape

from annotate.cli.context import console, emit_json, out, progress_bar, study
from annotate.core.errors import PartlyDone

if TYPE_CHECKING:
    from annotate.flows.pull_project import ProjectReport, ProjectRequest


def pull_project(request: ProjectRequest, *, json: bool) -> None:
    """Pull and say what came in. Raises PartlyDone when labels stay out."""
    from annotate.flows import pull_project as flow

    with progress_bar("pulling examples") as advance:
        report = flow.pull_project(study(), request, advance=advance)
    for warning in report.warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}")
    emit_json(asdict(report)) if json else _show(report, dry_run=request.dry_run)
    if report.problems:
        raise PartlyDone(
            f"{len(report.problems)} label(s) or relation(s) stay out",
            hint="the rest would come in" if request.dry_run else "the rest is in the ledger",
            problems=report.problems,
        )


def _show(report: ProjectReport, *, dry_run: bool) -> None:
    if report.sources:
        what = "would become" if dry_run else "became"
        out.print(f"{len(report.sources)} text(s) {what} sources of the study", markup=False)
    read = ", ".join(f"{user or 'unknown'} {number}" for user, number in report.people.items())
    out.print(f"labels read: {read or 'none'}", markup=False)
    what = ", ".join(f"{count} {event.replace('_', ' ')}" for event, count in report.events.items())
    name = report.pull or ("would record" if dry_run else "nothing new")
    out.print(f"{name}: {what or 'no changes'}", markup=False)
