"""From what an expression says to what it means: the calendar, the publication date, what was told before."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, field, replace
from datetime import date

from annotate.core.dates.ask import Ask
from annotate.core.dates.calendar import (
    WEEK,
    Moment,
    holiday,
    monday_of,
    on_day,
    shift_day,
    shift_months,
    week_value,
    year_text,
)
from annotate.core.dates.edtf import day_exists
from annotate.core.dates.model import Anchor

NEWS, NARRATIVE = "news", "narrative"
NO_ANCHOR = Anchor("none")
SEASON_MONTH = {"SP": 3, "SU": 6, "FA": 9, "WI": 12}
_HEADING = 80
_FAR = 1000
_SENTENCE_END = re.compile(r"[.!?]\s+[A-ZÄÖÜ„»\"“]|\n")
_UNKNOWN = {"Y": "XXXX", "M": "XXXX-XX", "W": "XXXX-WXX", "D": "XXXX-XX-XX", "WE": "XXXX-WXX-WE", "Q": "XXXX-QX"}


@dataclass(frozen=True, slots=True)
class Mention:
    """A point in time that the text has told, and where."""

    moment: Moment
    start: int
    end: int


@dataclass(slots=True)
class Context:
    """What is known when an expression is read. ``told`` grows as the text is read."""

    mode: str
    published: Moment | None
    text: str = ""
    told: list[Mention] = field(default_factory=list)
    section: Mention | None = None

    def tell(self, moment: Moment, start: int, end: int) -> None:
        """Remember a mention; the last few are enough."""
        mention = Mention(moment, start, end)
        self.told.append(mention)
        del self.told[:-40]
        if _is_heading(self.text, start, end):
            self.section = mention

    def running(self, at: int) -> Mention | None:
        """The mention whose year the telling is in at offset ``at``.

        Under a heading with a year that is the heading's, at the start of each paragraph and where the
        latest mention was an aside ("..., who lived until 1881").
        """
        told, section = self.last(), self.section
        if told is None or section is None or told.start <= section.start:
            return told
        aside = abs(told.moment.year - section.moment.year) > 1
        return section if aside or self.text.find("\n", told.end, at) >= 0 else told

    def last(self, *, month: bool = False, day: bool = False) -> Mention | None:
        """The latest mention that knows its month or day, if that is asked for."""
        for mention in reversed(self.told):
            moment = mention.moment
            if (not month or moment.month) and (not day or moment.day):
                return mention
        return None


def _is_heading(text: str, start: int, end: int) -> bool:
    """Whether the mention stands in a short line of its own that is no sentence."""
    first = text.rfind("\n", max(0, start - _HEADING), start) + 1
    if first == 0 and start > _HEADING:
        return False
    last = text.find("\n", end, end + _HEADING)
    line = text[first : last if last >= 0 else end + _HEADING].strip()
    return 0 < len(line) <= _HEADING // 2 and line[-1] not in ".!?,;" and last >= 0 and line[:1] not in "(["


@dataclass(frozen=True, slots=True)
class Meaning:
    """What came out. ``moment`` is None where it is no point that others can hang on."""

    value: str
    anchor: Anchor = NO_ANCHOR
    moment: Moment | None = None
    alternatives: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Base:
    moment: Moment | None
    anchor: Anchor


def meaning_of(ask: Ask, context: Context, tense: str, at: int) -> Meaning:
    """The meaning of ``ask`` at offset ``at``. ``tense`` is ``past | future | present`` or empty."""
    if ask.unit in ("CE", "DE"):
        found = _shifted(ask, context, at, tense)
    elif ask.unit == "W" and ask.month is not None and ask.n is not None:
        found = _week_of_month(ask, context, tense, at)
    elif ask.year is not None and ask.holiday is None:
        found = _stated(ask)
    elif ask.holiday is not None:
        found = _holiday(ask, context, tense, at)
    elif ask.weekday is not None:
        found = _weekday(ask, context, tense)
    elif ask.month is not None or ask.season is not None or ask.quarter is not None or ask.half is not None:
        found = _in_year(ask, context, tense, at)
    elif ask.day is not None:
        found = _day_alone(ask, context)
    elif ask.unit is not None:
        found = _shifted(ask, context, at, tense)
    else:
        found = _same_day(ask, context, at)
    return _with_clock(found, ask) if ask.clock else found


def _stated(ask: Ask) -> Meaning:
    """Everything is said, the year too."""
    year, month, day = ask.year or 0, ask.month, ask.day
    if month is not None and not day_exists(year, month, day or 1):
        return Meaning("")
    moment = Moment(year, month, day, ask.season)
    return Meaning(moment.iso() if month or ask.season else f"{year:04d}", Anchor("explicit"), moment)


def _base(context: Context, wanted: str, at: int = -1, *, month: bool = False, day: bool = False) -> _Base:
    told = context.last(month=month, day=day) if month or day or at < 0 else context.running(at)
    mention = _Base(told.moment, Anchor("previous_mention", told.start, told.end)) if told else None
    issued = context.published
    if issued and ((month and issued.month is None) or (day and issued.day is None)):
        issued = None
    publication = _Base(issued, Anchor("publication")) if issued else None
    if wanted == "publication" and publication is not None:
        return publication
    mention_first = wanted == "mention" or (wanted == "said" and context.mode == NARRATIVE)
    order = (mention, publication) if mention_first else (publication, mention)
    return next((base for base in order if base is not None), _Base(None, NO_ANCHOR))


def _shifted(ask: Ask, context: Context, at: int, tense: str) -> Meaning:
    unit, n = ask.unit or "", ask.n
    if n is None:
        return Meaning(ask.fallback or _UNKNOWN.get(unit, ""))
    if unit == "D" and n == 0 and ask.base == "said" and context.mode == NARRATIVE:
        return Meaning("PRESENT_REF")
    wanted = _deictic(ask, context, at) if unit == "Y" else ask.base
    base = _base(context, wanted, at, month=unit in ("M", "Q"), day=unit in ("D", "W", "WE"))
    if base.moment is None:
        return Meaning(_UNKNOWN.get(unit) or ask.fallback or "")
    if unit == "WE" and n == 0 and tense == "past" and base.anchor.kind == "publication":
        n = -1 if base.moment.first_day().weekday() < 5 else 0  # the one that is over
    moment, value = _moved(base.moment, unit, n)
    if value is None:
        return Meaning(ask.fallback or _UNKNOWN.get(unit, ""))
    return Meaning(value, base.anchor, moment, why=f"counted from {base.moment.iso()}")


def _deictic(ask: Ask, context: Context, at: int) -> str:
    """What "last year", "this year" hang on: the year told just before, else the time of telling."""
    if ask.base != "said" or context.published is None or not context.told:
        return ask.base
    if _told_nearby(context, at) is not None:
        return "mention"
    if context.mode == NARRATIVE and context.section is None and at - context.told[-1].end > _FAR:
        return "publication"
    return ask.base


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
        return _checked(Moment(base.year + n))
    width = 10 if unit == "DE" else 100
    year = base.year + width * n
    return (None, None) if not 0 < year < 10_000 else (None, f"{year // width:0{3 if width == 10 else 2}d}")


def _checked(moment: Moment) -> tuple[Moment | None, str | None]:
    return (moment, moment.iso()) if 0 < abs(moment.year) < 10_000 else (None, None)


def _in_year(ask: Ask, context: Context, tense: str, at: int) -> Meaning:
    """A month, day, season, quarter or half-year whose year has to be found."""
    if ask.month is not None and not day_exists(None, ask.month, ask.day or 1):
        return Meaning("")
    found = _year_for(ask, context, tense, at)
    if found is None:
        return Meaning(_placed(ask, None))
    year, anchor, other, why = found
    if ask.day is not None and not day_exists(year, ask.month or 1, ask.day):
        return Meaning(_placed(ask, None), why="no such day in the year that it hangs on")
    others = tuple(_placed(ask, y) for y in other if ask.day is None or day_exists(y, ask.month or 1, ask.day))
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


def _week_of_month(ask: Ask, context: Context, tense: str, at: int) -> Meaning:
    """"The last week of March": the ISO week in the middle of the seven days that are meant."""
    nth = int(ask.n or 0)
    in_month = replace(ask, unit=None, n=None)
    found = _stated(in_month) if ask.year else _in_year(in_month, context, tense, at)
    if found.moment is None or found.moment.month is None or found.moment.year < 1:
        return Meaning("XXXX-WXX")
    year, month = found.moment.year, found.moment.month
    middle = monthrange(year, month)[1] - 4 if nth < 0 else WEEK * nth - 3
    return replace(found, value=week_value(date(year, month, middle)), alternatives=())


_Found = tuple[int, Anchor, tuple[int, ...], str]


def _year_for(ask: Ask, context: Context, tense: str, at: int) -> _Found | None:
    if ask.unit == "Y" and ask.n is not None:  # "spring of next year"
        base = _base(context, _deictic(ask, context, at), at)
        if base.moment is None:
            return None
        year = base.moment.year + int(ask.n)
        return (year, base.anchor, (), f"counted from {base.moment.year}") if 0 < abs(year) < 9999 else None
    near = _told_nearby(context, at)
    if near is not None and ask.direction is None and context.mode == NEWS and tense != "present":
        year = _year_after(ask, near.moment)
        return year, Anchor("previous_mention", near.start, near.end), (), "the year told just before"
    base = _base(context, ask.base, at)
    if base.moment is None:
        return None
    if base.anchor.kind == "previous_mention" and ask.direction in (None, 0):
        return _year_after(ask, base.moment), base.anchor, (), "the year of the telling so far"
    return _year_near(ask, base, tense)


def same_sentence(text: str, end: int, at: int) -> bool:
    """Whether nothing between the two offsets ends a sentence (and they are near each other)."""
    return at - end <= 120 and not _SENTENCE_END.search(text, end, at)


def _told_nearby(context: Context, at: int) -> Mention | None:
    """A mention in the same or the sentence before, if it tells of another year than the publication."""
    if not context.told or context.published is None:
        return None
    last = context.told[-1]
    if at - last.end > 250 or _SENTENCE_END.search(context.text, last.end, at) or abs(last.moment.year - context.published.year) <= 1:
        return None
    return last


def _year_after(ask: Ask, told: Moment) -> int:
    """The year of a month told after ``told``: the same, or the next after a turn of the year."""
    month = ask.month or SEASON_MONTH.get(ask.season or "", 0)
    before = told.month or 0
    if month and before and before - month >= 9 and told.year < 9998:
        return told.year + 1
    if month and before and month - before >= 10 and told.year > 1:
        return told.year - 1
    return told.year


def _year_near(ask: Ask, base: _Base, tense: str) -> _Found:
    """The year by direction or tense, counted from the publication date."""
    assert base.moment is not None
    year, anchor = base.moment.year, base.anchor
    here = (base.moment.month or 6, base.moment.day or 15)
    month = ask.month or SEASON_MONTH.get(ask.season or "", 0) or 3 * (ask.quarter or 0) or 6 * (ask.half or 0)
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


def _weekday(ask: Ask, context: Context, tense: str) -> Meaning:
    base = _base(context, ask.base, day=True)
    wanted = (ask.weekday or 0)
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
    base = _base(context, ask.base, month=True)
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
    base = _base(context, ask.base, at)
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
    near = told is not None and (context.mode == NARRATIVE or at - told.end <= 400)
    base = _base(context, "mention" if near else ask.base, day=True)
    if base.moment is None:
        return Meaning("XXXX-XX-XX")
    return Meaning(base.moment.iso(), base.anchor, base.moment, why="on the day told before")


def _with_clock(found: Meaning, ask: Ask) -> Meaning:
    day = found.value if len(found.value) == 10 else "XXXX-XX-XX"
    return Meaning(f"{day}{ask.clock}", found.anchor, found.moment, found.alternatives, found.why)


def parse_moment(edtf: str | None) -> Moment | None:
    """The publication date as far as EDTF says it plainly: a year, a month or a day; else None."""
    bare = (edtf or "").rstrip("?~%")
    fields = bare.split("-")
    if not fields[0] or not all(part.isdigit() for part in fields) or len(fields) > 3 or len(fields[0]) != 4:
        return None
    numbers = [int(part) for part in fields]
    try:
        date(numbers[0], *(numbers + [1, 1])[1:3])
    except ValueError:
        return None
    return Moment(*numbers)
