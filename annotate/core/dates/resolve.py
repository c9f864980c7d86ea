"""From what an expression says to what it means: the calendar, the publication date, what was told before."""

from __future__ import annotations

from annotate.core.dates.ask import Ask
from annotate.core.dates.calendar import (
    WEEK,
    Moment,
    holiday,
    monday_of,
    on_day,
    shift_day,
    shift_months,
    shift_year,
    week_value,
)
from annotate.core.dates.context import NARRATIVE, Context, Meaning, base_of, deictic_base
from annotate.core.dates.edtf import day_exists
from annotate.core.dates.model import Anchor
from annotate.core.dates.years import in_year, stated, week_of_month

_UNKNOWN = {
    "Y": "XXXX",
    "M": "XXXX-XX",
    "W": "XXXX-WXX",
    "D": "XXXX-XX-XX",
    "WE": "XXXX-WXX-WE",
    "Q": "XXXX-QX",
}


def meaning_of(ask: Ask, context: Context, tense: str, at: int) -> Meaning:
    """The meaning of ``ask`` at offset ``at``. ``tense`` is ``past | future | present`` or empty."""
    if ask.unit in ("CE", "DE"):
        found = _shifted(ask, context, at, tense)
    elif ask.unit == "W" and ask.month is not None and ask.n is not None:
        found = week_of_month(ask, context, tense, at)
    elif ask.year is not None and ask.holiday is None:
        found = stated(ask)
    elif ask.holiday is not None:
        found = _holiday(ask, context, tense, at)
    elif ask.weekday is not None:
        found = _weekday(ask, context, tense)
    elif ask.month is not None or ask.season is not None or ask.quarter is not None or ask.half is not None:
        found = in_year(ask, context, tense, at)
    elif ask.day is not None:
        found = _day_alone(ask, context)
    elif ask.unit is not None:
        found = _shifted(ask, context, at, tense)
    else:
        found = _same_day(ask, context, at)
    return _with_clock(found, ask) if ask.clock else found


def _shifted(ask: Ask, context: Context, at: int, tense: str) -> Meaning:
    unit, n = ask.unit or "", ask.n
    if n is None:
        return Meaning(ask.fallback or _UNKNOWN.get(unit, ""))
    if unit == "D" and n == 0 and ask.base == "said" and context.mode == NARRATIVE:
        return Meaning("PRESENT_REF")
    wanted = deictic_base(ask, context, at) if unit == "Y" else ask.base
    base = base_of(context, wanted, at, month=unit in ("M", "Q"), day=unit in ("D", "W", "WE"))
    if base.moment is None:
        return Meaning(_UNKNOWN.get(unit) or ask.fallback or "")
    if unit == "WE" and n == 0 and tense == "past" and base.anchor.kind == "publication":
        n = -1 if base.moment.first_day().weekday() < 5 else 0  # the one that is over
    moment, value = _moved(base.moment, unit, n)
    if value is None:
        return Meaning(ask.fallback or _UNKNOWN.get(unit, ""))
    return Meaning(value, base.anchor, moment, why=f"counted from {base.moment.iso()}")


def _moved(base: Moment, unit: str, n: float) -> tuple[Moment | None, str | None]:
    if unit == "Y" and n != int(n):
        unit, n = "M", n * 12
        base = base if base.month else Moment(base.year, 1)
    whole = int(n)
    if unit in ("Y", "DE", "CE"):
        return _moved_years(base, unit, whole)
    if unit == "M":
        year, month = shift_months(base.year, base.month or 1, whole)
        return _checked(Moment(year, month))
    if unit == "Q":
        year, month = shift_months(base.year, base.month or 1, 3 * whole)
        return Moment(year, None), f"{year:04d}-Q{(month + 2) // 3}"
    if base.year < 1:
        return None, None
    days = {"D": whole, "W": WEEK * whole, "WE": WEEK * whole, "FN": 2 * WEEK * whole}.get(unit)
    day = None if days is None else shift_day(base.first_day(), days=days)
    if day is None:
        return None, None
    if unit == "D":
        return _checked(on_day(day))
    value = week_value(day)
    if unit == "WE":
        saturday = shift_day(monday_of(day), days=5) or day
        return on_day(saturday), f"{value}-WE"
    return on_day(day), value


