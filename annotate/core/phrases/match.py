"""Find the patterns of a lexicon in a text, in time linear in its words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from annotate.core.phrases.lexicon import Entry
from annotate.core.phrases.patterns import Token, stems_of, variants
from annotate.core.phrases.words import Word, words_of

_BETWEEN = r"(?:[ \t\u00a0\u202f\"'„“”«»‚‘’‹›()\[\]]|\r?\n(?!\s*\n))*"
_CLOSE = re.compile(_BETWEEN.replace("\\]]", "\\]–—-]") + r"\Z")
_COMMA = re.compile(f"{_BETWEEN},{_BETWEEN}\\Z")
_LONGEST_BETWEEN = 12
_REMEMBERED = 50_000


class _Place(NamedTuple):
    """A token made ready: what a word has to be, begin with, end with or hold."""

    exact: frozenset[str]
    stems: frozenset[str]
    heads: tuple[str, ...]
    tails: tuple[str, ...]
    stem_tails: tuple[str, ...]
    inner: tuple[str, ...]
    optional: bool
    gap: int
    comma: bool

    @property
    def only_exact(self) -> bool:
        """Whether a word of the list has to stand here."""
        more = self.stems or self.heads or self.tails or self.stem_tails or self.inner
        return not (self.optional or self.gap or self.comma or more)

    def accepts(self, word: str) -> bool:
        """Whether a folded word has one of the forms."""
        if word in self.exact or word.startswith(self.heads) or word.endswith(self.tails):
            return True
        if self.stems or self.stem_tails:
            for stem in stems_of(word):
                if stem in self.stems or stem.endswith(self.stem_tails):
                    return True
        return bool(self.inner) and any(one in word for one in self.inner)


_Way = tuple[Entry, tuple[_Place, ...]]


class _Ways(NamedTuple):
    """The ways that begin with a word: those to be tried, and those that hang on the exact word after it."""

    tried: tuple[_Way, ...]
    second: dict[str, list[_Way]]


_NOTHING = _Ways((), {})


@dataclass(frozen=True, slots=True)
class Match:
    """An entry and where it stands: code points, and the numbers of its first and last word."""

    entry: Entry
    start: int
    end: int
    first: int
    last: int


class Matcher:
    """A lexicon made ready for searching. Safe to share: a search changes nothing but a bounded cache."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._exact: dict[str, list[_Way]] = defaultdict(list)
        self._stems: dict[str, list[_Way]] = defaultdict(list)
        self._heads: dict[str, list[_Way]] = defaultdict(list)
        self._tails: dict[str, list[_Way]] = defaultdict(list)
        self._stem_tails: dict[str, list[_Way]] = defaultdict(list)
        self._inner: list[tuple[str, _Way]] = []
        for entry in entries:
            for tokens in variants(entry.pattern):
                for places in _end_decided([_place(token) for token in tokens]):
                    for way in _second_decided(places):
                        for form in tokens[0].forms:
                            self._place(form, (entry, way))
        self._head_lengths = sorted({len(stem) for stem in self._heads})
        self._tail_lengths = sorted({len(stem) for stem in self._tails})
        self._stem_tail_lengths = sorted({len(stem) for stem in self._stem_tails})
        self._ways: dict[str, _Ways] = {}

    def _place(self, form: str, way: _Way) -> None:
        if form.startswith("*") and form.endswith("*"):
            self._inner.append((form[1:-1], way))
        elif form.endswith("+"):
            if form.startswith("*"):
                self._stem_tails[form[1:-1]].append(way)
            else:
                self._stems[form[:-1]].append(way)
        elif form.startswith("*"):
            self._tails[form[1:]].append(way)
        elif form.endswith("*"):
            self._heads[form[:-1]].append(way)
        else:
            self._exact[form].append(way)

    def find(self, text: str, words: Sequence[Word] | None = None) -> list[Match]:
        """Every match in order of place; matches of one entry do not overlap, those of several may."""
        words = words_of(text) if words is None else words
        found: list[Match] = []
        taken: dict[int, int] = {}
        remembered = self._ways
        for number, word in enumerate(words):
            known = remembered.get(word.folded)
            if known is None:
                known = self._learn(word.folded)
            if known is not _NOTHING:
                ways: Sequence[_Way] = known.tried
                if known.second and number + 1 < len(words):
                    more = known.second.get(words[number + 1].folded)
                    ways = [*ways, *more] if more else ways
                for one in _at(text, words, number, ways):
                    if taken.get(id(one.entry), -1) < number:
                        taken[id(one.entry)] = one.last
                        found.append(one)
        return found

    def _learn(self, word: str) -> _Ways:
        if len(self._ways) >= _REMEMBERED:
            self._ways.clear()
        tried: list[_Way] = []
        second: dict[str, list[_Way]] = {}
        for way in self._starting(word):
            after = way[1][1] if len(way[1]) > 1 else None
            if after is None or not after.only_exact:
                tried.append(way)
                continue
            for form in after.exact:
                second.setdefault(form, []).append(way)
        ways = _Ways(tuple(tried), second) if tried or second else _NOTHING
        self._ways[word] = ways
        return ways

    def _starting(self, word: str) -> Iterator[_Way]:
        yield from self._exact.get(word, ())
        for stem in stems_of(word):
            yield from self._stems.get(stem, ())
            for length in self._stem_tail_lengths:
                yield from self._stem_tails.get(stem[-length:], ()) if length <= len(stem) else ()
        for length in self._head_lengths:
            yield from self._heads.get(word[:length], ()) if length <= len(word) else ()
        for length in self._tail_lengths:
            yield from self._tails.get(word[-length:], ()) if length <= len(word) else ()
        yield from (way for inner, way in self._inner if inner in word)


