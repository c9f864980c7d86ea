"""What a critic wants to know about the dates of one document: where they contradict each other.

Every finding names the spans it is about. Nothing is corrected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date as calendar_day

from annotate.core.dates.calendar import Moment
from annotate.core.dates.context import parse_moment, same_sentence
from annotate.core.dates.edtf import day_exists
from annotate.core.dates.find import DatesRead
from annotate.core.dates.grammar import Grammar, fold, grammar_of
from annotate.core.dates.model import StatedDate
from annotate.core.dates.tense import tense_at

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEAR = re.compile("[0-9]{4}")
_WORD = re.compile(r"[^\W\d_]+\.?")
_NUMERIC = re.compile(r"(?<![0-9.,/-])([0-9]{1,2})[./]\s?([0-9]{1,2})[./]\s?([12][0-9]{3})(?![0-9])")
_ISO = re.compile(r"(?<![0-9.,/-])([12][0-9]{3})-([0-9]{2})-([0-9]{2})(?![0-9-])")
_RANGE = re.compile(
    r"(?<![0-9.,:$€£-])([12][0-9]{3})\s?(?:[-–]|bis|to)\s?([12][0-9]{3})(?![0-9])(?!\s*[€$£%])"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One contradiction. ``spans`` are the places it is about: (start, end) in code points.

    ``kind`` is ``weekday | anniversary | after_publication | impossible | backwards | calendar``.
    """

    kind: str
    message: str
    spans: tuple[tuple[int, int], ...]


def check_dates(text: str, language: str, read: DatesRead, published: str | None) -> tuple[Finding, ...]:
    """All contradictions, in order of the text. Raises KeyError for an unknown language."""
    grammar, issued = grammar_of(language), parse_moment(published)
    found: list[Finding] = []
    for one in read.dates:
        found.extend(_of_date(text, one, grammar, issued))
    found.extend(_anniversaries(text, read.dates))
    found.extend(_impossible(text, grammar))
    found.extend(_backwards(text))
    return tuple(sorted(set(found), key=lambda finding: (finding.spans, finding.kind, finding.message)))


def _of_date(text: str, one: StatedDate, grammar: Grammar, issued: Moment | None) -> Iterator[Finding]:
    span = ((one.start, one.end),)
    for remark in one.remarks:
        if not remark.startswith("furniture"):
            yield Finding("calendar", remark, span)
    if not _DAY.fullmatch(one.value):
        return
    day = calendar_day.fromisoformat(one.value)
    said = _weekday_said(one.text, grammar)
    if said is not None and one.anchor.kind == "explicit" and said != day.isoweekday():
        right = _weekday_name(day.isoweekday(), grammar)
        yield Finding("weekday", f"{one.value} was a {right}", span)
    if issued is not None and issued.day is not None and one.anchor.kind == "explicit":
        past = tense_at(text, one.start, one.end, grammar) == "past"
        if past and day > issued.first_day():
            yield Finding(
                "after_publication",
                f"{one.value} is after the publication ({issued.iso()}), told in the past tense",
                span,
            )


def _weekday_said(text: str, grammar: Grammar) -> int | None:
    table = grammar.tables.get("weekday", {})
    codes = [table[fold(word.group())] for word in _WORD.finditer(text) if fold(word.group()) in table]
    return int(codes[0]) if codes else None


def _weekday_name(number: int, grammar: Grammar) -> str:
    names = [name for name, code in grammar.tables["weekday"].items() if code == str(number)]
    return names[0].capitalize() if names else str(number)  # the plain name stands first in the file


def _anniversaries(text: str, dates: Iterable[StatedDate]) -> Iterator[Finding]:
    """The year that the anniversary implies against a year told beside it."""
    told = list(dates)
    for number, one in enumerate(told):
        if one.ordinal is None or one.base is None or not _YEAR.fullmatch(one.value):
            continue
        beside = [
            other
            for other in told[max(0, number - 1) : number + 2]
            if other is not one and other.anchor.kind == "explicit" and _near(text, one, other)
        ]
        years = {int(other.value[:4]): other for other in beside if _YEAR.match(other.value)}
        celebrated, implied = int(one.value), int(one.base)
        for year, other in years.items():
            if year < celebrated - 2 and year != implied:
                message = f"anniversary {one.ordinal} in {celebrated} implies {implied}, the text says {year}"
                yield Finding("anniversary", message, ((one.start, one.end), (other.start, other.end)))


def _near(text: str, one: StatedDate, other: StatedDate) -> bool:
    first, last = (one, other) if one.start < other.start else (other, one)
    return same_sentence(text, first.end, last.start)


def _impossible(text: str, grammar: Grammar) -> Iterator[Finding]:
    for match in _numeric_days(text):
        year, month, day, span = match
        if not day_exists(year, month, day) and not (span[2] and day_exists(year, day, month)):
            yield Finding(
                "impossible", f"there is no day {day} of month {month} in {year}", ((span[0], span[1]),)
            )
    for start, end, year_said, month, day in _worded_days(text, grammar):
        if not day_exists(year_said, month, day):
            where = f"month {month}" + (f" of {year_said}" if year_said else "")
            yield Finding("impossible", f"there is no day {day} in {where}", ((start, end),))


def _numeric_days(text: str) -> Iterator[tuple[int, int, int, tuple[int, int, bool]]]:
    for match in _NUMERIC.finditer(text):
        slash = "/" in match.group()
        yield int(match[3]), int(match[2]), int(match[1]), (match.start(), match.end(), slash)
    for match in _ISO.finditer(text):
        yield int(match[1]), int(match[2]), int(match[3]), (match.start(), match.end(), False)


_Worded = tuple[int, int, int | None, int, int]
_DAY_BEFORE = re.compile(r"(?<![0-9.,])([0-9]{1,2})(?:\.|st|nd|rd|th)?\s(?:of\s)?$")
_DAY_AFTER = re.compile(r"\s([0-9]{1,2})(?:st|nd|rd|th)?(?![0-9.:])")
_AFTER = re.compile(r",?\s+(?:of\s+|in\s+)?([12][0-9]{3})(?![0-9])")


def _worded_days(text: str, grammar: Grammar) -> Iterator[_Worded]:
    """Days beside the name of a month ("31 June", "June 31", "31. Juni"), with a year that follows."""
    for word in _WORD.finditer(text):
        month = _month(word.group(), grammar)
        if month is None:
            continue
        before = _DAY_BEFORE.search(text[max(0, word.start() - 12) : word.start()])
        after = _DAY_AFTER.match(text, word.end())
        if before is not None:
            start, end, day = word.start() - len(before.group()), word.end(), int(before[1])
        elif after is not None:
            start, end, day = word.start(), after.end(), int(after[1])
        else:
            continue
        year = _AFTER.match(text, end)
        yield start, year.end() if year else end, int(year[1]) if year else None, month, day


def _month(word: str, grammar: Grammar) -> int | None:
    folded = fold(word)
    if not word[:1].isupper() or folded not in grammar.months:
        return None
    return int(grammar.months[folded])


def _backwards(text: str) -> Iterator[Finding]:
    for match in _RANGE.finditer(text):
        first, last = int(match[1]), int(match[2])
        if last < first and first - last < 200 and last >= 1000:
            yield Finding("backwards", f"the range {first} to {last} runs backwards", (match.span(),))
