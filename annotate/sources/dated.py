"""Read a string that should be nothing but a date, and keep where in the source it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from annotate.core.dates import read_date
from annotate.sources.lexicon import alternation

LONGEST_DATE = 90

_DIGIT = re.compile(r"\d")
_TIME = re.compile(
    r"(?:\s*[,T|]\s*|\s+)(?:(?:at|um|gegen)\s+)?\d{1,2}[:.h]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?"
    r"\s*(?:uhr|h|a\.?m\.?|p\.?m\.?)?\s*(?:\(?(?:[A-Z]{2,5}|Z|[+-]\d{2}:?\d{2})(?:[+-]\d{1,2})?\)?)?$",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    r"(?:(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun)\.?,?\s+",
    re.IGNORECASE,
)
_OPEN, _CLOSE = "([{<", ")]}>"
# "August 18, Renewal 54 (2025)", "14. September des Jahres 47 der Erneuerung (2018)": an era of its
# own, with the year that everybody can check in brackets.
_ERA = re.compile(
    r"(?P<day>.{3,40}?)[\s,]+(?:(?:des|im)\s+Jahre?s?\s+\d{1,3}\s+(?:der|des)\s+\w+|\w+\s+\d{1,3})"
    r"\s*\((?P<year>\d{4})\)"
)
# "Era 114 (2025). 8. 20."
_ERA_FIGURES = re.compile(
    r"\w+\s+\d{1,3}\s*\((?P<year>\d{4})\)\s*[.,/-]?\s*(?P<month>\d{1,2})\s*[./-]\s*(?P<day>\d{1,2})\.?"
)


@dataclass(frozen=True, slots=True)
class ReadDate:
    """A date in a source: offsets of the date's own characters, their text, and its readings in EDTF."""

    start: int
    end: int
    text: str
    readings: tuple[str, ...]
    rule: str

    @property
    def open_year(self) -> bool:
        """Whether the year is not stated."""
        return self.readings[0].startswith("XXXX")

    @property
    def day(self) -> bool:
        """Whether it names a day, with its year."""
        return not self.open_year and len(self.readings[0]) == len("2025-08-20")


def date_at(text: str, start: int) -> ReadDate | None:
    """The date that ``text`` is (words like "den", brackets and a clock time aside), or None.

    ``start`` is the source offset of the text's first character.
    """
    if len(text) > LONGEST_DATE or not _DIGIT.search(text):
        return None
    low, high = _core(text)
    for first in dict.fromkeys((low, _after_words(text, low), _after_weekday(text, _after_words(text, low)))):
        for last in dict.fromkeys((high, _before_time(text, first, high), _before_page(text, first, high))):
            found = _read(text[first:last])
            if found is not None:
                at, length, readings, rule = found
                begin = start + first + at
                shown = text[first + at : first + at + length]
                return ReadDate(begin, begin + length, shown, readings, rule)
    return None


@lru_cache(maxsize=4096)
def _read(text: str) -> tuple[int, int, tuple[str, ...], str] | None:
    """Offset and length inside ``text``, readings and rule."""
    date = read_date(text)
    if date is None:
        return _read_era(text)
    if date.edtf is None or "/" in date.edtf:
        return None
    return date.start, date.end - date.start, (date.edtf, *date.alternatives), date.rule


def _read_era(text: str) -> tuple[int, int, tuple[str, ...], str] | None:
    figures = _ERA_FIGURES.fullmatch(text.strip())
    if figures is not None:
        date = read_date(f"{figures['year']}-{figures['month']:0>2}-{figures['day']:0>2}")
        found = text.index(figures.group())
        return (found, len(figures.group()), (date.edtf,), "era:figures") if date and date.edtf else None
    match = _ERA.fullmatch(text.strip())
    if match is None:
        return None
    for joined in (f"{match['day']}, {match['year']}", f"{match['day']} {match['year']}"):
        date = read_date(joined)
        if date is not None and date.edtf is not None and "/" not in date.edtf:
            return text.index(match.group()), len(match.group()), (date.edtf,), f"era:{date.rule}"
    return None


def _core(text: str) -> tuple[int, int]:
    """The range without blanks and one pair of brackets round everything."""
    low, high = 0, len(text)
    while low < high and text[low].isspace():
        low += 1
    while high > low and text[high - 1].isspace():
        high -= 1
    if high - low > 2 and text[low] in _OPEN:
        stop = high - 1 if text[high - 1] == "." else high
        if _CLOSE[_OPEN.index(text[low])] == text[stop - 1]:
            return low + 1, stop - 1
    return low, high


_WORDS = re.compile(rf"(?:(?:{alternation('date_words')})\s+)+", re.IGNORECASE)


def _after_words(text: str, low: int) -> int:
    match = _WORDS.match(text, low)
    return match.end() if match else low


def _after_weekday(text: str, low: int) -> int:
    match = _WEEKDAY.match(text, low)
    return _after_words(text, match.end()) if match else low


_PAGE = re.compile(r",?\s+(?:S\.|Seite|Nr\.|No\.|p\.|pp\.|page)\s*\d{1,4}$", re.IGNORECASE)


def _before_page(text: str, low: int, high: int) -> int:
    match = _PAGE.search(text, low, high)
    return match.start() if match else high


def _before_time(text: str, low: int, high: int) -> int:
    match = _TIME.search(text, low, high)
    return match.start() if match else high
