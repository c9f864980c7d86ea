"""Clauses of a sentence that a trained pipeline has parsed: cut where finite clauses are joined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from annotate.core.claims.clauses import halves
from annotate.core.phrases import Match
from annotate.core.prose import Reading
from annotate.core.prose.grammar import is_finite
from annotate.core.prose.syntax import Syntax

_LEAST_WORDS = 4
_PASSED_OVER = frozenset({"coordinator", "marker", "punctuation"})


def parsed_halves(
    syntax: Syntax, reading: Reading, start: int, end: int, matches: Sequence[Match]
) -> Iterator[tuple[int, int]]:
    """As ``halves``, but a conjunction between nouns parts nothing, and one between finite verbs does."""
    if not syntax.parsed:
        yield from halves(reading, start, end, matches)
        return
    known = [right for left, right in _edges(halves(reading, start, end, matches)) if left is not None]
    cuts = {one for one in known if not _joins_less(syntax, one, start)}
    cuts.update(_joints(syntax, start, end))
    begun = start
    for cut in sorted(cuts):
        left, right = _sides(syntax, cut, begun)
        if min(_words(reading, begun, left), _words(reading, right, end)) >= _LEAST_WORDS:
            yield begun, left
            begun = right
    yield begun, end


def _edges(parts: Iterator[tuple[int, int]]) -> Iterator[tuple[int | None, int]]:
    before = None
    for start, end in parts:
        yield before, start
        before = end


def _joints(syntax: Syntax, start: int, end: int) -> Iterator[int]:
    """Where a finite clause begins that is joined to another one in the range."""
    for number in syntax.within(start, end):
        if syntax.tokens[number].role != "conjunct" or not is_finite(syntax, number):
            continue
        other = _other(syntax, number)
        if is_finite(syntax, other) and start <= syntax.tokens[other].start < syntax.tokens[number].start:
            place = syntax.tokens[syntax.edges[number][0]].start
            if place > syntax.tokens[other].start:
                yield place


def _other(syntax: Syntax, number: int) -> int:
    """The clause that a clause is joined to."""
    at = syntax.tokens[number].head
    return syntax.tokens[at].head if syntax.tokens[at].role == "coordinator" else at


def _joins_less(syntax: Syntax, place: int, start: int) -> bool:
    """Whether the conjunction before a place joins something else than two finite clauses."""
    at = syntax.at(place)
    while at > 0 and syntax.tokens[at - 1].start >= start and syntax.tokens[at - 1].role == "punctuation":
        at -= 1
    if at == 0 or syntax.tokens[at - 1].role != "coordinator":
        return False
    sign = at - 1
    head = syntax.tokens[sign].head
    joined = [one for one in (*syntax.below[head], *syntax.below[sign], head) if one > sign]
    parts = [one for one in joined if syntax.tokens[one].role == "conjunct"]
    return bool(parts) and not any(is_finite(syntax, one) for one in parts)


def _sides(syntax: Syntax, cut: int, begun: int) -> tuple[int, int]:
    """Where the left side ends and the right one begins: without what joins them."""
    right = syntax.at(cut)
    left = right
    while left > 0 and syntax.tokens[left - 1].start > begun and syntax.tokens[left - 1].role in _PASSED_OVER:
        left -= 1
    while right + 1 < len(syntax.tokens) and syntax.tokens[right].role in _PASSED_OVER:
        right += 1
    return syntax.tokens[left - 1].end if left else cut, syntax.tokens[right].start


def _words(reading: Reading, start: int, end: int) -> int:
    first, last = reading.words_in(start, end)
    return last - first
