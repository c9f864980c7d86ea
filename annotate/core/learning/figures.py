"""How well a suggester does on documents that it did not learn from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure with its 95 % interval over documents; no interval for fewer than five documents."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """One label, over units (sentences or clause chunks) of held-out documents.

    ``everything_precision`` and ``everything_f1`` are what marking every unit would get; its recall is 1 and
    its average precision that precision.
    """

    units: int
    positive: int
    suggested: int
    documents: int
    precision: Figure
    recall: Figure
    f1: Figure
    average_precision: Figure
    everything_precision: float
    everything_f1: float
