"""A part of a dataset that stands on its own: rows are left out, no cell is changed, every key holds.

What is asked of documents (``since``, ``until``, ``outlets``) leaves out whatever stands on others. What is
asked of labels (layer, name, status, pull, gold) leaves out labels, with the relations that lose an end and
the suggestions behind them, but no passage: what was read without finding anything stays known.
``annotators`` does both: it keeps what these people were given, and did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from annotate.core.dataset.decision_rows import GoldRelationRow, GoldRow
from annotate.core.dataset.gold import gold_label_ids
from annotate.core.dataset.rows import (
    AssignmentRow,
    CommentRow,
    Dataset,
    DocumentRow,
    LabelRow,
    PassageRow,
    QuarantineRow,
    RelationRow,
)
from annotate.core.dataset.selection import Selection
from annotate.core.dataset.suggestion_rows import SuggestedRelationRow, SuggestionRow
from annotate.core.dates.bounds import Day, days_of
from annotate.core.errors import UsageError

STATUSES = ("confirmed", "draft")
_PEOPLE = ("annotator", "assignee", "confirmed_by")
Value = TypeVar("Value")
_OnPassage = LabelRow | SuggestionRow | SuggestedRelationRow | AssignmentRow | CommentRow | RelationRow


def select(dataset: Dataset, selection: Selection) -> Dataset:
    """The selected part, each table in its order; all of it for the empty selection.

    Raises UsageError for a name that the dataset does not have, with those that it has.
    """
    if not selection:
        return dataset
    check(dataset, selection)
    asked = _Asked.of(dataset, selection)
    part = replace(
        dataset,
        documents=_kept(dataset.documents, asked.document),
        passages=_kept(dataset.passages, asked.passage),
        labels=_kept(dataset.labels, asked.label),
        assignments=_kept(dataset.assignments, asked.assignment),
        comments=_kept(dataset.comments, asked.comment),
        quarantine=_kept(dataset.quarantine, asked.aside),
        gold=_kept(dataset.gold, asked.decision),
    )
    labels = frozenset(row.label_id for row in part.labels)
    decided = frozenset(row.gold_id for row in part.gold)
    kept = _kept(dataset.relations, lambda row: asked.relation(row, labels))
    relations = frozenset(row.relation_id for row in kept)
    part = replace(
        part,
        relations=kept,
        suggestions=_kept(dataset.suggestions, lambda row: asked.suggestion(row, labels)),
        suggested_relations=_kept(
            dataset.suggested_relations, lambda row: asked.suggested_relation(row, relations)
        ),
        chronology=_kept(dataset.chronology, lambda row: row.label_id in labels),
        gold_relations=_kept(
            dataset.gold_relations, lambda row: {row.from_gold_id, row.to_gold_id} <= decided
        ),
    )
    return _closed(_reached(part, selection))


def check(dataset: Dataset, selection: Selection) -> None:
    """Raise UsageError where the selection names something that the dataset does not know."""
    labelled: list[LabelRow | SuggestionRow] = [*dataset.labels, *dataset.suggestions]
    pulled: list[LabelRow | RelationRow | CommentRow] = [
        *dataset.labels,
        *dataset.relations,
        *dataset.comments,
    ]
    _known("layer", selection.layers, {row.layer for row in labelled})
    _known("label", selection.labels, {row.label for row in labelled})
    _known("annotator", selection.annotators, {row.annotator for row in dataset.annotators})
    _known("status", selection.statuses, STATUSES)
    _known("pull", selection.pulls, {row.pull for row in pulled})
    outlets = {name for row in dataset.documents for name in (row.publisher, row.agency)}
    _known("outlet", selection.outlets, outlets)
    for name, day in (("--since", selection.since), ("--until", selection.until)):
        if day and days_of(day).first is None and days_of(day).last is None:
            raise UsageError(f"{name} {day!r} is no date", hint="a date is EDTF: 2020, 2020-04 or 2020-04-25")


def _known(kind: str, names: Iterable[str], known: Iterable[str]) -> None:
    there = sorted(set(known) - {""})
    wrong = [name for name in names if name not in there]
    if wrong:
        raise UsageError(
            f"this dataset has no {kind} {', '.join(repr(name) for name in wrong)}",
            hint=f"it has: {', '.join(there)}" if there else f"it has no {kind} at all",
        )


def gold_labels(dataset: Dataset) -> frozenset[str]:
    """Ids of the labels that say what gold says. Raises UsageError where there is no gold."""
    if not any(row.verdict == "kept" for row in dataset.gold):
        raise UsageError("this dataset has no gold labels", hint="`annotate adjudicate` makes them")
    return gold_label_ids(dataset.gold, dataset.labels)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A selection, ready to be asked about rows."""

    selection: Selection
    documents: frozenset[str]
    passages: frozenset[str]
    gold: frozenset[str]
    about_documents: bool

    @classmethod
    def of(cls, dataset: Dataset, selection: Selection) -> _Asked:
        about = bool(selection.since or selection.until or selection.outlets)
        documents = {row.document_id for row in dataset.documents if _in_time_and_outlet(row, selection)}
        kept = frozenset(documents if about else {*documents, ""})
        passages = frozenset(row.passage_id for row in dataset.passages if row.document_id in kept)
        gold = gold_labels(dataset) if selection.gold else frozenset()
        return cls(selection, kept, passages if about else passages | {""}, gold, about)

    def document(self, row: DocumentRow) -> bool:
        return row.document_id in self.documents

    def passage(self, row: PassageRow) -> bool:
        return row.passage_id in self.passages

    def _placed(self, row: _OnPassage) -> bool:
        return row.document_id in self.documents and row.passage_id in self.passages

    def _by(self, *names: str) -> bool:
        wanted = self.selection.annotators
        return not wanted or any(name in wanted for name in names)

    def label(self, row: LabelRow) -> bool:
        wanted = self.selection
        return (
            self._placed(row)
            and self._by(row.annotator)
            and _one_of(row.layer, wanted.layers)
            and _one_of(row.label, wanted.labels)
            and _one_of(row.status, wanted.statuses)
            and _one_of(row.pull, wanted.pulls)
            and (not wanted.gold or row.label_id in self.gold)
        )

    def relation(self, row: RelationRow, labels: frozenset[str]) -> bool:
        wanted = self.selection
        whole = row.from_label_id in labels and row.to_label_id in labels
        told = _one_of(row.status, wanted.statuses) and _one_of(row.pull, wanted.pulls)
        return whole and told and self._by(row.annotator) and self._placed(row)

    def suggestion(self, row: SuggestionRow, labels: frozenset[str]) -> bool:
        if row.label_id:
            return row.label_id in labels
        wanted = self.selection
        # It became no label, so no pull and no gold label has it; who rejected it had read the passage.
        status = "confirmed" if row.fate == "rejected" else "draft"
        return (
            not wanted.pulls
            and not wanted.gold
            and self._placed(row)
            and self._by(row.assignee)
            and _one_of(row.layer, wanted.layers)
            and _one_of(row.label, wanted.labels)
            and _one_of(status, wanted.statuses)
        )

    def suggested_relation(self, row: SuggestedRelationRow, relations: frozenset[str]) -> bool:
        if row.relation_id:
            return row.relation_id in relations
        wanted = self.selection
        status = "confirmed" if row.fate == "rejected" else "draft"
        # As of a suggestion; where labels were asked for, a relation that became none is no part of them.
        return (
            not (wanted.pulls or wanted.gold or wanted.layers or wanted.labels)
            and self._placed(row)
            and self._by(row.assignee)
            and _one_of(status, wanted.statuses)
        )

    def assignment(self, row: AssignmentRow) -> bool:
        status = "confirmed" if row.status == "confirmed" else "draft"
        return self._placed(row) and self._by(row.assignee) and _one_of(status, self.selection.statuses)

    def comment(self, row: CommentRow) -> bool:
        return self._placed(row) and self._by(row.annotator) and _one_of(row.pull, self.selection.pulls)

    def decision(self, row: GoldRow) -> bool:
        # A decision is over what several people set: it is not a part of what one of them did.
        wanted = self.selection
        return (
            not wanted.annotators
            and row.document_id in self.documents
            and row.passage_id in self.passages
            and _one_of(row.layer, wanted.layers)
            and _one_of(row.label, wanted.labels)
            and _one_of(row.pull, wanted.pulls)
        )

    def aside(self, row: QuarantineRow) -> bool:
        # Its layer, date and outlet are not known; its passage is, mostly.
        wanted = self.selection
        told = _one_of(row.label, wanted.labels) and _one_of(row.pull, wanted.pulls)
        return told and self._by(row.annotator) and row.passage_id in self.passages and not wanted.gold


