"""Suggestions and their fates, and the runs that made them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from annotate.core.dataset.labels import label_id
from annotate.core.dataset.lookup import Lookup, spelled_ranges, utc
from annotate.core.dataset.quarantine import Fault, Stand, stand_of_suggestion
from annotate.core.dataset.rows import QuarantineRow
from annotate.core.dataset.suggestion_rows import RunRow, SuggestionRow
from annotate.core.dataset.timex import timex_cells
from annotate.core.fate import SuggestionFate
from annotate.core.ids import content_id, text_sha256
from annotate.core.model import Suggestion

_NOWHERE: dict[str, Any] = {
    "assignee": "",
    "fate": "not_pushed",
    "annotator": "",
    "decided_at": "",
    "label_id": "",
    "doccano_server": "",
    "doccano_project": None,
    "doccano_example": None,
    "doccano_label": None,
}


def suggestion_rows(
    lookup: Lookup, found: Iterable[SuggestionFate], labels: frozenset[str]
) -> tuple[list[SuggestionRow], list[QuarantineRow]]:
    """One row a suggestion and project it was placed in, one for each that was placed nowhere.

    ``labels`` are the ids in labels.csv: a suggestion names the label it lives on in only there.
    """
    rows: list[SuggestionRow] = []
    aside: list[QuarantineRow] = []
    for fate in found:
        placed = fate.placed
        pushed = lookup.state.passages.get((placed.project, placed.example))
        stand = stand_of_suggestion(lookup, pushed.passage if pushed else None, placed.suggestion)
        where = _where(lookup, fate, labels)
        _add(lookup, placed.suggestion, stand, where, rows, aside)
    for suggestion in _never_placed(lookup):
        stand = stand_of_suggestion(lookup, lookup.passages.get(suggestion.passage_id), suggestion)
        where = {"placement_id": _placement_id(suggestion, "", None), **_NOWHERE}
        _add(lookup, suggestion, stand, where, rows, aside)
    return sorted(rows, key=_order), aside


def _add(
    lookup: Lookup,
    suggestion: Suggestion,
    stand: Stand | Fault,
    where: dict[str, Any],
    rows: list[SuggestionRow],
    aside: list[QuarantineRow],
) -> None:
    if isinstance(stand, Fault):
        aside.append(_aside(suggestion, stand, where))
    else:
        rows.append(_row(lookup, suggestion, stand, where))


def _order(row: SuggestionRow) -> tuple[str, int, int, str, str, str, str, str]:
    place = (row.source_file, row.source_start, row.source_end)
    return (*place, row.layer, row.label, row.assignee, row.suggestion_id, row.placement_id)


def _never_placed(lookup: Lookup) -> Iterator[Suggestion]:
    placed = {one.suggestion.suggestion_id for one in lookup.state.placed.values()}
    for run in lookup.inputs.runs:
        yield from (one for one in run.suggestions if one.suggestion_id not in placed)


def _where(lookup: Lookup, fate: SuggestionFate, labels: frozenset[str]) -> dict[str, Any]:
    placed = fate.placed
    project = lookup.state.projects[placed.project]
    label = label_id(placed.project, fate.label_id) if fate.label_id is not None else ""
    return {
        "placement_id": _placement_id(placed.suggestion, placed.project, placed.label_id),
        "assignee": lookup.who(project.user),
        "fate": fate.fate,
        "annotator": lookup.who(fate.annotator),
        "decided_at": utc(fate.decided_at),
        "label_id": label if label in labels else "",
        "doccano_server": project.server,
        "doccano_project": project.project_id,
        "doccano_example": lookup.example_now(placed),
        "doccano_label": lookup.state.restored.now("label", placed.project, placed.label_id),
    }


def _placement_id(suggestion: Suggestion, project: str, label: int | None) -> str:
    return content_id("plc", [suggestion.suggestion_id, suggestion.run_id, project, label])


def _row(lookup: Lookup, suggestion: Suggestion, stand: Stand, where: dict[str, Any]) -> SuggestionRow:
    passage, start = stand.passage, stand.ranges[0].start
    document = lookup.document_at(passage.source_id, start)
    return SuggestionRow(
        suggestion_id=suggestion.suggestion_id,
        run_id=suggestion.run_id,
        agent=suggestion.agent,
        agent_version=suggestion.agent_version,
        config_sha256=suggestion.config_sha256,
        layer=suggestion.layer,
        label=suggestion.label,
        quote=stand.quote,
        source_id=passage.source_id,
        source_file=passage.source_file,
        source_start=start,
        source_end=stand.ranges[-1].end,
        source_ranges=spelled_ranges(stand.ranges),
        document_id=document.document_id if document else "",
        passage_id=passage.passage_id,
        start=suggestion.start,
        end=suggestion.end,
        score=suggestion.score,
        value=suggestion.value or "",
        value_type=suggestion.value_type or "",
        note=suggestion.note,
        quote_sha256=text_sha256(stand.quote),
        **(where | timex_cells(suggestion.note)),
    )


def _aside(suggestion: Suggestion, fault: Fault, where: dict[str, Any]) -> QuarantineRow:
    return QuarantineRow(
        table="suggestions",
        row_id=where["placement_id"],
        reason=fault.reason,
        detail=fault.detail,
        label=suggestion.label,
        annotator="",
        passage_id=suggestion.passage_id,
        source_file="",
        start=suggestion.start,
        end=suggestion.end,
        utf16_start=None,
        utf16_end=None,
        pull="",
        doccano_server=where["doccano_server"],
        doccano_project=where["doccano_project"],
        doccano_example=where["doccano_example"],
        doccano_id=where["doccano_label"],
    )


def run_rows(lookup: Lookup) -> list[RunRow]:
    """Every run on file, and those of which only the ledger's placed suggestions are left."""
    rows = {
        run.run_id: RunRow(
            run_id=run.run_id,
            agent=run.agent,
            agent_version=run.agent_version,
            config_sha256=run.config_sha256,
            config=run.config,
            passages_seen=len(run.passages_seen),
            suggestions=len(run.suggestions),
        )
        for run in lookup.inputs.runs
    }
    left = [one.suggestion for one in lookup.state.placed.values()]
    for run_id in sorted({one.run_id for one in left} - rows.keys()):
        of_run = {one.suggestion_id: one for one in left if one.run_id == run_id}
        some = min(of_run.values(), key=lambda one: one.suggestion_id)
        rows[run_id] = RunRow(
            run_id, some.agent, some.agent_version, some.config_sha256, "", None, len(of_run)
        )
    for one in lookup.state.placed_relations.values():
        # All its suggestions may be in nobody's project: another agent said the same of the same words.
        by = (one.agent, one.agent_version, one.config_sha256)
        rows.setdefault(one.suggestion.run_id, RunRow(one.suggestion.run_id, *by, "", None, 0))
    return [rows[run_id] for run_id in sorted(rows)]
