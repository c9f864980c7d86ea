"""Which calendar days an EDTF value can mean, and how it lies to another one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Literal

from annotate.core.dates.edtf import earliest, edtf_is_valid, latest

Day = tuple[int, int, int]
"""Year, month, day in the proleptic Gregorian calendar, with a year zero, as EDTF counts."""
Relation = Literal["before", "same", "after", "unknown"]

_WINTER = "-24"


@dataclass(frozen=True, slots=True)
class Days:
    """First and last day that a value can mean; None where an end is open or unknown."""

    first: Day | None = None
    last: Day | None = None


UNKNOWN = Days()


@lru_cache(maxsize=1 << 14)
def days_of(edtf: str) -> Days:
    """The days that a value spans: of a set of alternatives, from the earliest to the latest of them.

    ``~``, ``?`` and ``%`` do not widen it. Nothing is known of a value without a year (``XXXX-05-01``),
    nor of text that is not EDTF.
    """
    members = _members(edtf)
    firsts = [one.first for one in members if one.first is not None]
    lasts = [one.last for one in members if one.last is not None]
    return Days(
        min(firsts) if len(firsts) == len(members) and firsts else None,
        max(lasts) if len(lasts) == len(members) and lasts else None,
    )


@lru_cache(maxsize=1 << 14)
def relation(edtf: str, other: str) -> Relation:
    """Whether a value lies before or after another, or shares days with it (``same``).

    ``unknown`` where an open or unknown end leaves it undecided, and where the members of a set of
    alternatives do not agree.
    """
    found = {_relation(one, two) for one, two in product(_members(edtf), _members(other))}
    return found.pop() if len(found) == 1 else "unknown"


def day_text(day: Day | None) -> str:
    """A day as ``YYYY-MM-DD`` (a year before the year 0 with a minus sign); empty where unknown."""
    if day is None:
        return ""
    year, month, number = day
    return f"{'-' if year < 0 else ''}{abs(year):04d}-{month:02d}-{number:02d}"


def _members(edtf: str) -> tuple[Days, ...]:
    if not edtf_is_valid(edtf):
        return (UNKNOWN,)
    if edtf.startswith("["):
        return tuple(Days(_first(one), _last(one)) for one in edtf[1:-1].split(","))
    first, _, last = edtf.partition("/")
    return (Days(_first(first), _last(last or first)),)


def _first(point: str) -> Day | None:
    if point == ".." or point.startswith("XXXX"):
        return None
    # A winter may be the one at the beginning or at the end of its year.
    return (earliest(point)[0] - 1, 12, 1) if _is_winter(point) else earliest(point)


def _last(point: str) -> Day | None:
    if point == ".." or point.startswith("XXXX"):
        return None
    return latest(f"{_year_text(latest(point)[0] + 1)}-02") if _is_winter(point) else latest(point)


def _is_winter(point: str) -> bool:
    bare = point.rstrip("?~%")
    return bare.endswith(_WINTER) and bare.lstrip("-").count("-") == 1


def _year_text(year: int) -> str:
    return f"{'-' if year < 0 else ''}{abs(year):04d}"


def _relation(one: Days, two: Days) -> Relation:
    if one.last is not None and two.first is not None and one.last < two.first:
        return "before"
    if one.first is not None and two.last is not None and one.first > two.last:
        return "after"
    return "unknown" if None in (one.first, one.last, two.first, two.last) else "same"
