"""`annotate init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from annotate.cli.context import emit_json, out


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder that does not exist yet, or is empty.")
    ],
    name: Annotated[str | None, typer.Option(help="The study's name; default: the folder's.")] = None,
    language: Annotated[
        list[str] | None, typer.Option(help="A language to expect; repeat for more. Default: de, en.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")] = False,
) -> None:
    """Make a new study: configuration, label scheme, folders for sources and datasets."""
    from annotate.flows import init as flow

    report = flow.init(folder, name=name, languages=tuple(language or ("de", "en")))
    if json:
        emit_json({"root": str(report.root), "files": list(report.files)})
        return
    out.print(f"made the study {report.root}", markup=False)
    out.print("next: name the annotators in annotate.toml, put sources into corpus/raw,", markup=False)
    out.print(f"then: cd {report.root} && annotate ingest", markup=False)
