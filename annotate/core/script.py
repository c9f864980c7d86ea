"""What a scripted annotator of a sample study does, and where in the passages its quotes stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from annotate.core.model import Passage


@dataclass(frozen=True, slots=True)
class Draw:
    """Label the ``nth`` occurrence of a quote; ``key`` is how relations name it."""

    key: str
    label: str
    quote: str
    nth: int = 1


@dataclass(frozen=True, slots=True)
class Relate:
    """Relate two labels: each end is a key, or {"suggestion": quote} for a machine's label."""

    type: str
    from_: str | dict[str, str]
    to: str | dict[str, str]


@dataclass(frozen=True, slots=True)
class Reject:
    """Delete a suggestion."""

    label: str
    quote: str


@dataclass(frozen=True, slots=True)
class Relabel:
    """Give a suggestion another label."""

    from_: str
    to: str
    quote: str


@dataclass(frozen=True, slots=True)
class Move:
    """Delete a suggestion and draw the same label over other words."""

    label: str
    from_: str
    to: str


@dataclass(frozen=True, slots=True)
class DocumentScript:
    """Everything one annotator does on one document, named by file and title (or by number)."""

    file: str
    document: str | None
    nth: int
    confirm: bool
    label: tuple[Draw, ...] = ()
    relate: tuple[Relate, ...] = ()
    reject: tuple[Reject, ...] = ()
    relabel: tuple[Relabel, ...] = ()
    move: tuple[Move, ...] = ()
    comment: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnnotatorScript:
    """One scripted annotator."""

    user: str
    note: str
    passages: tuple[DocumentScript, ...]


@dataclass(frozen=True, slots=True)
class Ruling:
    """A label that the scripted adjudicator refuses or draws, by its words in a file, and why."""

    file: str
    label: str
    quote: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class AdjudicatorScript:
    """The scripted adjudicator: everything else stays as it was offered."""

    note: str
    refuse: tuple[Ruling, ...] = ()
    draw: tuple[Ruling, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """The whole script of a sample study."""

    format: int
    annotators: tuple[AnnotatorScript, ...]
    note: str = ""
    adjudicator: AdjudicatorScript | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a passage, in code points."""

    passage: Passage
    start: int
    end: int


@dataclass(slots=True)
class Steps:
    """How often a script found what it looked for, and which steps found nothing."""

    done: int = 0
    missed: list[str] = field(default_factory=list)


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
