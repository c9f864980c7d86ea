"""Which unit the offsets of a foreign text count: decided by evidence, never by habit.

Doccano's web page counts UTF-16 code units, scripts count code points, and an export does not say
which. Where a character outside the basic plane (an emoji) stands before a label, the two differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from annotate.core.imports.foreign import ForeignLabel, Unit
from annotate.core.offsets import OffsetOutOfText, Range, Utf16, Utf16Map


@dataclass(frozen=True, slots=True)
class Reading:
    """A label's range in code points; or why there is none.

    ``proof`` is the unit that alone is possible here, None where both say the same.
    """

    place: Range | None
    proof: Literal["code-points", "utf-16"] | None = None
    fault: str = ""
    ambiguous: bool = False


def read_offsets(text: str, units: Utf16Map, label: ForeignLabel, unit: Unit) -> Reading:
    """The range of a label in its own text. ``units`` is the map of that text."""
    points = _as_code_points(text, label)
    utf16 = _as_utf16(text, units, label)
    if unit != "auto":
        place = points if unit == "code-points" else utf16
        return Reading(place) if place else Reading(None, fault=_fault(text, label, unit))
    if points and utf16 and points != utf16:
        return Reading(None, ambiguous=True, fault=_two_readings(text, points, utf16))
    if points and utf16:
        return Reading(points)
    if points:
        return Reading(points, "code-points")
    return Reading(utf16, "utf-16") if utf16 else Reading(None, fault=_fault(text, label, unit))


def _as_code_points(text: str, label: ForeignLabel) -> Range | None:
    if not 0 <= label.start < label.end <= len(text):
        return None
    return _if_quoted(text, Range(label.start, label.end), label)


def _as_utf16(text: str, units: Utf16Map, label: ForeignLabel) -> Range | None:
    if not 0 <= label.start < label.end:
        return None
    try:
        place = Range(units.to_code_point(Utf16(label.start)), units.to_code_point(Utf16(label.end)))
    except OffsetOutOfText:
        return None
    return _if_quoted(text, place, label)


def _if_quoted(text: str, place: Range, label: ForeignLabel) -> Range | None:
    if label.quote is None or same_words(place.of(text), label.quote):
        return place
    return None


def same_words(one: str, two: str) -> bool:
    r"""Whether two texts differ in blanks and line ends only (some tools write ``\n`` for a line end)."""
    return words_of(one) == words_of(two)


def words_of(text: str) -> str:
    """A text with one blank for each run of blanks and line ends, none at its edges."""
    return " ".join(text.replace("\\n", "\n").split())


def _fault(text: str, label: ForeignLabel, unit: Unit) -> str:
    where = f"[{label.start}, {label.end})"
    if label.start >= label.end:
        return f"{where} is an empty range"
    if label.quote is not None and 0 <= label.start < label.end <= len(text):
        there = text[label.start : label.end]
        return f"{where} reads {_short(there)}, but the file quotes {_short(label.quote)}"
    counted = "in either unit" if unit == "auto" else f"counted in {unit}"
    return f"{where} is no range of its text of {len(text)} characters, {counted}"


def _two_readings(text: str, points: Range, utf16: Range) -> str:
    return f"reads {_short(points.of(text))} in code points and {_short(utf16.of(text))} in UTF-16"


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")
