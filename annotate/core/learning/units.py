"""The pieces of a passage that a learned suggester judges: sentences, and the clause chunks in them.

A chunk ends at a comma, semicolon, colon or dash, or before a joining word, where both sides have at least
``FEWEST_WORDS`` words; so enumerations stay whole. Linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple

from annotate.core.prose import sentences
from annotate.core.spans import Span

Level = Literal["sentence", "clause"]
FEWEST_WORDS: Final = 4
CLAUSE_SHARE: Final = 0.6
"""A label that covers less of its sentences than this, on average, is learned on clause chunks."""

_CUT: Final = re.compile(
    r"[,;:]\s+|\s+[–—-]{1,2}\s+"
    r"|\s+(?=(?:und|oder|aber|sondern|denn|weil|während|obwohl|and|or|but|because|while|although|which|who)\s)"
)
_WORD: Final = re.compile(r"\w+")
_ENDS: Final = " \t\r\n\u00a0,;:–—-"


class Unit(NamedTuple):
    """A sentence or a clause chunk: code points of its text, half-open."""

    start: int
    end: int


def units(text: str, level: Level) -> list[Unit]:
    """The units of a text in order, by the rules of all languages: a suggester may not know which it is."""
    found = [Unit(*one) for one in sentences(text)]
    if level == "sentence":
        return found
    return [chunk for one in found for chunk in _chunks(text, one)]


def _chunks(text: str, sentence: Unit) -> Iterator[Unit]:
    begun = sentence.start
    words = [word.start() for word in _WORD.finditer(text, sentence.start, sentence.end)]
    for cut in _CUT.finditer(text, sentence.start, sentence.end):
        before = bisect_left(words, cut.start()) - bisect_left(words, begun)
        after = len(words) - bisect_left(words, cut.end())
        if min(before, after) >= FEWEST_WORDS:
            yield from _stripped(text, begun, cut.start())
            begun = cut.end()
    yield from _stripped(text, begun, sentence.end)


def _stripped(text: str, start: int, end: int) -> Iterator[Unit]:
    while start < end and text[start] in _ENDS:
        start += 1
    while end > start and text[end - 1] in _ENDS:
        end -= 1
    if start < end:
        yield Unit(start, end)


def marked(unit: Unit, spans: Iterable[Span]) -> bool:
    """Whether a span covers half of the unit, or the unit half of a span."""
    for span in spans:
        shared = min(unit.end, span.end) - max(unit.start, span.start)
        if shared > 0 and 2 * shared >= min(unit.end - unit.start, span.end - span.start):
            return True
    return False


def share_of_sentences(text: str, spans: Iterable[Span]) -> list[float]:
    """For each span, its length by that of the sentences it touches."""
    found = units(text, "sentence")
    shares = []
    for span in spans:
        touched = sum(one.end - one.start for one in found if one.start < span.end and span.start < one.end)
        if touched:
            shares.append(min(1.0, (span.end - span.start) / touched))
    return shares
