"""The year of a month, day, season or quarter that is told without it."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from annotate.core.dates.ask import Ask
from annotate.core.dates.calendar import LAST_YEAR, WEEK, Moment, week_value, year_text
from annotate.core.dates.context import (
    NEWS,
    Base,
    Context,
    Meaning,
    base_of,
    deictic_base,
    told_nearby,
)
from annotate.core.dates.edtf import day_exists
from annotate.core.dates.model import Anchor

SEASON_MONTH = {"SP": 3, "SU": 6, "FA": 9, "WI": 12}


def in_year(ask: Ask, context: Context, tense: str, at: int) -> Meaning:
    """A month, day, season, quarter or half-year whose year has to be found."""
    if ask.month is not None and not day_exists(None, ask.month, ask.day or 1):
        return Meaning("")
    found = _year_for(ask, context, tense, at)
    if found is None:
        return Meaning(_placed(ask, None))
    year, anchor, other, why = found
    if year == 0 or year > LAST_YEAR:
        return Meaning(_placed(ask, None), why="outside the years that we count")
    other = tuple(one for one in other if 0 < one <= LAST_YEAR)
    if ask.day is not None and not day_exists(year, ask.month or 1, ask.day):
        return Meaning(_placed(ask, None), why="no such day in the year that it hangs on")
    others = tuple(
        _placed(ask, y) for y in other if ask.day is None or day_exists(y, ask.month or 1, ask.day)
    )
    moment = Moment(year, ask.month, ask.day, ask.season)
    return Meaning(_placed(ask, year), anchor, moment, others, why)


def _placed(ask: Ask, year: int | None) -> str:
    head = "XXXX" if year is None else year_text(year)
    if ask.quarter is not None:
        return f"{head}-Q{ask.quarter}"
    if ask.half is not None:
        return f"{head}-H{ask.half}"
    if ask.season is not None:
        return f"{head}-{ask.season}"
    return f"{head}-{ask.month:02d}" + (f"-{ask.day:02d}" if ask.day is not None else "")


_Found = tuple[int, Anchor, tuple[int, ...], str]


def _year_for(ask: Ask, context: Context, tense: str, at: int) -> _Found | None:
    if ask.unit == "Y" and ask.n is not None:  # "spring of next year"
        base = base_of(context, deictic_base(ask, context, at), at)
        if base.moment is None:
            return None
        year = base.moment.year + int(ask.n)
        return (year, base.anchor, (), f"counted from {base.moment.year}") if 0 < abs(year) < 9999 else None
    near = told_nearby(context, at)
    if near is not None and ask.direction is None and context.mode == NEWS and tense != "present":
        year = _year_after(ask, near.moment)
        return year, Anchor("previous_mention", near.start, near.end), (), "the year told just before"
    base = base_of(context, ask.base, at)
    if base.moment is None:
        return None
    if base.anchor.kind == "previous_mention" and ask.direction in (None, 0):
        return _year_after(ask, base.moment), base.anchor, (), "the year of the telling so far"
    return _year_near(ask, base, tense)


def _year_after(ask: Ask, told: Moment) -> int:
    """The year of a month told after ``told``: the same, or the next after a turn of the year."""
    month = ask.month or SEASON_MONTH.get(ask.season or "", 0)
    before = told.month or 0
    if month and before and before - month >= 9 and told.year < 9998:
        return told.year + 1
    if month and before and month - before >= 10 and told.year > 1:
        return told.year - 1
    return told.year


def _year_near(ask: Ask, base: Base, tense: str) -> _Found:
    """The year by direction or tense, counted from the publication date."""
    assert base.moment is not None
    year, anchor = base.moment.year, base.anchor
    here = (base.moment.month or 6, base.moment.day or 15)
    month = (
        ask.month or SEASON_MONTH.get(ask.season or "", 0) or 3 * (ask.quarter or 0) or 6 * (ask.half or 0)
    )
    there = (month, ask.day or here[1])
    if ask.direction == -1:
        return (year if there < here else year - 1), anchor, (), "last before publication"
    if ask.direction == 1:
        return (year if there > here else year + 1), anchor, (), "next after publication"
    if ask.direction == 0 or there == here:
        return year, anchor, (), "in the year of publication"
    ahead = month - here[0]
    # A day soon after publication is announced, whatever the tense of the verb beside it.
    soon = 2 if ask.day is not None else 0
    if tense == "past" and there > here and ahead > soon:
        return year - 1, anchor, (year,), "told in the past tense, so before publication"
    if tense == "future" and there < here and (here[0] - month >= 2):
        return year + 1, anchor, (year,), "told in the future, so after publication"
    if not tense and ahead >= 7:
        return year - 1, anchor, (year,), "nearest to publication"
    if not tense and ahead <= -9:
        return year + 1, anchor, (year,), "nearest to publication"
    others = () if abs(ahead) <= 3 else (year - 1 if there > here else year + 1,)
    return year, anchor, others, "nearest to publication"


def stated(ask: Ask) -> Meaning:
    """Everything is said, the year too."""
    year, month, day = ask.year or 0, ask.month, ask.day
    if month is not None and not day_exists(year, month, day or 1):
        return Meaning("")
    moment = Moment(year, month, day, ask.season)
    return Meaning(moment.iso() if month or ask.season else f"{year:04d}", Anchor("explicit"), moment)


def week_of_month(ask: Ask, context: Context, tense: str, at: int) -> Meaning:
    """ "The last week of March": the ISO week in the middle of the seven days that are meant."""
    nth = int(ask.n or 0)
    in_month = ask._replace(unit=None, n=None)
    found = stated(in_month) if ask.year else in_year(in_month, context, tense, at)
    if found.moment is None or found.moment.month is None or found.moment.year < 1:
        return Meaning("XXXX-WXX")
    year, month = found.moment.year, found.moment.month
    middle = monthrange(year, month)[1] - 4 if nth < 0 else WEEK * nth - 3
    return found._replace(value=week_value(date(year, month, middle)), alternatives=())
