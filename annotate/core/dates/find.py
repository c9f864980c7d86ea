"""Search a text for stated dates and say what each means. Linear in the length of the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date as calendar_day
from functools import cache

from annotate.core.dates.ask import Ask
from annotate.core.dates.calendar import Moment, year_text
from annotate.core.dates.context import Context, Meaning, parse_moment, same_sentence
from annotate.core.dates.edtf import edtf_is_valid
from annotate.core.dates.grammar import Rule, grammar_of, languages
from annotate.core.dates.model import Anchor, DatePart, StatedDate
from annotate.core.dates.modes import AUTO, choose_mode
from annotate.core.dates.notation import edtf_of, year_edtf
from annotate.core.dates.readings import Reading
from annotate.core.dates.resolve import meaning_of
from annotate.core.dates.search import Searcher
from annotate.core.dates.tense import tense_at
from annotate.core.dates.year_readings import half_century

LANGUAGES: tuple[str, ...] = languages()
"""The languages that stated dates can be read in."""

_OPEN_DAY = re.compile(r"XXXX-([0-9]{2})-([0-9]{2})")
_YEARS = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_POINT = re.compile(r"(?P<bc>BC)?([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_SEASON = re.compile(r"(?:BC)?([0-9]{4})-(SP|SU|FA|WI)")


@dataclass(frozen=True, slots=True)
class DatesRead:
    """All that was found in one text: its dates, the anchoring mode and the reason for that."""

    dates: tuple[StatedDate, ...]
    mode: str
    reason: str


def find_stated_dates(
    text: str, language: str, *, published: str | None = None, mode: str = AUTO
) -> tuple[StatedDate, ...]:
    """Every date that the text states, in order, none overlapping another.

    ``language`` is one of LANGUAGES (KeyError otherwise); ``published`` the EDTF publication date;
    ``mode`` ``news``, ``narrative`` or ``auto``. Offsets are code points of ``text``.
    """
    return read_dates(text, language, published=published, mode=mode).dates


def read_dates(text: str, language: str, *, published: str | None = None, mode: str = AUTO) -> DatesRead:
    """As ``find_stated_dates``, with the anchoring mode that was used."""
    found = _searcher(language).readings(text)
    issued = _issued(published)
    stated = [r.value for _, r in found if _POINT.match(r.value) and not r.needs_bc]
    days = {moment for moment in map(parse_moment, stated) if moment is not None}
    chosen, reason = choose_mode(mode, issued, map(_year_of, stated), days)
    context = Context(chosen, issued, text)
    dates = (
        _dated(
            text, language, rule, reading, context, found[number + 1][1] if number + 1 < len(found) else None
        )
        for number, (rule, reading) in enumerate(found)
    )
    return DatesRead(tuple(date for date in dates if date is not None), chosen, reason)


def find_calendar_dates(text: str, language: str) -> tuple[StatedDate, ...]:
    """Only what is stated by the calendar and in figures; a day without its year stays open."""
    found = _searcher(language).readings(text, figures_only=True)
    return tuple(_plain(text, rule, reading) for rule, reading in found if reading.ask is None)


def read_date(text: str, language: str | None = None) -> StatedDate | None:
    """The date that the whole string is (blanks around it and a final full stop aside), else None.

    ``language`` None tries every language. Offsets are code points of ``text``.
    """
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    if not 0 < end - start <= 200:  # no date is longer
        return None
    for name in LANGUAGES if language is None else (language,):
        for rule, reading in _searcher(name).whole(text, start, end):
            if reading.ask is None and reading.start == start and text[reading.end : end] in ("", "."):
                return _plain(text, rule, reading)
    return None


@cache
def _searcher(language: str) -> Searcher:
    return Searcher(grammar_of(language))


def _issued(published: str | None) -> Moment | None:
    """The publication date; where it is open (``[a,b]``), at least its year if that is certain."""
    moment = parse_moment(published)
    if moment is None:
        years = set(_YEARS.findall(published or ""))
        moment = Moment(int(years.pop())) if len(years) == 1 else None
    return moment


def _year_of(value: str) -> int:
    return -int(value[2:6]) if value.startswith("BC") else int(value[:4])


_JOINED = re.compile(
    r"\s*(?:,|and|or|to|until|till|through|und|oder|bis(?:\s+zum)?|sowie|et|ou|au|[-–/]|,\s*(?:and|und))?\s*"
    r"(?:on\s+|in\s+|at\s+|am\s+|im\s+|the\s+|den\s+|dem\s+|vom\s+|of\s+)?"
)


def _joined(text: str, reading: Reading, following: Reading | None) -> Moment | None:
    """The stated date that follows at once ("in April and June 1955"): it speaks for both.

    Its year is 0 where it is a day without one ("at 16:15, June 1").
    """
    if following is None or following.start - reading.end > 16:
        return None
    between = text[reading.end : following.start]
    values = [part[2] for part in following.parts] or [following.value]
    point, open_day = _POINT.match(values[0]), _OPEN_DAY.fullmatch(values[0])
    if following.ask is not None or not _JOINED.fullmatch(between):
        return None
    if open_day is not None:
        return Moment(0, int(open_day[1]), int(open_day[2]))
    if point is None:
        return None
    year, month, day = (int(field) if field else None for field in point.groups()[1:])
    return Moment(-year if point["bc"] else year, month, day) if year else None


def _dated(
    text: str, language: str, rule: Rule, reading: Reading, context: Context, following: Reading | None
) -> StatedDate | None:
    if reading.needs_bc and not (context.told and context.told[-1].moment.year < 0):
        return None
    ask = reading.ask
    if ask is not None:
        ask = _given(ask, _joined(text, reading, following))
        return _opened(text, language, rule, reading, ask, context)
    if open_day := _OPEN_DAY.search(reading.value):
        return _given_year(text, language, rule, reading, open_day, context)
    date = _settled(_plain(text, rule, reading), context.published)
    for value in [part.value for part in date.parts] or [date.value]:
        _tell(context, value, date.start, date.end)
    return date


def _given(ask: Ask, joined: Moment | None) -> Ask:
    """``ask`` with what the date beside it says: the year for a month, the day for a time of day."""
    if joined is None:
        return ask
    month = ask.month
    if (
        joined.year
        and month is not None
        and ask.year is None
        and ask.unit is None
        and ask.direction is None
        and joined.month
    ):
        return ask._replace(year=joined.year - (1 if month > joined.month and joined.year != 1 else 0))
    only_clock = ask.clock and ask.unit is None and month is None and ask.weekday is None and ask.day is None
    if only_clock and joined.day:
        return ask._replace(year=joined.year or None, month=joined.month, day=joined.day)
    return ask


def _tell(context: Context, value: str, start: int, end: int) -> None:
    point = _POINT.match(value)
    if point is None or "W" in value:
        return
    season = _SEASON.match(value)
    year, month, day = (int(field) if field else None for field in point.groups()[1:])
    if year:
        year = -year if point["bc"] else year
        context.tell(Moment(year, month, day, season[2] if season else None), start, end)


def _opened(
    text: str, language: str, rule: Rule, reading: Reading, ask: Ask, context: Context
) -> StatedDate | None:
    tense = tense_at(text, reading.start, reading.end, grammar_of(language))
    if reading.ordinal is not None:
        ask = ask._replace(base=_celebrated(context, reading.start))
    meaning = meaning_of(ask, context, tense, reading.start)
    if meaning.moment is not None and reading.ordinal is None and not reading.value:
        context.tell(meaning.moment, reading.start, reading.end)
    edtf = edtf_of(meaning.value)
    if ask.half is not None and ask.unit == "CE" and meaning.value.isdigit():
        edtf = half_century(meaning.value, str(ask.half))
        reading = reading._replace(mod="START" if ask.half == 1 else "END")
    if reading.value:  # "vor fünf Jahren": TIMEX3 marks the duration, EDTF has the point it leads to
        if not edtf:
            return _plain(text, rule, reading)
        date = replace(
            _plain(text, rule, reading._replace(edtf=edtf)), anchor=meaning.anchor, why=meaning.why
        )
        return date
    if not meaning.value:
        return None
    plain = _plain(text, rule, reading._replace(value=meaning.value, edtf=edtf))
    date = _hung(plain, meaning)
    if reading.ordinal is not None and meaning.moment is not None:
        date = replace(date, base=year_edtf(meaning.moment.year - reading.ordinal))
    return date


def _celebrated(context: Context, at: int) -> str:
    """An anniversary is celebrated in the year told in the same sentence, else at publication."""
    if context.published is None:
        return "mention"
    last = context.last()
    return "mention" if last and same_sentence(context.text, last.end, at) else "publication"


def _hung(plain: StatedDate, meaning: Meaning) -> StatedDate:
    """``plain`` with what it hangs on; less sure where another reading is left."""
    others = (edtf_of(value) for value in meaning.alternatives)
    alternatives = tuple(other for other in others if other is not None)
    score = round(plain.score * (0.8 if alternatives else 1.0), 4)
    return replace(plain, anchor=meaning.anchor, alternatives=alternatives, why=meaning.why, score=score)


def _settled(date: StatedDate, published: Moment | None) -> StatedDate:
    """Of two readings of ``11/10/2018`` the one about the publication, if only one is."""
    if len(date.alternatives) != 1 or date.remarks or published is None or published.day is None:
        return date
    try:
        first, other = (calendar_day.fromisoformat(value) for value in (date.value, date.alternatives[0]))
    except ValueError:
        return replace(date, why="both readings are days of the calendar")
    issued = published.first_day()
    # Reports are about days shortly before, seldom about days to come.
    near = [-7 <= (issued - day).days <= 45 for day in (first, other)]
    if near[0] == near[1]:
        return replace(date, why="day before month is the more common order; nothing decides it")
    value, left = (date.value, date.alternatives[0]) if near[0] else (date.alternatives[0], date.value)
    why = "of the two readings this one is near the publication date"
    return replace(date, value=value, edtf=value, alternatives=(left,), score=0.8, why=why)


def _given_year(
    text: str, language: str, rule: Rule, reading: Reading, open_day: re.Match[str], context: Context
) -> StatedDate:
    """A day (or a period of days) without its year, given the year it hangs on."""
    plain = _plain(text, rule, reading)
    tense = tense_at(text, reading.start, reading.end, grammar_of(language))
    ask = Ask(month=int(open_day[1]), day=int(open_day[2]))
    meaning = meaning_of(ask, context, tense, reading.start)
    if meaning.moment is None or meaning.moment.year < 1:
        return replace(plain, anchor=Anchor("none"), why=meaning.why or "no year is known to hang it on")
    year = year_text(meaning.moment.year)
    value = reading.value.replace("XXXX", year)
    edtf = (reading.edtf or "").replace("XXXX", year)
    if not edtf_is_valid(edtf):
        return replace(plain, anchor=Anchor("none"), why="no such day in the year that it hangs on")
    parts = tuple(replace(part, value=part.value.replace("XXXX", year)) for part in plain.parts)
    others = tuple((reading.edtf or "").replace("XXXX", other[:4]) for other in meaning.alternatives)
    others = tuple(other for other in others if edtf_is_valid(other))
    for part in [part.value for part in parts] or [value]:
        _tell(context, part, reading.start, reading.end)
    hung = _hung(replace(plain, value=value, edtf=edtf, parts=parts), meaning._replace(alternatives=()))
    return replace(hung, alternatives=others, score=round(plain.score * (0.8 if others else 1.0), 4))


_MOD_FORMS = {"APPROX": "{}~", "ON_OR_AFTER": "{}/..", "ON_OR_BEFORE": "../{}"}
"""EDTF of a date that a TIMEX3 modifier widens."""


def _plain(text: str, rule: Rule, reading: Reading) -> StatedDate:
    mod = reading.mod or rule.mod
    edtf = reading.edtf
    if edtf and "/" not in edtf:
        edtf = _MOD_FORMS.get(mod, "{}").format(edtf)
    return StatedDate(
        start=reading.start,
        end=reading.end,
        text=text[reading.start : reading.end],
        timex_type=reading.timex_type,
        value=reading.value,
        edtf=edtf,
        rule=f"{rule.name}:{mod.lower()}" if mod else rule.name,
        # Two readings, no ground to choose: the first is no better than a coin.
        score=0.5 if reading.alternatives else rule.score,
        alternatives=reading.alternatives,
        mod=mod,
        parts=tuple(DatePart(*part) for part in reading.parts),
        anchor=Anchor() if reading.timex_type in ("DATE", "TIME") and reading.edtf else Anchor("none"),
        base=reading.base,
        ordinal=reading.ordinal,
        remarks=(*reading.remarks, *rule.ask.get("remarks", ())),
    )
