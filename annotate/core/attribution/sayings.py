"""One sentence: what each of its cues says about who speaks and what is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotate.core.attribution.cues import SPLIT, Cues
from annotate.core.attribution.ground import OPENING, Ground
from annotate.core.attribution.model import Kind, Range
from annotate.core.attribution.nouns import ending, phrase, subject
from annotate.core.phrases import Match

THAT_WITHIN = {"en": 10}
_SUBORDINATE = frozenset("als wenn nachdem weil obwohl da when after as while because although if".split())


_STRONG = 0.8
"""Score of a cue that attributes by its place alone, without "that" or a quotation."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A cue with the words (first, last) of its source and its content. ``open``: a colon ends the sentence."""

    match: Match
    source: tuple[int, int] | None
    content: Range | None
    kind: Kind
    rule: str
    sure: float
    open: bool = False


class Sentence:
    """The words ``low`` to ``high`` (exclusive) of one sentence and the cues among them."""

    def __init__(self, ground: Ground, cues: Cues, low: int, high: int, hits: Sequence[Match]) -> None:
        self.ground = ground
        self.cues = cues
        self.low = low
        self.high = high
        self.hits = hits
        self.found: list[Saying] = []

    def read(self) -> list[Saying]:
        """What the cues say, in their order."""
        taken = -1
        for hit in sorted(self.hits, key=lambda one: (one.first, -one.last)):
            if hit.first <= taken:
                continue
            one = self._of(hit)
            if one is not None:
                taken = hit.last
                self.found.append(one)
        return self.found

    def _of(self, hit: Match) -> Saying | None:
        where = hit.entry.where
        if where.startswith(SPLIT):
            return self._split(hit, where.removeprefix(SPLIT))
        if where == "before":
            return self._before(hit)
        if where == "after":
            return self._after(hit)
        if where == "so":
            return self._so(hit)
        if where == "es":
            return self._es(hit)
        if where == "noun":
            return self._noun(hit)
        if where == "slogan":
            return self._slogan(hit)
        return self._verb(hit, acts=where == "act", clause=where == "say", goes_on=where == "adding")

    # --- who ----------------------------------------------------------------------------------------

    def _who(self, hit: Match) -> tuple[tuple[int, int] | None, bool]:
        """The source of a verb, and whether it stands after the verb."""
        ground, cues, first = self.ground, self.cues, hit.first
        low = self._clause(first)
        if first > self.low and ground.folded(first - 1) in cues.conjunctions:
            return self._earlier(first), False
        if low < first:
            found = subject(ground, cues, low, first)
            if found is not None:
                return found, False
        if low == first > self.low:
            if ground.folded(low - 1) in cues.relatives:
                return ending(ground, cues, self.low, first - 1), False
            quote = ground.quote_ending(ground.words[first - 1].end, ground.words[first].start)
            before = None if quote is None else ground.words_in(quote.start, quote.end)[0]
            if before is not None and before > self.low and self._verb_final(hit):
                return ending(ground, cues, self._clause(before), before), False
        if self._may_invert(low, first):
            last = phrase(ground, cues, hit.last + 1, self.high) if self._close(hit.last) else None
            if last is not None:
                return (hit.last + 1, last), True
        if low == first > self.low and not cues.nouns_are_capitalised:
            return self._before_apposition(first), False
        return None, False

    def _verb_final(self, hit: Match) -> bool:
        return self.cues.nouns_are_capitalised and not self._close(hit.last)

    def _clause(self, first: int) -> int:
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

    def _earlier(self, first: int) -> tuple[int, int] | None:
        """Who spoke before in this sentence, or its subject."""
        for one in reversed(self.found):
            if one.source is not None:
                return one.source
        return subject(self.ground, self.cues, self.low, first)

    def _may_invert(self, low: int, first: int) -> bool:
        """Whether the source may follow the verb: after a comma or quotation, German after anything."""
        if self.cues.nouns_are_capitalised:
            return True
        return low == first and (first == self.low or not self.ground.gap(first - 1).isspace())

    def _close(self, last: int) -> bool:
        return last + 1 < self.high and not self.ground.parted(last)

    def _before_apposition(self, first: int) -> tuple[int, int] | None:
        """ "X, minister of Y, said": what stands before the first of two commas."""
        found = subject(self.ground, self.cues, self.low, first)
        if found is None or self.ground.gap(first - 1).strip() != ",":
            return None
        return found if self.ground.gap(found[1]).strip() == "," else None

    # --- what ---------------------------------------------------------------------------------------

    def _end(self, start: int) -> int:
        """Where content that begins at ``start`` ends: with the sentence, or before the next cue goes on."""
        ground, words = self.ground, self.ground.words
        for hit in self.hits:
            if words[hit.first].start <= start or hit.first - 1 <= self.low:
                continue
            before = hit.first - 1
            joined = ground.folded(before) in self.cues.conjunctions
            if hit.entry.where == "adding" and ground.gap(before).strip() == ",":
                return words[before].end
            if joined and hit.entry.where not in ("noun", "slogan", "before", "so", "es"):
                return words[before - 1].end
        return words[self.high - 1].end

    def _clause_after(self, last: int) -> tuple[Range, Kind, str] | None:
        """A that-clause, a quotation or a colon after word ``last``."""
        ground, words, cues = self.ground, self.ground.words, self.cues
        reach = min(self.high, last + 1 + THAT_WITHIN.get(cues.language, 30))
        for number in range(last, min(reach, self.high - 1)):
            gap = ground.gap(number)
            begins, ends = words[number].end, words[number + 1].start
            if not gap.isspace() and any(sign in OPENING for sign in gap):
                quote = ground.quote_in(begins, ends)
                if quote is not None and (":" in gap or "," in gap or number <= last + 2):
                    return Range(quote.start + 1, quote.end - 1), "direct", "quotation after"
            if ":" in gap:
                return Range(words[number + 1].start, self._end(words[number + 1].start)), "direct", "colon"
            word = ground.folded(number + 1)
            german = cues.nouns_are_capitalised
            if word in cues.that and number + 2 < self.high and (not german or "," in gap):
                start = (
                    words[number + 2].start if word in ("that", "dass", "daß") else words[number + 1].start
                )
                return Range(start, self._end(start)), "indirect", "that"
            if german and "," in gap and (rule := self._german_clause(number + 1)):
                return Range(words[number + 1].start, self._end(words[number + 1].start)), "indirect", rule
            if not german and (gap.strip() or (word in cues.breaks and word not in cues.conjunctions)):
                break
        return None

    def _german_clause(self, low: int) -> str:
        """A clause without "dass": in the subjunctive, or an infinitive with "zu"."""
        ground = self.ground
        if subjunctive(ground, self.cues, low, self.high):
            return "mood"
        for number in range(low, self.high - 1):
            if (
                ground.folded(number) == "zu"
                and not ground.capital(number + 1)
                and ground.folded(number + 1)[-1] == "n"
            ):
                return "infinitive"
            if "," in ground.gap(number):
                break
        return ""

    def _around(self, first: int, last: int, *, strong: bool = True) -> tuple[Range, Kind, str] | None:
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
        low = max([self.low, *(one.match.last + 1 for one in self.found if one.rule in ("that", "noun"))])
        if first - low < 2 or ground.gap(first - 1).strip() not in (",", ", –", "–", "—"):
            return None
        if ground.folded(low) in _SUBORDINATE:
            return None
        high = self.high - 1
        rest = last + 1
        wedged = rest + 2 < self.high and ground.gap(last).strip() == "," and not self._goes_on(rest)
        return Range(words[low].start, words[high if wedged else first - 1].end), "indirect", "around"

    def _quoted(self, start: int, end: int, last: int) -> Range:
        """A quotation, with the one that takes it up after the cue."""
        ground, words = self.ground, self.ground.words
        if last + 1 < self.high:
            again = ground.quote_in(words[last].end, words[last + 1].start)
            if again is not None and "." not in ground.text[words[last].end : again.start]:
                return Range(start + 1, again.end - 1)
        return Range(start + 1, end - 1)

    def _goes_on(self, word: int) -> bool:
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

    # --- by kind of cue -----------------------------------------------------------------------------

    def _verb(self, hit: Match, *, acts: bool, clause: bool, goes_on: bool) -> Saying | None:
        ground, words = self.ground, self.ground.words
        if goes_on and not self._progressive(hit.first):
            inverted = False
            if hit.first > self.low and ground.folded(hit.first - 1) == "as":
                source = ending(ground, self.cues, self.low, hit.first - 1)
            else:
                source = self._earlier(hit.first)
        else:
            source, inverted = self._who(hit)
        if source is not None and ground.folded(source[0]) in self.cues.first_person:
            return None  # the one who speaks anyway
        last = source[1] if source is not None and inverted else hit.last
        first = source[0] if source is not None and not inverted and source[1] < hit.first else hit.first
        near = first if self._clause(hit.first) <= first else hit.first
        if self._opens(last) and hit is self.hits[-1]:
            return Saying(hit, source, None, "direct", "colon at the end", 1.0, open=True)
        what = self._what(hit, near, last, wedged=not goes_on and hit.entry.score >= _STRONG)
        if what is not None:
            content, kind, rule = what
            if (
                rule == "that"
                and hit.first > self.low
                and ground.folded(hit.first - 1) in self.cues.relatives
            ):
                content = self._inner(content)
            return Saying(hit, source, content, kind, rule, 1.0 if source is not None else 0.6)
        if source is None or goes_on:
            return None
        rest = hit.last + 1
        if (
            not inverted
            and not acts
            and rest + 2 < self.high
            and self._begins_clause(rest, finite=not clause)
        ):
            start = words[rest].start
            return Saying(hit, source, Range(start, self._end(start)), "indirect", "bare clause", 0.85)
        if acts:
            after = last + 1
            content = Range(words[after].start, self._end(words[after].start)) if after < self.high else None
            return Saying(hit, source, content, "reported", "act", 0.8 if ground.parted(hit.last) else 1.0)
        return None

    def _what(self, hit: Match, near: int, last: int, *, wedged: bool) -> tuple[Range, Kind, str] | None:
        """What a verb says: around it where a quotation or a comma closes before it, else after it."""
        ground, cues = self.ground, self.cues
        low = self._clause(near)
        if low > self.low and ground.folded(low - 1) in ("as", "wie") and not self._close(hit.last):
            content = self._outside(low - 1, hit.last)
            return None if content is None else (content, "indirect", "as X says")
        around = self._around(near, last, strong=wedged) if near > self.low else None
        if around is not None and (around[2] == "quotation before" or cues.nouns_are_capitalised):
            after = self._clause_after(last) if around[2] == "around" else None
            return after if after is not None and after[2] in ("that", "colon", "quotation after") else around
        return self._clause_after(last) or around

    def _progressive(self, first: int) -> bool:
        """ "are openly claiming": a verb of its own."""
        before = [self.ground.folded(one) for one in range(max(self.low, first - 2), first)]
        return any(word in self.cues.auxiliaries for word in before)

    def _opens(self, last: int) -> bool:
        """Whether the sentence ends with a colon right after the cue or its source."""
        if last + 4 < self.high:
            return False
        ground = self.ground
        tail = ground.text[ground.words[self.high - 1].end : ground.words[self.high - 1].end + 3]
        return tail.lstrip()[:1] == ":"

    def _begins_clause(self, word: int, *, finite: bool) -> bool:
        """Whether a clause without "that" follows; ``finite``: only with a verb that shows it is one."""
        ground, cues = self.ground, self.cues
        folded = ground.folded(word)
        if ground.parted(word - 1) or cues.nouns_are_capitalised:
            return False
        if finite and folded == "to":
            return True
        reach = range(word + 1, min(self.high, word + 12))
        if finite and not any(ground.folded(one) in cues.auxiliaries for one in reach):
            return False
        return (
            folded in cues.determiners
            or folded in cues.pronouns
            or folded in ("it", "there")
            or ground.capital(word)
        )

    def _split(self, hit: Match, part: str) -> Saying | None:
        """A German verb whose part closes its clause."""
        ground = self.ground
        for number in range(hit.last + 1, min(self.high, hit.last + 40)):
            last = number + 1 == self.high
            if ground.folded(number) == part and (
                last or ground.parted(number) or ground.folded(number + 1) == "und"
            ):
                break
        else:
            return None
        source, inverted = self._who(hit)
        what = self._clause_after(number - 1 if not last else number) or self._clause_after(number)
        if what is None and self._opens(number):
            return Saying(hit, source, None, "direct", "colon at the end", 1.0, open=True)
        if what is None and inverted and source is not None:
            what = self._around(hit.first, number)
        if what is not None:
            return Saying(hit, source, *what, 1.0 if source is not None else 0.6)
        if source is None or hit.entry.score < 0.7:
            return None
        after = source[1] + 1 if inverted else hit.last + 1
        if after >= number:
            return None
        start = ground.words[after].start
        return Saying(hit, source, Range(start, self._end(start)), "reported", "act", 0.6)

    def _before(self, hit: Match) -> Saying | None:
        """ "According to X, …": the source after the cue, the content around both."""
        ground, cues, words = self.ground, self.cues, self.ground.words
        at = hit.last + 1
        if at < self.high and ground.folded(at) in cues.role_joining and cues.nouns_are_capitalised:
            at += 1
        last = phrase(ground, cues, at, self.high) if self._close(hit.last) else None
        if last is None:
            return None
        content = self._outside(hit.first, last)
        return Saying(hit, (at, last), content, "indirect", "according to", 1.0) if content else None

    def _outside(self, first: int, last: int) -> Range | None:
        """The sentence around the words from ``first`` to ``last``: after, before, or on both sides."""
        words = self.ground.words
        low, high = self.low, self.high - 1
        if first - low < 2:
            low = last + 1
        elif high == last:
            high = first - 1
        return Range(words[low].start, words[high].end) if low <= high else None

    def _after(self, hit: Match) -> Saying | None:
        source = ending(self.ground, self.cues, self.low, hit.first)
        if source is None:
            return None
        content = self._outside(source[0], hit.last)
        return Saying(hit, source, content, "indirect", "according to", 1.0) if content else None

    def _so(self, hit: Match) -> Saying | None:
        ground = self.ground
        if hit.first <= self.low or ground.gap(hit.first - 1).isspace() or not self._close(hit.last):
            return None
        last = phrase(ground, self.cues, hit.last + 1, self.high)
        if last is None or not (last + 1 == self.high or ground.parted(last) or self._place(last + 1)):
            return None
        what = self._around(hit.first, last)
        return Saying(hit, (hit.last + 1, last), *what, 1.0) if what else None

    def _place(self, word: int) -> bool:
        return self.ground.folded(word) in self.cues.prepositions | self.cues.adverbs

    def _es(self, hit: Match) -> Saying | None:
        ground, cues = self.ground, self.cues
        source = None
        last = hit.last
        if self._close(last) and ground.folded(last + 1) in cues.prepositions:
            inner = phrase(ground, cues, last + 2, self.high)
            source, last = ((last + 2, inner), inner) if inner is not None else (None, last)
        else:
            low = self._clause(hit.first)
            inner = phrase(ground, cues, low + 1, hit.first)
            if ground.folded(low) in cues.prepositions and inner == hit.first - 1:
                source = (low + 1, inner)
        what = self._clause_after(last) or self._around(hit.first, last)
        return Saying(hit, source, *what, 1.0) if what else None

    def _noun(self, hit: Match) -> Saying | None:
        """ "the claim that …", "Putin's claim that …", "die Behauptung des Ministers, dass …"."""
        ground, cues, words = self.ground, self.cues, self.ground.words
        source: tuple[int, int] | None = None
        last = hit.last
        if cues.nouns_are_capitalised and self._close(last) and ground.folded(last + 1) in cues.joining:
            inner = phrase(ground, cues, last + 1, self.high)
            source, last = ((last + 1, inner), inner) if inner is not None else (None, last)
        if last + 2 >= self.high or ground.folded(last + 1) not in ("that", "dass", "daß", "wonach"):
            return None
        if hit.first == self.low or ground.folded(last) in cues.that:
            return None
        before = ground.folded(hit.first - 1)
        if before.endswith("'s") and ground.capital(hit.first - 1):
            source = (hit.first - 1, hit.first - 1)
        elif before not in cues.determiners and not before.isalpha():
            return None
        start = words[last + 2].start
        if any(one.content is not None and one.content.start == start for one in self.found):
            return None
        return Saying(hit, source, self._inner(Range(start, self._end(start))), "indirect", "noun", 1.0)

    def _slogan(self, hit: Match) -> Saying | None:
        """ "under the slogan “…”": the words are quoted; whose they are is told by the subject at most."""
        ground, words = self.ground, self.ground.words
        last = hit.last
        if self._close(last) and ground.folded(last + 1) in self.cues.joining:
            last += 1
        if last + 1 >= self.high:
            return None
        quote = ground.quote_in(words[last].end, words[last + 1].start)
        if quote is None:
            return None
        source = None if self.found else subject(ground, self.cues, self.low, hit.first)
        content = Range(quote.start + 1, quote.end - 1)
        return Saying(hit, source, content, "direct", "slogan", 1.0 if source is not None else 0.8)

    def _inner(self, content: Range) -> Range:
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


def subjunctive(ground: Ground, cues: Cues, low: int, high: int, *, second: bool = True) -> bool:
    """Whether words ``low`` to ``high`` hold a form of Konjunktiv I, or of the second, which stands in for it."""
    mine = False
    for number in range(low, high):
        word = ground.folded(number)
        if word in cues.first_person:
            return False
        known = word in cues.subjunctive or (second and word in cues.second_subjunctive)
        mine = mine or (known and not ground.capital(number))
    return mine
