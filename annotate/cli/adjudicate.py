"""`annotate adjudicate start`, `status`, `finish`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from annotate.cli.campaign import AsJson, DryRun
from annotate.cli.context import console, emit_json, out, progress_bar, study
from annotate.core.errors import Conflict

if TYPE_CHECKING:
    from annotate.flows.adjudicate.offering import StartReport

app = typer.Typer(
    no_args_is_help=True, help="From what annotators agree on, and what somebody decides, to gold."
)


@app.command()
def start(
    layer: Annotated[list[str] | None, typer.Option(help="Only this layer; may be repeated.")] = None,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Record what all annotators agree on, and put the rest before the adjudicator in Doccano.

    Works on what was pulled last, on passages that two or more have confirmed. Safe to repeat; a
    passage whose labels have changed since it was decided is offered again.
    """
    from annotate.flows import adjudicate as flow

    if dry_run:
        from annotate.flows.adjudicate.offering import report_of

        report = report_of(flow.plan(study(), layer or ()))
    else:
        with progress_bar("offering passages") as advance:
            report = flow.start(study(), layer or (), advance=advance)
    emit_json(asdict(report)) if json else _show_start(report, dry_run=dry_run)


def _show_start(report: StartReport, *, dry_run: bool) -> None:
    for problem in report.problems:
        console.print(f"[yellow]left alone:[/] {escape(str(problem))}")
    out.print(
        f"{report.unanimous} passage(s) unanimous, {report.offered} offered for adjudication, "
        f"{report.offered_again} offered again, {report.settled} settled before"
    )
    if dry_run:
        out.print("dry run: nothing was done")


@app.command()
def status(json: AsJson = False) -> None:
    """Show how far adjudication is, and which decisions the annotators have changed their labels under."""
    from annotate.flows import adjudicate as flow

    report = flow.status(study())
    if json:
        emit_json(asdict(report))
        return
    out.print(
        f"{report.passages} passage(s) confirmed by two or more: {report.undecided} not started, "
        f"{report.waiting} waiting for the adjudicator, {report.stale} stale"
    )
    out.print("gold: " + (", ".join(f"{count} {what}" for what, count in report.gold.items()) or "none"))


@app.command()
def finish(json: AsJson = False) -> None:
    """Read the adjudication project and record a decision for each passage confirmed there.

    Safe to repeat: only what was confirmed anew is added.
    """
    from annotate.flows import adjudicate as flow

    with progress_bar("pulling decisions") as advance:
        report = flow.finish(study(), advance=advance)
    if json:
        emit_json(asdict(report))
    else:
        spans = ", ".join(f"{count} {what}" for what, count in report.spans.items())
        out.print(f"{report.decided} passage(s) decided ({spans or 'nothing new'}), {report.waiting} waiting")
    if report.problems:
        raise Conflict(
            "passages were changed on the server", problems=report.problems, hint="everything was recorded"
        )
