"""The rows of a dataset's tables, one dataclass a table; field order is column order.

``""`` and None are "unknown" and become an empty cell. Offsets are code points, half-open:
``source_start``/``source_end`` in the decoded source, ``start``/``end`` in the passage. A trailing
underscore (``pass_``) only keeps clear of a Python keyword and is not part of the column name.
``schemas/tables`` says what each column means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from annotate.core.dataset.decision_rows import GoldRelationRow, GoldRow
from annotate.core.dataset.suggestion_rows import RunRow, SuggestedRelationRow, SuggestionRow

Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One file as received, with its acquisition record."""

    source_id: str
    source_file: str
    sha256: str
    bytes: int | None
    characters: int | None
    encoding: str
    encoding_evidence: str
    duplicate_of: str
    retrieved_from: str
    retrieved_at: str
    retrieved_by: str
    rights: str
    note: str
    redistribution: str


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One article of the current build, with the evidence of its date."""

    document_id: str
    source_id: str
    source_file: str
    source_start: int
    source_end: int
    title: str
    byline: str
    agency: str
    publisher: str
    aggregator: str
    place: str
    published: str
    published_start: int | None
    published_end: int | None
    published_text: str
    published_rule: str
    published_reason: str
    language: str
    language_score: float | None
    doubts: str


@dataclass(frozen=True, slots=True)
class PassageRow:
    """The text one annotator saw as one example, and the pieces that map it to its source."""

    passage_id: str
    document_id: str
    source_id: str
    source_file: str
    source_start: int
    source_end: int
    number: int
    of: int
    in_build: bool
    text_sha256: str
    text: str
    pieces: str


@dataclass(frozen=True, slots=True)
class AnnotatorRow:
    """Somebody (or a script) whose decisions are in this dataset."""

    annotator: str
    language: str
    scripted: bool | None
    listed: bool


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """A passage in one annotator's project: seen and confirmed, also where no label was set.

    ``control`` None: no lottery was held when it was pushed.
    """

    assignment_id: str
    pass_: str
    passage_id: str
    document_id: str
    assignee: str
    status: str
    pushed_at: str
    confirmed_at: str
    confirmed_by: str
    doccano_server: str
    doccano_project: int
    doccano_example: int
    control: bool | None = None
    queue_order: str = ""
    queue_rank: int | None = None
    queue_reason: str = ""


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One label that a person stands behind."""

    label_id: str
    pass_: str
    layer: str
    label: str
    quote: str
    prefix: str
    suffix: str
    source_id: str
    source_file: str
    source_start: int
    source_end: int
    document_id: str
    title: str
    publisher: str
    agency: str
    published: str
    language: str
    passage_id: str
    start: int
    end: int
    annotator: str
    created_at: str
    updated_at: str
    confirmed_at: str
    status: str
    origin: str
    suggestion_id: str
    agent: str
    agent_version: str
    score: float | None
    value: str
    value_type: str
    value_origin: str
    scheme: str
    scheme_version: str
    scheme_sha256: str
    guideline_sha256: str
    pull: str
    doccano_server: str
    doccano_project: int | None
    doccano_example: int | None
    doccano_label: int | None
    source_ranges: str
    timex_type: str
    timex_value: str
    anchor: str
    alternatives: str
    quote_sha256: str


@dataclass(frozen=True, slots=True)
class RelationRow:
    """A directed relation between two labels of one passage."""

    relation_id: str
    pass_: str
    relation: str
    from_label_id: str
    to_label_id: str
    source_id: str
    source_file: str
    document_id: str
    passage_id: str
    annotator: str
    created_at: str
    updated_at: str
    confirmed_at: str
    status: str
    scheme: str
    scheme_version: str
    scheme_sha256: str
    guideline_sha256: str
    pull: str
    doccano_server: str
    doccano_project: int | None
    doccano_example: int | None
    doccano_relation: int | None
    origin: str
    suggestion_id: str
    agent: str
    agent_version: str
    score: float | None


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A remark that stands on a passage on the server."""

    comment_id: str
    pass_: str
    passage_id: str
    document_id: str
    annotator: str
    text: str
    created_at: str
    pull: str
    doccano_server: str
    doccano_project: int
    doccano_example: int
    doccano_comment: int


@dataclass(frozen=True, slots=True)
class DatedRow:
    """A DATE label with the days that its value can mean, beside its document's publication date."""

    document_id: str
    source_file: str
    title: str
    published: str
    label_id: str
    annotator: str
    quote: str
    value: str
    earliest: str
    latest: str
    to_publication: str
    status: str
    origin: str


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """Something seen that could not be proven and is therefore in no other table."""

    table: str
    row_id: str
    reason: str
    detail: str
    label: str
    annotator: str
    passage_id: str
    source_file: str
    start: int | None
    end: int | None
    utf16_start: int | None
    utf16_end: int | None
    pull: str
    doccano_server: str
    doccano_project: int | None
    doccano_example: int | None
    doccano_id: int | None


Row = (
    SourceRow
    | DocumentRow
    | PassageRow
    | AnnotatorRow
    | AssignmentRow
    | LabelRow
    | RelationRow
    | GoldRow
    | GoldRelationRow
    | SuggestionRow
    | SuggestedRelationRow
    | RunRow
    | CommentRow
    | DatedRow
    | QuarantineRow
)


@dataclass(frozen=True, slots=True)
class Dataset:
    """Every table of a dataset, each in its fixed order."""

    sources: tuple[SourceRow, ...]
    documents: tuple[DocumentRow, ...]
    passages: tuple[PassageRow, ...]
    annotators: tuple[AnnotatorRow, ...]
    assignments: tuple[AssignmentRow, ...]
    labels: tuple[LabelRow, ...]
    relations: tuple[RelationRow, ...]
    gold: tuple[GoldRow, ...]
    gold_relations: tuple[GoldRelationRow, ...]
    suggestions: tuple[SuggestionRow, ...]
    suggested_relations: tuple[SuggestedRelationRow, ...]
    runs: tuple[RunRow, ...]
    comments: tuple[CommentRow, ...]
    chronology: tuple[DatedRow, ...]
    quarantine: tuple[QuarantineRow, ...]

    def tables(self) -> Iterator[tuple[str, tuple[Row, ...]]]:
        """Table name and rows, in the order in which a dataset lists them."""
        for one in fields(self):
            yield one.name, getattr(self, one.name)


ROW_TYPES: dict[str, type[Row]] = {
    "sources": SourceRow,
    "documents": DocumentRow,
    "passages": PassageRow,
    "annotators": AnnotatorRow,
    "assignments": AssignmentRow,
    "labels": LabelRow,
    "relations": RelationRow,
    "gold": GoldRow,
    "gold_relations": GoldRelationRow,
    "suggestions": SuggestionRow,
    "suggested_relations": SuggestedRelationRow,
    "runs": RunRow,
    "comments": CommentRow,
    "chronology": DatedRow,
    "quarantine": QuarantineRow,
}
"""Table name to row type, in table order."""


def columns(kind: type[Row]) -> tuple[str, ...]:
    """Column names of a row type, in order."""
    return tuple(one.name.rstrip("_") for one in fields(kind))


def cells(row: Row) -> tuple[Cell, ...]:
    """The cells of a row, in column order."""
    return tuple(getattr(row, one.name) for one in fields(row))


def cell_text(value: Cell) -> str:
    """A cell as every text format writes it: unknown is empty, floats round-trip, booleans in lower case."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)
