"""Lines of a source and what their shape says, before any word of them is understood."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from annotate.core.offsets import line_ranges

LONGEST_TITLE = 200
LONGEST_FURNITURE = 300
"""Code points beyond which a line is prose: page furniture and headlines are short."""

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\ufeff\u200b\u200e\u200f"))
_CLOSERS = "\"'»«”“’‘)]›‹*"
_FINAL = ".!?…。"
_BULLET = re.compile(r"[-–—•·▪►▶»›*✓→■]\s+(?=\S)|[•▪►▶■]\s*(?=\S)")
_WORD = re.compile(r"[^\W\d_]+(?:[’'.\-][^\W\d_]+)*\.?")
_NAME_TOKEN = re.compile(r"[^\W\d_]{1,3}\.|[^\W\d_]+(?:[’'\-][^\W\d_]+)*")
_PARTICLES = frozenset(
    ("von", "van", "de", "der", "del", "della", "di", "da", "la", "le", "bin", "ibn", "al", "el", "zu", "y")
)
# Endings and words of notions, not of people: "Gemeinsame Erklärung", "Reply Message".
_NOTION = re.compile(
    r"(?:ung|ungen|heit|keit|schaft|schaften|tion|tions|ismus|ment|ments|ship|ness|ing|tag|lage|"
    r"bericht|kommentar|nachrichten|news|message|report|reply|agency|agentur|ministry|ministerium|"
    r"times|zeitung|rundfunk|institut|institute|press|daily|weekly|party|partei|republic|republik|"
    r"friends|relations|beziehungen|politik|russland|korea|russia)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Line:
    """One line: source offsets with and without its blanks and line end, half-open code points."""

    number: int
    start: int
    end: int
    text_start: int
    text: str

    @property
    def text_end(self) -> int:
        """Where the text ends, before trailing blanks and the line end."""
        return self.text_start + len(self.text)

    @property
    def blank(self) -> bool:
        """Whether nothing can be seen on it."""
        return not self.text

    @cached_property
    def shown(self) -> str:
        """The text as a reader sees it: no soft hyphens, single blanks."""
        return " ".join(self.text.translate(_INVISIBLE).split())

    @cached_property
    def folded(self) -> str:
        """For comparison with lexicons and other lines: shown, folded, no edge punctuation."""
        return fold(self.shown)

    @cached_property
    def final_stop(self) -> bool:
        """Whether it ends as a sentence ends."""
        bare = self.shown.rstrip(_CLOSERS + " ")
        return bool(bare) and bare[-1] in _FINAL

    @cached_property
    def full_stop(self) -> bool:
        """Whether it ends in a full stop: a headline may ask or exclaim, but hardly ever states so."""
        bare = self.shown.rstrip(_CLOSERS + " ")
        return bare.endswith((".", "。")) and not bare.endswith("...")

    @cached_property
    def title_like(self) -> bool:
        """Short, with letters, not ending in a full stop or a mark that promises more."""
        if not self.text or len(self.text) > LONGEST_TITLE or self.full_stop:
            return False
        return not self.shown.endswith((",", ";", ":")) and _WORD.search(self.shown) is not None

    @cached_property
    def sentence_like(self) -> bool:
        """Ends as a sentence and has the words of one, or is too long for anything but prose."""
        return len(self.text) > LONGEST_TITLE or (self.final_stop and len(self.shown.split()) >= 4)

    @cached_property
    def bulleted(self) -> bool:
        """Whether it begins as an item of a list."""
        return _BULLET.match(self.shown) is not None

    @cached_property
    def name_like(self) -> bool:
        """Whether it can be the name of a person, and nothing else stands on the line."""
        return is_name(self.shown)


def is_name(text: str, *, least: int = 2, labelled: bool = False) -> bool:
    """Whether a text is ``least`` to five capitalised words that look like a person's name.

    ``labelled``: a word before it says that a person follows ("by"), so that "Keating" is no gerund.
    """
    words = text.split()
    if not least <= len(words) <= 5 or len(text) > 40:
        return False
    proper = 0
    for word in words:
        if word in _PARTICLES:
            continue
        if not _NAME_TOKEN.fullmatch(word) or not word[0].isupper():
            return False
        if _NOTION.search(word) and not (labelled and word.endswith("ing")):
            return False
        proper += 1
    return proper >= least


def fold(text: str) -> str:
    """Lower case, single blanks, no punctuation or symbols at either end."""
    bare = " ".join(text.translate(_INVISIBLE).split()).lower()
    first, last = 0, len(bare)
    while first < last and not bare[first].isalnum():
        first += 1
    while last > first and not bare[last - 1].isalnum():
        last -= 1
    return bare[first:last]


def read_lines(text: str) -> list[Line]:
    """The lines of a text; joined they are the text."""
    return [_line(number, start, end, text) for number, (start, end) in enumerate(line_ranges(text), 1)]


def _line(number: int, start: int, end: int, text: str) -> Line:
    raw = text[start:end]
    kept = raw.lstrip(" \t\r\n\v\f\u00a0\ufeff\u3000")
    left = len(raw) - len(kept)
    shown = kept.rstrip()
    return Line(number, start, end, start + left, shown if shown.translate(_INVISIBLE).strip() else "")
