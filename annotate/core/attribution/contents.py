"""What is said: where the content of a cue begins and ends."""

from __future__ import annotations

import re

from annotate.core.attribution.ground import OPENING
from annotate.core.attribution.model import Kind, Range
from annotate.core.attribution.mood import subjunctive
from annotate.core.attribution.speakers import Speakers
from annotate.core.phrases import Match
from annotate.core.prose import Quotation

THAT_WITHIN = {"en": 10}
_VERBS = frozenset(["say", "that", "act"])
_AND_BUT = frozenset(["and", "but"])
_NO_VERBS = frozenset(["noun", "stance", "slogan", "before", "so", "es", "seems"])
_OUTER = frozenset(["that", "noun", "mood", "bare clause"])
"""Rules after whose cue an inner clause begins."""
_PARTED = re.compile(
    r"(?:ab|an|auf|aus|be[ir]|durch|ein|entgegen|fest|fort|heim|her\w{0,4}|hin\w{0,4}|los|mit|nach|nieder|über|um|unter"
    r"|vor\w{0,3}|weg|weiter|wieder\w{0,3}|zurück|zusammen|zu)zu\w{2,}n\Z"
)
"""Infinitives with "zu" inside: "aufzubauen"."""
_SUBORDINATE = frozenset(
    [
        "als",
        "wenn",
        "nachdem",
        "weil",
        "obwohl",
        "da",
        "when",
        "after",
        "as",
        "while",
        "because",
        "although",
        "if",
    ]
)


