"""What each annotator said of a passage that they confirmed: the ground of agreement and adjudication."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from annotate.core.dataset.rows import AssignmentRow, LabelRow, RelationRow
from annotate.core.spans import Link, Span

LABELLING = "spans"
"""The pass whose projects hold one person's labels each."""


@dataclass(frozen=True, slots=True)
class Judgment:
    """One annotator's confirmed word on one passage; spans and links to the ids of their rows.

    No spans means "nothing to label here", which is a judgment like any other.
    """

    assignment_id: str
    annotator: str
    passage_id: str
    document_id: str
    confirmed_at: str
    spans: Mapping[Span, tuple[str, ...]]
    links: Mapping[Link, tuple[str, ...]]


Judged = Mapping[str, tuple[Judgment, ...]]
"""Judgments by passage id, those of one passage in the order of their annotators."""

_Place = tuple[str, int | None, int | None]
_T = TypeVar("_T")


def judgments(
    assignments: Iterable[AssignmentRow], labels: Iterable[LabelRow], relations: Iterable[RelationRow]
) -> Judged:
    """Every confirmed judgment of the labelling pass, from the rows of a dataset."""
    labels = tuple(labels)
    spans = {row.label_id: Span(row.layer, row.label, row.start, row.end) for row in labels}
    said = _by_place((row, spans[row.label_id], row.label_id) for row in labels)
    linked = _by_place(
        (row, Link(row.relation, spans[row.from_label_id], spans[row.to_label_id]), row.relation_id)
        for row in relations
        if row.from_label_id in spans and row.to_label_id in spans
    )
    found: dict[str, list[Judgment]] = defaultdict(list)
    for row in assignments:
        if row.pass_ == LABELLING and row.status == "confirmed":
            found[row.passage_id].append(
                Judgment(
                    assignment_id=row.assignment_id,
                    annotator=row.assignee,
                    passage_id=row.passage_id,
                    document_id=row.document_id,
                    confirmed_at=row.confirmed_at,
                    spans=said.get(_place(row), {}),
                    links=linked.get(_place(row), {}),
                )
            )
    return {
        key: tuple(sorted(found[key], key=lambda one: (one.annotator, one.assignment_id)))
        for key in sorted(found)
    }


def doubly_judged(judged: Judged) -> Iterator[tuple[str, tuple[Judgment, ...]]]:
    """Passages that two annotators or more have confirmed, by passage id."""
    for passage_id, several in judged.items():
        # One who judged a passage on two servers has one word on it, the last.
        last = {one.annotator: one for one in sorted(several, key=lambda one: one.confirmed_at)}
        if len(last) > 1:
            yield passage_id, tuple(last[annotator] for annotator in sorted(last))


def _place(row: AssignmentRow | LabelRow | RelationRow) -> _Place:
    """The example: what stands in one's own project is one's own word."""
    return (row.doccano_server, row.doccano_project, row.doccano_example)


def _by_place(
    found: Iterable[tuple[LabelRow | RelationRow, _T, str]],
) -> dict[_Place, dict[_T, tuple[str, ...]]]:
    """Things by example; what stands there twice is one thing with two ids."""
    places: dict[_Place, dict[_T, tuple[str, ...]]] = defaultdict(dict)
    for row, thing, number in found:
        if row.status == "confirmed":
            here = places[_place(row)]
            here[thing] = (*here.get(thing, ()), number)
    return places
