"""`annotate dates`."""

from __future__ import annotations

import json as jsonlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from annotate.cli.context import console, emit_json, out
from annotate.core.errors import BadInput, UsageError

if TYPE_CHECKING:
    from annotate.flows.dates import TextDates

File = Annotated[str, typer.Argument(metavar="[FILE|-]", help="A UTF-8 text, or - for standard input.")]
Jsonl = Annotated[
    bool,
    typer.Option(
        "--jsonl",
        help='Read one document a line, {"doc_id", "lang", "published", "text"}, write one mention a line.',
    ),
]
Language = Annotated[
    str | None, typer.Option("--lang", metavar="CODE", help="Language; default: found by itself.")
]
Published = Annotated[
    str | None, typer.Option("--published", metavar="EDTF", help="When the text was published.")
]
Mode = Annotated[
    str, typer.Option("--mode", metavar="news|narrative|auto", help="What relative dates hang on.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
Html = Annotated[
    Path | None, typer.Option("--html", metavar="OUT", help="Write a page with the text and a time line.")
]


def dates(
    file: File = "-",
    jsonl: Jsonl = False,
    lang: Language = None,
    published: Published = None,
    mode: Mode = "auto",
    json: AsJson = False,
    html: Html = None,
) -> None:
    """Find the dates that a text states and say what they mean.

    Relative dates hang on the publication date (news) or on the date told before (narrative).
    Needs no study. Contradictions between dates are listed.
    """
    from annotate.flows import dates as flow

    if jsonl:
        if json or html or lang or published:
            raise UsageError("--jsonl goes with --mode only", hint="language and date stand in each line")
        for record in flow.read_lines(_read(file).split("\n"), file, mode=mode):
            sys.stdout.write(jsonlib.dumps(record, ensure_ascii=False) + "\n")
        return
    found = flow.dates_of(_read(file), name=file, language=lang, published=published, mode=mode)
    if html is not None:
        flow.write_page(found, html)
        console.print(f"wrote {escape(str(html))}")
    if json:
        emit_json(found.record())
    elif html is None:
        _show(found)


def _read(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{file} is not UTF-8 (byte {error.start})", hint="convert it, or let `annotate ingest` read it"
        ) from error


def _show(found: TextDates) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("at", "text", "type", "value", "EDTF", "hangs on", "or"):
        table.add_column(column, overflow="fold")
    for date in found.dates:
        value = f"{date.value} {date.mod}".strip()
        cells = (date.text, date.timex_type, value, date.edtf or "not representable", date.anchor.kind)
        table.add_row(
            str(date.start), *(escape(_plain(cell)) for cell in cells), ", ".join(date.alternatives)
        )
    out.print(table)
    out.print(
        f"{len(found.dates)} dates, language {found.language}, mode {found.mode}: {escape(found.reason)}"
    )
    for finding in found.findings:
        places = ", ".join(f"{start}-{end}" for start, end in finding.spans)
        out.print(f"[yellow]{finding.kind}[/] at {places}: {escape(finding.message)}")


def _plain(text: str) -> str:
    """One line, no control characters: a text from outside must not steer the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