class Contents(Speakers):
    """The rules of content, for one sentence."""

    def end(self, start: int) -> int:
        """Where content that begins at ``start`` ends: with the sentence, or before the next cue goes on."""
        ground, words = self.ground, self.ground.words
        stop = self._stop(start)
        for hit in self.hits:
            if words[hit.first].start <= start or hit.first - 1 <= self.low:
                continue
            if hit.first >= stop:
                break
            before = hit.first - 1
            joined = ground.folded(before) in self.cues.conjunctions
            if hit.entry.where == "adding" and ground.gap(before).strip() == ",":
                return words[before].end
            if joined and hit.entry.where not in _NO_VERBS:
                return words[before - 1].end
        return words[self._other_deed(start, stop) - 1].end

    def _other_deed(self, start: int, stop: int) -> int:
        """Where the speaker does something else, in English: "said it had paid, and closed its office"."""
        ground, cues = self.ground, self.cues
        if cues.nouns_are_capitalised or start <= ground.words[self.low].start:
            return stop
        for number in range(ground.words_in(start, start + 1)[0] + 1, stop - 2):
            if ground.folded(number + 1) in _AND_BUT and ground.gap(number).strip() == ",":
                verb = ground.folded(number + 2)
                if verb in cues.verbs or (verb.endswith("ed") and len(verb) > 3):
                    return number + 1
        return stop

    def _stop(self, start: int) -> int:
        """Number of the word before which content from ``start`` ends: it stays in its quotation."""
        ground = self.ground
        first = ground.words_in(start, start + 1)[0]
        closes = ground.quote_around(first) if self.low < first < self.high else None
        return self.high if closes is None else min(self.high, ground.words_in(start, closes)[1])

    def clause_after(self, last: int) -> tuple[Range, Kind, str] | None:
        """A that-clause, a quotation or a colon after word ``last``."""
        ground, words, cues = self.ground, self.ground.words, self.cues
        reach = min(self.high, last + 1 + THAT_WITHIN.get(cues.language, 30), self._next_verb(last))
        for number in range(last, min(reach, self.high - 1)):
            gap = ground.gap(number)
            begins, ends = words[number].end, words[number + 1].start
            if not gap.isspace() and any(sign in OPENING for sign in gap):
                quote = ground.quote_in(begins, ends)
                if quote is not None and self._is_speech(quote, gap, adjoins=number == last):
                    return Range(quote.start + 1, quote.end - 1), "direct", "quotation after"
            if ":" in gap:
                return Range(words[number + 1].start, self.end(words[number + 1].start)), "direct", "colon"
            word = ground.folded(number + 1)
            german = cues.nouns_are_capitalised
            if word in cues.that and number + 2 < self.high and (not german or "," in gap):
                if not german and ground.folded(number) in cues.prepositions:
                    continue  # "on that day"
                start = (
                    words[number + 2].start if word in ("that", "dass", "daß") else words[number + 1].start
                )
                return Range(start, self.end(start)), "indirect", "that"
            if german and "," in gap and (rule := self.german_clause(number + 1)):
                return Range(words[number + 1].start, self.end(words[number + 1].start)), "indirect", rule
            if not german and (gap.strip() or (word in cues.breaks and word not in cues.conjunctions)):
                break
        return None

    def _is_speech(self, quote: Quotation, gap: str, *, adjoins: bool) -> bool:
        """Whether a quotation after a verb is speech; without a mark between, the name of a book is none."""
        if ":" in gap or "," in gap:
            return True
        inner = self.ground.text[quote.start + 1 : min(quote.end - 1, quote.start + 120)]
        words = inner.split()
        titled = (
            len(words) > 1 and inner[-1].isalnum() and all(one[0].isupper() or len(one) < 4 for one in words)
        )
        return adjoins and not (titled and not self.cues.nouns_are_capitalised)

    def _next_verb(self, last: int) -> int:
        """The next verb that attributes: what comes after it is its own."""
        verbs = (hit.first for hit in self.hits if hit.first > last + 1 and hit.entry.where in _VERBS)
        return next(verbs, self.high)

    def german_clause(self, low: int) -> str:
        """A clause without "dass": in the subjunctive, or an infinitive with "zu"."""
        ground = self.ground
        if subjunctive(ground, self.cues, low, self.high):
            return "mood"
        high = self.high
        for number in range(low, self.high - 1):
            if (
                ground.folded(number) == "zu"
                and not ground.capital(number + 1)
                and ground.folded(number + 1)[-1] == "n"
            ):
                return "infinitive"
            if "," in ground.gap(number):
                high = number + 1
                break
        last = high - 1 if high < self.high else self.high - 1
        return "infinitive" if not ground.capital(last) and _PARTED.match(ground.folded(last)) else ""

    def around(self, first: int, last: int, *, strong: bool = True) -> tuple[Range, Kind, str] | None:
        """What stands before "…, X said", or on both sides of it."""
        ground, words = self.ground, self.ground.words
        if first <= 0:
            return None
        begins, ends = words[first - 1].end, words[first].start
        quote = ground.quote_ending(begins, ends)
        if quote is not None:
            return self._quoted(quote.start, quote.end, last), "direct", "quotation before"
        if not strong:
            return None
        low = max([self.low, *(one.match.last + 1 for one in self.found if one.rule in _OUTER)])
        if first - low < 2 or ground.gap(first - 1).strip() not in (",", ", –", "–", "—"):
            return None
        if ground.folded(low) in _SUBORDINATE:
            return None
        high = self.high - 1
        rest = last + 1
        wedged = rest + 2 < self.high and ground.gap(last).strip() == "," and not self.goes_on(rest)
        return Range(words[low].start, words[high if wedged else first - 1].end), "indirect", "around"

    def _quoted(self, start: int, end: int, last: int) -> Range:
        """A quotation, with the one that takes it up after the cue."""
        ground, words = self.ground, self.ground.words
        if last + 1 < self.high:
            again = ground.quote_in(words[last].end, words[last + 1].start)
            if again is not None and "." not in ground.text[words[last].end : again.start]:
                return Range(start + 1, again.end - 1)
        return Range(start + 1, end - 1)

    def goes_on(self, word: int) -> bool:
        """Whether what follows a comma belongs to the cue: another cue, a participle, a phrase."""
        ground, cues = self.ground, self.cues
        folded = ground.folded(word)
        if cues.nouns_are_capitalised and subjunctive(ground, cues, word, self.high):
            return False
        return (
            folded in cues.conjunctions
            or folded in cues.prepositions
            or (folded.endswith("ing") and not cues.nouns_are_capitalised)
            or any(word <= hit.first <= word + 1 for hit in self.hits)
        )

    def outside(self, first: int, last: int) -> Range | None:
        """The sentence around the words from ``first`` to ``last``: after, before, or on both sides."""
        words = self.ground.words
        low, high = self.low, self.high - 1
        if first - low < 2:
            low = last + 1
            if not self.cues.nouns_are_capitalised:
                commas = (one for one in range(last, min(high, last + 10)) if "," in self.ground.gap(one))
                low = next(commas, last) + 1
        elif high == last:
            high = first - 1
        return Range(words[low].start, words[high].end) if low <= high else None

    def inner(self, content: Range) -> Range:
        """The content of a clause inside another, up to the comma after which the outer one goes on."""
        ground, cues = self.ground, self.cues
        low, high = ground.words_in(*content)
        for number in range(low + 1, high - 1):
            after = ground.folded(number + 1)
            goes_on = after in cues.determiners or after in cues.conjunctions or after in cues.prepositions
            if ground.gap(number).strip() == "," and not (
                goes_on or after in cues.breaks or after in cues.pronouns
            ):
                return Range(content.start, ground.words[number].end)
        return content

    def what(self, hit: Match, near: int, last: int, *, wedged: bool) -> tuple[Range, Kind, str] | None:
        """What a verb says: around it where a quotation or a comma closes before it, else after it."""
        ground, cues = self.ground, self.cues
        low = self.clause(near)
        if low > self.low and ground.folded(low - 1) in ("as", "wie") and not self.close(hit.last):
            content = self.outside(low - 1, hit.last)
            return None if content is None else (content, "indirect", "as X says")
        infinitive = last + 1 < self.high and ground.folded(last + 1) == "to"
        around = self.around(near, last, strong=wedged and not infinitive) if near > self.low else None
        if around is not None and around[2] == "quotation before" and "," not in ground.gap(near - 1):
            return self.clause_after(last) or around
        if around is not None and (around[2] == "quotation before" or cues.nouns_are_capitalised):
            after = self.clause_after(last) if around[2] == "around" else None
            return after if after is not None and after[2] in ("that", "colon", "quotation after") else around
        after = self.clause_after(last) or around
        if after is None and cues.nouns_are_capitalised and hit.entry.where == "say" and last == hit.last:
            after = self.bare_clause(last)
        return after

    def bare_clause(self, last: int) -> tuple[Range, Kind, str] | None:
        """A German clause in the indicative after a comma: "er sagte, die Brücke ist sicher"."""
        ground, at = self.ground, last + 1
        if at + 1 >= self.high or ground.gap(last).strip() != "," or ground.folded(at) in _SUBORDINATE:
            return None
        if self.phrase(at, self.high) is None and ground.folded(at) not in ("man", "es", "dies", "das"):
            return None
        start = ground.words[at].start
        return Range(start, self.end(start)), "indirect", "bare clause"

    def progressive(self, first: int) -> bool:
        """ "are openly claiming": a verb of its own."""
        before = [self.ground.folded(one) for one in range(max(self.low, first - 2), first)]
        return any(word in self.cues.auxiliaries for word in before)

    def opens(self, last: int) -> bool:
        """Whether the sentence ends with a colon right after the cue or its source."""
        if last + 4 < self.high:
            return False
        ground = self.ground
        tail = ground.text[ground.words[self.high - 1].end : ground.words[self.high - 1].end + 3]
        return tail.lstrip()[:1] == ":"

    def begins_clause(self, word: int, *, finite: bool) -> bool:
        """Whether a clause without "that" follows; ``finite``: only with a verb that shows it is one."""
        ground, cues = self.ground, self.cues
        folded = ground.folded(word)
        if ground.parted(word - 1) or cues.nouns_are_capitalised:
            return False
        if finite and folded == "to":
            after = ground.folded(word + 1) if word + 1 < self.high else ""
            return not (after in cues.determiners or after in cues.pronouns or ground.capital(word + 1))
        reach = range(word + 1, min(self.high, word + 12))
        if finite and not any(ground.folded(one) in cues.auxiliaries for one in reach):
            return False
        if folded in cues.determiners or folded in cues.pronouns or folded in ("it", "there"):
            return True
        small = folded in cues.prepositions or folded in cues.breaks or folded in cues.adverbs
        return ground.capital(word) or (not small and self._subject_and_verb(word))

    def _subject_and_verb(self, word: int) -> bool:
        """Whether a noun without an article has its verb right behind it: "said ferries had carried"."""
        for number in range(word + 1, min(self.high, word + 4)):
            if self.ground.folded(number) in self.cues.auxiliaries:
                return True
            if self.ground.parted(number - 1) or self.ground.folded(number) in self.cues.prepositions:
                return False
        return False

    def pronoun_clause(self, last: int) -> bool:
        """Whether a clause with a pronoun or a bare noun begins right after an English verb of saying."""
        at = last + 1
        if self.cues.nouns_are_capitalised or at + 2 >= self.high or self.ground.parted(last):
            return False
        folded = self.ground.folded(at)
        return (
            folded in self.cues.pronouns
            or folded in ("it", "there")
            or (
                folded not in self.cues.that
                and folded not in self.cues.determiners
                and self.begins_clause(at, finite=True)
                and folded != "to"
            )
        )
