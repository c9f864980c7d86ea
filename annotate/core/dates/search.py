"""Where a grammar's rules apply in a text, and which of their claims stand. Linear in the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from annotate.core.dates.anniversaries import read_anniversary
from annotate.core.dates.eras import read_era, read_two_styles
from annotate.core.dates.grammar import FIGURE, FIGURES, YEAR, Grammar, Rule
from annotate.core.dates.open_readings import read_ago, read_duration, read_durations, read_fixed, read_open
from annotate.core.dates.readings import READERS, Reading, claimed
from annotate.core.dates.year_readings import (
    read_century,
    read_short_decade,
    read_short_year,
    read_slashed_short,
    read_sub_year,
)

OPEN_READERS = {
    "open": read_open,
    "fixed": read_fixed,
    "ago": read_ago,
    "duration": read_duration,
    "durations": read_durations,
    "subyear": read_sub_year,
    "short-year": read_short_year,
    "slashed-short": read_slashed_short,
    "short-decade": read_short_decade,
    "century": read_century,
    "anniversary": read_anniversary,
    "era": read_era,
    "two-styles": read_two_styles,
}
"""Readers that want to know their rule, too."""

_FIGURES = re.compile("[0-9]+")
_TOKEN = re.compile(r"[^\W\d_]+|[0-9]+|[\u0300-\u036f]+")
# No rule reaches further from its trigger than this (code points).
_REACH = {FIGURE: (80, 50), YEAR: (80, 50)}
_WORD_REACH = (45, 50)
_FIGURE_AND_YEAR = (FIGURE, YEAR)
_WORD = re.compile(r"\w{1,40}")
_CACHE_LIMIT = 100_000

Stretch = tuple[int, int]


class Searcher:
    """Applies one grammar to texts; remembers which words trigger which rules."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self._kinds: dict[str, tuple[str, ...]] = {}

    def readings(self, text: str, *, figures_only: bool = False) -> list[tuple[Rule, Reading]]:
        """The readings that stand, in order of the text. ``figures_only`` leaves out rules on words."""
        kinds = _around_figures(text) if figures_only else self._stretches(text)
        claims = list(self._claims(text, kinds))
        found = [(rule, reading) for rule, reading in _standing(claims, len(text))]
        return sorted(found, key=lambda pair: (pair[1].start, pair[1].end))

    def whole(self, text: str, start: int, end: int) -> Iterator[tuple[Rule, Reading]]:
        """Readings of figure rules inside ``[start, end)``, those for whole strings too."""
        claims: list[_Claim] = []
        for order, rule in enumerate(self.grammar.rules):
            if FIGURES.intersection(rule.on):
                claims.extend(_matches(text, [(start, end)], order, rule, self.grammar))
        return _standing(claims, len(text))

    def _claims(self, text: str, kinds: dict[str, list[Stretch]]) -> Iterator[_Claim]:
        unions: dict[tuple[str, ...], list[Stretch]] = {}
        for order, rule in enumerate(self.grammar.rules):
            if rule.whole:
                continue
            if rule.on not in unions:
                unions[rule.on] = _merged(s for kind in rule.on for s in kinds.get(kind, ()))
            yield from _matches(text, unions[rule.on], order, rule, self.grammar)

    def _stretches(self, text: str) -> dict[str, list[Stretch]]:
        found: dict[str, list[Stretch]] = {}
        known = self._kinds
        for token in _TOKEN.finditer(text):
            word = token.group()
            kinds = known.get(word)
            if kinds is None:
                kinds = self._learn(word)
            for kind in kinds:
                _add(found.setdefault(kind, []), token.start(), token.end(), text, kind)
        return found

    def _learn(self, word: str) -> tuple[str, ...]:
        if len(self._kinds) > _CACHE_LIMIT:  # hostile texts: no word comes twice
            self._kinds.clear()
        if word[0].isdigit():
            kinds: tuple[str, ...] = _FIGURE_AND_YEAR if _is_year(word) else (FIGURE,)
        else:
            folded = word.casefold()
            kinds = tuple(name for name, regex in self.grammar.triggers.items() if regex.fullmatch(folded))
        self._kinds[word] = kinds
        return kinds


_Claim = tuple[int, int, int, Rule, tuple[Reading, ...]]
"""(minus length, start, order of the rule, rule, readings), so that sorting puts the best first."""


def _matches(
    text: str, stretches: Iterable[Stretch], order: int, rule: Rule, grammar: Grammar
) -> Iterator[_Claim]:
    for start, end in stretches:
        for match in rule.regex.finditer(text, start, end):
            first, last = claimed(match)
            yield first - last, first, order, rule, _read(match, grammar, rule)


def _read(match: re.Match[str], grammar: Grammar, rule: Rule) -> tuple[Reading, ...]:
    if rule.reads in OPEN_READERS:
        return OPEN_READERS[rule.reads](match, grammar, rule)
    return READERS[rule.reads](match, grammar)


def _standing(claims: list[_Claim], length: int) -> Iterator[tuple[Rule, Reading]]:
    """A longer claim beats a shorter, one with a reading one without, an earlier rule a later one.

    A claim without a reading (an impossible day, an amount) still keeps others out of its range.
    """
    taken = bytearray(length)
    for minus, first, _, rule, readings in sorted(
        claims, key=lambda claim: (*claim[:2], not claim[4], claim[2])
    ):
        last = first - minus
        if taken.find(1, first, last) < 0:
            taken[first:last] = b"\1" * (last - first)
            for reading in readings:
                yield rule, reading


def _add(stretches: list[Stretch], start: int, end: int, text: str, kind: str) -> None:
    before, after = _REACH.get(kind, _WORD_REACH)
    start, end = max(0, start - before), min(len(text), end + after)
    if stretches and start <= stretches[-1][1]:
        start = stretches.pop()[0]
    tail = _WORD.match(text, end)  # never cut a word: what follows a date decides about it
    stretches.append((start, tail.end() if tail else end))


def _is_year(figures: str) -> bool:
    return len(figures) == 4 and figures[0] in "12"


def _around_figures(text: str) -> dict[str, list[Stretch]]:
    found: dict[str, list[Stretch]] = {FIGURE: [], YEAR: []}
    for figure in _FIGURES.finditer(text):
        for kind in _FIGURE_AND_YEAR if _is_year(figure.group()) else (FIGURE,):
            _add(found[kind], figure.start(), figure.end(), text, kind)
    return found


def _merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    merged: list[Stretch] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
