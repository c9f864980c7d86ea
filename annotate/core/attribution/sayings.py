"""One sentence: what each of its cues says about who speaks and what is said."""

from __future__ import annotations

from annotate.core.attribution.cues import SPLIT
from annotate.core.attribution.model import Range
from annotate.core.attribution.noun_cues import NounCues
from annotate.core.attribution.nouns import ending, kind_of, lengthened, subject
from annotate.core.attribution.speakers import Saying
from annotate.core.phrases import Match

_UNNAMED = 0.6
"""How sure an attribution is, beside one whose speaker is named."""

_VERB_END = ("s", "ed", "said", "wrote", "read", "held")
_LAST = frozenset(["act", "naming", "seems"])
"""Of the same words, the kinds that are tried after those which take a clause."""

_STRONG = 0.8
"""Score of a cue that attributes by its place alone, without "that" or a quotation."""


class Sentence(NounCues):
    """One rule for each kind of cue; ``where`` of an entry says which."""

    def read(self) -> list[Saying]:
        """What the cues say, in their order."""
        taken = -1
        for hit in sorted(self.hits, key=lambda one: (one.first, -one.last, one.entry.where in _LAST)):
            if hit.first <= taken or self._is_noun_before_verb(hit):
                continue
            one = self._of(hit)
            if one is not None:
                taken = hit.last
                self.found.append(one)
        return self.found

    def _is_noun_before_verb(self, hit: Match) -> bool:
        """Whether an English cue stands right before a verb of saying: "the report says"."""
        if self.cues.nouns_are_capitalised or hit.entry.where not in ("that", "say", "act"):
            return False
        verbs = (one for one in self.hits if one.first == hit.last + 1 and one.entry.where in ("that", "say"))
        return self.close(hit.last) and any(
            self.ground.folded(one.first).endswith(_VERB_END) for one in verbs
        )

    def _of(self, hit: Match) -> Saying | None:
        where = hit.entry.where
        if where.startswith(SPLIT):
            return self._split(hit, where.removeprefix(SPLIT))
        rule = {
            "before": self._before,
            "before text": self._before,
            "after": self._after,
            "so": self._so,
            "es": self._es,
            "noun": self.noun,
            "stance": self.noun,
            "slogan": self.slogan,
            "seems": self._seems,
            "naming": self._naming,
        }.get(where)
        return self._verb(hit) if rule is None else rule(hit)

    def _verb(self, hit: Match) -> Saying | None:
        """A verb of saying, whatever its class."""
        goes_on = hit.entry.where == "adding"
        source, inverted = self._speaker(hit)
        if source is not None and self.ground.folded(source[0]) in self.cues.first_person:
            return None  # the one who speaks anyway
        if hit.entry.where == "text" and not self._is_text(source):
            return None
        last = source[1] if source is not None and inverted else hit.last
        if self.opens(last) and hit is self.hits[-1]:
            return Saying(hit, source, None, "direct", "colon at the end", 1.0, open=True)
        near = hit.first
        if source is not None and not inverted and self._is_subject(source, hit.first):
            near = source[0]
        if near == hit.first > self.low and self.ground.folded(near - 1) == "so":
            near -= 1
        act = hit.entry.where == "act"
        if act and not self.cues.nouns_are_capitalised and self._is_modifier(hit):
            return None
        what = (
            None
            if act or (hit.entry.where == "say" and not inverted and self.pronoun_clause(last))
            else self.what(hit, near, last, wedged=not goes_on and hit.entry.score >= _STRONG)
        )
        if what is not None and source is None and not self._needs_nobody(hit.first, what[2]):
            return None
        if what is None:
            return None if source is None or goes_on else self._told(hit, source, last, inverted=inverted)
        content, kind, rule = what
        if (
            rule == "that"
            and hit.first > self.low
            and self.ground.folded(hit.first - 1) in self.cues.relatives
        ):
            content = self.inner(content)
        return Saying(hit, source, content, kind, rule, 1.0 if source is not None else _UNNAMED)

    def _is_subject(self, source: tuple[int, int], first: int) -> bool:
        """Whether a source stands in the clause of its verb, or has only an apposition between."""
        if self.clause(first) <= source[0]:
            return True
        commas = (self.ground.gap(source[1]).strip(), self.ground.gap(first - 1).strip())
        return source[1] < first and commas == (",", ",")

    def _needs_nobody(self, first: int, rule: str) -> bool:
        """Whether it is a verb though nobody is named: "it was said that"; English has nouns like verbs."""
        if rule == "around":
            return False
        return rule != "that" or self.cues.nouns_are_capitalised or self.progressive(first)

    def _speaker(self, hit: Match) -> tuple[tuple[int, int] | None, bool]:
        """The source of a verb or participle, and whether it stands after it."""
        if hit.entry.where == "adding" and self.ground.folded(hit.first) == "quoted":
            return subject(self.ground, self.cues, self.clause(hit.first), hit.first), False
        participle = hit.entry.where == "adding" or self._is_participle(hit)
        if not participle or self.progressive(hit.first):
            return self.who(hit)
        if hit.entry.where == "act":
            return self.nearest(hit.first), False
        if hit.first > self.low and self.ground.folded(hit.first - 1) == "as":
            return ending(self.ground, self.cues, self.low, hit.first - 1), False
        return self.earlier(hit.first), False

    def _is_modifier(self, hit: Match) -> bool:
        """Whether an English participle only describes: "the officer accused of the theft"."""
        after = self.ground.folded(hit.last + 1) if self.close(hit.last) else ""
        return after in ("of", "by") and self.ground.folded(hit.last).endswith("ed")

    def _is_participle(self, hit: Match) -> bool:
        """Whether an act is told by an English participle: "expressing solidarity"."""
        ing = hit.entry.where == "act" and self.ground.folded(hit.first).endswith("ing")
        return ing and not self.cues.nouns_are_capitalised

    def _is_text(self, source: tuple[int, int] | None) -> bool:
        """Whether a source may be something written: "the sign read", but a person reads books."""
        return source is not None and kind_of(self.ground, self.cues, *source) in ("document", "noun")

    def _seems(self, hit: Match) -> Saying | None:
        """ "X is said (by Y) to have …": what is said stands around the cue."""
        ground = self.ground
        if not self.passive(hit.first):
            return None
        source = self.agent(hit.last + 1)
        last = hit.last if source is None else source[1]
        if not self.close(last) or last + 2 >= self.high or ground.folded(last + 1) != "to":
            return None
        start = ground.words[self.clause(hit.first)].start
        sure = _UNNAMED if source is None else 1.0
        return Saying(hit, source, Range(start, self.end(start)), "indirect", "is said to", sure)

    def _naming(self, hit: Match) -> Saying | None:
        """ "called the treaty a scrap of paper": two phrases, or a phrase and a quotation, after the verb."""
        ground, cues, at = self.ground, self.cues, hit.last + 1
        source, inverted = self.who(hit)
        if source is None or ground.folded(source[0]) in cues.first_person or not self.close(at - 1):
            return None
        at = source[1] + 1 if inverted else at
        if at >= self.high:
            return None
        last = at if ground.folded(at) in cues.addressed else self.phrase(at, self.high)
        if last is None or last + 1 >= self.high or "," in ground.gap(last):
            return None
        quoted = ground.quote_in(ground.words[last].end, ground.words[last + 1].start) is not None
        article = ground.folded(last + 1) in cues.determiners
        if not (quoted or (article and self.phrase(last + 1, self.high) is not None)):
            return None
        start = ground.words[at].start
        return Saying(hit, source, Range(start, self.end(start)), "reported", "act", 1.0)

    def _told(self, hit: Match, source: tuple[int, int], last: int, *, inverted: bool) -> Saying | None:
        """A clause without "that", or an act that is told without its words."""
        ground, words = self.ground, self.ground.words
        rest = hit.last + 1
        if hit.entry.where == "act":
            content = self._told_of(hit, source, last)
            return Saying(hit, source, content, "reported", "act", 0.8 if ground.parted(hit.last) else 1.0)
        if inverted or rest + 2 >= self.high:
            return None
        addressed = (
            ground.folded(hit.first) in self.cues.addressing and ground.folded(rest) in self.cues.addressed
        )
        if not addressed and ground.folded(hit.first) in self.cues.addressing:
            told = self.phrase(rest, self.high)
            addressed = told is not None and self.close(told)
            rest = told + 1 if addressed and told is not None else rest
        else:
            rest += addressed
        if rest + 1 >= self.high:
            return None
        finite = hit.entry.where != "say" and not addressed
        if not self.begins_clause(rest, finite=finite) and not self._somebody_to(hit, rest):
            return None
        content = Range(words[rest].start, self.end(words[rest].start))
        return Saying(hit, source, content, "indirect", "bare clause", 0.85)

    def _somebody_to(self, hit: Match, word: int) -> bool:
        """ "expects prices to fall", "urged them to leave": a phrase and an infinitive."""
        ground, cues = self.ground, self.cues
        if cues.nouns_are_capitalised or hit.entry.where != "that" or not self.close(hit.last):
            return False
        last = self.phrase(word, self.high, governed=True)
        if last is None or last + 2 >= self.high or not self.close(last) or ground.folded(last + 1) != "to":
            return False
        after = ground.folded(last + 2)
        small = after in cues.determiners or after in cues.pronouns or after in cues.prepositions
        return not small and not ground.capital(last + 2)

    def _told_of(self, hit: Match, source: tuple[int, int], last: int) -> Range | None:
        """What an act is about: the words after it, or before a German verb that closes its clause."""
        words, first = self.ground.words, source[1] + 1
        if self.verb_final(hit) and first < hit.first and self.clause(hit.first) <= source[0]:
            return Range(words[first].start, words[hit.first - 1].end)
        if last + 1 >= self.high:
            return None
        start = words[last + 1].start
        content = Range(start, self.end(start))
        relative = hit.first > self.low and self.ground.folded(hit.first - 1) in self.cues.relatives
        return self.inner(content) if relative else content

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
        source, inverted = self.who(hit)
        if source is None and part == "hervor":
            source = self._out_of(hit.first)
        what = self.clause_after(number - 1 if not last else number) or self.clause_after(number)
        if what is None and self.opens(number):
            return Saying(hit, source, None, "direct", "colon at the end", 1.0, open=True)
        if what is None and inverted and source is not None:
            what = self.around(hit.first, number)
        if what is not None:
            return Saying(hit, source, *what, 1.0 if source is not None else _UNNAMED)
        if source is None or hit.entry.score < 0.7:
            return None
        after = source[1] + 1 if inverted else hit.last + 1
        if after >= number:
            return None
        start = ground.words[after].start
        return Saying(hit, source, Range(start, self.end(start)), "reported", "act", 0.6)

    def _is_written(self, first: int, last: int) -> bool:
        """Whether an article and something written stand there: "nach einem Bericht"."""
        article = self.ground.folded(first) in self.cues.determiners
        return article and kind_of(self.ground, self.cues, first, last) == "document"

    def _out_of(self, first: int) -> tuple[int, int] | None:
        """ "Aus dem Bericht geht hervor": the document."""
        low = self.clause(first)
        if self.ground.folded(low) != "aus":
            return None
        last = self.phrase(low + 1, first, governed=True)
        return None if last is None else (low + 1, last)

    def _before(self, hit: Match) -> Saying | None:
        """ "According to X, …": the source after the cue, the content around both."""
        ground, cues = self.ground, self.cues
        at = hit.last + 1
        if at < self.high and ground.folded(at) in cues.role_joining and cues.nouns_are_capitalised:
            at += 1
        last = self.phrase(at, self.high, governed=True) if self.close(hit.last) else None
        if last is None:
            return None
        content = self.outside(hit.first, last)
        if any(ground.folded(one) in cues.manners for one in range(at, last + 1)):
            return None  # "according to plan"
        if hit.entry.where == "before text" and not self._is_written(at, last):
            return None
        comma = next((one for one in range(last, min(self.high - 1, last + 12)) if ground.parted(one)), last)
        last = lengthened(ground, cues, (at, last), comma + 1)[1]
        at += cues.nouns_are_capitalised and at < last and ground.folded(at) in cues.joining  # "des"
        return Saying(hit, (at, last), content, "indirect", "according to", 1.0) if content else None

    def _after(self, hit: Match) -> Saying | None:
        before = hit.first - 1
        source = ending(self.ground, self.cues, self.low, hit.first)
        if source is None and before >= self.low and self.ground.folded(before) in self.cues.addressed:
            source = (before, before)  # "ihr zufolge"
        if source is None:
            return None
        content = self.outside(source[0], hit.last)
        return Saying(hit, source, content, "indirect", "according to", 1.0) if content else None

    def _so(self, hit: Match) -> Saying | None:
        ground = self.ground
        if hit.first <= self.low or ground.gap(hit.first - 1).isspace() or not self.close(hit.last):
            return None
        last = self.phrase(hit.last + 1, self.high)
        named = last
        while last is not None and self.close(last) and ground.folded(last + 1) in self.cues.adverbs:
            last += 1
        if (
            named is None
            or last is None
            or not (last + 1 == self.high or ground.parted(last) or self._place(last + 1))
        ):
            return None
        what = self.around(hit.first, last)
        if what is None:
            return None
        content, kind, rule = what
        if rule == "around" and last + 2 < self.high and ground.gap(last).strip() == ",":
            content = Range(content.start, ground.words[self.high - 1].end)
        return Saying(hit, (hit.last + 1, named), content, kind, rule, 1.0)

    def _place(self, word: int) -> bool:
        return self.ground.folded(word) in self.cues.prepositions | self.cues.adverbs

    def _es(self, hit: Match) -> Saying | None:
        ground, cues = self.ground, self.cues
        source = None
        last = hit.last
        if self.close(last) and ground.folded(last + 1) in cues.prepositions:
            inner = self.phrase(last + 2, self.high, governed=True)
            source, last = ((last + 2, inner), inner) if inner is not None else (None, last)
        else:
            low = self.clause(hit.first)
            inner = self.phrase(low + 1, hit.first, governed=True)
            if ground.folded(low) in cues.prepositions and inner == hit.first - 1:
                source = (low + 1, inner)
        what = self.clause_after(last) or self.around(hit.first, last) or self.bare_clause(last)
        return Saying(hit, source, *what, 1.0) if what else None
