"""`annotate push`, `annotate status`, `annotate pull`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from annotate.cli import foreign
from annotate.cli.context import console, emit_json, out, progress_bar, study
from annotate.core.errors import Conflict, UsageError

if TYPE_CHECKING:
    from annotate.flows.push.apply import PushReport
    from annotate.flows.push.plan import PushPlan

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done and do nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]


def push(
    order: Annotated[
        str | None,
        typer.Option(
            "--order",
            metavar="ORDER",
            help="What annotators see first: source, uncertainty, diversity, balanced or random "
            "(docs/queue.md). Default: passes.spans.order in annotate.toml.",
        ),
    ] = None,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Send passages and suggestions to Doccano: one project per annotator.

    Safe to repeat and to interrupt: what is there already is left as it is, in its order.
    """
    from annotate.flows import push as flow

    if dry_run:
        plan = flow.plan(study(), order=order)
        emit_json(_plan_json(plan)) if json else _show_plan(plan)
        return
    with progress_bar("pushing passages") as advance:
        report = flow.push(study(), order=order, advance=advance)
    for warning in report.warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}")
    emit_json(asdict(report)) if json else _show_push(report)


def status(json: AsJson = False) -> None:
    """Show how far each annotator is, and where server and study disagree."""
    from annotate.flows import status as flow

    report = flow.status(study())
    if json:
        emit_json(asdict(report))
        return
    table = Table(box=box.SIMPLE, pad_edge=False)
    for heading in ("annotator", "project", "passages", "confirmed", "drawn", "suggested", "to push"):
        table.add_column(heading, justify="left" if heading == "annotator" else "right", no_wrap=True)
    for one in report.annotators:
        name = f"{one.user} (script)" if one.scripted else one.user
        counts = (one.passages, one.confirmed, one.labels, one.suggestions_left, one.not_pushed)
        table.add_row(escape(name), str(one.project_id or "-"), *map(str, counts))
    out.print(table)
    last = report.last_pull or "none"
    out.print(f"server {report.server}; last pull: {last}; ledger: {report.ledger_lines} lines", markup=False)
    for one in report.annotators:
        for disagreement in one.disagreements:
            console.print(f"[yellow]warning:[/] {escape(one.user)}: {escape(disagreement)}")


def pull(
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="Read the details of every passage, not only of those where something happened."
        ),
    ] = False,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="PATH|URL|embedded",
            help="Read the server's own database instead: a SQLite file, postgresql://user@host/name "
            "(password in PGPASSWORD or ~/.pgpass), or `embedded`.",
        ),
    ] = None,
    project: Annotated[
        int | None,
        typer.Option(metavar="ID", help="Read this project of the server instead, which others made."),
    ] = None,
    as_: Annotated[
        list[str] | None,
        typer.Option(
            "--as", metavar="USER", help="With --project: read this annotator's labels with their own secret."
        ),
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="OLD=NEW", help="With --project: what a name means in the scheme."),
    ] = None,
    offsets: Annotated[
        str, typer.Option(help="With --project: what offsets count: code-points, utf-16 or auto.")
    ] = "auto",
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Read labels, relations, confirmations and comments into a snapshot and the ledger.

    All or nothing; a second pull without changes on the server adds nothing.
    """
    if project is not None:
        if full or database:
            raise UsageError("--project goes with neither --full nor --database")
        from annotate.flows.pull_project import ProjectRequest

        users, pairs = tuple(as_ or ()), tuple(mapping or ())
        request = ProjectRequest(project, users, pairs, offsets, dry_run=dry_run)
        foreign.pull_project(request, json=json)
        return
    if as_ or mapping or offsets != "auto":
        raise UsageError("--as, --map and --offsets need --project")
    from annotate.flows import pull as flow

    with progress_bar("pulling passages") as advance:
        report = flow.pull(study(), full=full, database=database, dry_run=dry_run, advance=advance)
    for warning in report.warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}")
    if json:
        emit_json(asdict(report))
    elif not report.events:
        out.print(f"{report.pull}: nothing labelled yet" if report.pull else "nothing new on the server")
    else:
        what = ", ".join(f"{count} {event.replace('_', ' ')}" for event, count in report.events.items())
        out.print(f"{report.pull or 'would record'}: {what}")
    if report.problems:
        raise Conflict(
            "passages were changed on the server", problems=report.problems, hint="everything was recorded"
        )


def _plan_json(plan: PushPlan) -> dict[str, object]:
    return {
        "server": plan.server,
        "projects": [
            {
                "annotator": one.annotator.user,
                "project": one.remote.project_id if one.remote else None,
                "create": one.remote is None,
                "types_to_write": [change.name for change in one.types],
                "update_guideline": one.update_guideline,
                "passages_to_add": list(one.passages.add),
                "queue": {passage: asdict(place) for passage, place in one.queue.items()},
                "passages_to_record": list(one.passages.adopt),
                "passages_present": one.passages.present,
            }
            for one in plan.projects
        ],
        "problems": [str(problem) for problem in plan.problems],
    }


def _show_plan(plan: PushPlan) -> None:
    for one in plan.projects:
        where = f"project {one.remote.project_id}" if one.remote else "a new project"
        passages = one.passages
        out.print(
            f"{escape(one.annotator.user)}: {where}; {len(one.types)} label and relation types to write, "
            f"{len(passages.add)} passages to add, {len(passages.adopt)} to record, {passages.present} there"
        )
        controls = sum(place.control is True for place in one.queue.values())
        if one.queue:
            order = next(iter(one.queue.values())).order
            out.print(f"  order {order}; {controls} controls without suggestions")
    for problem in plan.problems:
        console.print(f"[yellow]left alone:[/] {escape(str(problem))}")
    out.print("nothing to do" if plan.is_empty else "dry run: nothing was done")


def _show_push(report: PushReport) -> None:
    for user, added in report.passages_added.items():
        there = report.already_there[user]
        related = report.relations_placed[user]
        placed = f"{report.suggestions_placed[user]} suggestions"
        placed += f" and {related} relations" if related else ""
        out.print(f"{escape(user)}: {added} passages added with {placed}, {there} already there")
