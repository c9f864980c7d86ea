"""The values of the product. Offsets are code points of the decoded source, half-open.

See ``annotate.core.passages`` for how a passage maps to its source, ``annotate.core.ledger`` for
what happened on the server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "title",
    "byline",
    "dateline",
    "sourceline",
    "body",
    "endmark",
    "heading",
    "breadcrumb",
    "teaser",
    "navigation",
    "advertisement",
    "share",
    "legal",
    "blank",
    "control",
]
"""What a segment is. ``sourceline`` says where and when the text was issued (``Date: … | Source: …``,
``AGENCY, 2020-04-25`` after the text); ``heading`` belongs to the page; ``control`` is a BOM."""

FURNITURE: frozenset[str] = frozenset(
    {"heading", "breadcrumb", "teaser", "navigation", "advertisement", "share", "legal", "control"}
)
"""Kinds that belong to the page and not to an article: never shown to annotators."""

PieceKind = Literal["verbatim", "replaced", "inserted", "removed"]


@dataclass(frozen=True, slots=True)
class Source:
    """One file as received. ``file`` is relative to ``corpus/raw``; ``line`` its row in sources.csv."""

    source_id: str
    file: str
    sha256: str
    size: int
    encoding: str
    encoding_evidence: str
    characters: int
    duplicate_of: str | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a source with one kind, and the rule that chose it. Segments tile the source."""

    source_id: str
    source_file: str
    start: int
    end: int
    kind: Kind
    rule: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a value was read: source offsets, the exact text, and the rule that read it.

    A value that was decided by something else (other lines of an outlet) says so in ``reason``.
    """

    start: int
    end: int
    text: str
    rule: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One article: an ordered run of segments of one source. Unknown is None, with a doubt that says why.

    ``published`` is EDTF: a day, a month, a year, or a set of alternatives like
    ``[2018-10-11,2018-11-10]`` where the source leaves it open.
    """

    document_id: str
    source_id: str
    source_file: str
    start: int
    end: int
    title: str | None
    byline: str | None
    agency: str | None
    publisher: str | None
    aggregator: str | None
    place: str | None
    published: str | None
    published_evidence: Evidence | None
    language: str
    language_score: float
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a passage and the source range it comes from.

    ``verbatim``: the source range is the text. ``removed``: the range is not in the passage (text
    empty). ``replaced``: the range reads ``text`` in the passage. ``inserted``: ``text`` is ours, the
    range is empty.
    """

    kind: PieceKind
    start: int
    end: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """What one annotator sees as one Doccano example. ``text`` is what the pieces spell."""

    passage_id: str
    document_id: str
    source_id: str
    source_file: str
    number: int
    of: int
    text: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A machine label on a passage: passage offsets and their quote, with who made it and how sure."""

    suggestion_id: str
    run_id: str
    passage_id: str
    layer: str
    label: str
    start: int
    end: int
    quote: str
    agent: str
    agent_version: str
    config_sha256: str
    score: float | None
    value: str | None
    value_type: str | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class SuggestedRelation:
    """A relation that a machine drew between two of its own suggestions on one passage, in one run."""

    relation_id: str
    run_id: str
    passage_id: str
    relation: str
    from_id: str
    to_id: str
    score: float | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class SuggestionRun:
    """The head of one run of one suggester: what it was and every passage that it looked at.

    ``supersedes`` are the earlier runs of the same agent, whatever their version or configuration:
    the run with the most of them is the newest.
    """

    run_id: str
    agent: str
    agent_version: str
    config_sha256: str
    config: str
    passages_seen: tuple[str, ...]
    suggestions: tuple[Suggestion, ...] = ()
    supersedes: tuple[str, ...] = ()
