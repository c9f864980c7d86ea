"""Agreement between annotators as the data card tells it."""

from __future__ import annotations

from collections.abc import Sequence

from annotate.core.agreement import AgreementRow
from annotate.formats.markdown import table

_HEADER = (
    *("layer", "label", "annotators", "passages", "labels"),
    *("F1, same words", "F1, overlapping", "alpha", "95 %", "remark"),
)
_WORDS = (
    "Of passages that both have confirmed. F1 is the share of labels that the other set, too: over the same",
    "words, or over words in common. Alpha is Krippendorff's, over characters: 1 is full agreement, 0 what",
    "chance would give; beside it its 95 % interval over resampled documents.",
)


def agreement_lines(rows: Sequence[AgreementRow] | None) -> list[str]:
    """The chapter. None: it was not measured, because the selection keeps labels by what became of them."""
    title = ["## Agreement", ""]
    if rows is None:
        why = "Not stated: labels were chosen by status, pull or gold, so what is left agrees by choice."
        return [*title, why, "`annotate agree` in the study tells it for all labels."]
    if not any(row.passages for row in rows):
        return [*title, "No passage was confirmed by two annotators: there is nothing to compare."]
    several = any(not row.annotator_a for row in rows)
    shown = [row for row in rows if row.scope in ("all", "layer") or (bool(row.annotator_a) is not several)]
    cells = [_cells(row) for row in shown if row.scope != "group"]
    return [*title, *_WORDS, "", *table(_HEADER, cells)]


def _cells(row: AgreementRow) -> tuple[str, ...]:
    who = f"{row.annotator_a}, {row.annotator_b}" if row.annotator_a else "all pairs"
    return (
        row.layer or "all",
        row.name if row.scope == "label" else "",
        who,
        str(row.passages),
        f"{row.labels_a} + {row.labels_b}",
        *(_figure(one) for one in (row.f1_exact, row.f1_relaxed, row.alpha)),
        " to ".join(filter(None, (_figure(row.alpha_low), _figure(row.alpha_high)))),
        row.note,
    )


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
