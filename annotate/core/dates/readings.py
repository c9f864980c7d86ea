"""What a match means: groups of a rule into TIMEX3 and EDTF, or nothing where no such day exists."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from annotate.core.dates.ask import Ask
from annotate.core.dates.edtf import astronomical, day_exists, edtf_is_valid
from annotate.core.dates.grammar import Grammar, fold

_SEASON_DIGITS = {"SP": "21", "SU": "22", "FA": "23", "WI": "24"}
_YEAR = re.compile("[12][0-9]{3}")
_DAY = re.compile(r"([0-9]{1,2})(?:\.|st|nd|rd|th)?")
_NO_YEAR = "XXXX"


class Reading(NamedTuple):
    """One date inside a match; offsets are code points of the searched text."""

    start: int
    end: int
    value: str
    edtf: str | None
    alternatives: tuple[str, ...] = ()
    mod: str = ""
    parts: tuple[tuple[int, int, str], ...] = ()
    ask: Ask | None = None
    timex_type: str = "DATE"
    base: str | None = None
    ordinal: int | None = None
    remarks: tuple[str, ...] = ()
    needs_bc: bool = False


class _Fields(NamedTuple):
    """A date as far as it was said; None is "not said"."""

    year: int | None
    month: int | None
    day: int | None

    def exists(self) -> bool:
        """Whether the calendar has it."""
        if self.month is None:
            return self.year is not None and self.day is None
        if self.day is None:
            return self.year is not None and 1 <= self.month <= 12
        return day_exists(self.year, self.month, self.day)

    def iso(self) -> str:
        """As ISO 8601, an unknown year as ``XXXX``."""
        year = _NO_YEAR if self.year is None else f"{self.year:04d}"
        rest = [f"{n:02d}" for n in (self.month, self.day) if n is not None]
        return "-".join([year, *rest])


Reader = Callable[[re.Match[str], Grammar], tuple[Reading, ...]]


def claimed(match: re.Match[str]) -> tuple[int, int]:
    """The range that a match stands for: its group ``span``, else all of it."""
    number = match.re.groupindex.get("span", 0)
    found = match.span(number)
    return found if found[0] >= 0 else match.span()


def _group(match: re.Match[str], name: str) -> str | None:
    return match[name] if name in match.re.groupindex else None


def _fields(match: re.Match[str], grammar: Grammar, which: str = "") -> _Fields:
    year, day = _group(match, f"year{which}"), _group(match, f"day{which}")
    word, figure = _group(match, f"month{which}"), _group(match, f"mm{which}")
    month = int(grammar.months[fold(word)]) if word else int(figure) if figure else None
    return _Fields(int(year) if year else None, month, int(day) if day else None)


def _point(match: re.Match[str], grammar: Grammar) -> tuple[Reading, ...]:
    fields = _fields(match, grammar)
    if fields.year is None and fields.month is None and _group(match, "year2"):
        fields = _fields(match, grammar, "2")
    if not fields.exists():
        return ()
    value = edtf = fields.iso()
    season, part = _group(match, "season"), _group(match, "part")
    if season:
        code = grammar.seasons[fold(season)]
        value, edtf = f"{value}-{code}", f"{edtf}-{_SEASON_DIGITS[code]}"
    return (Reading(*claimed(match), value, edtf, mod=grammar.parts[fold(part)] if part else ""),)


def _slashed(match: re.Match[str], grammar: Grammar) -> tuple[Reading, ...]:
    a, b, year = int(match["a"]), int(match["b"]), int(match["year"])
    both = (_Fields(year, b, a), _Fields(year, a, b))
    readings = list(dict.fromkeys(fields.iso() for fields in both if fields.exists()))
    if not readings:
        return ()
    return (Reading(*claimed(match), readings[0], readings[0], tuple(readings[1:])),)


def _completed(first: _Fields, last: _Fields) -> tuple[_Fields, _Fields]:
    """Give each end what only the other one says: ``16. bis 18. August``, ``30 May to 2 June 2019``."""
    month = first.month if first.month is not None else last.month
    last = _Fields(last.year if last.year is not None else first.year, last.month or first.month, last.day)
    year = first.year if first.year is not None else last.year
    start = _Fields(year, month, first.day)
    if first.year is None and year is not None and (start.month or 0) > (last.month or 0):
        start = _Fields(year - 1, month, first.day)
    return start, last


def _period(match: re.Match[str], grammar: Grammar) -> tuple[Reading, ...]:
    first, last = _fields(match, grammar), _fields(match, grammar, "2")
    short = _group(match, "yy2")
    if short is not None:
        if first.year is None or (int(short) <= 12 and "/" not in match.group()):
            return ()  # "2018-10" is rather a month
        last = _Fields(first.year // 100 * 100 + int(short), None, None)
    first, last = _completed(first, last)
    if not (first.exists() and last.exists()) or (first.day is None) != (last.day is None):
        return ()
    value = f"{first.iso()}/{last.iso()}"
    if first.iso() >= last.iso() or not edtf_is_valid(value):
        return ()
    ends = ((*match.span("first"), first.iso()), (*match.span("last"), last.iso()))
    return (Reading(*claimed(match), value, value, parts=ends),)


def _years(match: re.Match[str], grammar: Grammar) -> tuple[Reading, ...]:
    start, end = claimed(match)
    found = _YEAR.finditer(match.string, start, end)
    return tuple(Reading(*year.span(), year.group(), year.group()) for year in found)


def _days(match: re.Match[str], grammar: Grammar) -> tuple[Reading, ...]:
    last = _fields(match, grammar)
    rows = [
        (item.span(), _Fields(last.year, last.month, int(item[1])))
        for item in _DAY.finditer(match.string, *match.span("days"))
    ]
    rows.append((match.span("last"), last))
    if not all(fields.exists() for _, fields in rows):
        return ()
    return tuple(Reading(*span, fields.iso(), fields.iso()) for span, fields in rows)


def _days_after(match: re.Match[str], grammar: Grammar) -> tuple[Reading, ...]:
    """``May 4, 5 and 6, 1945``: one date each, the month said once before them."""
    first = _fields(match, grammar)
    spans = [(match.start("first"), match.end("first"), first.day)]
    for number in re.finditer("[0-9]{1,2}", match["more"]):
        start = match.start("more") + number.start()
        spans.append((start, start + len(number.group()), int(number.group())))
    year_end = match.end("year") if match["year"] else None
    found = []
    for index, (start, end, day) in enumerate(spans):
        fields = _Fields(first.year, first.month, day)
        if not fields.exists():
            return ()
        last = index == len(spans) - 1 and year_end is not None
        found.append(Reading(start, year_end if last and year_end else end, fields.iso(), fields.iso()))
    return tuple(found)


def _decade(match: re.Match[str], grammar: Grammar) -> tuple[Reading, ...]:
    stem = match["decade"][:3]
    part = _group(match, "part")
    return (Reading(*claimed(match), stem, f"{stem}X", mod=grammar.parts[fold(part)] if part else ""),)


def _bc(match: re.Match[str], grammar: Grammar) -> tuple[Reading, ...]:
    year = int(match["bc"])
    if not year:
        return ()
    fields, season, part = _fields(match, grammar), _group(match, "season"), _group(match, "part")
    day = fields.day or _fields(match, grammar, "2").day
    if (day and not fields.month) or (fields.month and not day_exists(None, fields.month, day or 1)):
        return ()
    value, edtf = f"BC{year:04d}", astronomical(year)
    if season:
        code = grammar.seasons[fold(season)]
        value, edtf = f"{value}-{code}", f"{edtf}-{_SEASON_DIGITS[code]}"
    for field in (fields.month, day):
        if field:
            value, edtf = f"{value}-{field:02d}", f"{edtf}-{field:02d}"
    return (Reading(*claimed(match), value, edtf, mod=grammar.parts[fold(part)] if part else ""),)


def _bc_range(match: re.Match[str], grammar: Grammar) -> tuple[Reading, ...]:
    first, last = int(match["bc"]), int(match["bc2"])
    if len(match["bc2"]) < len(match["bc"]):  # "492-90 BC"
        last += first // 10 ** len(match["bc2"]) * 10 ** len(match["bc2"])
    if not last or first <= last:
        return ()
    ends = [(*match.span(name), f"BC{year:04d}") for name, year in (("first", first), ("last", last))]
    value = f"{ends[0][2]}/{ends[1][2]}"
    return (
        Reading(*claimed(match), value, f"{astronomical(first)}/{astronomical(last)}", parts=tuple(ends)),
    )


def _bc_bare(match: re.Match[str], grammar: Grammar) -> tuple[Reading, ...]:
    year = int(match["bc"])
    return (Reading(*claimed(match), f"BC{year:04d}", astronomical(year), needs_bc=True),)


_LISTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([12][0-9]{3})")


def _listed(match: re.Match[str], grammar: Grammar) -> tuple[Reading, ...]:
    """``8.5.2018,9.5.2018``: written without a blank, still one date each."""
    found = []
    for one in _LISTED.finditer(match.string, *claimed(match)):
        fields = _Fields(int(one[3]), int(one[2]), int(one[1]))
        if fields.exists():
            found.append(Reading(*one.span(), fields.iso(), fields.iso()))
    return tuple(found)


def _nothing(match: re.Match[str], grammar: Grammar) -> tuple[Reading, ...]:
    return ()


READERS: dict[str, Reader] = {
    "point": _point,
    "slashed": _slashed,
    "period": _period,
    "years": _years,
    "days": _days,
    "days-after": _days_after,
    "listed": _listed,
    "decade": _decade,
    "bc": _bc,
    "bc-range": _bc_range,
    "bc-bare": _bc_bare,
    "nothing": _nothing,
}
