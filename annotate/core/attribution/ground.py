"""A text read once: its words, sentences and quotations, and what stands between the words."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from annotate.core.phrases import Word
from annotate.core.prose import Issued, Quotation, Sentence, read
from annotate.core.prose.syntax import Syntax

OPENING = "\"„“«»‚‘‹›「『'"
_PARTS = re.compile(r"[^ \t\u00a0\u202f\n\r\"'„“”«»‚‘’‹›.]|\.|[\"„“”«»‹›]|\n\s*\n")
_ABBREVIATED = frozenset(
    ["mr", "mrs", "ms", "dr", "prof", "gen", "sen", "col", "lt", "st", "hon", "rep", "gov"]
)


class Ground:
    """Words are known by their number. Sentences are those of running text: no headings, no furniture."""

    __slots__ = (
        "_ends",
        "ends_of_quotes",
        "issued",
        "language",
        "quotes",
        "sentences",
        "starts",
        "syntax",
        "text",
        "words",
    )

    def __init__(self, text: str, language: str, syntax: Syntax | None = None) -> None:
        self.text = text
        self.syntax = syntax
        self.language = language
        reading = read(text, language)
        self.words: tuple[Word, ...] = reading.words
        self.sentences: tuple[Sentence, ...] = reading.sentences
        self.quotes: tuple[Quotation, ...] = reading.quotations
        self.issued: tuple[Issued, ...] = reading.issued
        self.starts = reading.starts
        self.ends_of_quotes = {quote.end: quote for quote in self.quotes}
        self._ends: list[int] | None = None

    def words_in(self, start: int, end: int) -> tuple[int, int]:
        """Numbers of the first word that begins in a range, and of the first that begins after it."""
        return bisect_left(self.starts, start), bisect_left(self.starts, end)

    def sentence_of(self, word: int) -> int:
        """Number of the sentence that holds a word."""
        return bisect_right(self.sentences, (self.words[word].start, len(self.text))) - 1

    def gap(self, word: int) -> str:
        """What stands between a word and the next one."""
        words = self.words
        return self.text[words[word].end : words[word + 1].start] if word + 1 < len(words) else ""

    def parted(self, word: int) -> bool:
        """Whether something stands after a word that ends a phrase: a comma, a mark of quotation, a stop."""
        words = self.words
        if word + 1 >= len(words):
            return True
        start, end = words[word].end, words[word + 1].start
        if end - start == 1:
            sign = self.text[start]
            return sign not in " -\n\u00a0" and not (sign == "." and words[word].end - words[word].start == 1)
        gap = self.text[start:end]
        if gap == ". ":
            name = words[word].folded
            return len(name) > 1 and name not in _ABBREVIATED
        return _PARTS.search(gap) is not None

    def capital(self, word: int) -> bool:
        """Whether a word begins with a capital letter."""
        return self.text[self.words[word].start].isupper()

    def folded(self, word: int) -> str:
        """The folded form of a word."""
        return self.words[word].folded

    def quote_in(self, start: int, end: int) -> Quotation | None:
        """The first quotation that opens in a range."""
        at = bisect_left(self.quotes, start, key=lambda quote: quote.start)
        return self.quotes[at] if at < len(self.quotes) and self.quotes[at].start < end else None

    def quote_around(self, word: int) -> int | None:
        """Where the innermost quotation that holds a word closes (before its mark); None outside of any."""
        if not self.quotes:
            return None
        if self._ends is None:
            self._ends = self._closings()
        return self._ends[word] if self._ends[word] >= 0 else None

    def _closings(self) -> list[int]:
        """For each word the end of the innermost quotation around it, or -1; one walk over both."""
        ends, opened, at = [], [], 0
        for word in self.words:
            while at < len(self.quotes) and self.quotes[at].start < word.start:
                opened.append(self.quotes[at].end - 1)
                at += 1
            while opened and opened[-1] <= word.start:
                opened.pop()
            ends.append(opened[-1] if opened else -1)
        return ends

    def quote_ending(self, start: int, end: int) -> Quotation | None:
        """A quotation that closes in a range, the range being a gap between words."""
        for at in range(min(end, start + 8), start, -1):
            if at in self.ends_of_quotes:
                return self.ends_of_quotes[at]
        return None
