"""The rows of gold.csv and gold_relations.csv; as in ``rows``, field order is column order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GoldRow:
    """What was decided about one span: agreed on by all, taken or refused by an adjudicator, or open."""

    gold_id: str
    status: str
    verdict: str
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
    value: str
    over_label_ids: str
    set_by: str
    annotators: str
    adjudicator: str
    decided_at: str
    reason: str
    stale: bool
    scheme: str
    scheme_version: str
    scheme_sha256: str
    pull: str
    doccano_server: str
    doccano_project: int | None
    doccano_example: int | None
    doccano_label: int | None
    quote_sha256: str


@dataclass(frozen=True, slots=True)
class GoldRelationRow:
    """What was decided about one relation between two rows of gold."""

    gold_relation_id: str
    status: str
    verdict: str
    relation: str
    from_gold_id: str
    to_gold_id: str
    source_id: str
    source_file: str
    document_id: str
    passage_id: str
    over_relation_ids: str
    set_by: str
    annotators: str
    adjudicator: str
    decided_at: str
    reason: str
    stale: bool
    scheme: str
    scheme_version: str
    scheme_sha256: str
    pull: str
    doccano_server: str
    doccano_project: int | None
    doccano_example: int | None
    doccano_relation: int | None
