"""Labels that an import brought into the ledger, as the fold of a ledger holds them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from annotate.core.model import Passage


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """One imported file: what it was and what was said of it. ``transaction`` and ``at`` are the ledger's.

    ``server`` and ``project_id`` say which Doccano project it was pulled from, if it was.
    """

    batch: str
    file: str
    sha256: str
    format: str
    tool: str
    annotator: str
    offsets: str
    finished: bool
    layer: str
    map: dict[str, str]
    transaction: str
    at: str
    server: str = ""
    project_id: int | None = None


@dataclass(frozen=True, slots=True)
class ImportedLabel:
    """A label of another tool. Offsets are code points of the passage; ``anchor`` is how it was found there.

    ``annotator`` is a name as it was given, empty where unknown. ``example`` is that of a pulled project.
    """

    label_id: str
    batch: str
    original_id: str
    line: int
    pass_name: str
    passage_id: str
    label: str
    original_label: str
    start: int
    end: int
    quote: str
    anchor: str
    anchor_score: float
    annotator: str
    finished: bool
    created_at: str
    updated_at: str
    transaction: str
    example: int | None = None
    vanished_in: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedRelation:
    """A relation of another tool between two imported labels of one passage."""

    relation_id: str
    batch: str
    original_id: str
    line: int
    pass_name: str
    relation: str
    original_relation: str
    from_label_id: str
    to_label_id: str
    annotator: str
    finished: bool
    created_at: str
    updated_at: str
    transaction: str
    example: int | None = None
    vanished_in: str | None = None


@dataclass(slots=True)
class Imports:
    """Everything imported so far, by id; ``passages`` are those that labels stand on."""

    batches: dict[str, ImportBatch] = field(default_factory=dict)
    labels: dict[str, ImportedLabel] = field(default_factory=dict)
    relations: dict[str, ImportedRelation] = field(default_factory=dict)
    passages: dict[str, Passage] = field(default_factory=dict)


def batch_of(data: dict[str, Any], transaction: str, at: str) -> ImportBatch:
    """The batch of a ``labels_imported`` event."""
    names = {one.name for one in fields(ImportBatch)} & data.keys()
    return ImportBatch(**{name: data[name] for name in names}, transaction=transaction, at=at)


def label_of(data: dict[str, Any], transaction: str) -> ImportedLabel:
    """The label of a ``label_imported`` event."""
    rest = {name: value for name, value in data.items() if name != "pass"}
    return ImportedLabel(**rest, pass_name=data["pass"], transaction=transaction)


def relation_of(data: dict[str, Any], transaction: str) -> ImportedRelation:
    """The relation of a ``relation_imported`` event."""
    rest = {name: value for name, value in data.items() if name != "pass"}
    return ImportedRelation(**rest, pass_name=data["pass"], transaction=transaction)
