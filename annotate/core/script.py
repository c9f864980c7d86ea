"""What the scripts of a sample study want to stand in the end, and the clicks that lead there.

The file states intentions, not clicks: a script, like a person, starts from whatever is suggested, so a
suggester that gets better changes how much a script clicks and never what it says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from annotate.core.model import Passage

FORMAT = 2
JUDGE = "c"
"""The hand whose labels are gold."""


@dataclass(frozen=True, slots=True)
class WantedLabel:
    """The ``nth`` occurrence of a quote in a document; ``key`` is how relations name it.

    ``by`` are the hands that want it, empty for all of them; ``why`` is why the judge does not.
    """

    label: str
    quote: str
    nth: int = 1
    key: str = ""
    by: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class WantedRelation:
    """A relation between two labels by their keys."""

    type: str
    from_: str
    to: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment that a hand writes on the document's first passage."""

    by: str
    text: str


@dataclass(frozen=True, slots=True)
class DocumentScript:
    """What everybody wants on one document, named by file and title; ``open``: who leaves it unconfirmed."""

    file: str
    document: str | None
    labels: tuple[WantedLabel, ...] = ()
    relations: tuple[WantedRelation, ...] = ()
    comments: tuple[Remark, ...] = ()
    open: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """The whole script; ``hands`` maps letters to accounts, ``c`` being the adjudicator's."""

    format: int
    hands: Mapping[str, str]
    documents: tuple[DocumentScript, ...]
    note: str = ""

    @property
    def annotators(self) -> dict[str, str]:
        """Hands of annotators to accounts."""
        return {hand: user for hand, user in self.hands.items() if hand != JUDGE}


class Mark(NamedTuple):
    """A label over words of a passage, in code points."""

    label: str
    start: int
    end: int


class Join(NamedTuple):
    """A relation between two marks."""

    type: str
    from_: Mark
    to: Mark


@dataclass(slots=True)
class Intention:
    """What a hand wants on one passage; ``whys`` are reasons against marks that it does not want."""

    marks: list[Mark] = field(default_factory=list)
    joins: list[Join] = field(default_factory=list)
    whys: dict[Mark, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clicks:
    """How to get from what stands to what is wanted: ids of labels to delete or relabel, marks to draw."""

    delete: tuple[int, ...]
    relabel: Mapping[int, Mark]
    draw: tuple[Mark, ...]
    kept: Mapping[Mark, int]


@dataclass(slots=True)
class Steps:
    """How much a script did, and which words or labels it did not find."""

    done: int = 0
    missed: list[str] = field(default_factory=list)


def intentions(
    script: DocumentScript,
    hands: Collection[str],
    passages: Sequence[Passage],
    missed: list[str] | None = None,
) -> dict[str, Intention]:
    """What all of ``hands`` want on each passage of the document, by passage id.

    Quotes that are not there, and relations across passages, are listed in ``missed``.
    """
    found = {one.passage_id: Intention() for one in passages}
    missed = [] if missed is None else missed
    where = f"{script.file}: {script.document or 'its document'}"
    if not passages:
        missed.append(f"{where} is not in the study")
        return found
    keyed: dict[str, tuple[str, Mark]] = {}
    for one in script.labels:
        place = locate(passages, one.quote, one.nth)
        if place is None:
            missed.append(f"{where}: no words {one.quote!r} to label {one.label}")
            continue
        mark = Mark(one.label, place.start, place.end)
        if _wants(hands, one.by):
            found[place.passage.passage_id].marks.append(mark)
            keyed.update({one.key: (place.passage.passage_id, mark)} if one.key else {})
        elif one.why:
            found[place.passage.passage_id].whys[mark] = one.why
    for joined in script.relations:
        if not _wants(hands, joined.by):
            continue
        ends = [keyed.get(key) for key in (joined.from_, joined.to)]
        one_end, other = ends
        if one_end is None or other is None or one_end[0] != other[0]:
            missed.append(f"{where}: no two labels in one passage for {joined.type}")
        else:
            found[one_end[0]].joins.append(Join(joined.type, one_end[1], other[1]))
    return found


def _wants(hands: Collection[str], by: str) -> bool:
    return not by or all(hand in by for hand in hands)


def clicks(wanted: Iterable[Mark], standing: Mapping[int, Mark]) -> Clicks:
    """Keep what matches, relabel what stands over the very words, delete the rest, draw what is missing.

    A label that has to move is deleted and drawn: Doccano has no other way.
    """
    missing = dict.fromkeys(sorted(wanted, key=_by_place))
    kept: dict[Mark, int] = {}
    rest: dict[int, Mark] = {}
    for number, mark in sorted(standing.items()):
        if mark in missing:
            del missing[mark]
            kept[mark] = number
        else:
            rest[number] = mark
    relabel: dict[int, Mark] = {}
    for number, mark in rest.items():
        same_words = next((one for one in missing if one[1:] == mark[1:]), None)
        if same_words is not None:
            del missing[same_words]
            relabel[number] = same_words
    return Clicks(tuple(one for one in rest if one not in relabel), relabel, tuple(missing), kept)


def _by_place(mark: Mark) -> tuple[int, int, str]:
    return mark.start, -mark.end, mark.label


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a passage, in code points."""

    passage: Passage
    start: int
    end: int


def locate(passages: Sequence[Passage], quote: str, nth: int = 1) -> Place | None:
    """The ``nth`` occurrence of a quote, counted over the passages of one document in order."""
    left = nth
    for passage in passages:
        at = passage.text.find(quote)
        while at >= 0:
            left -= 1
            if left == 0:
                return Place(passage, at, at + len(quote))
            at = passage.text.find(quote, at + 1)
    return None
