"""What of a passage is running text: its sentences without titles, datelines, source lines and page
furniture.

By the look of lines only, so that it serves any text: a line that ends like no sentence, stands there twice
or says where it comes from is not running text. Offsets are code points, half-open; linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from annotate.core.phrases import Word
from annotate.core.phrases.words import cut
from annotate.core.prose.issued import Issued, find_issued
from annotate.core.prose.quotations import Quotation, quotations
from annotate.core.prose.sentences import Sentence, sentences

_LINE = re.compile(r"[^\r\n]+")
_FURNITURE = re.compile(
    r"\s*(?:www\.|https?:|©|\(c\)|\d{4} ©|date:|datum:|source:|quelle:|share\b(?! of)|subscribe|read more|"
    r"more (?:from|articles)|mehr zum thema|lesen sie (?:auch|mehr)|abonnieren|teilen\b|photo:|foto:)|"
    r".{0,60}(?:all rights reserved|alle rechte vorbehalten)|"
    r"\s*[\w/ .()-]{2,40}, (?:\d{4}-\d\d-\d\d|\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4})\W*\Z",
    re.IGNORECASE,
)
_AFTER_DATELINE = re.compile(r"[\s:.,—–-]*")
_CLOSING = "\"'”’“‘»«›‹)] \t\u00a0"
_TERMINAL = frozenset(".!?…:;。！？")
_END_MARK = re.compile(
    r"\s*(?:-\s?(?:0|30|end|ende)\s?-|#{2,3}|# # #|\*{3}|\((?:end|ende|schluss|more|mehr|folgt)\)"
    r"|(?-i:ENDS?|ENDE))\s*\Z",
    re.IGNORECASE,
)
_TITLE_WORDS = 14
_REPEATED = 20
"""A line of so many characters that stands in the passage twice is a teaser."""


@dataclass(frozen=True, slots=True, eq=False)  # one reading is another than the next, so that it can be a key
class Reading:
    """A passage as rules read it: all words, all quotations, the sentences of its running text, and its lines
    that say when and by whom it was issued."""

    text: str
    language: str
    words: tuple[Word, ...]
    sentences: tuple[Sentence, ...]
    quotations: tuple[Quotation, ...]
    issued: tuple[Issued, ...]
    starts: list[int]
    """Where the words begin."""
    written: list[str]
    """The words as the text has them."""

    def words_in(self, start: int, end: int) -> tuple[int, int]:
        """Numbers of the words that begin in a range, half-open."""
        return bisect_left(self.starts, start), bisect_left(self.starts, end)


@lru_cache(maxsize=4)
def read(text: str, language: str) -> Reading:
    """Read a passage. Several suggesters ask for the same passage in turn: the last few are kept."""
    issued = tuple(find_issued(text))
    words, starts, written = cut(text)
    return Reading(
        text,
        language,
        tuple(words),
        tuple(running(text, language, issued)),
        tuple(quotations(text)),
        issued,
        starts,
        written,
    )


def running(text: str, language: str, issued: Sequence[Issued]) -> Iterator[Sentence]:
    """The sentences of running text, without what stands before (dateline) and after (end mark) them."""
    lines = [line for line in _LINE.finditer(text) if not line.group().isspace()]
    often = Counter(line.group().strip() for line in lines) if len(lines) > 1 else Counter()
    at, read_line = 0, -1
    for sentence in sentences(text, language):
        while at + 1 < len(lines) and lines[at + 1].start() <= sentence.start:
            at += 1
        if at != read_line:  # once a line, not once a sentence
            read_line, line = at, lines[at].group()
            bare = line.strip()
            furniture = _FURNITURE.match(line) is not None
        if furniture:
            continue
        start, end = _trimmed(text, sentence, issued)
        if len(lines) > 1 and (
            (often[bare] > 1 and len(bare) >= _REPEATED)
            or not _ends_like_a_sentence(text, start, end)
            or (at == 0 and _is_title(text, lines[0], sentence))
        ):
            continue
        if start < end:
            yield Sentence(start, end)


def _first_of(line: re.Match[str], sentence: Sentence) -> bool:
    return not line.string[line.start() : sentence.start].strip()


def _trimmed(text: str, sentence: Sentence, issued: Sequence[Issued]) -> tuple[int, int]:
    """A sentence without the dateline before it and the end mark behind it."""
    start, end = sentence
    at = bisect_right(issued, (start, len(text))) - 1
    if at >= 0 and issued[at].start <= start < issued[at].end:
        behind = _AFTER_DATELINE.match(text, min(issued[at].end, end), end)
        start = end if behind is None else behind.end()
    mark = _END_MARK.search(text, max(start, end - 12), end)
    end = mark.start() if mark else end
    return start, end


def _ends_like_a_sentence(text: str, start: int, end: int) -> bool:
    tail = text[max(start, end - 12) : end].rstrip(_CLOSING)
    return bool(tail) and tail[-1] in _TERMINAL


def _is_title(text: str, line: re.Match[str], sentence: Sentence) -> bool:
    """Whether the first line is a heading that happens to end with a mark: "A bridge for whom?"."""
    alone = _first_of(line, sentence) and sentence.end >= line.start() + len(line.group().rstrip())
    return alone and text[sentence.end - 1] in "!?" and len(line.group().split()) <= _TITLE_WORDS
