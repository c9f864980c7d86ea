"""Find the place in the study of a label that was set elsewhere; say how sure that is, or why there is none.

``exact``: the whole text is the study's. ``moved``: the text differs, but the words stand once with
their context. ``fuzzy``: words or context differ a little, and no other place is as good. What has no
place is an orphan and stays out: nothing is shifted until it fits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from annotate.core.imports.foreign import ForeignText
from annotate.core.imports.ground import Ground, Match
from annotate.core.imports.piece_map import PieceMap
from annotate.core.imports.units import words_of
from annotate.core.model import Passage, Piece
from annotate.core.offsets import OffsetOutOfText, Range
from annotate.core.passages import cleaned_pieces, passage_range, spell

Status = Literal["exact", "moved", "fuzzy"]

CONTEXT: Final = 32
"""How many code points before and after a label are compared."""
FLOOR: Final = 0.75
"""The least score of a fuzzy anchor."""
LEAD: Final = 0.1
"""By how much it must beat the next place."""
_ENOUGH: Final = 500
_ANCHOR: Final = 12
_LONGEST: Final = 2000


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place in a passage, in its code points. ``score`` is 1.0 unless ``status`` is ``fuzzy``."""

    passage: Passage
    place: Range
    status: Status
    score: float = 1.0

    @property
    def quote(self) -> str:
        """The words that the study has there."""
        return self.place.of(self.passage.text)


@dataclass(frozen=True, slots=True)
class Orphan:
    """Why a label has no place."""

    reason: str


class TextAnchors:
    """The anchors of one foreign text; its offsets are code points of that text."""

    def __init__(self, ground: Ground, foreign: ForeignText) -> None:
        self._ground = ground
        self._text = foreign.text
        self._match = ground.match(foreign.text, foreign.names)
        self._source = None if isinstance(self._match, Match) else ground.named(foreign.names)
        own: tuple[Piece, ...] = cleaned_pieces(foreign.text) if self._source else ()
        if isinstance(self._match, Match):
            own = self._match.own or ()
            self._target = PieceMap(self._match.target.pieces)
        self._own = PieceMap(own)
        self._shown = spell(own, foreign.text)

    def anchor(self, place: Range) -> Anchor | Orphan:
        """Where the words at ``place`` stand in the study."""
        if not place.of(self._text).strip():
            return Orphan("marks blanks only")
        if isinstance(self._match, Match):
            return self._exact(self._match, place)
        if self._match.places:
            return Orphan(f"the study has its text in {self._match.places} places, and no name says which")
        if self._source is None:
            return Orphan(
                "its text is not in the study, and no name in the file is that of one of its sources"
            )
        return self._by_quote(place, self._source)

    def _exact(self, match: Match, place: Range) -> Anchor | Orphan:
        inner = place if match.own is None else self._own.to_text(place)
        if inner is None:
            return Orphan("marks only characters that no browser shows")
        target = match.target
        try:
            ranges = self._target.to_source(inner)
        except OffsetOutOfText:
            return Orphan("marks only text that is not in its source")
        wanted = words_of(spell(cleaned_pieces(inner.of(target.text)), inner.of(target.text)))
        for passage in self._ground.showing(target.source_id, ranges[0].start, ranges[-1].end):
            found = passage_range(passage.pieces, ranges[0].start, ranges[-1].end)
            if found and words_of(found.of(passage.text)) == wanted:
                return Anchor(passage, found, "exact")
        return Orphan("no passage shows all of its words: they cross a border, or belong to the page")

    def _by_quote(self, place: Range, source_id: str) -> Anchor | Orphan:
        inner = self._own.to_text(place)
        if inner is None:
            return Orphan("marks only characters that no browser shows")
        wanted = _Wanted(
            inner.of(self._shown),
            self._shown[max(0, inner.start - CONTEXT) : inner.start],
            self._shown[inner.end : inner.end + CONTEXT],
        )
        file = self._ground.file_of(source_id)
        return _best(wanted, self._ground.passages.get(source_id, ()), file)


@dataclass(frozen=True, slots=True)
class _Wanted:
    quote: str
    prefix: str
    suffix: str


def _best(wanted: _Wanted, passages: Sequence[Passage], file: str) -> Anchor | Orphan:
    whole: list[Anchor] = []
    partly: list[Anchor] = []
    for number, (passage, start) in enumerate(_occurrences(wanted.quote, passages)):
        if number >= _ENOUGH:
            return Orphan(f"its text is not in the study, and its words are too common in {file}")
        found = Range(start, start + len(wanted.quote))
        score = _context_score(wanted, passage.text, found)
        status: Status = "moved" if score == 1.0 else "fuzzy"
        (whole if score == 1.0 else partly).append(Anchor(passage, found, status, score))
    if len(whole) == 1:
        return whole[0]
    if whole:
        return Orphan(f"its words stand in {len(whole)} places of {file} with the same context")
    candidates = partly or list(_changed_words(wanted, passages))
    return _clearly_best(candidates, file)


def _clearly_best(candidates: list[Anchor], file: str) -> Anchor | Orphan:
    ranked = sorted(candidates, key=lambda one: -one.score)
    if not ranked or ranked[0].score < FLOOR:
        return Orphan(f"its words are not in {file} with a context that is anything like theirs")
    if len(ranked) > 1 and ranked[0].score - ranked[1].score < LEAD:
        return Orphan(f"its words could be in {len(ranked)} places of {file}")
    return ranked[0]


def _occurrences(words: str, passages: Sequence[Passage]) -> Iterator[tuple[Passage, int]]:
    for passage in passages:
        at = passage.text.find(words)
        while at >= 0:
            yield passage, at
            at = passage.text.find(words, at + 1)


def _context_score(wanted: _Wanted, text: str, found: Range) -> float:
    """Share of quote and context that is the same, 1.0 when all of it is."""
    prefix, suffix = text[max(0, found.start - CONTEXT) : found.start], text[found.end : found.end + CONTEXT]
    if (prefix, suffix) == (wanted.prefix, wanted.suffix):
        return 1.0
    same = len(wanted.quote) + _shared(prefix, wanted.prefix) + _shared(suffix, wanted.suffix)
    sizes = 2 * len(wanted.quote) + sum(map(len, (prefix, suffix, wanted.prefix, wanted.suffix)))
    # Never 1.0: that word is kept for contexts that are equal.
    return min(round(2 * same / sizes, 4), 0.9999)


def _shared(one: str, two: str) -> int:
    return sum(block.size for block in SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks())


def _changed_words(wanted: _Wanted, passages: Sequence[Passage]) -> Iterator[Anchor]:
    """Places between the same words as before, where the labelled words themselves were changed."""
    before, after = wanted.prefix[-_ANCHOR:], wanted.suffix[:_ANCHOR]
    if min(len(before), len(after)) < _ANCHOR // 2 or len(wanted.quote) > _LONGEST:
        return
    for number, (passage, at) in enumerate(_occurrences(before, passages)):
        start = at + len(before)
        end = passage.text.find(after, start, start + 2 * len(wanted.quote) + len(after))
        if end <= start or number >= _ENOUGH:
            continue
        found = Range(start, end)
        shared = _shared(found.of(passage.text), wanted.quote)
        score = round(2 * shared / (len(found) + len(wanted.quote)), 4)
        yield Anchor(passage, found, "fuzzy", score)
