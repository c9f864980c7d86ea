"""What is known while a text is read: its publication, and what it has told so far."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from annotate.core.dates.ask import Ask
from annotate.core.dates.calendar import Moment
from annotate.core.dates.model import Anchor

NEWS, NARRATIVE = "news", "narrative"
NO_ANCHOR = Anchor("none")
_HEADING = 80
_FAR = 1000
_ASIDES = 3
_OPENING = 16
_OPENS = re.compile(r"(?:[.!?]\s|\n)[^.!?\n]*$")
_SENTENCE_END = re.compile(r"[.!?]\s+[A-ZÄÖÜ„»\"“]|\n")


class Mention(NamedTuple):
    """A point in time that the text has told, and where."""

    moment: Moment
    start: int
    end: int


@dataclass(slots=True)
class Context:
    """What is known when an expression is read. ``told`` grows as the text is read."""

    mode: str
    published: Moment | None
    text: str = ""
    told: list[Mention] = field(default_factory=list)
    section: Mention | None = None

    def tell(self, moment: Moment, start: int, end: int) -> None:
        """Remember a mention; the last few are enough."""
        mention = Mention(moment, start, end)
        self.told.append(mention)
        del self.told[:-40]
        if _is_heading(self.text, start, end):
            # A heading with two years ("The war, 1960-1963") begins a section whose year is open.
            again = self.section is not None and abs(self.section.start - start) < _HEADING
            self.section = None if again else mention

    def running(self, at: int) -> Mention | None:
        """The mention whose year the telling is in at offset ``at``.

        Under a heading with a year that is the heading's, at the start of each paragraph and where the
        latest mention was an aside ("..., who lived until 1881").
        """
        told, section = self._told_on(at), self.section
        if told is None or section is None or told.start <= section.start:
            return told
        aside = abs(told.moment.year - section.moment.year) > 1
        return section if aside or self.text.find("\n", told.end, at) >= 0 else told

    def _told_on(self, at: int) -> Mention | None:
        """The latest mention, but no bare year inside an earlier sentence ("planned for 1976")."""
        for mention in reversed(self.told[-_ASIDES:]):
            moment = mention.moment
            precise = moment.month is not None or moment.season is not None
            if precise or self._opens_sentence(mention) or same_sentence(self.text, mention.end, at):
                return mention
        return self.last()

    def _opens_sentence(self, mention: Mention) -> bool:
        before = self.text[max(0, mention.start - _OPENING) : mention.start]
        return mention.start <= _OPENING or _OPENS.search(before) is not None

    def last(self, *, month: bool = False, day: bool = False) -> Mention | None:
        """The latest mention that knows its month or day, if that is asked for."""
        for mention in reversed(self.told):
            moment = mention.moment
            if (not month or moment.month) and (not day or moment.day):
                return mention
        return None


def _is_heading(text: str, start: int, end: int) -> bool:
    """Whether the mention stands in a short line of its own that is no sentence."""
    first = text.rfind("\n", max(0, start - _HEADING), start) + 1
    if first == 0 and start > _HEADING:
        return False
    last = text.find("\n", end, end + _HEADING)
    line = text[first : last if last >= 0 else end + _HEADING].strip()
    return 0 < len(line) <= _HEADING // 2 and line[-1] not in ".!?,;" and last >= 0 and line[:1] not in "(["


class Meaning(NamedTuple):
    """What came out. ``moment`` is None where it is no point that others can hang on."""

    value: str
    anchor: Anchor = NO_ANCHOR
    moment: Moment | None = None
    alternatives: tuple[str, ...] = ()
    why: str = ""


class Base(NamedTuple):
    """What a reading is counted from; ``moment`` None where nothing is known."""

    moment: Moment | None
    anchor: Anchor


def base_of(context: Context, wanted: str, at: int = -1, *, month: bool = False, day: bool = False) -> Base:
    """What ``wanted`` (``said``, ``mention``, ``publication``) is here, knowing its month or day if asked.

    With the offset ``at``, the year of the section counts for the date told before.
    """
    told = context.last(month=month, day=day) if month or day or at < 0 else context.running(at)
    mention = Base(told.moment, Anchor("previous_mention", told.start, told.end)) if told else None
    issued = context.published
    if issued and ((month and issued.month is None) or (day and issued.day is None)):
        issued = None
    publication = Base(issued, Anchor("publication")) if issued else None
    if wanted == "publication" and publication is not None:
        return publication
    mention_first = wanted == "mention" or (wanted == "said" and context.mode == NARRATIVE)
    order = (mention, publication) if mention_first else (publication, mention)
    return next((base for base in order if base is not None), Base(None, NO_ANCHOR))


def same_sentence(text: str, end: int, at: int) -> bool:
    """Whether nothing between the two offsets ends a sentence (and they are near each other)."""
    return at - end <= 120 and not _SENTENCE_END.search(text, end, at)


def told_nearby(context: Context, at: int) -> Mention | None:
    """A mention in the same or the sentence before, if it tells of another year than the publication."""
    if not context.told or context.published is None:
        return None
    last = context.told[-1]
    if (
        at - last.end > 250
        or _SENTENCE_END.search(context.text, last.end, at)
        or abs(last.moment.year - context.published.year) <= 1
    ):
        return None
    return last


def deictic_base(ask: Ask, context: Context, at: int) -> str:
    """What "last year", "this year" hang on: the year told just before, else the time of telling."""
    if ask.base != "said" or context.published is None or not context.told:
        return ask.base
    if told_nearby(context, at) is not None:
        return "mention"
    if context.mode == NARRATIVE and context.section is None and at - context.told[-1].end > _FAR:
        return "publication"
    return ask.base


def parse_moment(edtf: str | None) -> Moment | None:
    """The publication date as far as EDTF says it plainly: a year, a month or a day; else None."""
    bare = (edtf or "").rstrip("?~%")
    fields = bare.split("-")
    if not fields[0] or not all(part.isdigit() for part in fields) or len(fields) > 3 or len(fields[0]) != 4:
        return None
    numbers = [int(part) for part in fields]
    try:
        date(*[*numbers, 1, 1][:3])
    except ValueError:
        return None
    _, month, day = (*numbers, None, None)[:3]
    return Moment(numbers[0], month, day)
