"""The agreement matrix: one row a layer and pair of annotators, as `annotate agree` measured it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from annotate.core.figures.sheets import Section, Sheet, count, rate, text


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two annotators agree in a layer.

    ``measure`` names the coefficient. ``value`` and its interval are None where too little was labelled
    by both; ``why`` then says so. ``passages`` counts what both confirmed, ``items`` what was compared.
    """

    layer: str
    first: str
    second: str
    measure: str
    value: float | None
    low: float | None
    high: float | None
    passages: int
    items: int
    why: str = ""


def agreement_section(rows: Iterable[Agreement], words: tuple[str, ...]) -> Section:
    """The chapter; without rows it says what is missing."""
    found = tuple(rows)
    title = "Agreement between annotators"
    if not found:
        said = words or ("No passage was confirmed by two annotators yet, so nothing can be compared.",)
        return Section("agreement", title, said)
    columns = (
        *(text("layer", "Layer"), text("first", "Annotator"), text("second", "and")),
        *(text("measure", "Measure"), rate("value", "Value"), rate("low", "from"), rate("high", "to")),
        *(count("passages", "Passages"), count("items", "Compared"), text("why", "Remark")),
    )
    cells = tuple(
        (
            *(one.layer, one.first, one.second, one.measure, one.value, one.low, one.high),
            *(one.passages, one.items, one.why),
        )
        for one in found
    )
    caption = "Agreement of each pair of annotators by layer, with 95 % intervals"
    return Section("agreement", title, words, (Sheet("pairs", caption, columns, cells),))
