"""Calendars that count years of their own: Juche, Japanese eras, the Republic of China.

"Juche 107 (2018)" is the year 2018 twice. Where the two disagree, both are kept and it is remarked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from annotate.core.dates.edtf import day_exists
from annotate.core.dates.grammar import Grammar, Rule, fold
from annotate.core.dates.readings import Reading, claimed

# Gregorian year before the first year of the count, and the last year of the count (0: goes on).
_ERAS: Mapping[str, tuple[int, int]] = {
    "JUCHE": (1911, 0),
    "MINGUO": (1911, 0),
    "MEIJI": (1867, 45),
    "TAISHO": (1911, 15),
    "SHOWA": (1925, 64),
    "HEISEI": (1988, 31),
    "REIWA": (2018, 0),
}


def read_era(match: re.Match[str], grammar: Grammar, rule: Rule) -> tuple[Reading, ...]:
    """A year of an era, with the Gregorian year beside it where the text has one."""
    groups = match.groupdict()
    era = grammar.tables["era"].get(fold(" ".join((groups.get("era") or "").split())))
    if era is None:
        return ()
    before, last = _ERAS[era]
    count = int(groups["count"])
    if count < 1 or (last and count > last):
        return ()
    converted, stated = before + count, groups.get("year") or groups.get("year2")
    year = int(stated) if stated else converted
    remarks: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    value, other = _value(year, groups, grammar), _value(converted, groups, grammar)
    if value is None:
        return ()
    if year != converted:
        remarks = (f"year {count} of the era is {converted}, the text says {year}",)
        others = (other,) if other else ()
    return (Reading(*claimed(match), value, value, others, remarks=remarks),)


def _value(year: int, groups: Mapping[str, str | None], grammar: Grammar) -> str | None:
    word, day = groups.get("month") or groups.get("month3"), groups.get("day") or groups.get("day3")
    if not word:
        return f"{year:04d}" if 0 < year < 10_000 else None
    month = int(grammar.months[fold(word)])
    if not day:
        return f"{year:04d}-{month:02d}"
    return f"{year:04d}-{month:02d}-{int(day):02d}" if day_exists(year, month, int(day)) else None


def read_two_styles(match: re.Match[str], grammar: Grammar, rule: Rule) -> tuple[Reading, ...]:
    """ "25 October (7 November) 1917": one day in the old and the new style; the new one is the value."""
    year = int(match["year"])
    old = _value(year, {"month": match["month"] or match["month2"], "day": match["day"]}, grammar)
    new = _value(year, {"month": match["month2"] or match["month"], "day": match["day2"]}, grammar)
    if old is None or new is None:
        return ()
    return (Reading(*claimed(match), new, new, (old,)),)
