"""What segmentation of one source gives, before the corpus as a whole decides open dates."""

from __future__ import annotations

from dataclasses import dataclass

from annotate.core.model import Segment


@dataclass(frozen=True, slots=True)
class DateCandidate:
    """A date that may be the publication date; ``rank`` 0 is the best witness.

    ``readings`` are EDTF; more than one where the order of day and month is open. ``template`` is the
    wording of its line without values, ``outlet`` who the line says issued the text.
    """

    start: int
    end: int
    text: str
    readings: tuple[str, ...]
    rule: str
    rank: int
    template: str
    outlet: str | None


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day named in the text of an article, its year where stated."""

    month: int
    day: int
    year: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One article of one source: its fields and every date that may be its publication date.

    ``named_days`` are collected only where a candidate's order of day and month is open.
    """

    start: int
    end: int
    title: str | None
    byline: str | None
    agency: str | None
    publisher: str | None
    aggregator: str | None
    place: str | None
    candidates: tuple[DateCandidate, ...]
    named_days: tuple[NamedDay, ...]
    text: str
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Segmented:
    """The segments of a source, which tile it, and the articles found in it."""

    segments: tuple[Segment, ...]
    drafts: tuple[Draft, ...]
