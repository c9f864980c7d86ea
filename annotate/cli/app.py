"""The ``annotate`` command: its sub-commands, and how an error becomes a message and an exit code."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from annotate import __version__
from annotate.cli import (
    adjudicate,
    agree,
    campaign,
    context,
    corpus,
    dates,
    demo,
    diff,
    export,
    history,
    hydrate,
    importing,
    ingest,
    report,
    restore,
    scheme,
    server,
    study,
    suggest,
    train,
    verify,
)
from annotate.core.errors import AnnotateError, Problem, exit_code_of

# Typer carries click inside itself since 0.27 and used the package before: ask the class we know.
_ClickException: type[Any] = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)

app = typer.Typer(
    name="annotate",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Turn sources into documents, have people label them in Doccano, publish traceable datasets.",
    epilog="Exit codes: 0 done, 2 usage, 3 configuration, 4 bad input, 5 refused, 6 server, 7 conflict, "
    "8 integrity, 9 storage, 10 partly done, 11 violations. docs/errors.md explains each.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"annotate {__version__}")
        raise typer.Exit


@app.callback()
def root(
    study_dir: Annotated[
        Path | None,
        typer.Option(
            "--study", metavar="DIR", help="The study to work on; default: the one around this folder."
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Remember which study is meant."""
    context.choose_study(study_dir)


app.command()(study.init)
app.command()(demo.demo)
app.command()(ingest.ingest)
app.add_typer(corpus.app, name="corpus")
app.add_typer(scheme.app, name="scheme")
app.command()(suggest.suggest)
app.command()(train.train)
app.command()(dates.dates)
app.add_typer(server.app, name="server")
app.command()(campaign.push)
app.command()(campaign.status)
app.command()(campaign.pull)
app.command()(restore.restore)
app.command("import")(importing.import_labels)
app.command()(history.history)
app.command()(agree.agree)
app.add_typer(adjudicate.app, name="adjudicate")
app.command()(export.export)
app.command()(hydrate.hydrate)
app.command()(verify.verify)
app.command()(diff.diff)
app.command()(report.report)


def main() -> None:
    """Run the command line and leave with a documented exit code."""
    try:
        code = app(standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt):
        context.console.print("stopped")
        code = 130
    except _ClickException as error:
        error.show()
        code = error.exit_code
    except AnnotateError as error:
        show_error(error)
        code = exit_code_of(error)
    except BrokenPipeError:
        # Whoever read our output has stopped reading; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        _show_bug(error)
        code = exit_code_of(error)
    sys.exit(code if isinstance(code, int) else 0)


def _show_bug(error: Exception) -> None:
    """A mistake of ours: the trace goes to a file, one sentence to the user."""
    trace = "".join(traceback.format_exception(error))
    with tempfile.NamedTemporaryFile(
        "w", prefix="annotate-bug-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(trace)
    console = context.console
    console.print(f"[bold red]bug:[/] {escape(f'{type(error).__name__}: {error}')}")
    console.print(
        f"[bold]hint:[/] this is a mistake of annotate's; please report it with {escape(file.name)}"
    )


def show_error(error: AnnotateError) -> None:
    """What happened, every instance of it, and what to do, on standard error."""
    console = context.console
    console.print(f"[bold red]error:[/] {escape(error.message)}")
    show_problems(error.problems)
    if error.hint:
        console.print(f"[bold]hint:[/] {escape(error.hint)}")


def show_problems(problems: tuple[Problem, ...]) -> None:
    """One line a problem."""
    for problem in problems:
        context.console.print(f"  - {escape(str(problem))}")
