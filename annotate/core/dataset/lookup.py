"""Answer the questions that several tables ask: which document, who, when, under which scheme."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from annotate.core.dataset.inputs import Inputs
from annotate.core.ids import sha256_hex
from annotate.core.model import Document, Passage, Source
from annotate.core.offsets import Range
from annotate.core.restored import standing
from annotate.core.state import (
    CommentSeen,
    LabelSeen,
    Placed,
    PlacedRelation,
    Project,
    PushedPassage,
    RelationSeen,
    SchemePushed,
)

CONTEXT = 32
"""How many code points of the passage ``prefix`` and ``suffix`` hold at most."""


class Lookup:
    """Indexes over the inputs of one dataset; nothing here changes after it was made."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.state = standing(inputs.state)
        self.sources: dict[str, Source] = {}
        for source in inputs.sources:
            if source.source_id not in self.sources or self.sources[source.source_id].duplicate_of:
                self.sources[source.source_id] = source
        self.passages = _passages(inputs)
        self._documents: dict[str, list[Document]] = defaultdict(list)
        for document in sorted(inputs.documents, key=lambda one: (one.start, one.end, one.document_id)):
            self._documents[document.source_id].append(document)
        self._starts = {key: [one.start for one in found] for key, found in self._documents.items()}
        self._pseudonyms = {person.user: person.pseudonym for person in inputs.people}

    def document_at(self, source_id: str, offset: int) -> Document | None:
        """The document of the current build that holds this source position."""
        at = bisect_right(self._starts.get(source_id, ()), offset) - 1
        if at < 0:
            return None
        document = self._documents[source_id][at]
        return document if offset < document.end else None

    def document_of(self, passage: Passage) -> Document | None:
        """The document of the current build in which a passage begins."""
        return self.document_at(passage.source_id, hull(passage).start)

    def document_id_of(self, passage: Passage) -> str:
        """Its id, empty where the build has none there."""
        document = self.document_of(passage)
        return document.document_id if document else ""

    def example_now(
        self, seen: LabelSeen | RelationSeen | CommentSeen | PushedPassage | Placed | PlacedRelation
    ) -> int:
        """The example that something stands on, as the server numbers it now."""
        return self.state.restored.now("example", seen.project, seen.example)

    def who(self, user: str | None) -> str:
        """What the dataset calls an account; empty where the server told none."""
        if not user:
            return ""
        if self.inputs.names:
            return user
        return self._pseudonyms.get(user) or unlisted_pseudonym(self.inputs.study_id, user)


def unlisted_pseudonym(study_id: str, user: str) -> str:
    """A lasting pseudonym for an account that annotate.toml does not list."""
    return f"X-{sha256_hex(f'{study_id}{user}'.encode())[:6]}"


def _passages(inputs: Inputs) -> dict[str, Passage]:
    """Passages by id: those that imports or pushes brought, and those of the current build."""
    pushed = {one.passage.passage_id: one.passage for one in inputs.state.passages.values()}
    return {**inputs.state.imports.passages, **pushed, **{one.passage_id: one for one in inputs.passages}}


def hull(passage: Passage) -> Range:
    """From the first to the last source position of a passage."""
    pieces = [piece for piece in passage.pieces if piece.kind != "inserted"]
    if not pieces:
        return Range(0, 0)
    return Range(min(piece.start for piece in pieces), max(piece.end for piece in pieces))


def spelled_ranges(ranges: Iterable[Range]) -> str:
    """Ranges as a cell: ``12-40;42-60``."""
    return ";".join(f"{part.start}-{part.end}" for part in ranges)


@lru_cache(maxsize=1 << 14)
def moment(text: str | None) -> datetime | None:
    """A time with its zone, in UTC; None for anything else (a time without zone is no moment)."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None


@lru_cache(maxsize=1 << 14)
def utc(text: str | None) -> str:
    """RFC 3339 in UTC with ``Z``, microseconds kept where there are any; empty where unknown."""
    found = moment(text)
    return found.replace(tzinfo=None).isoformat() + "Z" if found else ""


def scheme_at(project: Project, when: str | None) -> SchemePushed | None:
    """The scheme in force at a time: the last one pushed by then, else the first."""
    time = moment(when)
    found = project.schemes[0] if project.schemes else None
    for pushed in project.schemes:
        since = moment(pushed.at)
        if time and since and since <= time:
            found = pushed
    return found
