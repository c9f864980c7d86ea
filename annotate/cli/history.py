"""`annotate history`."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from annotate.cli.context import emit_json, out, study

_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def history(
    what: Annotated[
        str,
        typer.Argument(
            metavar="[DOCUMENT|LABEL]", help="Id of a document, passage or label, or a file name."
        ),
    ] = "",
    annotator: Annotated[
        str, typer.Option(help="Only what this account did, or what happened in its project.")
    ] = "",
    since: Annotated[
        str, typer.Option(metavar="PULL", help="Only what was recorded after this transaction.")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")] = False,
) -> None:
    """Show who did what, between which pulls: from the ledger alone, without a server.

    Names are account names, not the pseudonyms of a dataset: look twice before you pass this on.
    """
    from annotate.flows import history as flow

    entries = flow.read_history(study(), what, annotator=annotator, since=since)
    if json:
        emit_json([asdict(entry) for entry in entries])
        return
    table = Table(box=box.SIMPLE, pad_edge=False)
    for heading in ("noticed by", "after", "at", "who", "what", "where"):
        table.add_column(heading, no_wrap=heading in ("noticed by", "after"))
    for one in entries:
        where = one.about.source_file
        cells = (one.by, one.after, one.happened_at, one.who or "unknown", one.words, where)
        table.add_row(*(escape(_plain(cell)) for cell in cells))
    if entries:
        # A file or a pipe is read by lines; a table of a terminal's width would cut sentences in it.
        console = out if out.is_terminal else Console(highlight=False, width=200)
        console.print(table)
    else:
        out.print("nothing is recorded about it")


def _plain(text: str) -> str:
    """Text of others without characters that steer a terminal or turn the direction of writing."""
    return "".join("\ufffd" if unicodedata.category(one) == "Cc" or one in _TURNING else one for one in text)
