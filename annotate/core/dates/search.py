"""Where a grammar's rules apply in a text, and which of their claims stand. Linear in the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby
from operator import itemgetter
from typing import NamedTuple

from annotate.core.dates.anniversaries import read_anniversary
from annotate.core.dates.eras import read_era, read_two_styles
from annotate.core.dates.grammar import FIGURE, FIGURES, YEAR, Grammar, Rule
from annotate.core.dates.open_readings import read_ago, read_duration, read_durations, read_fixed, read_open
from annotate.core.dates.openers import Openers, State
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

# Every word and every other sign, since a rule may begin with any; only words of letters, figures and marks
# trigger rules.
_TOKENS = re.compile(r"([^\W\d_]+|[0-9]+|[\u0300-\u036f]+|\S)")
_TRIGGERS = re.compile(r"[^\W\d_]|[\u0300-\u036f]")
# No rule reaches further from its trigger than this (code points).
_REACH = {FIGURE: (80, 50), YEAR: (80, 50)}
_WORD_REACH = (45, 50)
_FIGURE_AND_YEAR = (FIGURE, YEAR)
_WORD = re.compile(r"\w{1,40}")
_CACHE_LIMIT = 100_000
_FOLLOWING = 4
_LOOKED_AT = 8
_FOLLOWED = 2_000

Stretch = tuple[int, int]
_Tried = tuple[int, Rule]
"""A rule and its number: an earlier rule wins over a later one."""
_Groups = tuple[tuple[tuple[str, ...], tuple[_Tried, ...]], ...]
"""Rules by the kinds of word that they are tried near."""


class _Known(NamedTuple):
    """What a word does: the kinds that it triggers, and the rules that can begin with it."""

    kinds: tuple[str, ...]
    opens: _Followed | None


_Marked = tuple[int, int, _Known]
"""A word that triggers or begins a rule: its start, its end, and what it does."""


class _Followed(dict[str, State]):
    """Where a word has led, by the few characters that follow it."""

    def __init__(self, openers: Openers, word: State) -> None:
        super().__init__()
        self._openers = openers
        self._word = word

    def __missing__(self, following: str) -> State:
        if len(self) >= _FOLLOWED:
            self.clear()
        self[following] = found = self._openers.walk(self._word, following)
        return found


class Searcher(dict[str, _Known | None]):
    """Applies one grammar to texts; remembers what words do, as a mapping of words (None: nothing)."""

    def __init__(self, grammar: Grammar) -> None:
        super().__init__()
        self.grammar = grammar
        self._anywhere = self._grouped(sorted(grammar.openers.anywhere))
        self._needed = {rule: grammar.openers.needs(rule) for rule in grammar.openers.anywhere}
        self._groups: dict[tuple[int, ...], _Groups] = {}

    def readings(self, text: str, *, figures_only: bool = False) -> list[tuple[Rule, Reading]]:
        """The readings that stand, in order of the text. ``figures_only`` leaves out rules on words."""
        marked = self._marked(text)
        stretches = _stretches(text, marked, _FIGURE_AND_YEAR if figures_only else None)
        if not stretches:
            return []
        found = _standing(list(self._claims(text, marked, stretches)), len(text), self.grammar)
        return sorted(found, key=lambda pair: (pair[1].start, pair[1].end))

    def whole(self, text: str, start: int, end: int) -> Iterator[tuple[Rule, Reading]]:
        """Readings of figure rules inside ``[start, end)``, those for whole strings too."""
        claims: list[_Claim] = []
        for order, rule in enumerate(self.grammar.rules):
            if FIGURES.intersection(rule.on):
                matches = rule.regex.finditer(text, start, end)
                claims.extend(_claim(match, order, rule) for match in matches)
        return _standing(claims, len(text), self.grammar)

    def _marked(self, text: str) -> list[_Marked]:
        pieces = _TOKENS.split(text)
        places = list(accumulate(map(len, pieces)))
        if len(self) > _CACHE_LIMIT:  # hostile texts: no word comes twice
            self.clear()
        every = zip(places[::2], places[1::2], map(self.__getitem__, pieces[1::2]), strict=False)
        return [(start, end, known) for start, end, known in every if known is not None]

    def __missing__(self, word: str) -> _Known | None:
        kinds = self._kinds_of(word)
        openers = self.grammar.openers
        state = openers.after(word)
        opens = _Followed(openers, state) if state.rules else None
        self[word] = found = _Known(kinds, opens) if kinds or state.rules else None
        return found

    def _grouped(self, orders: Iterable[int]) -> _Groups:
        """Rules by the kinds of word that they are tried near."""
        groups: dict[tuple[str, ...], list[_Tried]] = {}
        for order in orders:
            rule = self.grammar.rules[order]
            if not rule.whole:
                groups.setdefault(rule.on, []).append((order, rule))
        return tuple((on, tuple(rules)) for on, rules in groups.items())

    def _kinds_of(self, word: str) -> tuple[str, ...]:
        if "0" <= word[0] <= "9":
            return _FIGURE_AND_YEAR if _is_year(word) else (FIGURE,)
        if not _TRIGGERS.match(word):
            return ()
        folded = word.casefold()
        return tuple(name for name, regex in self.grammar.triggers.items() if regex.fullmatch(folded))

    def _claims(
        self, text: str, marked: Iterable[_Marked], kinds: dict[str, list[Stretch]]
    ) -> Iterator[_Claim]:
        """What the rules claim near the words that trigger them, from every place where they can begin."""
        near = _Stretches(kinds)
        reached: dict[int, int] = {}
        for start, end, known in marked:
            if known.opens is None:
                continue
            state = known.opens[text[end : end + _FOLLOWING]]
            if not state.rules:
                continue
            for on, rules in self._open(text, end + _FOLLOWING, state):
                stop = near[on].stop(start)
                if stop is None:
                    continue
                for order, rule in rules:
                    match = rule.regex.match(text, start, stop) if reached.get(order, 0) <= start else None
                    if match is not None:
                        reached[order] = match.end()
                        yield _claim(match, order, rule)
        yield from self._scanned(text, near)

    def _scanned(self, text: str, near: _Stretches) -> Iterator[_Claim]:
        """What those rules claim that can begin with any word: they are tried at every place."""
        for on, rules in self._anywhere:
            for order, rule in rules:
                if not all(sign in text for sign in self._needed[order]):
                    continue
                for start, end in near[on].stretches:
                    for match in rule.regex.finditer(text, start, end):
                        yield _claim(match, order, rule)

    def _open(self, text: str, at: int, state: State) -> _Groups:
        """The rules that are left of a state after a look at what follows."""
        if not state.settled:
            state = self.grammar.openers.walk(state, text[at : at + _LOOKED_AT])
        groups = self._groups.get(state.rules)
        if groups is None:
            groups = self._groups[state.rules] = self._grouped(state.rules)
        return groups


class _Stretches(dict[tuple[str, ...], "_Near"]):
    """The stretches near words of some kinds, made when they are asked for."""

    def __init__(self, kinds: dict[str, list[Stretch]]) -> None:
        super().__init__()
        self._kinds = kinds

    def __missing__(self, on: tuple[str, ...]) -> _Near:
        self[on] = found = _Near(_merged([self._kinds[kind] for kind in on if kind in self._kinds]))
        return found


class _Near:
    """Stretches in order of place, asked about in order of place."""

    __slots__ = ("_at", "stretches")

    def __init__(self, stretches: list[Stretch]) -> None:
        self.stretches = stretches
        self._at = 0

    def stop(self, start: int) -> int | None:
        """Where the stretch ends that holds a place; None where there is none."""
        stretches = self.stretches
        at = self._at
        while at < len(stretches) and stretches[at][1] <= start:
            at += 1
        self._at = at
        return stretches[at][1] if at < len(stretches) and stretches[at][0] <= start else None


_Claim = tuple[int, int, int, Rule, re.Match[str]]
"""(minus length, start, order of the rule, rule, match), so that sorting puts the best first."""


def _claim(match: re.Match[str], order: int, rule: Rule) -> _Claim:
    first, last = claimed(match)
    return first - last, first, order, rule, match


def _standing(claims: list[_Claim], length: int, grammar: Grammar) -> Iterator[tuple[Rule, Reading]]:
    """A longer claim beats a shorter, one with a reading one without, an earlier rule a later one.

    A claim without a reading (an impossible day, an amount) still keeps others out of its range. Most claims
    lose by their length, so that nobody has to read them.
    """
    taken = bytearray(length)
    for (minus, first), same in groupby(sorted(claims, key=_RANK), key=_PLACE):
        last = first - minus
        if taken.find(1, first, last) >= 0:
            continue
        taken[first:last] = b"\1" * (last - first)
        for _, _, _, rule, match in same:
            readings = _read(match, grammar, rule)
            if readings:
                yield from ((rule, reading) for reading in readings)
                break


_RANK = itemgetter(0, 1, 2)
_PLACE = itemgetter(0, 1)


def _read(match: re.Match[str], grammar: Grammar, rule: Rule) -> tuple[Reading, ...]:
    if rule.reads in OPEN_READERS:
        return OPEN_READERS[rule.reads](match, grammar, rule)
    return READERS[rule.reads](match, grammar)


def _add(stretches: list[Stretch], start: int, end: int, text: str, kind: str) -> None:
    before, after = _REACH.get(kind, _WORD_REACH)
    start, end = max(0, start - before), min(len(text), end + after)
    if stretches and start <= stretches[-1][1]:
        start = stretches.pop()[0]
    tail = _WORD.match(text, end)  # never cut a word: what follows a date decides about it
    stretches.append((start, tail.end() if tail else end))


def _is_year(figures: str) -> bool:
    return len(figures) == 4 and figures[0] in "12"


def _stretches(
    text: str, marked: Iterable[_Marked], only: tuple[str, ...] | None
) -> dict[str, list[Stretch]]:
    """Around the words of each kind; ``only`` these kinds, if it is given."""
    found: dict[str, list[Stretch]] = {}
    for start, end, known in marked:
        for kind in known.kinds:
            if only is None or kind in only:
                _add(found.setdefault(kind, []), start, end, text, kind)
    return found


def _merged(kinds: list[list[Stretch]]) -> list[Stretch]:
    """The stretches of several kinds as one; each has its own in order, without overlaps."""
    if len(kinds) == 1:
        return kinds[0]
    merged: list[Stretch] = []
    for start, end in sorted(stretch for stretches in kinds for stretch in stretches):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
