"""The rows of suggestions, suggested_relations and runs; as in ``rows``, field order is column order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """A machine label in one annotator's project (or in none), and what became of it."""

    placement_id: str
    suggestion_id: str
    run_id: str
    agent: str
    agent_version: str
    config_sha256: str
    layer: str
    label: str
    quote: str
    source_id: str
    source_file: str
    source_start: int
    source_end: int
    source_ranges: str
    document_id: str
    passage_id: str
    start: int
    end: int
    score: float | None
    value: str
    value_type: str
    note: str
    assignee: str
    fate: str
    annotator: str
    decided_at: str
    label_id: str
    doccano_server: str
    doccano_project: int | None
    doccano_example: int | None
    doccano_label: int | None
    timex_type: str
    timex_value: str
    anchor: str
    alternatives: str
    quote_sha256: str


@dataclass(frozen=True, slots=True)
class SuggestedRelationRow:
    """A relation that a machine drew, in one annotator's project (or in none), and what became of it."""

    placement_id: str
    suggestion_id: str
    run_id: str
    agent: str
    agent_version: str
    config_sha256: str
    relation: str
    from_suggestion_id: str
    to_suggestion_id: str
    source_id: str
    source_file: str
    document_id: str
    passage_id: str
    score: float | None
    note: str
    assignee: str
    fate: str
    annotator: str
    decided_at: str
    relation_id: str
    doccano_server: str
    doccano_project: int | None
    doccano_example: int | None
    doccano_relation: int | None


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of one suggester: "saw it and suggested nothing" is known from here."""

    run_id: str
    agent: str
    agent_version: str
    config_sha256: str
    config: str
    passages_seen: int | None
    suggestions: int
