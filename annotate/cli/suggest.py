"""`annotate suggest`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from annotate.cli.context import console, emit_json, out, progress_bar, study
from annotate.core.errors import UsageError

if TYPE_CHECKING:
    from annotate.flows.suggest import SuggestReport

With = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        metavar="PIPELINE",
        help="A spaCy component, a saved pipeline's folder or an installed package; may be repeated. "
        "Default: passes.spans.suggest in annotate.toml.",
    ),
]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="OLD=NEW", help="Take the pipeline's label OLD as the scheme's NEW."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done and do nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]


def suggest(with_: With = None, map_: Map = None, dry_run: DryRun = False, json: AsJson = False) -> None:
    """Let spaCy pipelines suggest labels.

    Suggestions are not labels until a person confirms the passage. Each passage is shown to a
    pipeline once; run it again after new sources came in.
    """
    from annotate.flows import suggest as flow

    renames = _renames(map_ or [])
    if dry_run:
        report = flow.dry_report(flow.plan(study(), with_ or (), renames))
    else:
        with progress_bar("reading passages") as advance:
            report = flow.suggest(study(), with_ or (), renames, advance=advance)
    if json:
        emit_json({"dry_run": dry_run, **asdict(report)})
    else:
        _show(report, dry_run)
    _warn(report)


def _renames(pairs: list[str]) -> dict[str, str]:
    split = [pair.partition("=") for pair in pairs]
    for pair, (old, _, new) in zip(pairs, split, strict=True):
        if not old or not new:
            raise UsageError(f"--map {pair!r} is not OLD=NEW", hint="for example --map PROMISE=PLEDGE")
    return {old: new for old, _, new in split}


def _show(report: SuggestReport, dry_run: bool) -> None:
    for run in report.runs:
        who = f"{escape(run.agent)} {escape(run.agent_version)} ({', '.join(run.languages)})"
        if run.run_id:
            drawn = f" and {run.relations} relations" if run.relations else ""
            out.print(
                f"{who}: {run.passages} passages read, {run.suggestions} suggestions{drawn}, {run.run_id}"
            )
        elif dry_run and run.passages:
            out.print(f"{who}: would read {run.passages} passages, {run.seen_before} read before")
        else:
            out.print(f"{who}: already there, {run.seen_before} passages read before")


def _warn(report: SuggestReport) -> None:
    for run in report.runs:
        for label, count in run.unknown_labels.items():
            console.print(
                f"[yellow]warning:[/] {escape(run.agent)}: the scheme has no label {escape(label)}, "
                f"{count} spans left out (--map {escape(label)}=NEW maps it)"
            )
    for left in report.unserved:
        console.print(
            f"[yellow]warning:[/] {escape(left.spec)} does not read {escape(left.language)!r}: "
            f"{left.passages} passages not looked at"
        )
