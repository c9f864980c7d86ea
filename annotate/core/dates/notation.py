"""TIMEX3 values in EDTF, where EDTF has a form."""

from __future__ import annotations

import re
from datetime import date, timedelta

from annotate.core.dates.edtf import astronomical, edtf_is_valid

_SEASONS = {"SP": "21", "SU": "22", "FA": "23", "WI": "24"}
_PLAIN = re.compile(r"[0-9X]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_SUB_YEAR = re.compile(r"([0-9]{4})-(SP|SU|FA|WI|Q[1-4]|H[12])")
_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})(-WE)?")


def edtf_of(value: str) -> str | None:
    """``2009-Q4`` is ``2009-36``, a week or weekend the interval of its days; no form: None."""
    if value.startswith("BC") and len(value) >= 6 and value[2:6].isdigit() and value[6:7] in ("", "-"):
        rest = _SEASONS.get(value[7:], value[7:])
        return "-".join([astronomical(int(value[2:6])), *([rest] if rest else [])])
    if _PLAIN.fullmatch(value):
        return value if edtf_is_valid(value) else None
    if re.fullmatch("[0-9]{3}", value):
        return f"{value}X"
    if re.fullmatch("[0-9]{2}", value):
        return f"{value}XX"
    if part := _SUB_YEAR.fullmatch(value):
        year, code = part.groups()
        if code in _SEASONS:
            return f"{year}-{_SEASONS[code]}"
        # Level 2: quarters are 33 to 36, half-years 40 and 41.
        return f"{year}-{32 + int(code[1])}" if code[0] == "Q" else f"{year}-{39 + int(code[1])}"
    if week := _WEEK.fullmatch(value):
        return _week_days(int(week[1]), int(week[2]), weekend=bool(week[3]))
    return None


def year_edtf(year: int) -> str:
    """A year, where years before Christ are negative and there is no year 0."""
    return f"{year:04d}" if year > 0 else astronomical(1 - year if year == 0 else -year)


def _week_days(year: int, week: int, *, weekend: bool) -> str | None:
    try:
        monday = date.fromisocalendar(year, week, 1)
        first = monday + timedelta(days=5) if weekend else monday
        return f"{first.isoformat()}/{(monday + timedelta(days=6)).isoformat()}"
    except (ValueError, OverflowError):
        return None