def _one_of(value: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or value in wanted


def _in_time_and_outlet(row: DocumentRow, selection: Selection) -> bool:
    """Whether a document surely fits: all days its date can mean lie in the range."""
    outlets = selection.outlets
    if outlets and row.publisher not in outlets and row.agency not in outlets:
        return False
    if not selection.since and not selection.until:
        return True
    days = days_of(row.published)
    return _not_before(days.first, selection.since) and _not_after(days.last, selection.until)


def _not_before(day: Day | None, since: str) -> bool:
    first = days_of(since).first if since else None
    return first is None or (day is not None and day >= first)


def _not_after(day: Day | None, until: str) -> bool:
    last = days_of(until).last if until else None
    return last is None or (day is not None and day <= last)


def _reached(part: Dataset, selection: Selection) -> Dataset:
    """Where people were asked for: the passages that they were given or did something on, and no others."""
    if not selection.annotators:
        return part
    rows: list[_OnPassage] = [
        *part.labels,
        *part.suggestions,
        *part.suggested_relations,
        *part.assignments,
        *part.comments,
        *part.relations,
    ]
    reached = {row.passage_id for row in rows}
    passages = _kept(part.passages, lambda row: row.passage_id in reached)
    named = {row.document_id for row in passages} | {row.document_id for row in part.labels}
    named |= {row.document_id for row in part.suggestions}
    return replace(
        part, passages=passages, documents=_kept(part.documents, lambda row: row.document_id in named)
    )


def _closed(part: Dataset) -> Dataset:
    """Sources, runs and people that the kept rows name, and no others."""
    holders: list[DocumentRow | PassageRow] = [*part.documents, *part.passages]
    used = {(row.source_file, row.source_id) for row in holders}
    runs = {row.run_id for row in part.suggestions} | {row.run_id for row in part.suggested_relations}
    people = {name for rows in _tables(part) for row in rows for name in _people(row)}
    return replace(
        part,
        sources=_kept(part.sources, lambda row: (row.source_file, row.source_id) in used),
        runs=_kept(part.runs, lambda row: row.run_id in runs),
        annotators=_kept(part.annotators, lambda row: row.annotator in people),
    )


def _tables(part: Dataset) -> Iterator[tuple[object, ...]]:
    yield from (getattr(part, one.name) for one in fields(part) if one.name != "annotators")


def _people(row: object) -> Iterator[str]:
    yield from (getattr(row, name) for name in _PEOPLE if hasattr(row, name))
    if isinstance(row, GoldRow | GoldRelationRow):
        yield from (row.adjudicator, *row.annotators.split(";"), *row.set_by.split(";"))


def _kept(rows: tuple[Value, ...], keep: Callable[[Value], bool]) -> tuple[Value, ...]:
    return tuple(row for row in rows if keep(row))
