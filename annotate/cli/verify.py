"""`annotate verify`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from annotate.cli.context import console, emit_json, out, study

if TYPE_CHECKING:
    from annotate.flows.verify import VerifyReport


def verify(
    name: Annotated[str, typer.Argument(help="Name of a dataset in exports/, or the path of its folder.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")] = False,
) -> None:
    """Prove a dataset from files alone: checksums, sources, quotes, ledger, and every row made again.

    Needs no server. Exit code 11 when anything does not hold; every violation is named.
    """
    from annotate.flows import verify as flow

    alone = Path(name).name != name
    report = flow.examine_path(Path(name)) if alone else flow.examine(study(), name)
    for what in report.unproven:
        console.print(f"[yellow]not proven:[/] {escape(what)}")
    if json:
        emit_json(asdict(report))
    elif not report.problems:
        _show(report)
    if report.problems:
        raise flow.failure(report)


def _show(report: VerifyReport) -> None:
    counts = ", ".join(f"{number} {what}" for what, number in report.checked.items())
    out.print(f"{report.folder} holds: {counts}", markup=False)
