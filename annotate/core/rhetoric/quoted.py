"""What marks show: watchwords in quotation marks, scare quotes, calls with an exclamation mark, capitals."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from annotate.core.phrases import Match
from annotate.core.prose import Quotation, Reading, Sentence
from annotate.core.rhetoric.figures import Figure

_NEAR = 4
_NEAR_TITLE = 3
_LONGEST = 14
_LONGEST_CALL = 12
_LONGEST_TERM = 3
_LEAST_CAPITALS = 0.6
_SHOUTED = 3
"""So many words in capitals in a row are shouted."""
_CAPITALS = re.compile("[A-ZÄÖÜ]{4}")
_SELF = frozenset({"i", "i'm", "i've", "i'll", "my", "me", "ich", "mir", "mich", "mein"})
_BEFORE_TERM_WORDS = (
    "the a an their his her its this that these those such any some of for on by our your der die das "
    "den dem des ein eine einen einem einer eines ihre ihrer ihren ihrem seine seiner seinen diese "
    "dieser dieses diesen von vom zur zum im am unter ihr sein"
)
_BEFORE_TERM = frozenset(_BEFORE_TERM_WORDS.split())


@dataclass(frozen=True, slots=True)
class Helpers:
    """Where the helper entries of a sentence stand: numbers of their first words, in order."""

    NAMES: ClassVar[frozenset[str]] = frozenset({"title", "threatened", "banner", "named", "saying", "call"})
    places: dict[str, list[int]]

    @classmethod
    def of(cls, matches: Sequence[Match]) -> Helpers:
        """The helpers among the matches of a sentence."""
        places: dict[str, list[int]] = {}
        for match in matches:
            if match.entry.label in cls.NAMES:
                places.setdefault(match.entry.label, []).append(match.first)
        return cls(places)

    def starts(self, name: str, number: int) -> bool:
        """Whether such an entry begins at a word."""
        return self.within(name, number, number + 1)

    def within(self, name: str, first: int, last: int) -> bool:
        """Whether such an entry begins in a half-open range of words."""
        numbers = self.places.get(name, [])
        return bisect_left(numbers, first) < bisect_left(numbers, last)

    def beside(self, name: str, first: int, last: int) -> bool:
        """Whether such an entry begins in the sentence outside of the words from first to last."""
        return any(not first <= number <= last for number in self.places.get(name, ()))


def quoted(reading: Reading, sentence: Sentence, helpers: Helpers) -> Iterator[Figure]:
    """Watchwords (with their marks) and scare quotes (without) among the quotations of a sentence."""
    found = reading.quotations
    for one in found[
        bisect_left(found, sentence.start, key=_start) : bisect_left(found, sentence.end, key=_start)
    ]:
        first, last = reading.words_in(one.start, one.end)
        if last == first or one.end > sentence.end + 1:
            continue
        sure = _watchword(reading, one, first, last, helpers)
        if sure:
            why = (
                "in quotation marks, short, and a call"
                if sure < 0.9
                else "in quotation marks, announced as one"
            )
            yield Figure(one.start, one.end, "SLOGAN", sure, why)
        elif _is_scare_quote(reading, one, first, last, helpers):
            yield Figure(
                one.start + 1, one.end - 1, "DEFLECT", 0.35, "scare quotes: nobody is quoted as saying it"
            )


def _start(one: Quotation) -> int:
    return one.start


def _watchword(reading: Reading, one: Quotation, first: int, last: int, helpers: Helpers) -> float:
    """How surely a quotation is a watchword; 0: it is none."""
    count = last - first
    if not 2 <= count <= _LONGEST or helpers.within("saying", first, last):
        return 0
    if helpers.within("banner", first - _NEAR, first) or helpers.within("banner", last, last + 2):
        return 0.9
    said = helpers.within("saying", first - _NEAR, first) or helpers.within("saying", last, last + _NEAR)
    call = helpers.starts("call", first)
    inner = reading.text[one.start + 1 : one.end - 1].strip()
    if inner.endswith("!"):
        if call:
            return 0.8
        own = any(word.folded in _SELF for word in reading.words[first:last])
        return 0 if said or own or helpers.within("named", first - _NEAR_TITLE, first) else 0.7
    if helpers.within("named", first - _NEAR_TITLE, first) or said or count <= 2:
        return 0
    return (
        0.6 if call and _capitals(reading, first, last) >= _LEAST_CAPITALS and reading.language != "de" else 0
    )


def _capitals(reading: Reading, first: int, last: int) -> float:
    words = reading.words[first:last]
    return sum(reading.text[word.start].isupper() for word in words) / len(words)


def _is_scare_quote(reading: Reading, one: Quotation, first: int, last: int, helpers: Helpers) -> bool:
    """A short term in marks behind an article, with nobody who said it and no title that it could be."""
    text, words = reading.text, reading.words
    if last - first > _LONGEST_TERM or first == 0 or words[first - 1].folded not in _BEFORE_TERM:
        return False
    inner = text[one.start + 1 : one.end - 1]
    if not inner or inner[-1] in ".,!?;:" or any(sign.isdigit() for sign in inner):
        return False
    if one.start - words[first - 1].end != 1:
        return False
    if text[words[last - 1].start].isupper() and (reading.language != "de" or last - first > 1):
        return False  # a name
    near = helpers.within("saying", first - _NEAR, first) or helpers.within("saying", last, last + _NEAR)
    return not near and not helpers.within("named", first - _NEAR_TITLE, first)


def calls(
    reading: Reading, sentence: Sentence, first: int, last: int, helpers: Helpers, *, ritual: bool
) -> Iterator[Figure]:
    """Short exclamations outside of quotation marks, and runs of words in capitals.

    ``ritual``: the sentence has ritual or solemn wording; without it only a call is a watchword.
    """
    text = reading.text
    begins = text[sentence.start] in "\"„“»«'‚‘"
    if text[sentence.end - 1] == "!" and _SHOUTED <= last - first <= _LONGEST_CALL and not begins:
        own = any(word.folded in _SELF for word in reading.words[first:last])
        call = helpers.starts("call", first)
        if (call or ritual) and not own and not helpers.within("saying", first, last):
            sure = 0.75 if call else 0.6
            yield Figure(sentence.start, sentence.end, "SLOGAN", sure, "a short exclamation")
    yield from _shouted(reading, first, last)


def _shouted(reading: Reading, first: int, last: int) -> Iterator[Figure]:
    if first == last or not _CAPITALS.search(
        reading.text, reading.words[first].start, reading.words[last - 1].end
    ):
        return
    run: list[int] = []
    for number in range(first, last + 1):
        word = reading.words[number] if number < last else None
        if word is not None and word.end - word.start > 1 and reading.text[word.start : word.end].isupper():
            run.append(number)
            continue
        words = [reading.words[one] for one in run]
        if len(run) >= _SHOUTED and max(one.end - one.start for one in words) > _SHOUTED:
            yield Figure(words[0].start, words[-1].end, "SLOGAN", 0.5, "words in capitals")
        run = []
