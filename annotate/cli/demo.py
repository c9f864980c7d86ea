"""`annotate demo`."""

from __future__ import annotations

import shlex
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from annotate.cli.context import console, emit_json, out, study
from annotate.core.errors import ConfigError

if TYPE_CHECKING:
    from annotate.flows.demo import DemoReport, DemoWaiting
    from annotate.flows.studies import Study


def demo(
    folder: Annotated[
        Path | None,
        typer.Option(
            "--dir",
            metavar="DIR",
            help="Where to make the sample study. Default: annotate-demo, or with --wait annotate-demo-wait; "
            "without --wait a sample study around this folder is used.",
        ),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Let a person label in the browser instead of the two scripts.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")] = False,
) -> None:
    """Take the invented sample corpus the whole way: sources, server, labels, a verified dataset.

    Starts an embedded Doccano on this machine. Run again, it finds everything done.
    """
    from annotate.flows import demo as flow

    here = flow.sample_study(_around_us(), folder, by_script=not wait)
    report = flow.demo(here, say=_say, wait=(lambda who: _wait_for(here, who)) if wait else None)
    emit_json(asdict(report)) if json else _show(report)


def _around_us() -> Study | None:
    try:
        return study()
    except ConfigError:
        return None


def _wait_for(here: Study, who: DemoWaiting) -> None:
    from annotate.flows.demo import wait_until_confirmed

    console.print(f"\nLabel in the browser: {who.url}", markup=False)
    console.print(f"  user {who.login.user}   password {who.login.password}", markup=False)
    console.print("Confirm each passage (Enter). Ctrl-C here goes on with what is there.\n", markup=False)
    try:
        wait_until_confirmed(here, say=_say)
    except KeyboardInterrupt:
        console.print("going on with what is there")


def _say(text: str) -> None:
    console.print(text, markup=False)


def _command(root: str) -> str:
    """How to call us again from here: by name where that is found, with the study unless we are in it."""
    program = Path(sys.argv[0])
    found = shutil.which(program.name)
    if program.name == "__main__.py":
        shown = "python -m annotate"
    elif found and Path(found).resolve() == program.resolve():
        shown = program.name
    else:
        inside = program.is_absolute() and program.is_relative_to(Path.cwd())
        shown = str(program.relative_to(Path.cwd())) if inside else str(program)
    return shown if Path.cwd().is_relative_to(root) else f"{shown} --study {shlex.quote(root)}"


def _show(report: DemoReport) -> None:
    fates = ", ".join(f"{count} {fate}" for fate, count in report.suggestions.items() if count)
    lines = [
        "",
        f"{report.documents} documents in {report.passages} passages; {report.labels} labels, "
        f"{report.relations} relations; suggestions: {fates}",
        f"dataset   {report.root}/{report.dataset}   (verified)",
        f"labels    {report.root}/{report.dataset}/labels.csv",
        f"browser   {report.url}",
        *(
            f"  login   {login.user}  {login.password}"
            + ("   (a script, not a person)" if login.scripted else "")
            for login in report.logins
        ),
        *([] if report.changed else ["nothing had changed since the last run"]),
        f"stop the server with `{_command(report.root)} server stop`",
    ]
    for line in lines:
        out.print(line, markup=False)
    for missed in report.missed:
        console.print(f"[yellow]warning:[/] {escape(missed)}")
