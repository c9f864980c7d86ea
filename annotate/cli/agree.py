"""`annotate agree`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from annotate.cli.context import console, emit_json, out, study

if TYPE_CHECKING:
    from annotate.core.agreement import AgreementRow
    from annotate.flows.agree import AgreeReport


def agree(
    layer: Annotated[list[str] | None, typer.Option(help="Only this layer; may be repeated.")] = None,
    label: Annotated[list[str] | None, typer.Option(help="Only this label; may be repeated.")] = None,
    list_all: Annotated[
        bool, typer.Option("--list", help="Also list every label on which two annotators differ, and how.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print the table as CSV on standard output.")] = False,
) -> None:
    """Show how far annotators agree on the passages that two or more have confirmed.

    Works on what was pulled last. F1 counts equal labels over equal words (exact) or over words in
    common (overlap); alpha is Krippendorff's, over characters. docs/agreement.md explains each column.
    """
    from annotate.flows import agree as flow

    report = flow.agree(study(), layers=layer or (), labels=label or ())
    if csv:
        sys.stdout.write(flow.agreement_csv(report.rows))
    elif json:
        document = asdict(report)
        emit_json(document if list_all else {key: document[key] for key in ("coverage", "rows")})
    else:
        _show(report, list_all=list_all)


def _show(report: AgreeReport, *, list_all: bool) -> None:
    covered = report.coverage
    people = escape(", ".join(covered.annotators)) or "none"
    out.print(
        f"{covered.passages_by_several} passage(s) confirmed by two annotators or more, "
        f"{covered.passages_by_one} by one only; annotators: {people}"
    )
    if not covered.passages_by_several:
        console.print(f"[yellow]no agreement:[/] {escape(report.rows[0].note)}")
        return
    # Piped, a table must not be cut to the 80 columns that nobody has.
    Console(width=max(out.width, 200), highlight=False, soft_wrap=True).print(_table(report.rows))
    for note in sorted({row.note for row in report.rows if row.note}):
        console.print(f"[yellow]note:[/] {escape(note)}")
    for one in report.disagreements if list_all else ():
        words = f"{one.passage_id} {one.label} {one.quote!r}: {one.annotator}, not {one.other} ({one.reason})"
        out.print(escape(words))


def _table(rows: Sequence[AgreementRow]) -> Table:
    """One line a row; who is compared only where that is more than one pair."""
    several = len({(row.annotator_a, row.annotator_b) for row in rows}) > 1
    table = Table(box=box.SIMPLE, pad_edge=False)
    names = ["", *(["annotators"] if several else []), "labels", "F1 exact", "F1 overlap", "alpha", *_REASONS]
    for name in names:
        left = name in ("", "annotators")
        table.add_column(name, justify="left" if left else "right", no_wrap=True)
    for row in rows:
        who = f"{row.annotator_a} {row.annotator_b}".strip() or "all pairs"
        cells = [_name(row), *([who] if several else []), *_figures(row)]
        table.add_row(*map(escape, cells))
    return table


_REASONS = ("boundary", "label", "layer", "missing")


def _name(row: AgreementRow) -> str:
    indent = {"all": "", "layer": "", "group": "  ", "label": "    "}[row.scope]
    return indent + (f"{{{row.name}}}" if row.scope == "group" else row.name or "all labels")


def _figures(row: AgreementRow) -> tuple[str, ...]:
    reasons = (row.boundary, row.label, row.other_layer, row.missing)
    return (
        f"{row.labels_a} / {row.labels_b}",
        _figure(row.f1_exact, row.f1_exact_low, row.f1_exact_high),
        _figure(row.f1_relaxed, row.f1_relaxed_low, row.f1_relaxed_high),
        _figure(row.alpha, row.alpha_low, row.alpha_high),
        *(str(number or "") for number in reasons),
    )


def _figure(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if low is None else f"{value:.2f} [{low:.2f} {high:.2f}]"
