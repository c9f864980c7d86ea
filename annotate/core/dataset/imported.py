"""Imported labels and relations as rows: proven as all others are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from annotate.core.dataset.labels import about
from annotate.core.dataset.lookup import CONTEXT, Lookup, spelled_ranges, utc
from annotate.core.dataset.quarantine import Fault, Stand, stand_of
from annotate.core.dataset.rows import LabelRow, QuarantineRow, RelationRow
from annotate.core.dataset.timex import NO_TIMEX
from annotate.core.ids import text_sha256
from annotate.core.imports.seen import ImportBatch, ImportedLabel, ImportedRelation

# The scheme in force when somebody decided elsewhere is unknown; that of the import is in the ledger.
_NO_SCHEME: Final = dict.fromkeys(("scheme", "scheme_version", "scheme_sha256", "guideline_sha256"), "")


def imported_label_rows(lookup: Lookup) -> tuple[list[LabelRow], list[QuarantineRow]]:
    """Rows of the imported labels that can be proven; and the others with a reason."""
    rows: list[LabelRow] = []
    aside: list[QuarantineRow] = []
    for _, label in sorted(lookup.state.imports.labels.items()):
        if label.vanished_in:
            continue
        stand = _stand(lookup, label)
        if isinstance(stand, Fault):
            aside.append(_label_aside(lookup, label, stand))
        else:
            rows.append(_label_row(lookup, label, stand))
    return rows, aside


def _stand(lookup: Lookup, label: ImportedLabel) -> Stand | Fault:
    passage = lookup.state.imports.passages.get(label.passage_id)
    if passage is None:
        return Fault("passage_unknown", label.passage_id)
    if label.label not in lookup.inputs.vocabulary.layers:
        return Fault("label_not_in_scheme", label.label)
    found = stand_of(lookup, passage, label.start, label.end)
    if isinstance(found, Stand) and found.quote != label.quote:
        return Fault("quote_mismatch", "the import recorded other words than its passage has there")
    return found


def _label_row(lookup: Lookup, label: ImportedLabel, stand: Stand) -> LabelRow:
    passage, start = stand.passage, stand.ranges[0].start
    return LabelRow(
        label_id=label.label_id,
        pass_=label.pass_name,
        layer=lookup.inputs.vocabulary.layers[label.label],
        label=label.label,
        quote=stand.quote,
        prefix=passage.text[max(0, label.start - CONTEXT) : label.start],
        suffix=passage.text[label.end : label.end + CONTEXT],
        source_id=passage.source_id,
        source_file=passage.source_file,
        source_start=start,
        source_end=stand.ranges[-1].end,
        **about(lookup.document_at(passage.source_id, start)),
        passage_id=passage.passage_id,
        start=label.start,
        end=label.end,
        annotator=lookup.who(label.annotator),
        created_at=utc(label.created_at),
        updated_at=utc(label.updated_at),
        confirmed_at="",
        status="confirmed" if label.finished else "draft",
        origin="imported",
        suggestion_id="",
        agent="",
        agent_version="",
        score=None,
        value="",
        value_type="",
        value_origin="",
        **_NO_SCHEME,
        pull=label.transaction,
        doccano_server=_batch(lookup, label).server,
        doccano_project=_batch(lookup, label).project_id,
        doccano_example=label.example,
        doccano_label=_number(lookup, label),
        source_ranges=spelled_ranges(stand.ranges),
        **NO_TIMEX,
        quote_sha256=text_sha256(stand.quote),
    )


def imported_relation_rows(
    lookup: Lookup, labels: Mapping[str, LabelRow]
) -> tuple[list[RelationRow], list[QuarantineRow]]:
    """Imported relations whose two ends are in ``labels`` (by label id); and the others with a reason."""
    rows: list[RelationRow] = []
    aside: list[QuarantineRow] = []
    for _, relation in sorted(lookup.state.imports.relations.items()):
        if relation.vanished_in:
            continue
        ends = {"from": relation.from_label_id, "to": relation.to_label_id}
        missing = [name for name, label_id in ends.items() if label_id not in labels]
        if relation.relation not in lookup.inputs.vocabulary.relations:
            fault = Fault("label_not_in_scheme", relation.relation)
            aside.append(_relation_aside(lookup, relation, fault))
        elif missing:
            aside.append(
                _relation_aside(lookup, relation, Fault("ends_not_in_labels", " and ".join(missing)))
            )
        else:
            rows.append(_relation_row(lookup, relation, labels[relation.from_label_id]))
    return rows, aside


def _relation_row(lookup: Lookup, relation: ImportedRelation, start: LabelRow) -> RelationRow:
    return RelationRow(
        relation_id=relation.relation_id,
        pass_=relation.pass_name,
        relation=relation.relation,
        from_label_id=relation.from_label_id,
        to_label_id=relation.to_label_id,
        source_id=start.source_id,
        source_file=start.source_file,
        document_id=start.document_id,
        passage_id=start.passage_id,
        annotator=lookup.who(relation.annotator),
        created_at=utc(relation.created_at),
        updated_at=utc(relation.updated_at),
        confirmed_at="",
        status="confirmed" if relation.finished else "draft",
        origin="imported",
        suggestion_id="",
        agent="",
        agent_version="",
        score=None,
        **_NO_SCHEME,
        pull=relation.transaction,
        doccano_server=_batch(lookup, relation).server,
        doccano_project=_batch(lookup, relation).project_id,
        doccano_example=relation.example,
        doccano_relation=_number(lookup, relation),
    )


def _batch(lookup: Lookup, one: ImportedLabel | ImportedRelation) -> ImportBatch:
    """The file or project that it came from."""
    return lookup.state.imports.batches[one.batch]


def _number(lookup: Lookup, one: ImportedLabel | ImportedRelation) -> int | None:
    """Its id on the server, where the export or the server told one."""
    pulled = _batch(lookup, one).project_id is not None
    return int(one.original_id) if pulled and one.original_id.isdecimal() else None


def _label_aside(lookup: Lookup, label: ImportedLabel, fault: Fault) -> QuarantineRow:
    passage = lookup.state.imports.passages.get(label.passage_id)
    return QuarantineRow(
        table="labels",
        row_id=label.label_id,
        reason=fault.reason,
        detail=fault.detail,
        label=label.label,
        annotator=lookup.who(label.annotator),
        passage_id=label.passage_id if passage else "",
        source_file=passage.source_file if passage else "",
        start=label.start,
        end=label.end,
        utf16_start=None,
        utf16_end=None,
        pull=label.transaction,
        doccano_server=_batch(lookup, label).server,
        doccano_project=_batch(lookup, label).project_id,
        doccano_example=label.example,
        doccano_id=_number(lookup, label),
    )


def _relation_aside(lookup: Lookup, relation: ImportedRelation, fault: Fault) -> QuarantineRow:
    return QuarantineRow(
        table="relations",
        row_id=relation.relation_id,
        reason=fault.reason,
        detail=fault.detail,
        label=relation.relation,
        annotator=lookup.who(relation.annotator),
        passage_id="",
        source_file="",
        start=None,
        end=None,
        utf16_start=None,
        utf16_end=None,
        pull=relation.transaction,
        doccano_server=_batch(lookup, relation).server,
        doccano_project=_batch(lookup, relation).project_id,
        doccano_example=relation.example,
        doccano_id=_number(lookup, relation),
    )
