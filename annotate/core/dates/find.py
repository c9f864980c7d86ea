"""Search a text for stated dates. Linear in the length of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from annotate.core.dates.edtf import edtf_is_valid
from annotate.core.dates.grammar import Grammar, Rule, grammar_of, languages
from annotate.core.dates.model import DatePart, StatedDate
from annotate.core.dates.readings import READERS, Reading, claimed

LANGUAGES: tuple[str, ...] = languages()
"""The languages that stated dates can be read in."""

_FIGURE = re.compile("[0-9]+")
# No rule reaches further from a figure than this (code points).
_BEFORE, _AFTER = 120, 60
_YEARS = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_OPEN_YEAR = re.compile(r"XXXX-[0-9]{2}-[0-9]{2}")


def find_stated_dates(text: str, language: str, *, published: str | None = None) -> tuple[StatedDate, ...]:
    """Every date that the text states, in order, none overlapping another.

    ``language`` is one of LANGUAGES (KeyError otherwise); ``published`` the EDTF publication date: a
    day without a year then lists the day of that year among its alternatives, its value stays open.
    Offsets are code points of ``text``.
    """
    grammar = grammar_of(language)
    year = _one_year(published)
    dates = [
        _dated(text, rule, reading, year)
        for start, end in _numeric_stretches(text)
        for rule, reading in _chosen(text, start, end, grammar, whole=False)
    ]
    return tuple(sorted(dates, key=lambda date: date.start))


def read_date(text: str, language: str | None = None) -> StatedDate | None:
    """The date that the whole string is (blanks around it and a final full stop aside), else None.

    ``language`` None tries every language. Offsets are code points of ``text``.
    """
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    if not 0 < end - start <= 200:  # no date is longer
        return None
    for name in LANGUAGES if language is None else (language,):
        for rule, reading in _chosen(text, start, end, grammar_of(name), whole=True):
            if reading.start == start and text[reading.end : end] in ("", "."):
                return _dated(text, rule, reading, None)
    return None


def _numeric_stretches(text: str) -> Iterator[tuple[int, int]]:
    """Where to search: around figures. Every rule needs one, most prose has none."""
    start, end = 0, -1
    for figure in _FIGURE.finditer(text):
        if figure.start() - _BEFORE > end:
            if end > 0:
                yield start, end
            start = max(0, figure.start() - _BEFORE)
        end = min(len(text), figure.end() + _AFTER)
    if end > 0:
        yield start, end


def _chosen(
    text: str, start: int, end: int, grammar: Grammar, *, whole: bool
) -> Iterator[tuple[Rule, Reading]]:
    """The readings that stand: a longer claim beats a shorter, an earlier rule a later one.

    A claim without a reading (an impossible day, an amount) still keeps others out of its range.
    """
    claims: list[tuple[int, int, int, tuple[Reading, ...]]] = []
    for order, rule in enumerate(grammar.rules):
        if rule.whole and not whole:
            continue
        read = READERS[rule.reads]
        for match in rule.regex.finditer(text, start, end):
            first, last = claimed(match)
            claims.append((first - last, first, order, read(match, grammar)))
    taken = bytearray(end - start)
    for length, first, order, readings in sorted(claims, key=lambda claim: claim[:3]):
        last = first - length
        if taken.find(1, first - start, last - start) < 0:
            taken[first - start : last - start] = b"\1" * (last - first)
            for reading in readings:
                yield grammar.rules[order], reading


def _dated(text: str, rule: Rule, reading: Reading, year: str | None) -> StatedDate:
    mod = reading.mod or rule.mod
    edtf = f"{reading.edtf}~" if reading.edtf and mod == "APPROX" else reading.edtf
    return StatedDate(
        start=reading.start,
        end=reading.end,
        text=text[reading.start : reading.end],
        timex_type="DATE",
        value=reading.value,
        edtf=edtf,
        rule=f"{rule.name}:{mod.lower()}" if mod else rule.name,
        # Two readings, no ground to choose: the first is no better than a coin.
        score=0.5 if reading.alternatives else rule.score,
        alternatives=reading.alternatives + _in_year(edtf, year),
        mod=mod,
        parts=tuple(DatePart(*part) for part in reading.parts),
    )


def _one_year(published: str | None) -> str | None:
    years = set(_YEARS.findall(published or ""))
    return years.pop() if len(years) == 1 else None


def _in_year(edtf: str | None, year: str | None) -> tuple[str, ...]:
    if edtf is None or year is None or not _OPEN_YEAR.search(edtf):
        return ()
    filled = edtf.replace("XXXX", year)
    return (filled,) if edtf_is_valid(filled) else ()
