"""Calendar arithmetic on partial dates: pure, proleptic Gregorian, years 1 to 9999.

A year before Christ is a negative number (480 BC is -480); there is no year 0. Only years, months and
seasons are reckoned there, no days of the week.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

WEEK = 7
LAST_YEAR = 9999


@dataclass(frozen=True, slots=True)
class Moment:
    """A year, a month or a day. ``season`` is kept where that is all that was said."""

    year: int
    month: int | None = None
    day: int | None = None
    season: str | None = None

    def iso(self) -> str:
        """As ISO 8601, as far as it is known; a season in the TIMEX3 way."""
        year = year_text(self.year)
        if self.season:
            return f"{year}-{self.season}"
        return "-".join([year, *(f"{n:02d}" for n in (self.month, self.day) if n is not None)])

    def first_day(self) -> date:
        """The first day it can mean. Raises ValueError before Christ."""
        month = self.month or {"SP": 3, "SU": 6, "FA": 9, "WI": 12}.get(self.season or "", 1)
        return date(self.year, month, self.day or 1)


def year_text(year: int) -> str:
    """A year as TIMEX3 writes it: ``1862``, ``BC0480``."""
    return f"{year:04d}" if year > 0 else f"BC{-year:04d}"


def shift_year(year: int, years: int) -> int:
    """The year so many years later; there is no year 0 between 1 BC and 1."""
    later = year + years
    return later + 1 if year < 0 <= later else later - 1 if later <= 0 < year else later


def on_day(day: date) -> Moment:
    """A ``date`` as a moment."""
    return Moment(day.year, day.month, day.day)


def shift_months(year: int, month: int, months: int) -> tuple[int, int]:
    """The month so many months later."""
    count = year * 12 + month - 1 + months
    return count // 12, count % 12 + 1


def shift_day(day: date, *, days: int = 0, months: int = 0) -> date | None:
    """The day so much later; a 31st becomes the month's last day. None outside years 1 to 9999."""
    try:
        if months:
            year, month = shift_months(day.year, day.month, months)
            day = date(year, month, min(day.day, monthrange(year, month)[1]))
        return day + timedelta(days=days)
    except (ValueError, OverflowError):
        return None


def week_value(day: date) -> str:
    """The ISO week of a day, as ``2008-W50``."""
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def monday_of(day: date) -> date:
    """The Monday of that day's week."""
    return day - timedelta(days=day.weekday())


def easter(year: int) -> date:
    """Easter Sunday of the western churches (Gauss, Meeus): Gregorian, any year."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    f = (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date | None:
    """The nth (from 1; -1 is the last) weekday (Monday is 0) of a month."""
    last = monthrange(year, month)[1]
    days = [d for d in range(1, last + 1) if date(year, month, d).weekday() == weekday]
    index = nth - 1 if nth > 0 else nth
    return date(year, month, days[index]) if -len(days) <= index < len(days) else None


def holiday(code: str, year: int) -> date | None:
    """The day of a holiday. ``code``: ``12-25``, ``E-2`` (days from Easter), ``11/3/4`` (fourth Thursday
    of November), ``A1`` (first Sunday of Advent)."""
    if code.startswith("E"):
        return shift_day(easter(year), days=int(code[1:] or 0))
    if code.startswith("A"):
        fourth = shift_day(date(year, 12, 25), days=-(date(year, 12, 25).weekday() + 1))
        return shift_day(fourth, days=-WEEK * (4 - int(code[1:]))) if fourth else None
    if "/" in code:
        month, weekday, nth = (int(field) for field in code.split("/"))
        return nth_weekday(year, month, weekday, nth)
    month, day = (int(field) for field in code.split("-"))
    return date(year, month, day)
