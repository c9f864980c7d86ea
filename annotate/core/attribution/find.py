"""Find every attribution of a text, sentence by sentence, in time linear in the text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from annotate.core.attribution.cues import Cues
from annotate.core.attribution.ground import Ground
from annotate.core.attribution.model import Attribution, Range
from annotate.core.attribution.mood import subjunctive, wishes
from annotate.core.attribution.nouns import kind_of
from annotate.core.attribution.parsed import ParsedSentence
from annotate.core.attribution.sayings import Sentence
from annotate.core.attribution.speakers import Saying
from annotate.core.phrases import Match
from annotate.core.prose import Issued
from annotate.core.prose.syntax import Syntax

_SPEAKER = {"name": 0.95, "noun": 0.9, "document": 0.95, "pronoun": 0.75, None: 0.7}
FREE_INDIRECT = 0.7
TAKEN_UP = 0.7
_NEAR = 40
_GO_ON = frozenset(["adding", "noun", "stance", "slogan", "seems"])
"""Cues that begin no speech of another one."""
LONGEST_SENTENCE = 400
"""Words. What is longer is no sentence but a table or a trick, and is passed over."""


def find_attributions(
    text: str, cues: Cues, issued: Sequence[Issued] | None = None, *, syntax: Syntax | None = None
) -> tuple[Attribution, ...]:
    """Attributions in order of place. Offsets are code points of ``text``.

    ``syntax`` is what a trained pipeline read in it.

    Headings and lines that say when and by whom a text was issued are passed over (``issued``: those that
    ``find_issued`` found, if it was asked already).
    """
    ground = Ground(text, cues.language, syntax)
    by_sentence: dict[int, list[Match]] = {}
    for hit in cues.matcher.find(text, ground.words):
        at = ground.sentence_of(hit.first)
        if at >= 0 and hit.end <= ground.sentences[at].end:
            by_sentence.setdefault(at, []).append(hit)
    lines = ground.issued if issued is None else issued
    return tuple(_Run(ground, cues, by_sentence, lines).all())


class _Run:
    """One walk over the sentences; who spoke last is remembered for the sentences after."""

    def __init__(
        self, ground: Ground, cues: Cues, hits: dict[int, list[Match]], issued: Sequence[Issued]
    ) -> None:
        self.ground = ground
        self.reader = Sentence if ground.syntax is None else ParsedSentence
        self.cues = cues
        self.hits = hits
        self.issued = issued
        self.last: Attribution | None = None
        self.last_sentence = -2

    def all(self) -> Iterator[Attribution]:
        """Every attribution; speech after a colon at the end of a line is closed when another begins."""
        speech: tuple[Attribution, int] | None = None
        for number, sentence in enumerate(self.ground.sentences):
            low, high = self._words(sentence.start, sentence.end)
            if high <= low or high - low > LONGEST_SENTENCE:
                continue
            found = self._in(number, low, high)
            if speech is not None and (self._after_heading(number) or self._breaks(number, found)):
                yield _closed(self.ground, *speech, number)
                speech = None
            for one, opens in found:
                if opens and speech is None:
                    speech = (one, number)
                else:
                    yield one
        if speech is not None:
            yield _closed(self.ground, *speech, len(self.ground.sentences))

    def _words(self, start: int, end: int) -> tuple[int, int]:
        at = bisect_right(self.issued, (start, len(self.ground.text))) - 1
        if at >= 0 and self.issued[at].start <= start < self.issued[at].end:
            start = min(self.issued[at].end, end)
        return self.ground.words_in(start, end)

    def _after_heading(self, number: int) -> bool:
        """Whether something stands before a sentence that is no running text."""
        sentences = self.ground.sentences
        return (
            number > 0 and not self.ground.text[sentences[number - 1].end : sentences[number].start].isspace()
        )

    def _breaks(self, number: int, found: list[tuple[Attribution, bool]]) -> bool:
        """Whether a sentence begins a line with another speaker, so that speech is over."""
        start = self.ground.sentences[number].start
        if start and self.ground.text[start - 1] != "\n":
            return False
        first = next((one for one, _ in found), None)
        if first is None or first.source is None or first.cue is None:
            return False
        opening = self.ground.words_in(start, start + 1)[0]
        if self.ground.folded(opening) in self.cues.first_person:
            return False
        cue = next((hit for hit in self.hits[number] if hit.start == first.cue.start), None)
        return first.source.start - start < _NEAR and cue is not None and cue.entry.where not in _GO_ON

    def _in(self, number: int, low: int, high: int) -> list[tuple[Attribution, bool]]:
        hits = self.hits.get(number)
        found = [] if hits is None else self.reader(self.ground, self.cues, low, high, hits).read()
        made = [(self._made(one), one.open) for one in found]
        if not made:
            taken_up = self._taken_up(number, low, high)
            made = [] if taken_up is None else [(taken_up, False)]
        if made:
            self.last, self.last_sentence = made[-1][0], number
        return made

    def _made(self, one: Saying) -> Attribution:
        words = self.ground.words
        source = one.source
        speaker = None if source is None else kind_of(self.ground, self.cues, *source)
        return Attribution(
            kind=one.kind,
            cue=Range(one.match.start, one.match.end),
            source=None if source is None else Range(words[source[0]].start, self._noun_end(source[1])),
            content=one.content,
            score=round(one.match.entry.score * one.sure * _SPEAKER[speaker], 3),
            rule=one.rule,
            speaker=speaker,
        )

    def _noun_end(self, word: int) -> int:
        """The end of a source's last word, without the 's of "Putin's claim"."""
        found = self.ground.words[word]
        return found.end - 2 if found.folded.endswith("'s") else found.end

    def _taken_up(self, number: int, low: int, high: int) -> Attribution | None:
        """A sentence without a cue that goes on with the last speaker: a quotation, or the subjunctive."""
        ground, last = self.ground, self.last
        sentence = ground.sentences[number]
        near = last is not None and self.last_sentence == number - 1
        quote = ground.quote_in(sentence.start, sentence.start + 1)
        if (
            quote is not None
            and near
            and last is not None
            and last.kind == "direct"
            and quote.end >= sentence.end - 1
        ):
            inner = Range(quote.start + 1, quote.end - 1)
            return Attribution(
                "direct",
                None,
                last.source,
                inner,
                round(last.score * TAKEN_UP, 3),
                "quotation goes on",
                last.speaker,
            )
        if not self.cues.subjunctive or not subjunctive(ground, self.cues, low, high, second=near):
            return None
        if not near and wishes(ground, low, high):
            return None
        source, speaker = (last.source, last.speaker) if near and last is not None else (None, None)
        content = Range(ground.words[low].start, ground.words[high - 1].end)
        score = FREE_INDIRECT if source is not None else FREE_INDIRECT / 2
        return Attribution("free_indirect", None, source, content, score, "subjunctive", speaker)


def _closed(ground: Ground, one: Attribution, number: int, stop: int) -> Attribution:
    """Speech that a colon at the end of sentence ``number`` opened, up to sentence ``stop``."""
    if number + 1 >= stop:
        return one
    start = ground.sentences[number + 1].start
    quote = ground.quote_in(start, start + 1)
    if quote is not None:
        content = Range(quote.start + 1, quote.end - 1)
    else:
        content = Range(start, ground.sentences[stop - 1].end)
    return Attribution(one.kind, one.cue, one.source, content, one.score, one.rule, one.speaker)
