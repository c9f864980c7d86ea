"""The table suggested_relations: relations that machines drew, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from annotate.core.dataset.lookup import Lookup, utc
from annotate.core.dataset.rows import QuarantineRow
from annotate.core.dataset.suggestion_rows import SuggestedRelationRow
from annotate.core.ids import content_id
from annotate.core.model import Passage, SuggestedRelation
from annotate.core.relation_fate import SuggestedRelationFate

_NOWHERE: dict[str, Any] = {
    "assignee": "",
    "fate": "not_pushed",
    "annotator": "",
    "decided_at": "",
    "relation_id": "",
    "doccano_server": "",
    "doccano_project": None,
    "doccano_example": None,
    "doccano_relation": None,
}


def suggested_relation_rows(
    lookup: Lookup, found: Iterable[SuggestedRelationFate], relations: frozenset[str]
) -> tuple[list[SuggestedRelationRow], list[QuarantineRow]]:
    """One row a relation and project it was placed in, one for each that was placed nowhere.

    ``relations`` are the ids in relations.csv: a row names the relation it lives on in only there. Those
    on a passage that nobody knows any more are set aside.
    """
    rows: list[SuggestedRelationRow] = []
    aside: list[QuarantineRow] = []
    for suggestion, passage, cells in (*_placed(lookup, found, relations), *_never_placed(lookup)):
        if passage is None:
            aside.append(_aside(suggestion, cells))
        else:
            rows.append(_row(lookup, suggestion, passage, cells))
    return sorted(rows, key=_order), aside


_Found = tuple[SuggestedRelation, Passage | None, dict[str, Any]]


def _placed(
    lookup: Lookup, found: Iterable[SuggestedRelationFate], relations: frozenset[str]
) -> Iterator[_Found]:
    for fate in found:
        placed = fate.placed
        project = lookup.state.projects[placed.project]
        pushed = lookup.state.passages.get((placed.project, placed.example))
        number = "" if fate.relation_id is None else content_id("rel", [placed.project, fate.relation_id])
        cells = {
            "placement_id": _placement_id(placed.suggestion, placed.project, placed.relation_id),
            "agent": placed.agent,
            "agent_version": placed.agent_version,
            "config_sha256": placed.config_sha256,
            "assignee": lookup.who(project.user),
            "fate": fate.fate,
            "annotator": lookup.who(fate.annotator),
            "decided_at": utc(fate.decided_at),
            "relation_id": number if number in relations else "",
            "doccano_server": project.server,
            "doccano_project": project.project_id,
            "doccano_example": lookup.example_now(placed),
            "doccano_relation": lookup.state.restored.now("relation", placed.project, placed.relation_id),
        }
        yield placed.suggestion, pushed.passage if pushed else None, cells


def _never_placed(lookup: Lookup) -> Iterator[_Found]:
    placed = {
        (one.suggestion.run_id, one.suggestion.relation_id) for one in lookup.state.placed_relations.values()
    }
    runs = {run.run_id: run for run in lookup.inputs.runs}
    for one in lookup.inputs.run_relations:
        if (one.run_id, one.relation_id) not in placed:
            run = runs[one.run_id]
            by = (run.agent, run.agent_version, run.config_sha256)
            cells = dict(zip(("agent", "agent_version", "config_sha256"), by, strict=True))
            number = _placement_id(one, "", None)
            yield one, lookup.passages.get(one.passage_id), {"placement_id": number, **cells, **_NOWHERE}


def _placement_id(suggestion: SuggestedRelation, project: str, relation: int | None) -> str:
    return content_id("plc", [suggestion.relation_id, suggestion.run_id, project, relation])


def _row(
    lookup: Lookup, suggestion: SuggestedRelation, passage: Passage, cells: dict[str, Any]
) -> SuggestedRelationRow:
    return SuggestedRelationRow(
        suggestion_id=suggestion.relation_id,
        run_id=suggestion.run_id,
        relation=suggestion.relation,
        from_suggestion_id=suggestion.from_id,
        to_suggestion_id=suggestion.to_id,
        source_id=passage.source_id,
        source_file=passage.source_file,
        document_id=lookup.document_id_of(passage),
        passage_id=passage.passage_id,
        score=suggestion.score,
        note=suggestion.note,
        **cells,
    )


def _order(row: SuggestedRelationRow) -> tuple[str, ...]:
    ends = (row.relation, row.from_suggestion_id, row.to_suggestion_id)
    return (row.source_file, row.passage_id, *ends, row.assignee, row.suggestion_id, row.placement_id)


def _aside(suggestion: SuggestedRelation, cells: dict[str, Any]) -> QuarantineRow:
    return QuarantineRow(
        table="suggested_relations",
        row_id=cells["placement_id"],
        reason="passage_unknown",
        detail=suggestion.passage_id,
        label=suggestion.relation,
        annotator="",
        passage_id=suggestion.passage_id,
        source_file="",
        start=None,
        end=None,
        utf16_start=None,
        utf16_end=None,
        pull="",
        doccano_server=cells["doccano_server"],
        doccano_project=cells["doccano_project"],
        doccano_example=cells["doccano_example"],
        doccano_id=cells["doccano_relation"],
    )
