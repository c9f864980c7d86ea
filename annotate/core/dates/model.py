"""The values that the date grammar gives back."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DatePart:
    """One end of a period that is told as one span. Offsets are code points of the given text."""

    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a reading hangs on: ``kind`` is ``explicit | publication | previous_mention | none``.

    ``start`` and ``end`` are the span of the previous mention, None for the other kinds.
    """

    kind: str = "explicit"
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A date as the text states it. ``start`` and ``end`` are code points of the given text, half-open.

    ``timex_type`` is DATE, TIME, DURATION or SET; ``value`` the TIMEX3 value (a period is written
    ``first/last``); ``edtf`` the same in EDTF, None where EDTF has no form. ``mod`` is the TIMEX3 mod
    (START, MID, END, APPROX, ...) or empty. ``alternatives`` are the other EDTF readings where the text
    leaves it open, ``why`` the reason for the choice; ``parts`` are the two ends of a period. ``base``
    is the EDTF year (or day) that an anniversary implies, ``ordinal`` which anniversary it is.
    ``remarks`` are contradictions inside the expression itself (another calendar's year, ...).
    """

    start: int
    end: int
    text: str
    timex_type: str
    value: str
    edtf: str | None
    rule: str
    score: float
    alternatives: tuple[str, ...] = ()
    mod: str = ""
    parts: tuple[DatePart, ...] = ()
    anchor: Anchor = field(default_factory=Anchor)
    why: str = ""
    base: str | None = None
    ordinal: int | None = None
    remarks: tuple[str, ...] = ()
