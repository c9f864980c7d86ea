"""The part of EDTF (ISO 8601-2) that we write, with a check of its own.

A day, a month, a year, a season, a decade or century (``193X``, ``19XX``), a day or month of an
unknown year (``XXXX-08-15``), each with an optional ``?``, ``~`` or ``%``; an interval ``a/b`` of two
of them, either end open (``..``); a set of alternatives ``[a,b]``.
"""

from __future__ import annotations

import re
from calendar import monthrange

_YEAR = r"(?P<year>-?[0-9]{4}|[0-9]{3}X|[0-9]{2}XX|XXXX)"
_POINT = re.compile(
    _YEAR + r"(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}|XX))?)?(?P<qualifier>[?~%]?)", re.ASCII
)
# Seasons; quarters and half-years are level 2.
_SEASONS = (*range(21, 25), *range(33, 37), 40, 41)


def edtf_is_valid(value: str) -> bool:
    """Whether ``value`` is EDTF of the forms above and names days that exist, ends in order."""
    if value.startswith("[") and value.endswith("]"):
        members = value[1:-1].split(",")
        return len(members) > 1 and len(set(members)) == len(members) and all(map(_point_is_valid, members))
    if "/" in value:
        return _interval_is_valid(value)
    return _point_is_valid(value)


def day_exists(year: int | None, month: int, day: int) -> bool:
    """Whether the calendar has that day; without a year, whether any year has it."""
    if not 1 <= month <= 12:
        return False
    # 2000 is a leap year: 29 February exists in some year. Year 0 and below follow the same cycle.
    cycle = 2000 if year is None else 2000 + year % 400
    return 1 <= day <= monthrange(cycle, month)[1]


def astronomical(bc_year: int) -> str:
    """EDTF year of a year "n before Christ": 1 BC is ``0000``."""
    return "0000" if bc_year == 1 else f"-{bc_year - 1:04d}"


def _point_is_valid(value: str) -> bool:
    match = _POINT.fullmatch(value)
    if match is None or value.startswith("-0000"):
        return False
    year, month, day = match.group("year"), match.group("month"), match.group("day")
    if month is None:
        return year != "XXXX"
    if "X" in year and year != "XXXX":
        return False
    if day is None:
        return 1 <= int(month) <= 12 or (int(month) in _SEASONS and year != "XXXX")
    if day == "XX":
        return 1 <= int(month) <= 12
    return day_exists(None if year == "XXXX" else int(year), int(month), int(day))


def _interval_is_valid(value: str) -> bool:
    first, _, last = value.partition("/")
    ends = [end for end in (first, last) if end != ".."]
    if not ends or not all(map(_point_is_valid, ends)):
        return False
    return len(ends) == 1 or earliest(first) <= latest(last)


# First and last month of a season (of the north), quarter or half-year. A winter is left open: it may be
# the one at the beginning or at the end of the year.
_MONTHS = {
    21: (3, 5),
    22: (6, 8),
    23: (9, 11),
    33: (1, 3),
    34: (4, 6),
    35: (7, 9),
    36: (10, 12),
    40: (1, 6),
    41: (7, 12),
}


def earliest(point: str) -> tuple[int, int, int]:
    """First day a valid point can mean; an unknown year counts as year 0."""
    year, month, day = _bound(point, first=True)
    return year, month or 1, day or 1


def latest(point: str) -> tuple[int, int, int]:
    """Last day a valid point can mean; an unknown year counts as year 0."""
    year, month, day = _bound(point, first=False)
    month = month or 12
    return year, month, day or monthrange(2000 + year % 400, month)[1]


def _bound(point: str, *, first: bool) -> tuple[int, int | None, int | None]:
    bare = point.rstrip("?~%")
    sign = -1 if bare.startswith("-") else 1
    year, *fields = bare.lstrip("-").split("-")
    number = 0 if year == "XXXX" else sign * int(year.replace("X", "0" if first else "9"))
    code = int(fields[0]) if fields else None
    day = int(fields[1]) if len(fields) > 1 and fields[1] != "XX" else None
    if code is not None and code > 12:
        months = _MONTHS.get(code)
        return number, None if months is None else months[0 if first else 1], None
    return number, code, day


def span_of(edtf: str | None) -> tuple[tuple[int, int, int], tuple[int, int, int]] | None:
    """First and last day of a valid EDTF value, None where it has no place in time of its own."""
    if edtf is None or "XXXX" in edtf or ".." in edtf or "[" in edtf:
        return None
    ends = edtf.split("/")
    return earliest(ends[0]), latest(ends[-1])
