"""A text with overlapping labels as markup: cut where any label begins or ends, a lane for each label.

Labels that overlap get different lanes, as in interval colouring, so that their underlines are stacked
and each runs at one height from its begin to its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from markupsafe import Markup, escape

LANES: Final = 8
"""How many underlines are told apart by height; more than so many labels at a place share heights."""
_BELOW: Final = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A label to be shown: passage offsets (code points, half-open), its number, classes and names."""

    start: int
    end: int
    number: int
    classes: str
    name: str
    who: str


def marked(text: str, marks: Sequence[Mark]) -> tuple[Markup, int]:
    """The text with its marks, and how many lanes they take. Everything that is text is escaped.

    A label begins with a link to its entry (``#x`` and its number) that carries its name.
    """
    ordered = sorted(marks, key=lambda one: (one.start, -one.end, one.number))
    lanes = _lanes(ordered)
    edges = sorted({0, len(text), *(one.start for one in ordered), *(one.end for one in ordered)})
    parts: list[str] = []
    active: list[Mark] = []
    at = 0
    for start, end in pairwise(edges):
        active = [one for one in active if one.end > start]
        while at < len(ordered) and ordered[at].start <= start:
            active.append(ordered[at])
            parts.append(_chip(ordered[at]))
            at += 1
        parts.append(_piece(text[start:end], active, lanes))
    return Markup("".join(parts)), max(lanes.values(), default=-1) + 1  # noqa: S704 - escaped part by part


def lane_styles() -> str:
    """The style sheet of the lanes."""
    return "".join(f".l{lane}{{padding-bottom:{lane * _BELOW}px}}\n" for lane in range(LANES))


def _lanes(ordered: Iterable[Mark]) -> dict[int, int]:
    """The lowest lane that is free where a mark begins, by its number."""
    ends: list[int] = []
    lanes: dict[int, int] = {}
    for one in ordered:
        lane = next((at for at, end in enumerate(ends) if end <= one.start), len(ends))
        ends[lane:] = [one.end, *ends[lane + 1 :]]
        lanes[one.number] = lane
    return lanes


def _chip(one: Mark) -> str:
    who = f"<sub>{escape(one.who)}</sub>" if one.who else ""
    number, name = one.number, escape(one.name)
    return f'<a class="chip {one.classes}" href="#x{number}" data-i="{number}">{name}{who}</a>'


def _piece(text: str, active: Sequence[Mark], lanes: dict[int, int]) -> str:
    inner: str = str(escape(text))
    # The lowest underline is drawn by the outermost element.
    for one in sorted(active, key=lambda mark: lanes[mark.number]):
        inner = f'<u class="{one.classes} l{lanes[one.number] % LANES}" data-i="{one.number}">{inner}</u>'
    return inner
