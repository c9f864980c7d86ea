"""A dataset as the texts that people labelled: one for each passage and annotator.

That is the unit of most annotation tools. A passage that somebody confirmed without setting a label is
one too: "read it and found nothing" is a result. A passage that nobody labelled or confirmed is none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Final

from annotate.core.dataset.losses import Loss, lost_columns, lost_tables
from annotate.core.dataset.rows import (
    AssignmentRow,
    Cell,
    Dataset,
    DocumentRow,
    LabelRow,
    PassageRow,
    RelationRow,
    Row,
    SourceRow,
)
from annotate.core.ids import sha256_hex

TEXT_COLUMNS: Final = (
    "passage_id",
    "document_id",
    "source_id",
    "source_file",
    "title",
    "publisher",
    "agency",
    "published",
    "language",
    "annotator",
)
"""Columns of a label that say the same of every label of a text."""

_OF_DOCUMENT: Final = ("title", "publisher", "agency", "published", "language")
NOT_LABELLED: Final = "passages without labels"
WITHHELD: Final = "withheld texts"
_SAFE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)\Z", re.IGNORECASE)
_ODD: Final = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A passage as one annotator labelled it; ``annotator`` is empty where it is unknown who did.

    Offsets ``start`` and ``end`` of the labels count code points of ``passage.text``, half-open.
    ``assignment`` is there where the passage was given to this annotator on a server.
    """

    passage: PassageRow
    document: DocumentRow | None
    source: SourceRow | None
    annotator: str
    assignment: AssignmentRow | None
    labels: tuple[LabelRow, ...]
    relations: tuple[RelationRow, ...]

    @property
    def text_id(self) -> str:
        """An id of the passage as this annotator labelled it."""
        return f"{self.passage.passage_id}.{safe_name(self.annotator)}"

    @property
    def confirmed(self) -> bool:
        """Whether the annotator was done with the passage."""
        if self.assignment is not None:
            return self.assignment.status == "confirmed"
        return bool(self.labels) and all(one.status == "confirmed" for one in self.labels)

    def facts(self) -> dict[str, Cell]:
        """What is known of the text itself: ``TEXT_COLUMNS`` and the passage's number, no empty cells."""
        told: dict[str, Cell] = {
            "passage_id": self.passage.passage_id,
            "passage_number": self.passage.number,
            "passages_of_document": self.passage.of,
            "document_id": self.passage.document_id,
            "source_id": self.passage.source_id,
            "source_file": self.passage.source_file,
            "annotator": self.annotator,
        }
        if self.document is not None:
            for name in _OF_DOCUMENT:
                told[name] = getattr(self.document, name)
        return {name: value for name, value in told.items() if value not in ("", None)}


def labelled_texts(dataset: Dataset) -> Iterator[LabelledText]:
    """The texts with something to show, by passage (in the order of the table) and annotator."""
    labels: dict[tuple[str, str], list[LabelRow]] = defaultdict(list)
    for label in dataset.labels:
        labels[label.passage_id, label.annotator].append(label)
    relations = _relations(dataset)
    assignments = {
        (row.passage_id, row.assignee): row for row in sorted(dataset.assignments, key=_confirmed_last)
    }
    people: dict[str, set[str]] = defaultdict(set)
    for passage_id, annotator in [*labels, *(key for key, row in assignments.items() if _done(row))]:
        people[passage_id].add(annotator)
    documents = {row.document_id: row for row in dataset.documents}
    sources = {(row.source_file, row.source_id): row for row in dataset.sources}
    for passage in dataset.passages:
        if not passage.text:
            continue
        for annotator in sorted(people.get(passage.passage_id, ())):
            key = (passage.passage_id, annotator)
            yield LabelledText(
                passage=passage,
                document=documents.get(passage.document_id),
                source=sources.get((passage.source_file, passage.source_id)),
                annotator=annotator,
                assignment=assignments.get(key),
                labels=tuple(sorted(labels.get(key, ()), key=_place)),
                relations=tuple(relations.get(key, ())),
            )


def _relations(dataset: Dataset) -> dict[tuple[str, str], list[RelationRow]]:
    """Relations by the text of both their ends; one between texts of two annotators is in neither."""
    at = {row.label_id: (row.passage_id, row.annotator) for row in dataset.labels}
    found: dict[tuple[str, str], list[RelationRow]] = defaultdict(list)
    for row in dataset.relations:
        key = at.get(row.from_label_id)
        if key is not None and key == at.get(row.to_label_id):
            found[key].append(row)
    return found


