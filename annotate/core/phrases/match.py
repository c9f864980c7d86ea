"""Find the patterns of a lexicon in a text, in time linear in its words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from annotate.core.phrases.lexicon import Entry
from annotate.core.phrases.patterns import Token, stems_of, variants
from annotate.core.phrases.words import Word, words_of

_BETWEEN = r"(?:[ \t\u00a0\u202f\"'„“”«»‚‘’‹›()\[\]]|\r?\n(?!\s*\n))*"
_CLOSE = re.compile(_BETWEEN.replace("\\]]", "\\]–—-]") + r"\Z")
_COMMA = re.compile(f"{_BETWEEN},{_BETWEEN}\\Z")
_LONGEST_BETWEEN = 12
_REMEMBERED = 50_000
_REMEMBERED_AFTER = 2_000


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


class _Way(NamedTuple):
    """A way to read an entry. ``needs``: words of which one has to stand further on, so that a text without
    them is not searched; None where nothing is known of that."""

    entry: Entry
    places: tuple[_Place, ...]
    needs: frozenset[str] | None


def _way(entry: Entry, places: tuple[_Place, ...]) -> _Way:
    further = [place.exact for place in places[2:] if place.only_exact]
    return _Way(entry, places, min(further, key=len, default=None))


class _Decided(NamedTuple):
    """Ways that a word and the one after it leave open. ``alone``: the entries that are this one word in any
    case, where there are no others; else None."""

    ways: tuple[_Way, ...]
    alone: tuple[Entry, ...] | None


class _Ways(dict[str, "_Decided | None"]):
    """The ways that begin with a word, by the word after it; most words after it leave none.

    ``alone``: the same whatever comes after it, where no way has a second word.
    """

    def __init__(self, ways: Sequence[_Way]) -> None:
        super().__init__()
        # Those that hang on an exact second word come last: of several at one place they are told last.
        self._ways = sorted(ways, key=lambda way: len(way.places) > 1 and way.places[1].only_exact)
        decided = None if any(len(way.places) > 1 for way in ways) else _decided(self._ways)
        self.alone = None if decided is None else decided.alone

    def __missing__(self, after: str) -> _Decided | None:
        if len(self) >= _REMEMBERED_AFTER:
            self.clear()
        self[after] = found = _decided([way for way in self._ways if _may_follow(way.places, after)])
        return found


def _decided(ways: Sequence[_Way]) -> _Decided | None:
    if not ways:
        return None
    alone: tuple[Entry, ...] | None = None
    if all(len(way.places) == 1 and not way.entry.case for way in ways):
        alone = tuple({id(way.entry): way.entry for way in ways}.values())
    return _Decided(tuple(ways), alone)


def _may_follow(places: Sequence[_Place], word: str) -> bool:
    """Whether a word can come second."""
    if len(places) == 1:
        return True
    second = places[1]
    return second.optional or second.gap > 0 or second.comma or second.accepts(word)


class Match(NamedTuple):
    """An entry and where it stands: code points, and the numbers of its first and last word."""

    entry: Entry
    start: int
    end: int
    first: int
    last: int


_made = tuple.__new__  # Match(…) takes twice as long, and a text has a match every other word
_folded = itemgetter(2)


class Matcher(dict[str, "_Ways | None"]):
    """A lexicon made ready for searching. Safe to share: a search changes nothing but a bounded cache, which
    is the mapping itself: what can begin with a folded word."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        super().__init__()
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
                            self._place(form, _way(entry, way))
        self._head_lengths = sorted({len(stem) for stem in self._heads})
        self._tail_lengths = sorted({len(stem) for stem in self._tails})
        self._stem_tail_lengths = sorted({len(stem) for stem in self._stem_tails})

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
        if len(self) >= _REMEMBERED:
            self.clear()
        folded = list(map(_folded, words))
        known = list(map(self.__getitem__, folded))
        present = set(folded)
        folded.append("")
        found: list[Match] = []
        taken: dict[int, int] = {}
        for number, ways in enumerate(known):
            if ways is None:
                continue
            alone = ways.alone
            if alone is None:
                decided = ways[folded[number + 1]]
                if decided is None:
                    continue
                alone = decided.alone
                if alone is None:
                    _add(found, taken, _at(text, words, number, decided.ways, present))
                    continue
            start, end, _ = words[number]
            for entry in alone:
                if taken.get(id(entry), -1) < number:
                    taken[id(entry)] = number
                    found.append(_made(Match, (entry, start, end, number, number)))
        return found

    def __missing__(self, word: str) -> _Ways | None:
        ways = list(self._starting(word))
        self[word] = known = _Ways(ways) if ways else None
        return known

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


def _add(found: list[Match], taken: dict[int, int], matches: Iterable[Match]) -> None:
    """Matches that no earlier one of their entry overlaps."""
    for one in matches:
        if taken.get(id(one.entry), -1) < one.first:
            taken[id(one.entry)] = one.last
            found.append(one)


def _at(
    text: str, words: Sequence[Word], number: int, ways: Sequence[_Way], present: set[str]
) -> Iterator[Match]:
    best: dict[int, tuple[Entry, int]] = {}
    start = words[number].start
    for entry, tokens, needs in ways:
        if needs is not None and needs.isdisjoint(present):
            continue
        if entry.case and text[start].isupper() != _capital(entry.pattern.written):
            continue
        last = number if len(tokens) == 1 else _rest(text, words, number, tokens, 1)
        if last is not None and last >= best.get(id(entry), (entry, -1))[1]:
            best[id(entry)] = (entry, last)
    for entry, last in best.values():
        yield _made(Match, (entry, start, words[last].end, number, last))


@lru_cache(maxsize=4096)
def _capital(written: str) -> bool:
    return written.lstrip("(*")[0].isupper()


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
