"""``annotate server``: the embedded Doccano of the study."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from annotate.cli.context import console, emit_json, out, study_root
from annotate.core.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="The embedded Doccano server of this study (this machine only).")


@app.command()
def start(
    port: Annotated[
        int | None, typer.Option(help="Port on 127.0.0.1. Default: the one used last, 8765, or a free one.")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Keep the data in PostgreSQL: postgresql://user@host:port/name, an empty database. "
            "The password comes from ANNOTATE_DATABASE_PASSWORD or ~/.pgpass. Remembered.",
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Web processes, with PostgreSQL only. Default: 2 there. Remembered.")
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The address under which a reverse proxy on this machine shows the server, with its path. "
            "Remembered; an empty one forgets it.",
        ),
    ] = None,
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Stay until the server ends; SIGTERM stops it (for systemd).")
    ] = False,
) -> None:
    """Start the server and wait until it answers; the first time makes its environment (some minutes)."""
    from annotate.flows import server

    info = server.start(
        study_root(),
        port=port,
        database=database,
        workers=workers,
        public_url=public_url,
        progress=_say,
    )
    out.print(info.url, markup=False)
    if foreground:
        server.stay(study_root())


@app.command()
def prepare() -> None:
    """Make the server's Python environment beforehand: for an image, or before going offline (minutes)."""
    from annotate.flows import server

    out.print(str(server.prepare(progress=_say)), markup=False)


@app.command()
def stop() -> None:
    """Stop the server that this study started, and nothing else."""
    from annotate.flows import server

    _say("stopped" if server.stop(study_root()).was_running else "the server was not running")


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show whether web server and task worker answer, and where address, data and logs are."""
    from annotate.flows import server

    found = server.status(study_root())
    if as_json:
        emit_json(server.status_record(found))
        return
    for name, value in server.status_lines(found):
        out.print(f"{name:<10} {value}", markup=False)


@app.command()
def logs(
    lines: Annotated[int, typer.Option(min=0, help="How many of the last lines of each log.")] = 40,
    which: Annotated[str, typer.Option(help="One log: web, worker, supervisor; or all.")] = "all",
    follow: Annotated[bool, typer.Option(help="Go on with new lines until Ctrl-C.")] = False,
) -> None:
    """Print the end of the server's logs."""
    from annotate.flows import server

    for line in server.log_lines(study_root(), lines=lines, which=which, follow=follow):
        out.print(line, markup=False)


@app.command("add-user")
def add_user(
    name: Annotated[str, typer.Argument(help="Login name of the annotator.")],
    password_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="Read the password from the first line of standard input."),
    ] = False,
) -> None:
    """Create an annotator's account, or give it a new password (asked for twice, never an argument)."""
    from annotate.flows import server

    done = server.add_user(study_root(), name, _password(password_stdin), progress=_say)
    _say(f"{done} the account {name}")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
) -> None:
    """Write database, secrets and uploads into one file (mode 600), while the server runs or not."""
    from annotate.flows import server

    made = server.backup(study_root(), file, progress=_say)
    _say(f"{made.files} files, {made.size / 1e6:.1f} MB. Keep it safe: it holds every text and the secrets")
    out.print(str(made.path), markup=False)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `annotate server backup` has written.")],
    database: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The PostgreSQL to fill, for a home that has none yet."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what the server holds; that is kept beside it.")
    ] = False,
) -> None:
    """Make the stopped server what it was when the backup was written."""
    from annotate.flows import server

    made = server.restore(study_root(), file, database=database, force=force, progress=_say)
    _say(f"restored {made.files} files; go on with `annotate server start` and `annotate pull`")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise UsageError(
            "there is no terminal to ask for the password", hint="pipe it in and add --password-stdin"
        )
    answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return answer


def _say(text: str) -> None:
    console.print(text, markup=False)