def _confirmed_last(row: AssignmentRow) -> tuple[bool, str]:
    # A passage can stand in two projects of one person: what was finished counts.
    return _done(row), row.assignment_id


def _done(row: AssignmentRow) -> bool:
    return row.status == "confirmed"


def _place(row: LabelRow) -> tuple[int, int, str, str]:
    # Of two that begin together the longer one comes first, as in every format that nests.
    return row.start, -row.end, row.label, row.label_id


def absent_texts(dataset: Dataset) -> list[Loss]:
    """What no format of labelled texts can show: withheld texts with their labels, unlabelled passages."""
    withheld = {row.passage_id for row in dataset.passages if not row.text}
    labelled = {row.passage_id for row in dataset.labels}
    labelled |= {row.passage_id for row in dataset.assignments if _done(row)}
    bare = sum(row.passage_id not in labelled | withheld for row in dataset.passages)
    hidden = sum(row.passage_id in withheld for row in dataset.labels)
    torn = len(dataset.relations) - sum(map(len, _relations(dataset).values()))
    return [
        Loss(WITHHELD, len(withheld), "the rights of the source keep its text back, so it is left out"),
        Loss("labels of withheld texts", hidden, "a label cannot be shown without its text"),
        Loss(NOT_LABELLED, bare, "nobody labelled or confirmed them, so there is nobody to file them under"),
        Loss(
            "relations between annotators", torn, "their ends are labels of two people, whose texts are two"
        ),
    ]


def row_facts(row: Row, without: Collection[str] = ()) -> dict[str, Cell]:
    """The cells of a row by column name; empty ones and those named in ``without`` are left out."""
    names, cells_of = facts_of(type(row), frozenset(without))
    return {
        name: value
        for name, value in zip(names, cells_of(row), strict=True)
        if value is not None and value != ""
    }


@cache
def facts_of(
    kind: type[Row], without: frozenset[str]
) -> tuple[tuple[str, ...], Callable[[Row], tuple[Cell, ...]]]:
    """The columns of a kind of row but for some (two or more stay), and what reads their cells at once."""
    kept = [one.name for one in fields(kind) if one.name.rstrip("_") not in without]
    return tuple(name.rstrip("_") for name in kept), attrgetter(*kept)


def safe_name(name: str) -> str:
    """A file name for a name that may hold anything: itself where it is plain, else with a hash.

    Nothing of a path or a device survives; an empty name is ``unknown``.
    """
    if not name:
        return "unknown"
    if _SAFE.match(name) and not _RESERVED.match(name) and name != "unknown":
        return name
    digest = sha256_hex(name.encode("utf-8", "surrogatepass"))[:8]
    plain = _ODD.sub("-", name).strip("-_")[:40]
    return f"{plain}-{digest}" if plain else f"name-{digest}"


def folder_names(names: Collection[str]) -> dict[str, str]:
    """File names for names, also distinct where letter case is not told apart (Windows, macOS)."""
    made = {name: safe_name(name) for name in sorted(names)}
    taken: dict[str, list[str]] = defaultdict(list)
    for name, safe in made.items():
        taken[safe.casefold()].append(name)
    for name, safe in made.items():
        if len(taken[safe.casefold()]) > 1:
            made[name] = f"{safe}-{sha256_hex(name.encode('utf-8', 'surrogatepass'))[:8]}"
    return made


_TEXT_TABLES: Final = {
    "passages": ("passage_id", "document_id", "source_id", "source_file", "number", "of", "text"),
    "documents": ("document_id", "source_id", "source_file", *_OF_DOCUMENT),
    "sources": ("source_id", "source_file"),
    "annotators": ("annotator",),
}
"""What the facts of a text hold of each table."""


def text_losses(
    dataset: Dataset,
    why: str,
    *,
    labels: Collection[str] | None = None,
    relations: Collection[str] | None = None,
    more: Mapping[str, Collection[str]] | None = None,
) -> list[Loss]:
    """What a format of labelled texts loses that holds ``LabelledText.facts`` and these columns.

    ``labels`` and ``relations``: the columns it holds, None for all. ``more``: columns of other tables.
    A table of which it holds no column is one loss.
    """
    held: dict[str, Collection[str]] = {**_TEXT_TABLES, **(more or {})}
    if labels is not None:
        held["labels"] = labels
    if relations is not None:
        held["relations"] = relations
    losses = absent_texts(dataset)
    for table, names in held.items():
        losses.extend(lost_columns(dataset, table, names, why) if names else ())
    kept = {"labels", "relations", *held} - {table for table, names in held.items() if not names}
    return [*losses, *lost_tables(dataset, kept, why)]
