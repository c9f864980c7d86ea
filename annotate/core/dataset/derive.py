"""From ledger state and corpus to the tables of a dataset: pure, so that verify can do it again."""

from __future__ import annotations

from dataclasses import replace

from annotate.core.adjudication.labelling import labelling_state
from annotate.core.dataset.chronology import chronology_rows
from annotate.core.dataset.corpus import (
    annotator_rows,
    assignment_rows,
    comment_rows,
    document_rows,
    passage_rows,
    source_rows,
)
from annotate.core.dataset.gold import gold_relation_rows, gold_rows
from annotate.core.dataset.imported import imported_label_rows, imported_relation_rows
from annotate.core.dataset.inputs import Inputs
from annotate.core.dataset.labels import label_order, label_rows, relation_order, relation_rows
from annotate.core.dataset.lookup import Lookup
from annotate.core.dataset.rows import Dataset, QuarantineRow
from annotate.core.dataset.suggested_relations import suggested_relation_rows
from annotate.core.dataset.suggestions import run_rows, suggestion_rows
from annotate.core.fate import fates
from annotate.core.judgments import judgments
from annotate.core.relation_fate import relation_fates

_PEOPLE = ("annotator", "assignee", "confirmed_by")


def derive(inputs: Inputs) -> Dataset:
    """All tables of the dataset that these inputs give."""
    whole = inputs.state
    inputs = replace(inputs, state=labelling_state(whole))
    lookup = Lookup(inputs)
    found = fates(lookup.state)
    related = relation_fates(lookup.state, found.suggestions)
    labels, aside = label_rows(lookup, found.labels)
    brought, brought_aside = imported_label_rows(lookup)
    labels = sorted([*labels, *brought], key=label_order)
    by_id = {row.label_id: row for row in labels}
    relations, relations_aside = relation_rows(lookup, related.relations, by_id)
    brought_relations, related_aside = imported_relation_rows(lookup, by_id)
    relations = sorted([*relations, *brought_relations], key=relation_order(by_id))
    suggestions, suggestions_aside = suggestion_rows(
        lookup, found.suggestions, frozenset(row.label_id for row in labels)
    )
    suggested, suggested_aside = suggested_relation_rows(
        lookup, related.suggestions, frozenset(row.relation_id for row in relations)
    )
    comments, comments_aside = comment_rows(lookup)
    assignments = assignment_rows(lookup)
    judged = judgments(assignments, labels, relations)
    gold, gold_aside = gold_rows(lookup, whole, judged, by_id)
    by_gold_id = {row.gold_id: row for row in gold}
    linked, linked_aside = gold_relation_rows(lookup, whole, judged, by_gold_id)
    brought_aside = [*brought_aside, *related_aside, *gold_aside, *linked_aside]
    suggestions_aside = [*suggestions_aside, *suggested_aside]
    quarantine = [*aside, *brought_aside, *relations_aside, *suggestions_aside, *comments_aside]
    peopled = (labels, relations, suggestions, suggested, comments, assignments, quarantine)
    named = {getattr(row, name, "") for rows in peopled for row in rows for name in _PEOPLE}
    named |= {row.adjudicator for row in gold} | {row.adjudicator for row in linked}
    return Dataset(
        sources=tuple(source_rows(lookup)),
        documents=tuple(document_rows(lookup)),
        passages=tuple(passage_rows(lookup)),
        annotators=tuple(annotator_rows(lookup, named)),
        assignments=tuple(assignments),
        labels=tuple(labels),
        relations=tuple(relations),
        gold=tuple(gold),
        gold_relations=tuple(linked),
        suggestions=tuple(suggestions),
        suggested_relations=tuple(suggested),
        runs=tuple(run_rows(lookup)),
        comments=tuple(comments),
        chronology=tuple(chronology_rows(labels)),
        quarantine=tuple(sorted(quarantine, key=_order)),
    )


def _order(row: QuarantineRow) -> tuple[str, str, int, int, str]:
    return (
        row.table,
        row.doccano_server,
        row.doccano_project or 0,
        row.doccano_id or 0,
        row.row_id,
    )
