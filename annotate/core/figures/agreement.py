"""The agreement matrix and agreement by label, from what `annotate.core.agreement` measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from annotate.core.dataset.rows import Cell
from annotate.core.figures.sheets import Column, Section, Sheet, count, rate, share, text


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far annotators agree in one layer or label; both names empty: over all pairs.

    The fields are those of `annotate.core.agreement.AgreementRow` of the same names. None is "not
    defined"; ``note`` then says why.
    """

    scope: str
    layer: str
    name: str
    annotator_a: str
    annotator_b: str
    documents: int
    passages: int
    labels_a: int
    labels_b: int
    f1_exact: float | None
    f1_relaxed: float | None
    alpha: float | None
    alpha_low: float | None
    alpha_high: float | None
    note: str = ""

    @classmethod
    def of(cls, row: object) -> Agreement:
        """The part of a row of `annotate.core.agreement` that a report shows."""
        return cls(**{one.name: getattr(row, one.name) for one in fields(cls)})


_NUMBERS = (
    *(count("documents", "Documents"), count("passages", "Passages")),
    *(count("labels_a", "Labels of the one"), count("labels_b", "of the other")),
    *(share("f1_exact", "F1, same words"), share("f1_relaxed", "F1, overlapping")),
    *(rate("alpha", "Alpha"), rate("alpha_low", "from"), rate("alpha_high", "to"), text("note", "Remark")),
)
_WORDS = (
    "Krippendorff's alpha over characters: 1 is full agreement, 0 what chance would give. F1 is the share of "
    "labels that the other set too. Intervals are 95 %, from resampled documents. Only passages that both "
    "confirmed are compared.",
)


def agreement_section(rows: Iterable[Agreement], why_not: str = "") -> Section:
    """The chapter; where nothing can be compared it says why."""
    found = tuple(rows)
    title = "Agreement between annotators"
    if not any(one.passages for one in found):
        said = why_not or "No passage was confirmed by two annotators yet, so nothing can be compared."
        return Section("agreement", title, (said,))
    overall = [one for one in found if one.scope in ("all", "layer")]
    several = any(not one.annotator_a for one in overall)
    pairs = [one for one in overall if one.annotator_a]
    labels = [one for one in found if one.scope == "label" and bool(one.annotator_a) is not several]
    return Section("agreement", title, _WORDS, (_pairs(pairs), _labels(labels)))


def _pairs(rows: Iterable[Agreement]) -> Sheet:
    rows = tuple(rows)
    numbers = _told(rows)
    columns = (text("layer", "Layer"), text("first", "Annotator"), text("second", "and"), *numbers)
    cells = tuple(
        (one.layer or "all", one.annotator_a, one.annotator_b, *_cells(one, numbers)) for one in rows
    )
    return Sheet("pairs", "Agreement of each pair of annotators, in all and by layer", columns, cells)


def _labels(rows: Iterable[Agreement]) -> Sheet:
    rows = tuple(rows)
    numbers = _told(rows)
    columns = (text("layer", "Layer"), text("label", "Label"), *numbers)
    cells = tuple((one.layer, one.name, *_cells(one, numbers)) for one in rows)
    return Sheet("by_label", "Agreement by label, over all pairs of annotators", columns, cells)


def _told(rows: Iterable[Agreement]) -> tuple[Column, ...]:
    """The columns of numbers, with the remarks only where there is one."""
    return _NUMBERS if any(one.note for one in rows) else _NUMBERS[:-1]


def _cells(one: Agreement, columns: Iterable[Column]) -> tuple[Cell, ...]:
    return tuple(getattr(one, column.name) for column in columns)
