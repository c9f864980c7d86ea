"""`annotate train`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from annotate.cli.context import console, emit_json, out, study

if TYPE_CHECKING:
    from annotate.flows.train import TrainPlan

Name = Annotated[str, typer.Argument(help="Name of the model; it is written to models/NAME.")]
Layer = Annotated[
    list[str] | None,
    typer.Option(help="Only this layer, its labels of single words too; may be repeated."),
]
From = Annotated[
    str, typer.Option("--from", metavar="gold|ANNOTATOR", help="Gold, or one annotator's confirmed passages.")
]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same model.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Learn and judge, but write nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]


def train(
    name: Name,
    layer: Layer = None,
    from_: From = "gold",
    seed: Seed = 0,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Learn to suggest labels from what people have decided.

    Needs five documents or more. The figures are of documents that the model did not learn from.
    `annotate suggest --with models/NAME` uses the model; docs/training.md explains it.
    """
    from annotate.flows import train as flow

    made = flow.plan(study(), name, flow.TrainOptions(tuple(layer or ()), from_, seed))
    if not dry_run:
        flow.apply(study(), made)
    if json:
        emit_json({"dry_run": dry_run, **made.record()})
    else:
        _show(made, dry_run)


def _show(made: TrainPlan, dry_run: bool) -> None:
    from annotate.core.learning.card import figure_text

    card = made.card
    out.print(
        f"learned from {escape(card.source)}: {card.documents} documents, {card.passages} passages, "
        f"seed {card.seed}"
    )
    table = Table(box=box.SIMPLE, pad_edge=False)
    heads = ("", "unit", "with it", "precision", "recall", "F1", "average precision", "everything: F1, AP")
    for head in heads:
        table.add_column(head, no_wrap=True)
    for one in card.results:
        found = one.figures
        measures = (found.precision, found.recall, found.f1, found.average_precision)
        everything = f"{found.everything_f1:.2f}, {found.everything_precision:.2f}"
        share = f"{found.positive} / {found.units}"
        table.add_row(escape(one.label), one.level, share, *map(figure_text, measures), everything)
    # What is piped must not be cut.
    Console(width=max(out.width, 150), highlight=False, soft_wrap=True).print(table)
    for left in card.left_out:
        console.print(
            f"[yellow]not learned:[/] {escape(left.label)} ({escape(left.layer)}): {escape(left.why)}"
        )
    if not card.encoder:
        console.print(
            "[yellow]note:[/] without sentence vectors, from words and surface only; "
            + escape("pip install 'source-annotate[vectors]' adds them")
        )
    out.print(f"{escape(made.shown)}: {'would be ' if dry_run else ''}{made.change}")
