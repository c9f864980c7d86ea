"""Nouns that attribute: "the minister's claim that …", "die Zusage der Stadt, … zu …", slogans."""

from __future__ import annotations

from annotate.core.attribution.contents import Contents
from annotate.core.attribution.model import Range
from annotate.core.attribution.mood import subjunctive
from annotate.core.attribution.nouns import ending, subject
from annotate.core.attribution.speakers import Saying
from annotate.core.phrases import Match

_BACK = 2
"""So many adjectives may stand between "the minister's" and the noun."""
_SUPPORT_WITHIN = 6
_ENGLISH_OWNER = frozenset(["of", "by", "from"])
_GERMAN_OWNER = frozenset(["von", "vom", "aus", "seitens"])
_THAT = frozenset(["that", "dass", "daß", "wonach"])
_LIES_IN = frozenset(["besteht", "bestand", "lautet", "lautete"])
_FINITE = frozenset(["is", "are", "was", "were", "has", "have", "had", "will", "would", "did", "does"])


class NounCues(Contents):
    """The rules of nouns, for one sentence."""

    def noun(self, hit: Match) -> Saying | None:
        """A noun of saying and its clause. Nobody need be named."""
        ground = self.ground
        source, last = self._whose(hit)
        start = self._clause_of(hit, last, stance=hit.entry.where == "stance")
        if start is None or not self._may_be_noun(hit, source is not None):
            return None
        if hit.entry.where == "stance" and source is None:
            source = self._giver(hit)
            if source is None:
                return None
        source = source or self._giver(hit)
        if source is not None and ground.folded(source[0]) in self.cues.first_person:
            return None
        begins = ground.words[start].start
        if any(one.content is not None and one.content.start == begins for one in self.found):
            return None
        content = Range(begins, self.end(begins))
        if ground.folded(start) != "to":
            content = self._before_verb(hit, self.inner(content))
        return Saying(hit, source, content, "indirect", "noun", 1.0)

    def _may_be_noun(self, hit: Match, owned: bool) -> bool:
        """Whether the word before lets it be a noun; a sentence may begin with "Reports that …"."""
        ground = self.ground
        if ground.folded(hit.last) in self.cues.that:
            return False
        if hit.first == self.low:
            return owned or self.cues.nouns_are_capitalised or ground.folded(hit.first).endswith("s")
        before = ground.folded(hit.first - 1)
        return before in self.cues.determiners or before.isalpha() or before.endswith("'s")

    def _whose(self, hit: Match) -> tuple[tuple[int, int] | None, int]:
        """Whose noun it is, and the last word of both: a genitive before or after it, "by X", "von X"."""
        ground, cues, last = self.ground, self.cues, hit.last
        if not cues.nouns_are_capitalised:
            for at in range(hit.first - 1, max(self.low, hit.first - 1 - _BACK) - 1, -1):
                if ground.folded(at).endswith("'s"):
                    return ending(ground, cues, self.low, at + 1), last
        if not self.close(last):
            return None, last
        word = ground.folded(last + 1)
        if cues.nouns_are_capitalised and word in cues.joining:
            inner = self.phrase(last + 1, self.high)
        elif word in (_GERMAN_OWNER if cues.nouns_are_capitalised else _ENGLISH_OWNER):
            inner = self.phrase(last + 2, self.high, governed=True)
        else:
            return None, last
        return (None, last) if inner is None else ((last + 2, inner), inner)

    def _clause_of(self, hit: Match, last: int, *, stance: bool) -> int | None:
        """Number of the first word of what the noun says, after its last word ``last``."""
        ground, cues = self.ground, self.cues
        if last + 2 >= self.high:
            return None
        after = ground.folded(last + 1)
        if not cues.nouns_are_capitalised:
            if stance and after == "to" and self.close(last):
                return last + 1
            return last + 2 if after == "that" else None
        if after in _LIES_IN and last + 3 < self.high:
            last += 2 if ground.folded(last + 2) == "darin" else 1
            after = ground.folded(last + 1)
        if after in _THAT:
            return last + 2
        if "," not in ground.gap(last):
            return None
        rule = self.german_clause(last + 1) if stance else ""
        high = next((one + 1 for one in range(last + 1, self.high - 1) if "," in ground.gap(one)), self.high)
        clause = rule == "infinitive" or subjunctive(ground, cues, last + 1, high)
        return last + 1 if clause else None

    def _giver(self, hit: Match) -> tuple[int, int] | None:
        """The subject of a verb that only carries the noun: "X gave assurances that"."""
        ground = self.ground
        for at in range(hit.first - 1, max(self.low, hit.first - _SUPPORT_WITHIN) - 1, -1):
            if ground.folded(at) in self.cues.support:
                word = ground.words[at]
                found = self.who(Match(hit.entry, word.start, word.end, at, at))[0]
                return None if found is None or found[0] <= hit.first <= found[1] else found
            if ground.parted(at):
                return None
        return None

    def _before_verb(self, hit: Match, content: Range) -> Range:
        """What an English noun at the head of its sentence says, up to the verb of that sentence."""
        ground, cues = self.ground, self.cues
        if cues.nouns_are_capitalised or hit.first - self.low > _BACK + 1:
            return content
        low, high = ground.words_in(*content)
        finite = [
            one
            for one in range(low + 1, high)
            if ground.folded(one) in _FINITE and ground.folded(one - 1) not in _FINITE
        ]
        return Range(content.start, ground.words[finite[-1] - 1].end) if len(finite) > 1 else content

    def slogan(self, hit: Match) -> Saying | None:
        """ "under the slogan “…”": the words are quoted; whose they are is told by the subject at most."""
        ground, words = self.ground, self.ground.words
        last = hit.last
        if self.close(last) and ground.folded(last + 1) in self.cues.joining:
            last += 1
        if last + 1 >= self.high:
            return None
        quote = ground.quote_in(words[last].end, words[last + 1].start)
        if quote is None:
            return None
        source = None if self.found else subject(ground, self.cues, self.low, hit.first)
        content = Range(quote.start + 1, quote.end - 1)
        return Saying(hit, source, content, "direct", "slogan", 1.0 if source is not None else 0.8)
