"""Claims and pledges of a passage, by counted features with hand-set weights.

The features follow what annotators of check-worthiness look at (Arslan et al. 2020, ClaimBuster; Nakov et al.
2021, CheckThat!): quantities, time, completed deeds, comparisons against opinions, modals and talk about
oneself. Linear in the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from annotate.core.claims.clauses import between, content, halves, trimmed
from annotate.core.claims.features import Counted, count, recount
from annotate.core.claims.parsed import parsed_halves
from annotate.core.claims.pledges import pledge_in
from annotate.core.claims.weights import Weights
from annotate.core.phrases import Lexicon, Match, Matcher
from annotate.core.prose import Reading, read
from annotate.core.prose.grammar import is_finite
from annotate.core.prose.syntax import Syntax

_LEAST_WORDS = 4


class Claim(NamedTuple):
    """``label`` is CLAIM or PLEDGE; ``score``: for a claim how much it is worth checking, for a pledge how
    sure the form is; ``why``: the features that were counted, or the words of the pledge."""

    start: int
    end: int
    label: str
    score: float
    why: str


class ClaimRules:
    """The rules of one language, ready for use. Safe to share."""

    def __init__(self, lexicon: Lexicon, weights: Weights) -> None:
        self.language = lexicon.language
        self._weights = weights
        self._matcher = Matcher(lexicon.entries)

    def find(
        self, text: str, contents: Sequence[tuple[int, int]] = (), *, syntax: Syntax | None = None
    ) -> list[Claim]:
        """Claims and pledges in order. ``contents``: ranges that a suggester of attribution found to be what
        somebody says; without them the rules' own cues decide. ``syntax``: what a trained pipeline read."""
        reading = read(text, self.language)
        matches = self._matcher.find(text, reading.words)
        found: list[Claim] = []
        for sentence in reading.sentences:
            here = between(matches, sentence.start, sentence.end)
            found.extend(self._of_sentence(reading, sentence.start, sentence.end, here, contents, syntax))
        return found

    def score(self, text: str) -> float:
        """How much a text, taken as one sentence, is worth checking: 0 to 1."""
        reading = read(text, self.language)
        return count(reading, 0, len(text), self._matcher.find(text, reading.words), self._weights).score

    def _of_sentence(
        self,
        reading: Reading,
        start: int,
        end: int,
        matches: Sequence[Match],
        contents: Sequence[tuple[int, int]],
        syntax: Syntax | None,
    ) -> Iterator[Claim]:
        verbs = any(one.entry.label in ("finite", "pledge") for one in matches)
        if syntax is not None and syntax.tagged and not verbs:
            verbs = any(is_finite(syntax, one) for one in syntax.within(start, end))
        if not verbs or "?" in reading.text[max(start, end - 3) : end]:
            return
        whole = self._counted(reading, start, end, matches)
        for left, right in _contents(reading, start, end, matches, contents):
            parts = halves(reading, left, right, matches)
            if syntax is not None:
                parts = parsed_halves(syntax, reading, left, right, matches)
            for clause in parts:
                yield from self._of_clause(reading, *trimmed(reading.text, *clause), matches, whole)

    def _of_clause(
        self, reading: Reading, start: int, end: int, matches: Sequence[Match], whole: Counted
    ) -> Iterator[Claim]:
        first, last = reading.words_in(start, end)
        if last - first < _LEAST_WORDS:
            return
        pledge = pledge_in(reading, start, end, matches, self._weights)
        if pledge is not None:
            shown = reading.text[pledge.start : pledge.end]
            yield Claim(start, end, "PLEDGE", pledge.entry.score, f"{shown!r}: {pledge.entry.reason}")
            return
        own = recount(whole, reading, start, end) or self._counted(reading, start, end, matches)
        # A half of a sentence is short; what the whole says stands behind it.
        score = max(own.score, (own.score + whole.score) / 2)
        if score >= self._weights.claim:
            yield Claim(start, end, "CLAIM", score, own.why)

    def _counted(self, reading: Reading, start: int, end: int, matches: Sequence[Match]) -> Counted:
        return count(reading, start, end, between(matches, start, end), self._weights)


def _is_clause(reading: Reading, start: int, end: int) -> bool:
    first, last = reading.words_in(start, end)
    return last - first >= _LEAST_WORDS


def _contents(
    reading: Reading, start: int, end: int, matches: Sequence[Match], given: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """What of a sentence is content: the innermost given ranges in it, or what the rules' own cues say."""
    touching = ((max(start, left), min(end, right)) for left, right in given if left < end and right > start)
    inside = [one for one in touching if _is_clause(reading, *one)]
    if not inside:
        return [content(reading, start, end, matches)]
    inside.sort(key=lambda one: (one[0], -one[1]))
    kept: list[tuple[int, int]] = []
    for one in inside:
        if kept and one[0] < kept[-1][1]:
            kept.pop()
        kept.append(one)
    return kept