def _moved_years(base: Moment, unit: str, n: int) -> tuple[Moment | None, str | None]:
    if unit == "Y":
        return _checked(Moment(shift_year(base.year, n)))
    width = 10 if unit == "DE" else 100
    year = base.year + width * n
    return (None, None) if not 0 < year < 10_000 else (None, f"{year // width:0{3 if width == 10 else 2}d}")


def _checked(moment: Moment) -> tuple[Moment | None, str | None]:
    return (moment, moment.iso()) if 0 < abs(moment.year) < 10_000 else (None, None)


def _weekday(ask: Ask, context: Context, tense: str) -> Meaning:
    base = base_of(context, ask.base, day=True)
    wanted = ask.weekday or 0
    if base.moment is None or base.moment.year < 1:
        return Meaning(f"XXXX-WXX-{wanted}")
    day = base.moment.first_day()
    ahead = (wanted - 1 - day.weekday()) % WEEK
    behind = ahead - WEEK if ahead else 0
    following = ask.direction == 1 or (ask.direction is None and tense in ("future", "present"))
    if base.anchor.kind == "previous_mention":
        following = ask.direction != -1
    if ask.direction == -1 and behind == 0:
        behind = -WEEK
    if ask.direction == 1 and ahead == 0:
        ahead = WEEK
    first, other = (ahead, behind) if following else (behind, ahead)
    chosen, second = shift_day(day, days=first), shift_day(day, days=other)
    if chosen is None:
        return Meaning(f"XXXX-WXX-{wanted}")
    alternatives = (second.isoformat(),) if second and second != chosen and ask.direction is None else ()
    why = "the next one" if following else "the last one"
    if ask.direction is None and base.anchor.kind == "publication":
        why += f", told in the {tense} tense" if tense else ", tense unknown"
    return Meaning(chosen.isoformat(), base.anchor, on_day(chosen), alternatives, why)


def _day_alone(ask: Ask, context: Context) -> Meaning:
    base = base_of(context, ask.base, month=True)
    assert ask.day is not None
    if base.moment is None or base.moment.month is None:
        return Meaning(f"XXXX-XX-{ask.day:02d}")
    year, month = shift_months(base.moment.year, base.moment.month, int(ask.n or 0))
    if not 0 < abs(year) < 10_000 or not day_exists(year, month, ask.day):
        return Meaning(f"XXXX-XX-{ask.day:02d}")
    moment = Moment(year, month, ask.day)
    return Meaning(moment.iso(), base.anchor, moment, why=f"in the month {year:04d}-{month:02d}")


def _holiday(ask: Ask, context: Context, tense: str, at: int) -> Meaning:
    code = ask.holiday or ""
    base = base_of(context, ask.base, at)
    year = ask.year
    if year is None and base.moment is not None:
        year = base.moment.year
        if ask.direction is None and base.anchor.kind == "publication" and base.moment.day:
            near = holiday(code, year)
            ahead = (near - base.moment.first_day()).days if near else 0
            year += -1 if tense == "past" and ahead > 60 else 1 if tense == "future" and ahead < -60 else 0
        year += ask.direction or 0
    day = holiday(code, year) if year is not None and 0 < year < 9999 else None
    if day is None:
        return Meaning("XXXX-XX-XX" if code[:1] in "EA" or "/" in code else f"XXXX-{code}")
    anchor = Anchor("explicit") if ask.year is not None else base.anchor
    return Meaning(day.isoformat(), anchor, on_day(day), why=f"the holiday in {year}")


def _same_day(ask: Ask, context: Context, at: int) -> Meaning:
    """A time of day alone: the day told just before, else the day of the telling."""
    told = context.last(day=True)
    near = told is not None and (context.mode == NARRATIVE or at - told.end <= 120)
    base = base_of(context, "mention" if near else ask.base, day=True)
    if base.moment is None:
        return Meaning("XXXX-XX-XX")
    return Meaning(base.moment.iso(), base.anchor, base.moment, why="on the day told before")


def _with_clock(found: Meaning, ask: Ask) -> Meaning:
    day = found.value if len(found.value) == 10 else "XXXX-XX-XX"
    return Meaning(f"{day}{ask.clock}", found.anchor, found.moment, found.alternatives, found.why)
