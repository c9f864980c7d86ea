"""One line of an agreement table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scope = Literal["all", "layer", "group", "label"]


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """Agreement on one label, group, layer or on all labels, of one pair of annotators or of all pairs.

    ``annotator_a`` and ``annotator_b`` are empty in the line for all pairs together: F1 from the sums of
    the pairs' counts, alpha from everybody's values at once. ``name`` is empty for ``all``. Where a
    figure is None, it is not defined; ``note`` says why, or that there is nobody to compare.
    ``low`` and ``high`` bound a 95 % interval over documents.
    """

    scope: Scope
    layer: str
    name: str
    annotator_a: str
    annotator_b: str
    documents: int
    passages: int
    characters: int
    labels_a: int
    labels_b: int
    exact: int
    relaxed: int
    f1_exact: float | None
    f1_exact_low: float | None
    f1_exact_high: float | None
    f1_relaxed: float | None
    f1_relaxed_low: float | None
    f1_relaxed_high: float | None
    alpha: float | None
    alpha_low: float | None
    alpha_high: float | None
    boundary: int
    label: int
    other_layer: int
    missing: int
    note: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many confirmed passages agreement can be asked of: those that two annotators or more confirmed."""

    passages_by_one: int
    passages_by_several: int
    annotators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A span that one annotator set and the other did not set exactly so; offsets in the passage."""

    passage_id: str
    document_id: str
    annotator: str
    other: str
    layer: str
    label: str
    start: int
    end: int
    quote: str
    reason: str
    label_id: str