def _end_decided(places: list[_Place]) -> Iterator[list[_Place]]:
    """The ways with and without an optional last word after a gap: a gap alone ends no match."""
    if len(places) > 2 and places[-1].optional and places[-2].gap:
        yield from _end_decided(places[:-2])
        places = [*places[:-1], places[-1]._replace(optional=False)]
    yield places


def _second_decided(places: Sequence[_Place]) -> Iterator[tuple[_Place, ...]]:
    """The ways with and without an optional second word: each then hangs on the word that has to follow."""
    if len(places) > 1 and places[1].optional:
        yield from _second_decided([places[0], *places[2:]])
        places = [places[0], places[1]._replace(optional=False), *places[2:]]
    yield tuple(places)


def _place(token: Token) -> _Place:
    exact: list[str] = []
    stems: list[str] = []
    heads: list[str] = []
    tails: list[str] = []
    stem_tails: list[str] = []
    inner: list[str] = []
    for form in token.forms:
        if form.startswith("*") and form.endswith("*"):
            inner.append(form[1:-1])
        elif form.endswith("+"):
            (stem_tails if form.startswith("*") else stems).append(form.strip("*+"))
        elif form.startswith("*"):
            tails.append(form[1:])
        elif form.endswith("*"):
            heads.append(form[:-1])
        else:
            exact.append(form)
    comma = not token.forms and not token.gap
    return _Place(
        frozenset(exact),
        frozenset(stems),
        tuple(heads),
        tuple(tails),
        tuple(stem_tails),
        tuple(inner),
        token.optional,
        token.gap,
        comma,
    )


def _at(text: str, words: Sequence[Word], number: int, ways: Sequence[_Way]) -> Iterator[Match]:
    best: dict[int, tuple[Entry, int]] = {}
    for entry, tokens in ways:
        if entry.case and not _cased(text, words[number], entry):
            continue
        last = number if len(tokens) == 1 else _rest(text, words, number, tokens, 1)
        if last is not None and last >= best.get(id(entry), (entry, -1))[1]:
            best[id(entry)] = (entry, last)
    for entry, last in best.values():
        yield Match(entry, words[number].start, words[last].end, number, last)


def _cased(text: str, word: Word, entry: Entry) -> bool:
    return text[word.start].isupper() == entry.pattern.written.lstrip("(*")[0].isupper()


def _rest(
    text: str, words: Sequence[Word], last: int, tokens: Sequence[_Place], at: int, *, comma: bool = False
) -> int | None:
    """Number of the last word if the tokens from ``at`` on follow word ``last``; the longest way."""
    if at == len(tokens):
        return last
    token = tokens[at]
    if token.comma:
        return _rest(text, words, last, tokens, at + 1, comma=True)
    longest: int | None = None
    if token.gap:
        for skipped in range(_reach(text, words, last, token.gap, comma=comma), -1, -1):
            # A comma before the gap stands before its first word.
            longest = _rest(text, words, last + skipped, tokens, at + 1, comma=comma and not skipped)
            if longest is not None:
                return longest
        return None
    after = last + 1
    if after < len(words) and token.accepts(words[after].folded) and _joined(text, words, last, comma=comma):
        longest = _rest(text, words, after, tokens, at + 1)
    if longest is None and token.optional:
        longest = _rest(text, words, last, tokens, at + 1, comma=comma)
    return longest


def _reach(text: str, words: Sequence[Word], last: int, most: int, *, comma: bool) -> int:
    """How many words, ``most`` at most, follow word ``last`` within one phrase."""
    for step in range(most):
        if not _joined(text, words, last + step, comma=comma and not step):
            return step
    return most


def _joined(text: str, words: Sequence[Word], last: int, *, comma: bool) -> bool:
    """Whether a word follows word ``last`` with nothing between them that parts phrases."""
    if last + 1 >= len(words):
        return False
    start, end = words[last].end, words[last + 1].start
    if end - start == 1 and not comma:
        return text[start] in " -\n\u00a0"
    if end - start > _LONGEST_BETWEEN:
        return False
    return bool((_COMMA if comma else _CLOSE).match(text[start:end]))
