"""Who speaks: where a rule looks for the source of a cue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotate.core.attribution.cues import Cues
from annotate.core.attribution.ground import Ground
from annotate.core.attribution.model import Kind, Range
from annotate.core.attribution.nouns import IT, ending, lengthened, phrase, subject
from annotate.core.phrases import Match

_REACH = 8
_APPOSITION = 12
_BE = frozenset(["is", "are", "was", "were", "be", "been", "being"])
_ACTS = frozenset(["act", "naming"])
_WHO = frozenset(["who", "whose", "which"])
_FROM = frozenset(["von", "vom", "seitens"])
_BECOME = frozenset(["wird", "werden", "wurde", "wurden", "worden"])


@dataclass(frozen=True, slots=True)
class Saying:
    """A cue, the words (first, last) of its source, its content. ``open``: a colon ends the sentence."""

    match: Match
    source: tuple[int, int] | None
    content: Range | None
    kind: Kind
    rule: str
    sure: float
    open: bool = False


class Speakers:
    """The words ``low`` to ``high`` (exclusive) of one sentence, its cues, and what they said so far."""

    def __init__(self, ground: Ground, cues: Cues, low: int, high: int, hits: Sequence[Match]) -> None:
        self.ground = ground
        self.cues = cues
        self.low = low
        self.high = high
        self.hits = hits
        self.found: list[Saying] = []

    def phrase(self, at: int, stop: int, *, governed: bool = False) -> int | None:
        """Number of the last word of the noun phrase that begins with word ``at``; before ``stop``.

        ``governed``: a preposition stands before it.
        """
        return phrase(self.ground, self.cues, at, stop, governed=governed)

    def who(self, hit: Match) -> tuple[tuple[int, int] | None, bool]:
        """The source of a verb, and whether it stands after the verb."""
        ground, cues, first = self.ground, self.cues, hit.first
        low = self.clause(first)
        before = ground.folded(first - 1) if first > self.low else ""
        if before in cues.conjunctions:
            return self.earlier(first), False
        if before == IT and not cues.nouns_are_capitalised:
            return (first - 1, first - 1), False
        if self.passive(first):
            return self.agent(hit.last + 1), True
        if low < first:
            decided, found = self._before_verb_of(hit, low)
            if decided:
                return found, False
        if low == first > self.low:
            decided, found = self._at_clause_start(hit)
            if decided:
                return found, False
        if self._may_invert(low, first) and self._can_invert(hit):
            at = hit.last + 1
            if cues.nouns_are_capitalised and at < self.high and ground.folded(at) == "sich":
                at += 1
            last = self.phrase(at, self.high) if self.close(at - 1) else None
            if last is not None and (cues.nouns_are_capitalised or not self._addressed(last)):
                return (at, last), True
        if low > self.low and low == first:
            return self._before_apposition(first) or self._done_before(hit), False
        return None, False

    def _before_verb_of(self, hit: Match, low: int) -> tuple[bool, tuple[int, int] | None]:
        """Whether a phrase before a verb in its clause speaks, and which."""
        ground, first = self.ground, hit.first
        found = subject(ground, self.cues, low, first) or self._by(low, first)
        if found is not None:
            return True, None if ground.folded(found[1]).endswith("'s") else self._all_of(found, hit)
        described = self._described(low, first)
        return described is not None, described

    def _at_clause_start(self, hit: Match) -> tuple[bool, tuple[int, int] | None]:
        """Whether a verb that begins its clause has its source before that, and which."""
        ground, cues, first = self.ground, self.cues, hit.first
        if ground.folded(first - 1) in cues.relatives:
            return True, ending(ground, cues, self.low, first - 1)
        if (set_off := self._before_parenthesis(first)) is not None:
            return True, set_off
        quote = ground.quote_ending(ground.words[first - 1].end, ground.words[first].start)
        inside = None if quote is None else ground.words_in(quote.start, quote.end)[0]
        named = "," not in ground.gap(first - 1)  # "the newspaper “…” wrote"
        if inside is not None and inside > self.low and (named or self.verb_final(hit)):
            return True, ending(ground, cues, self.clause(inside - 1), inside)
        if cues.nouns_are_capitalised and hit.entry.where == "act":
            if self.found and self.found[-1].source is not None:
                return True, self.found[-1].source
            inner = ending(ground, cues, self.low, first)
            return True, inner if ground.gap(first - 1).strip() == "," else None
        return False, None

    def _addressed(self, last: int) -> bool:
        """Whether a phrase after a verb is no speaker: "X, minister of Y, told reporters that"."""
        if self.close(last) and self.ground.folded(last + 1) in self.cues.auxiliaries:
            return True  # "X, a minister, said the talks had failed"
        for word in range(last, min(self.high - 1, last + _REACH)):
            if self.ground.folded(word + 1) in self.cues.that:
                return True
            if "," in self.ground.gap(word):
                break
        return False

    def passive(self, first: int) -> bool:
        """Whether an English participle stands after a form of "be": nobody is named who says it."""
        at = first - 1
        while at > self.low and self.ground.folded(at) in self.cues.adverbs:
            at -= 1
        return at >= self.low and self.ground.folded(at) in _BE

    def _all_of(self, found: tuple[int, int], hit: Match) -> tuple[int, int]:
        """A subject with what stands between it and its verb, if that belongs to it."""
        if found[0] >= hit.first or self.verb_final(hit):
            return found
        return lengthened(self.ground, self.cues, found, hit.first)

    def _described(self, low: int, first: int) -> tuple[int, int] | None:
        """ "The minister who opened the bridge said": a phrase and its English relative clause."""
        ground, cues = self.ground, self.cues
        if cues.nouns_are_capitalised or low - 2 < self.low or ground.folded(low - 1) not in _WHO:
            return None
        if ground.parted(low - 2) or first - low > _APPOSITION:
            return None
        found = ending(ground, cues, self.clause(low - 1), low - 1)
        return None if found is None else (found[0], first - 1)

    def _done_before(self, hit: Match) -> tuple[int, int] | None:
        """ "Vesk opened the meeting, praised the crew": the subject of the verb before the comma."""
        ground, cues = self.ground, self.cues
        first = hit.first
        if cues.nouns_are_capitalised or hit.entry.where != "act" or ground.gap(first - 1).strip() != ",":
            return None
        found = subject(ground, cues, self.low, first)
        if found is None or ground.parted(found[1]):
            return None
        verb = ground.folded(found[1] + 1)
        return found if verb.endswith("ed") or verb in cues.verbs else None

    def agent(self, at: int) -> tuple[int, int] | None:
        """Who does it in an English passive: the phrase after "by", if that is word ``at``."""
        if at >= self.high or self.ground.folded(at) != "by" or not self.close(at):
            return None
        last = self.phrase(at + 1, self.high, governed=True)
        return None if last is None else (at + 1, last)

    def _by(self, low: int, first: int) -> tuple[int, int] | None:
        """Who does it in a German passive: "von X wurde bestätigt"."""
        ground, cues = self.ground, self.cues
        if not cues.nouns_are_capitalised or ground.folded(low) not in _FROM:
            return None
        last = self.phrase(low + 1, first, governed=True)
        done = last is not None and any(ground.folded(one) in _BECOME for one in range(last + 1, first))
        return (low + 1, last) if done and last is not None else None

    def verb_final(self, hit: Match) -> bool:
        """Whether a German verb closes its clause."""
        return self.cues.nouns_are_capitalised and not self.close(hit.last)

    def clause(self, first: int) -> int:
        """First word of the clause that ends right before word ``first``."""
        ground, cues = self.ground, self.cues
        at = first
        while at > self.low and not ground.parted(at - 1):
            word = ground.folded(at - 1)
            if word in cues.breaks and self._parts(word, at - 1):
                break
            at -= 1
        return at

    def _parts(self, word: str, at: int) -> bool:
        if word in self.cues.conjunctions or word in ("nicht", "not", "sich"):
            return False
        # "als", "wie" compare things unless they begin a clause.
        return word not in ("als", "wie") or at == self.low or self.ground.parted(at - 1)

    def earlier(self, first: int) -> tuple[int, int] | None:
        """Who spoke before in this sentence, or its subject."""
        for one in reversed(self.found):
            if one.source is not None and one.match.entry.where not in ("before", "after", "so", "es"):
                return one.source
        return subject(self.ground, self.cues, self.low, first)

    def nearest(self, first: int) -> tuple[int, int] | None:
        """Subject of the nearest that-clause before a participle, or else who spoke before."""
        for at in range(first - 1, self.low, -1):
            if self.ground.folded(at) in self.cues.that:
                return subject(self.ground, self.cues, at + 1, first) or self.earlier(first)
        return self.earlier(first)

    def _may_invert(self, low: int, first: int) -> bool:
        """Whether the source may follow the verb: after a comma or quotation, German after anything."""
        if self.cues.nouns_are_capitalised:
            return True
        return low == first and (first == self.low or not self.ground.gap(first - 1).isspace())

    def _can_invert(self, hit: Match) -> bool:
        """Whether a verb can stand before its speaker: not "told"; English praise only after a quotation."""
        ground, first = self.ground, hit.first
        if ground.folded(first) in self.cues.addressing:
            return False
        if self.cues.nouns_are_capitalised or hit.entry.where not in _ACTS or first == self.low:
            return True
        return ground.quote_ending(ground.words[first - 1].end, ground.words[first].start) is not None

    def close(self, last: int) -> bool:
        """Whether the sentence goes on after a word without a mark between."""
        return last + 1 < self.high and not self.ground.parted(last)

    def _before_parenthesis(self, first: int) -> tuple[int, int] | None:
        """ "The ministry, by contrast, reported": an English subject that two commas part from its verb."""
        if self.cues.nouns_are_capitalised or self.ground.gap(first - 1).strip() != ",":
            return None
        found = subject(self.ground, self.cues, self.low, first)
        if found is None or found[1] >= first - 1 or self.ground.gap(found[1]).strip() != ",":
            return None
        return found

    def _before_apposition(self, first: int) -> tuple[int, int] | None:
        """ "X, minister of Y, said": what stands before the first of two commas."""
        ground = self.ground
        if ground.gap(first - 1).strip() != ",":
            return None
        found = subject(ground, self.cues, self.low, first)
        if found is not None and ground.gap(found[1]).strip() == ",":
            return found
        commas = (
            one for one in range(first - 2, max(self.low, first - _APPOSITION), -1) if ground.parted(one)
        )
        comma = next(commas, None)
        if comma is None or ground.gap(comma).strip() != ",":
            named = comma is not None and ground.gap(comma).strip().endswith(",")
            return ending(ground, self.cues, self.clause(first - 1), first) if named else None
        return ending(ground, self.cues, self.low, comma + 1)
