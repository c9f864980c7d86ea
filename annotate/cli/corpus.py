"""`annotate corpus list`, `show`, `check`."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from annotate.cli.context import emit_json, out, study
from annotate.core.errors import IntegrityFailure

if TYPE_CHECKING:
    from annotate.core.model import Document
    from annotate.flows.corpus import ShownSegment

app = typer.Typer(no_args_is_help=True, help="Show and check what was read.")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
_FIELDS = ("title", "byline", "agency", "publisher", "aggregator", "place", "published", "language")
_TURNS_TEXT = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@app.command("list")
def list_(json: AsJson = False) -> None:
    """List the documents of the last ingest."""
    from annotate.flows import corpus as flow

    documents = flow.list_documents(study())
    if json:
        emit_json([asdict(document) for document in documents])
        return
    for one in documents:
        doubts = f"  ({len(one.doubts)} doubt{'s' if len(one.doubts) > 1 else ''})" if one.doubts else ""
        when = f"{one.published or 'undated':<10}"
        line = f"{one.document_id}  {when}  {one.language}  {one.title or '(no title)'}  [{one.source_file}]"
        out.print(visible(line) + doubts, markup=False)


@app.command()
def show(
    name: Annotated[
        str, typer.Argument(metavar="DOCUMENT|FILE", help="Id of a document, or name of a source.")
    ],
    json: AsJson = False,
) -> None:
    """Show a document, or all of a source: its fields, and its text with the kind of each segment."""
    from annotate.flows import corpus as flow

    shown = flow.show(study(), name)
    if json:
        emit_json(asdict(shown))
        return
    for document in shown.documents:
        _show_fields(document)
    for segment in shown.segments:
        _show_segment(segment)


@app.command()
def check(json: AsJson = False) -> None:
    """Prove from the files alone that nothing was lost in reading."""
    from annotate.flows import corpus as flow

    report = flow.check(study())
    if json:
        emit_json(asdict(report))
    if report.violations:
        count = len(report.violations)
        raise IntegrityFailure(
            f"{count} violation{'s' if count > 1 else ''} in corpus/built",
            hint="restore the sources, or run `annotate ingest` again",
            problems=report.violations,
        )
    if not json:
        counts = f"{report.sources} sources, {report.segments} segments, {report.passages} passages"
        out.print(f"{counts}: segments tile every source, every source encodes back to its bytes")


def _show_fields(document: Document) -> None:
    rows = [("document", document.document_id), ("source", document.source_file)]
    rows += [(name, str(getattr(document, name) or "unknown")) for name in _FIELDS]
    evidence = document.published_evidence
    if evidence is not None:
        reason = f", {evidence.reason}" if evidence.reason else ""
        rows.append(("evidence", f"{evidence.text!r} at {evidence.start} ({evidence.rule}{reason})"))
    rows += [("doubt", doubt) for doubt in document.doubts]
    for name, value in rows:
        out.print(f"[bold]{name:>13}[/]  {escape(visible(value))}")
    out.print("")


def _show_segment(segment: ShownSegment) -> None:
    for number, line in enumerate(segment.text.splitlines() or [""]):
        margin = segment.kind if number == 0 else ""
        out.print(f"{margin:>13} | {visible(line)}", markup=False)


def visible(text: str) -> str:
    """The text without what would steer a terminal: control characters and marks that turn its order."""
    return "".join("\ufffd" if _steers(character) else character for character in text)


def _steers(character: str) -> bool:
    return character in _TURNS_TEXT or (character != "\t" and unicodedata.category(character) == "Cc")
