"""Rhetoric of a passage: what its lexicon finds under the conditions of each entry, and what the marks show.

Labels after SemEval-2023 task 3 (Piskorski et al. 2023), folded to twelve. Titles and page furniture are not
looked at. Linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from annotate.core.phrases import Lexicon, Match, Matcher
from annotate.core.prose import Reading, Sentence, read
from annotate.core.rhetoric.figures import LABELS, Figure, settled
from annotate.core.rhetoric.quoted import Helpers, calls, quoted

CONDITIONS = frozenset(
    [
        "title",
        "initial",
        "sentence",
        "question",
        "threatened",
        "noun",
        "unmeasured",
        "clause",
        "cited",
        "company",
    ]
)
_CLAUSE_END = re.compile(r"[,;:.!?…–—)\"”“]|\s-\s")
_QUESTION_END = "?!\"”“»' "
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d\Z")
_DIGIT_BEFORE = 6
_DIGIT_NEAR = 3
_LONGEST_CALL = 14
_LONGEST_CLAUSE = 250
_STOPS_WORDS = (
    "of in on at to for from by with and or but is are was were has have had that which who as than "
    "will would von in im an am auf zu zum zur für aus bei mit und oder aber ist sind war waren hat "
    "haben der die das den dem des dass wird werden nicht sich"
)
_STOPS = frozenset(_STOPS_WORDS.split())
_RITUAL = frozenset({"FORMULA", "VALUES", "GLORIFY", "EXAGGERATE", "SLOGAN"})
_start = attrgetter("start")
_LINKS = frozenset({"and", "und", "or", "oder"})
_LOOSE_WORDS = (
    "of in on to for from by with the a an at that between is are was his her their its our von in im "
    "an am auf zu zum zur für aus mit der die das den dem des ein eine einen um dass"
)
_VERBS = frozenset({"is", "are", "was"})
_LOOSE = _LINKS | frozenset(_LOOSE_WORDS.split())


@dataclass(frozen=True, slots=True)
class _Place:
    """A sentence with what was matched in it, the helper entries apart."""

    reading: Reading
    sentence: Sentence
    first: int
    helpers: Helpers


class RhetoricRules:
    """The rules of one language, ready for use. Safe to share. Raises ValueError for an unknown label."""

    def __init__(self, lexicon: Lexicon) -> None:
        for entry in lexicon.entries:
            known = entry.label in LABELS or entry.label in Helpers.NAMES
            if not known or not CONDITIONS.issuperset(entry.where.split()):
                wrong = entry.where if known else entry.label
                raise ValueError(
                    f"{entry.file}: {entry.pattern.written!r} has an unknown label or where {wrong!r}"
                )
        self.language = lexicon.language
        self._matcher = Matcher(lexicon.entries)

    def find(self, text: str) -> list[Figure]:
        """Every figure of the running text, in order."""
        reading = read(text, self.language)
        matches = self._matcher.find(text, reading.words)
        found: list[Figure] = []
        at = 0
        for sentence in reading.sentences:
            while at < len(matches) and matches[at].start < sentence.start:
                at += 1
            here = at
            while at < len(matches) and matches[at].start < sentence.end:
                at += 1
            found.extend(_of_sentence(reading, sentence, matches[here:at]))
        return settled(text, found)


def _of_sentence(reading: Reading, sentence: Sentence, matches: Sequence[Match]) -> list[Figure]:
    first, last = reading.words_in(sentence.start, sentence.end)
    helpers = Helpers.of(matches)
    place = _Place(reading, sentence, first, helpers)
    mine = [match for match in matches if match.entry.label in LABELS and match.end <= sentence.end]
    weak = [match for match in mine if match.entry.where == "company"]
    found = [one for match in mine if match.entry.where != "company" for one in _figure(place, match)]
    if found:
        found.extend(one for match in weak for one in _figure(place, match))
    found.extend(quoted(reading, sentence, helpers))
    ritual = any(match.entry.label in _RITUAL for match in mine)
    found.extend(calls(reading, sentence, first, last, helpers, ritual=ritual))
    return found


def _figure(place: _Place, match: Match) -> Iterator[Figure]:
    """A match as a figure, if the conditions of its entry hold; they also say how far it goes."""
    entry, where = match.entry, match.entry.where.split()
    label, start, end = entry.label, match.start, match.end
    if "title" in where and not place.helpers.starts("title", match.last + 1):
        return
    if "initial" in where and match.first != place.first:
        return
    if "unmeasured" in where and _measured(place.reading, match):
        return
    if "threatened" in where and not place.helpers.beside("threatened", match.first, match.last):
        label = "LOADED"
    if "sentence" in where:
        start, end = place.sentence
        if len(place.reading.text[start:end].split()) > _LONGEST_CALL:
            return
        end -= place.reading.text[end - 1] == "."
    if "question" in where:
        end = _question_end(place, match)
        if not end:
            return
    if "clause" in where:
        end = _clause_end(place, end)
    if "noun" in where or "cited" in where:
        end = _with_noun(place, match, cited="cited" in where)
    if end == match.end:
        start, end = _carried(place.reading, match)
    yield Figure(start, end, label, entry.score, f"{entry.pattern.written!r}: {entry.reason}")


def _carried(reading: Reading, match: Match) -> tuple[int, int]:
    """The match without prepositions and conjunctions at its ends: the smallest run of words."""
    first, last = match.first, match.last
    loose = _LOOSE - _VERBS if match.entry.label == "FORMULA" else _LOOSE  # "it is what it is" stays whole
    while last > first and reading.words[last].folded in loose:
        last -= 1
    while first < last and reading.words[first].folded in _LINKS:
        first += 1
    return reading.words[first].start, reading.words[last].end


def _clause_end(place: _Place, end: int) -> int:
    """Where the clause ends that goes on at ``end``; ``end`` itself where that is too far away."""
    limit = min(place.sentence.end, end + _LONGEST_CLAUSE)
    mark = _CLAUSE_END.search(place.reading.text, end, limit)
    if mark is None and limit < place.sentence.end:
        return end
    return _without_space(place.reading.text, end, mark.start() if mark else limit)


def _question_end(place: _Place, match: Match) -> int:
    """The end of a question without its mark; 0 where the sentence is none, or goes on too long."""
    text, end = place.reading.text, place.sentence.end
    while end > match.end and text[end - 1] in _QUESTION_END:
        end -= 1
    asked = "?" in text[end : place.sentence.end]
    return end if asked and end - match.start <= _LONGEST_CLAUSE else 0


def _measured(reading: Reading, match: Match) -> bool:
    near = reading.words[max(0, match.first - _DIGIT_BEFORE) : match.last + 1 + _DIGIT_NEAR]
    return any(word.folded[0].isdigit() and not _YEAR.match(word.folded) for word in near)


def _without_space(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _with_noun(place: _Place, match: Match, *, cited: bool) -> int:
    """The end with the quotation or the noun that follows: one word, or a name of several."""
    text, words = place.reading.text, place.reading.words
    if cited:
        quotes = place.reading.quotations
        after = bisect_left(quotes, match.end, key=_start)
        near = after < len(quotes) and quotes[after].start <= match.end + 2
        if near and quotes[after].end <= place.sentence.end:
            return quotes[after].end
    end = match.end
    for number in range(match.last + 1, min(match.last + 4, len(words))):
        word = words[number]
        if word.start - end != 1 or word.end > place.sentence.end or word.folded in _STOPS:
            break
        noun = place.reading.language != "de" or text[word.start].isupper()
        end = word.end
        if noun and not _goes_on(place.reading, number):
            break
    return end


def _goes_on(reading: Reading, number: int) -> bool:
    """Whether a word is the first part of a longer name: "Islamic State", "peace plan"."""
    words, text = reading.words, reading.text
    if number + 1 >= len(words) or words[number + 1].start - words[number].end != 1:
        return False
    both = text[words[number].start].isupper() and text[words[number + 1].start].isupper()
    return both and reading.language != "de"
