"""`annotate ingest`."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from annotate.cli.context import console, emit_json, out, progress_bar, study

if TYPE_CHECKING:
    from annotate.flows.ingest import IngestPlan

Paths = Annotated[
    list[Path] | None,
    typer.Argument(help="Files to add: they are copied into corpus/raw. Default: what is there already."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done and do nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
MaxSize = Annotated[int, typer.Option("--max-size", metavar="MB", min=1, help="Largest file to read.")]


def ingest(
    paths: Paths = None, dry_run: DryRun = False, json: AsJson = False, max_size: MaxSize = 50
) -> None:
    """Read sources into segments, documents and passages; every doubt is listed.

    Nothing is written when anything is wrong: all problems are listed at once (exit code 4), and a
    source that changed since the last ingest is a conflict (exit code 7).
    """
    from annotate.flows import ingest as flow

    with progress_bar("reading sources") as advance:
        plan = flow.plan(study(), paths or (), max_size=max_size * 1_000_000, advance=advance)
    if dry_run:
        plan.require_clean()
        changed = plan.changed
    else:
        changed = flow.apply(plan)
    if json:
        emit_json(_as_json(plan, changed=changed, dry_run=dry_run))
    else:
        _show(plan, changed=changed, dry_run=dry_run)


def _as_json(plan: IngestPlan, *, changed: bool, dry_run: bool) -> dict[str, Any]:
    built = plan.built
    return {
        "dry_run": dry_run,
        "changed": changed,
        "counts": _counts(plan),
        "copied": [copy.file for copy in plan.copies],
        "registered": [row.file for row in plan.rows],
        "sources": [asdict(source) for source in built.sources],
        "documents": [asdict(document) for document in built.documents],
        "doubts": [asdict(doubt) for doubt in plan.doubts],
        "notes": [asdict(note) for note in plan.notes],
    }


def _counts(plan: IngestPlan) -> dict[str, int]:
    built = plan.built
    return {
        "sources": len(built.sources),
        "segments": len(built.segments),
        "documents": len(built.documents),
        "passages": len(built.passages),
        "doubts": len(plan.doubts),
    }


def _show(plan: IngestPlan, *, changed: bool, dry_run: bool) -> None:
    documents = Counter(document.source_file for document in plan.built.documents)
    for source in plan.built.sources:
        how = f"{source.encoding} ({source.encoding_evidence})"
        out.print(f"{escape(source.file)}  {escape(how)}  {_n(documents[source.file])}")
    for doubt in plan.doubts:
        where = ": ".join(part for part in (doubt.file, doubt.document) if part)
        console.print(f"[yellow]doubt:[/] {escape(where)}: {escape(doubt.what)}")
    for note in plan.notes:
        console.print(f"note: {escape(note.file)} {escape(note.what)}")
    counts = ", ".join(f"{number} {what}" for what, number in _counts(plan).items())
    if not changed:
        out.print(f"{counts}. Nothing to do: this is what was ingested already.")
    else:
        out.print(f"{counts}. {'Would be written' if dry_run else 'Written'} to corpus/built.")


def _n(documents: int) -> str:
    return "1 document" if documents == 1 else f"{documents} documents"
