"""`annotate restore`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from annotate.cli.context import console, emit_json, out, progress_bar, study
from annotate.core.errors import PartlyDone, UsageError

if TYPE_CHECKING:
    from annotate.core.restoring import RestorePlan
    from annotate.flows.restore import RestoreReport


def restore(
    pull: Annotated[
        str, typer.Option(metavar="PULL", help="Only what this pull found to have vanished.")
    ] = "",
    label: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only this label, also if its annotator deleted it. Repeatable."),
    ] = None,
    cause: Annotated[
        list[str] | None,
        typer.Option(help="Only what was lost so: label-type, account or example. Repeatable."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan from what was pulled so far and do nothing.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")] = False,
) -> None:
    """Put back on the server what was lost there: with a label type, an account or an example.

    Pulls first, shows the plan and asks. What annotators deleted stays deleted unless --label names it.
    """
    from annotate.core.restoring import Selection
    from annotate.flows import restore as flow

    wanted = Selection(pull, frozenset(label or ()), frozenset(cause or ()))
    plan = flow.plan(study(), wanted, pull_first=not dry_run)
    # People read the plan where results are; a program gets its one document there instead.
    shown = console if json else out
    _show_plan(plan, shown)
    report = None
    if not (dry_run or plan.is_empty):
        _ask(yes=yes)
        with progress_bar("restoring passages") as advance:
            report = flow.restore(study(), plan, advance=advance)
        _show(report, shown)
    if json:
        emit_json({"plan": _plan_json(plan), "done": asdict(report) if report else None})
    left = report.problems if report else plan.left
    if left:
        raise PartlyDone(f"{len(left)} thing(s) that were lost cannot be put back", problems=left)


def _ask(*, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            "nothing was put back: nobody is there to ask", hint="look at the plan, then add --yes"
        )
    typer.confirm("put this back on the server?", abort=True, err=True)


def _show_plan(plan: RestorePlan, shown: Console) -> None:
    from annotate.core.restoring import CAUSES

    for warning in plan.warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}")
    for (user, cause, label), number in plan.labels_by().items():
        shown.print(f"{user}: {number} {label}: {CAUSES[cause]}", markup=False)
    for one in plan.projects:
        rest = (
            ("passages", one.passages),
            ("relations", one.relations),
            ("confirmations", one.confirmations),
        )
        counts = ", ".join(f"{len(found)} {name}" for name, found in rest if found)
        if counts:
            shown.print(f"{one.user}: {counts}", markup=False)
    if plan.deleted:
        shown.print(
            f"left deleted: {plan.deleted} label(s) that somebody deleted; --label ID brings one back"
        )
    if plan.drawn_again:
        shown.print(f"left out: {plan.drawn_again} label(s) that their annotator has drawn again")
    if plan.is_empty:
        shown.print("nothing to put back")


def _plan_json(plan: RestorePlan) -> dict[str, Any]:
    return {
        "labels": [
            {
                "label_id": lost.label_id,
                "annotator": lost.seen.user,
                "label": lost.seen.label,
                "project": one.user,
                "cause": lost.cause,
                "vanished_in": lost.vanished_in,
            }
            for one in plan.projects
            for lost in one.labels
        ],
        "passages": [pushed.passage.passage_id for one in plan.projects for pushed in one.passages],
        "relations": sum(len(one.relations) for one in plan.projects),
        "confirmations": sum(len(one.confirmations) for one in plan.projects),
        "deleted_by_people": plan.deleted,
        "drawn_again": plan.drawn_again,
        "left": [str(problem) for problem in plan.left],
        "warnings": list(plan.warnings),
    }


def _show(report: RestoreReport, shown: Console) -> None:
    counts = {
        "labels": sum(report.labels.values()),
        "relations": report.relations,
        "confirmations": report.confirmations,
        "passages": report.passages,
    }
    what = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
    shown.print(
        f"{report.transactions[-1] if report.transactions else 'nothing'}: {what or 'nothing put back'}"
    )
