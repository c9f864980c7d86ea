"""The same rules on a sentence that a trained pipeline has parsed.

The grammatical subject of a cue comes before the phrase that stands near it, a word that is no verb is no
verb of saying, and what is said ends where its clause does. Where the parse says nothing, the rules without
it decide.
"""

from __future__ import annotations

from annotate.core.attribution.cues import SPLIT
from annotate.core.attribution.model import Range
from annotate.core.attribution.sayings import Sentence
from annotate.core.attribution.speakers import Saying
from annotate.core.phrases import Match
from annotate.core.prose.grammar import (
    agent,
    has_subject,
    is_finite,
    owner,
    passive,
    phrase,
    phrase_from,
    subject,
)
from annotate.core.prose.syntax import NOMINAL, VERBAL, Syntax

_VERBS = frozenset({"say", "that", "act", "adding"})
_MODIFIERS = frozenset({"attribute", "noun clause"})
_CUT = frozenset({"that", "bare clause", "clause", "mood"})
_EDGE = " ,;:–—-"
_COORDINATED = 8
_CLIMBED = 20


class ParsedSentence(Sentence):
    """A sentence of a text with ``ground.syntax``."""

    @property
    def syntax(self) -> Syntax:
        """The parse; ``find`` makes this class only where there is one."""
        assert self.ground.syntax is not None
        return self.ground.syntax

    def _of(self, hit: Match) -> Saying | None:
        if self._is_none(hit):
            return None
        one = super()._of(hit)
        if one is None:
            return None
        content = one.content
        if content is not None and one.rule in _CUT and self._is_verb(hit):
            content = self._cut(hit, self._introduced(content))
        source = one.source
        if hit.entry.where == "noun":
            source = source or self._owner(hit)
            content = content and self._noun_clause(hit, content)
        return Saying(one.match, source, content, one.kind, one.rule, one.sure, one.open)

    def _introduced(self, content: Range) -> Range:
        """Content without the word that introduces it, where the rules left it: "que le pont est sûr"."""
        words, (first, after) = self.ground.words, self.ground.words_in(*content)
        role = self.syntax.tokens[self.syntax.at(content.start)].role
        if role == "marker" and self.ground.folded(first) in self.cues.that and first + 1 < after:
            return Range(words[first + 1].start, content.end)
        return content

    def _token(self, word: int) -> int:
        return self.syntax.at(self.ground.words[word].start)

    def _is_none(self, hit: Match) -> bool:
        """Whether a cue is another part of speech than its entry means: "the state", "reported missing"."""
        where = hit.entry.where
        if not self.syntax.tagged:
            return False
        token = self.syntax.tokens[self._token(hit.first)]
        if where == "noun":
            return (token.kind == "verb" and token.form == "finite") or self._is_described(hit)
        if where not in _VERBS and not where.startswith(SPLIT):
            return False
        if token.kind in NOMINAL:
            return not self.syntax.parsed or self._hangs_on_a_verb(hit)
        if where == "adding" or token.form == "finite":
            return False
        opening = hit.first == self.low and token.role == "adverbial clause"  # "Asked about it, X replied"
        return opening or token.role in _MODIFIERS

    def _hangs_on_a_verb(self, hit: Match) -> bool:
        """Whether a noun stands below a finite verb; where it does not, it is likely the verb itself."""
        at = self._token(hit.first)
        for _ in range(_CLIMBED):
            above = self.syntax.tokens[at].head
            if above == at:
                return False
            if is_finite(self.syntax, above):
                return True
            at = above
        return True

    def _is_verb(self, hit: Match) -> bool:
        return self.syntax.parsed and self.syntax.tokens[self._token(hit.first)].kind in VERBAL

    def _words(self, place: tuple[int, int] | None) -> tuple[int, int] | None:
        """First and last word of a range of this sentence."""
        if place is None:
            return None
        first, after = self.ground.words_in(*place)
        return (first, after - 1) if self.low <= first < after <= self.high else None

    def phrase(self, at: int, stop: int, *, governed: bool = False) -> int | None:
        """As without a parse, but as long as the parse says."""
        found = super().phrase(at, stop, governed=governed)
        if at >= stop or not self.syntax.parsed:
            return found
        words = self._words(phrase_from(self.syntax, self.ground.words[at].start))
        if words is None or words[0] != at or words[1] >= stop:
            return found
        return self._before_that(words)[1]

    def who(self, hit: Match) -> tuple[tuple[int, int] | None, bool]:
        """The grammatical subject, or by whom a passive is done; else as without a parse."""
        if not self._is_verb(hit):
            return self._whole(super().who(hit))
        verb = self._token(hit.first)
        if not has_subject(self.syntax, verb):
            told = super().who(hit)
            if told[0] is not None and told[1] and told[0][1] + 1 == self.high:
                return self._whole(told)  # "…, reported the agency.": its object by the parse, if at all
        is_passive = passive(self.syntax, verb)
        head = agent(self.syntax, verb) if is_passive else subject(self.syntax, verb)
        words = None if head is None else self._words(phrase(self.syntax, head))
        if words is not None and self._speaks(words):
            return (words, False) if words[0] < hit.first else (self._before_that(words), True)
        return (None, False) if is_passive else self._whole(super().who(hit))

    def _before_that(self, words: tuple[int, int]) -> tuple[int, int]:
        """A source behind its verb, up to the word that introduces what is said."""
        inner = range(words[0] + 1, words[1] + 1)
        ends = (one - 1 for one in inner if self.ground.folded(one) in self.cues.that)
        return words[0], next(ends, words[1])

    def _speaks(self, words: tuple[int, int]) -> bool:
        cues = self.cues
        first = self.ground.folded(words[0])
        return words[0] != words[1] or first not in cues.that | cues.relatives

    def _whole(self, told: tuple[tuple[int, int] | None, bool]) -> tuple[tuple[int, int] | None, bool]:
        """A source with the whole of the names at its ends."""
        source, inverted = told
        if source is None or not self.syntax.named:
            return told
        words = self.ground.words
        first = self.syntax.named_at(words[source[0]].start, words[source[0]].end)
        last = self.syntax.named_at(words[source[1]].start, words[source[1]].end)
        start = words[source[0]].start if first is None else min(first.start, words[source[0]].start)
        end = words[source[1]].end if last is None else max(last.end, words[source[1]].end)
        return self._words((start, end)) or source, inverted

    def earlier(self, first: int) -> tuple[int, int] | None:
        """Who spoke before: the subject of the verb that a participle or another verb goes with."""
        verb = self._token(first)
        if any(one.source is not None for one in self.found):
            return super().earlier(first)
        if self.syntax.parsed and self.syntax.tokens[verb].kind in VERBAL and not passive(self.syntax, verb):
            head = subject(self.syntax, verb)
            words = None if head is None else self._words(phrase(self.syntax, head))
            if words is not None and self._speaks(words):
                return words
        return super().earlier(first)

    def _is_subject(self, source: tuple[int, int], first: int) -> bool:
        if self.syntax.parsed and source[1] < first:
            head = subject(self.syntax, self._token(first))
            if head is not None and self._words(phrase(self.syntax, head)) == source:
                return True
        return super()._is_subject(source, first)

    def _told(self, hit: Match, source: tuple[int, int], last: int, *, inverted: bool) -> Saying | None:
        """As without a parse; where that finds nothing, the clause that hangs on the verb."""
        found = super()._told(hit, source, last, inverted=inverted)
        if found is not None or hit.entry.where == "act" or not self._is_verb(hit):
            return found
        content = self._complement(hit, last)
        return None if content is None else Saying(hit, source, content, "indirect", "clause", 0.85)

    def _complement(self, hit: Match, last: int) -> Range | None:
        """The finite clause behind a verb, without what introduces it."""
        syntax, words = self.syntax, self.ground.words
        after = words[last].end
        for number in syntax.below[self._token(hit.first)]:
            if syntax.tokens[number].role != "clause" or syntax.tokens[number].start < after:
                continue
            if not (is_finite(syntax, number) and has_subject(syntax, number)):
                continue
            left, right = syntax.edges[number]
            while left < number and syntax.tokens[left].role in ("marker", "punctuation"):
                left += 1
            start, end = syntax.tokens[left].start, syntax.tokens[right].end
            first, beyond = self.ground.words_in(start, end)
            if start >= after and last < first < beyond <= self.high:
                return Range(words[first].start, words[beyond - 1].end)
        return None

    def _cut(self, hit: Match, content: Range) -> Range:
        """Content up to where the speaker does something else: "said that …, and closed its office"."""
        syntax = self.syntax
        for number in self._going_on(self._token(hit.first)):
            token = syntax.tokens[number]
            if token.start <= content.start or token.start >= content.end:
                continue
            if has_subject(syntax, number) or not is_finite(syntax, number):
                continue
            left = syntax.edges[number][0]
            while left > 0 and syntax.tokens[left - 1].role in ("coordinator", "punctuation"):
                left -= 1
            if syntax.tokens[left].start > content.start:
                return Range(content.start, len(self.ground.text[: syntax.tokens[left].start].rstrip(_EDGE)))
        return content

    def _going_on(self, verb: int) -> list[int]:
        """The verbs that are coordinated with a verb: the first few are enough."""
        tokens, below = self.syntax.tokens, self.syntax.below
        found: list[int] = []
        opened = [verb]
        while opened and len(found) < _COORDINATED:
            for one in below[opened.pop()]:
                if tokens[one].role == "conjunct":
                    found.append(one)
                    opened.append(one)
                elif tokens[one].role == "coordinator":
                    opened.append(one)
        return sorted(found)

    def _is_described(self, hit: Match) -> bool:
        """Whether "that" behind a noun begins a relative clause: "the claims that the court rejected"."""
        if not self.syntax.parsed:
            return False
        roles = [self.syntax.tokens[one].role for one in self.syntax.below[self._token(hit.last)]]
        return "relative clause" in roles and not {"noun clause", "clause"}.intersection(roles)

    def _noun_clause(self, hit: Match, content: Range) -> Range:
        """Content behind a noun, up to the end of the clause that hangs on it."""
        syntax = self.syntax
        for one in syntax.below[self._token(hit.last)] if syntax.parsed else ():
            end = syntax.tokens[syntax.edges[one][1]].end
            if syntax.tokens[one].role in ("noun clause", "clause") and content.start < end < content.end:
                return Range(content.start, end)
        return content

    def _owner(self, hit: Match) -> tuple[int, int] | None:
        if not self.syntax.parsed:
            return None
        head = owner(self.syntax, self._token(hit.last))
        return None if head is None else self._words(phrase(self.syntax, head))
