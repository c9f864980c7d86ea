"""`annotate scheme check`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from annotate.cli.context import console, emit_json, out, study

app = typer.Typer(no_args_is_help=True, help="Check the label scheme.")


@app.callback()
def scheme() -> None:
    """Check the label scheme."""


@app.command()
def check(
    name: Annotated[
        str | None, typer.Argument(help="Folder under schemas/; default: the study's own scheme.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")] = False,
) -> None:
    """Check a scheme for mistakes and print its version and SHA-256."""
    from annotate.flows import scheme as flow

    here = study()
    report = flow.check(here.root, name or here.config.study.scheme)
    for warning in report.warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}")
    if json:
        emit_json(asdict(report))
        return
    counts = ", ".join(f"{count} {what}" for what, count in report.counts.items())
    out.print(f"{report.name} {report.version}: {counts}")
    out.print(f"sha256 {report.sha256}")
    for one in report.guidelines:
        out.print(f"{one.file} ({one.language}, {one.words} words) sha256 {one.sha256}")
