"""W3C Web Annotation (https://www.w3.org/TR/annotation-model/): ``labels.jsonld``, one AnnotationCollection.

A label is an Annotation whose target is its source, named by the hash of its bytes (``ni`` URI, RFC 6920),
with a position in the decoded source in code points, half-open. Where the labelled words stand in the source
letter by letter there is a quote, too; else (a soft hyphen or page furniture was removed inside) the place
is the hull of ``source_ranges``. A second target is the passage as the annotator saw it, always with both.
A relation is an Annotation with motivation ``linking``. Ids are UUIDs of version 5 as URNs.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

from annotate.core.dataset.losses import Loss, lost_columns, lost_tables, reported
from annotate.core.dataset.rows import (
    Cell,
    LabelRow,
    PassageRow,
    RelationRow,
    Row,
    SourceRow,
    cell_text,
    columns,
)
from annotate.core.dataset.texts import TEXT_COLUMNS, facts_of
from annotate.formats.writing import Material

FILE: Final = "labels.jsonld"
VOCABULARY: Final = "urn:uuid:6f1c2f8e-6a3f-5b0a-9b52-0c6b8d1f4e77#"
_CONTEXT: Final = ["http://www.w3.org/ns/anno.jsonld", {"annotate": VOCABULARY}]
_SPACE: Final = uuid.UUID("6f1c2f8e-6a3f-5b0a-9b52-0c6b8d1f4e77")
_CONTEXT_LENGTH: Final = 32
_WHY: Final = "it says nothing of a single label; it stands in the CSV tables"
_LABEL_ELSEWHERE: Final = frozenset(
    {"label", "quote", "prefix", "suffix", "source_start", "source_end", "start", "end", "annotator"}
    | {"created_at", "updated_at", "agent", "agent_version", "source_id", "source_file", "passage_id"}
    | {"document_id", "title", "publisher", "agency", "published", "language"}
)
_NOT_OF_DOCUMENT: Final = frozenset(columns(LabelRow)) - {
    *("document_id", "title", "publisher", "agency", "published", "language")
}
_RELATION_ELSEWHERE: Final = frozenset(
    {"relation", "from_label_id", "to_label_id", "annotator", "created_at", "updated_at"}
    | {"agent", "agent_version"}
)


def write(material: Material, folder: Path) -> tuple[Loss, ...]:
    """Write the collection; it streams, one annotation a line."""
    dataset = material.dataset
    passages = {row.passage_id: _Ground(row) for row in dataset.passages}
    sources = {(row.source_file, row.source_id): row for row in dataset.sources}
    total = len(dataset.labels) + len(dataset.relations)
    head = {
        "@context": _CONTEXT,
        "id": _urn("collection", material.record.name, material.record.head.hash),
        "type": "AnnotationCollection",
        "label": f"{material.record.study}: {material.record.name}",
        "total": total,
    }
    page = {"id": _urn("page", material.record.name, material.record.head.hash), "type": "AnnotationPage"}
    items = _annotations(material, passages, sources)
    with (folder / FILE).open("wb") as file:
        if not total:
            # The model wants no page where there is nothing to page through.
            file.write(_json(head) + b"\n")
        else:
            file.write(
                _json(head)[:-1] + b',"first":' + _json({**page, "startIndex": 0})[:-1] + b',"items":[\n'
            )
            for number, item in enumerate(items):
                file.write(b",\n" + _json(item) if number else _json(item))
            file.write(b"\n]}}\n")
    return _losses(material, passages)


def _losses(material: Material, passages: dict[str, _Ground]) -> tuple[Loss, ...]:
    dataset = material.dataset
    bare = sum(not passages[row.passage_id].verbatim(row.start, row.end) for row in dataset.labels)
    held = {
        "passages": ("passage_id", "document_id", "source_id", "source_file"),
        "documents": ("document_id", "source_id", "source_file", *TEXT_COLUMNS[4:9]),
        "sources": ("source_id", "source_file", "sha256", "encoding", "characters"),
        "annotators": ("annotator",),
    }
    lost = [loss for table, names in held.items() for loss in lost_columns(dataset, table, names, _WHY)]
    why = "something was removed or replaced inside: the place is a hull, and the quote is of the passage"
    tables = lost_tables(dataset, {*held, "labels", "relations"}, _WHY)
    return reported([Loss("quotes of the source", bare, why), *lost, *tables])


def _annotations(
    material: Material, passages: dict[str, _Ground], sources: dict[tuple[str, str], SourceRow]
) -> Iterator[dict[str, Any]]:
    for row in material.dataset.labels:
        source = sources.get((row.source_file, row.source_id))
        yield _label(row, passages[row.passage_id], source)
    for relation in material.dataset.relations:
        yield _relation(relation)


def _label(row: LabelRow, ground: _Ground, source: SourceRow | None) -> dict[str, Any]:
    bodies = [{"type": "TextualBody", "purpose": "tagging", "format": "text/plain", "value": row.label}]
    if row.value:
        body = {"type": "TextualBody", "purpose": "describing", "format": "text/plain", "value": row.value}
        bodies.append(body)
    return {
        "id": _urn("label", row.label_id),
        "type": "Annotation",
        "motivation": "tagging",
        **_signed(row.annotator, row.created_at, row.updated_at),
        **({"generator": _suggester(row)} if row.agent else {}),
        "body": bodies,
        "target": [_in_source(row, ground, source), _in_passage(row, ground)],
        **_facts(row, _LABEL_ELSEWHERE),
        **_facts(row, _NOT_OF_DOCUMENT),
    }


def _relation(row: RelationRow) -> dict[str, Any]:
    body = {"type": "TextualBody", "purpose": "tagging", "format": "text/plain", "value": row.relation}
    return {
        "id": _urn("relation", row.relation_id),
        "type": "Annotation",
        "motivation": "linking",
        **_signed(row.annotator, row.created_at, row.updated_at),
        **({"generator": _suggester(row)} if row.agent else {}),
        "body": [body, {"id": _urn("label", row.to_label_id), "type": "Annotation"}],
        "target": {"id": _urn("label", row.from_label_id), "type": "Annotation"},
        **_facts(row, _RELATION_ELSEWHERE),
        "annotate:from_label_id": row.from_label_id,
        "annotate:to_label_id": row.to_label_id,
    }


def _signed(annotator: str, created: str, updated: str) -> dict[str, Any]:
    creator = {"id": _known("annotator", annotator), "type": "Person", "nickname": annotator}
    told = {"creator": creator if annotator else None, "created": created, "modified": updated}
    return {name: value for name, value in told.items() if value}


def _suggester(row: LabelRow | RelationRow) -> dict[str, Any]:
    found = {
        "id": _known("agent", row.agent, row.agent_version),
        "type": "Software",
        "name": row.agent,
        "annotate:agent_version": row.agent_version,
    }
    return {name: value for name, value in found.items() if value}


def _in_source(row: LabelRow, ground: _Ground, source: SourceRow | None) -> dict[str, Any]:
    place = {"type": "TextPositionSelector", "start": row.source_start, "end": row.source_end}
    selectors: list[dict[str, Any]] = [place]
    if ground.verbatim(row.start, row.end):
        selectors.append(ground.source_quote(row.start, row.end))
    facts = {"source_id": row.source_id, "source_file": row.source_file}
    if source is not None:
        facts |= {"encoding": source.encoding, "sha256": source.sha256}
        told = {} if source.characters is None else {"annotate:characters": source.characters}
    else:
        told = {}
    named = _named(source.sha256) if source and source.sha256 else _known("source", row.source_id)
    return {"source": named, "selector": selectors, **_told(facts), **told}


def _in_passage(row: LabelRow, ground: _Ground) -> dict[str, Any]:
    selectors: list[dict[str, Any]] = [
        {"type": "TextPositionSelector", "start": row.start, "end": row.end},
        _quote(row.prefix, row.quote, row.suffix),
    ]
    facts = {"passage_id": row.passage_id, "document_id": ground.row.document_id}
    return {"source": _known("passage", row.passage_id), "selector": selectors, **_told(facts)}


def _facts(row: LabelRow | RelationRow, without: frozenset[str]) -> dict[str, Any]:
    """The columns of a row that stand nowhere else, as properties."""
    names, cells_of = _properties(type(row), without)  # type: ignore[arg-type]
    return {
        name: value if type(value) is not float else msgspec.Raw(cell_text(value).encode())
        for name, value in zip(names, cells_of(row), strict=True)
        if value is not None and value != ""
    }


@cache
def _properties(
    kind: type[Row], without: frozenset[str]
) -> tuple[tuple[str, ...], Callable[[Row], tuple[Cell, ...]]]:
    names, cells_of = facts_of(kind, without)  # type: ignore[arg-type]
    return tuple(f"annotate:{name}" for name in names), cells_of


def _quote(prefix: str, exact: str, suffix: str) -> dict[str, Any]:
    sides = {"prefix": prefix, "exact": exact, "suffix": suffix}
    return {"type": "TextQuoteSelector", **{name: text for name, text in sides.items() if text}}


def _told(facts: dict[str, Any]) -> dict[str, Any]:
    """Columns as properties of our own vocabulary; the model allows any."""
    return {f"annotate:{name}": value for name, value in facts.items() if value not in ("", None)}


def _urn(kind: str, *parts: str) -> str:
    """A UUID of version 5 (RFC 9562, 5.5) over kind and parts as a JSON array; one of 100,000 labels
    has four, so it is put together here.
    """
    name = f"[{', '.join([_quoted(one) for one in (kind, *parts)])}]"
    # SHA-1 is what the version prescribes; nothing secret is made of it.
    digest = bytearray(hashlib.sha1(_SPACE.bytes + name.encode("utf-8"), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"urn:uuid:{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@lru_cache(maxsize=1 << 12)
def _known(kind: str, *parts: str) -> str:
    """The same for what many labels share."""
    return _urn(kind, *parts)


@lru_cache(maxsize=1 << 12)
def _named(sha256: str) -> str:
    digest = base64.urlsafe_b64encode(bytes.fromhex(sha256)).rstrip(b"=").decode("ascii")
    return f"ni:///sha-256;{digest}"


_json: Final = msgspec.json.Encoder().encode
"""Floats are put in as text (``Raw``): msgspec writes 1e-05 as 1e-5, and the bytes of a dataset stay."""
_quoted: Final = json.encoder.encode_basestring_ascii


class _Ground:
    """A passage, and which of its stretches stand in the source letter by letter."""

    def __init__(self, row: PassageRow) -> None:
        self.row = row
        self._starts: list[int] = []
        self._ends: list[int] = []
        at, reach = 0, -1
        for kind, start, end, text in json.loads(row.pieces or "[]"):
            length = end - start if kind == "verbatim" else len(text)
            if kind == "verbatim" and length:
                if self._ends and self._ends[-1] == at and reach == start:
                    self._ends[-1] = at + length
                else:
                    self._starts.append(at)
                    self._ends.append(at + length)
                reach = end
            at += length

    def verbatim(self, start: int, end: int) -> bool:
        """Whether a range of the passage is one stretch of the source."""
        at = bisect_right(self._starts, start) - 1
        return at >= 0 and end <= self._ends[at] and bool(self.row.text)

    def source_quote(self, start: int, end: int) -> dict[str, Any]:
        """The words of such a range, with as much before and after as stands beside them in the source."""
        at = bisect_right(self._starts, start) - 1
        first, last = self._starts[at], self._ends[at]
        text = self.row.text
        before = text[max(first, start - _CONTEXT_LENGTH) : start]
        return _quote(before, text[start:end], text[end : min(last, end + _CONTEXT_LENGTH)])
