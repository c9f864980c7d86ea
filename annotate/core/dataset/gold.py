"""The tables gold and gold_relations: the last decision on each passage and layer, proven like a label."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotate.core.adjudication.decided import Decided, LinkVerdict, SpanVerdict
from annotate.core.adjudication.offer import is_stale
from annotate.core.dataset.decision_rows import GoldRelationRow, GoldRow
from annotate.core.dataset.lookup import Lookup, spelled_ranges, utc
from annotate.core.dataset.quarantine import Fault, Stand, stand_of
from annotate.core.dataset.rows import LabelRow, QuarantineRow
from annotate.core.ids import content_id, text_sha256
from annotate.core.judgments import Judged, doubly_judged
from annotate.core.spans import Span
from annotate.core.state import State


def gold_id(passage_id: str, span: Span) -> str:
    """Id of a decided span: it is its place and label, whoever decided."""
    return content_id("gld", [passage_id, span.layer, span.label, span.start, span.end])


def gold_label_ids(gold: Iterable[GoldRow], labels: Iterable[LabelRow]) -> frozenset[str]:
    """Ids of the annotators' labels that say exactly what gold says: same passage, label and words."""
    kept = {
        (row.passage_id, row.layer, row.label, row.start, row.end) for row in gold if row.verdict == "kept"
    }
    return frozenset(
        row.label_id
        for row in labels
        if row.status == "confirmed" and (row.passage_id, row.layer, row.label, row.start, row.end) in kept
    )


def gold_rows(
    lookup: Lookup, state: State, judged: Judged, labels: Mapping[str, LabelRow]
) -> tuple[list[GoldRow], list[QuarantineRow]]:
    """A row for each decided span, in the order of places; what cannot be proven with a reason.

    ``state`` is the whole one, adjudication projects included; ``labels`` are rows by label id.
    """
    rows: list[GoldRow] = []
    aside: list[QuarantineRow] = []
    for decided, layer, stale in _in_force(state, judged):
        for verdict in decided.spans:
            if verdict.span.layer != layer:
                continue
            stand = _stand(lookup, decided, verdict.span)
            if isinstance(stand, Fault):
                aside.append(_aside(lookup, state, decided, verdict, stand))
            else:
                common = _common(lookup, state, decided, verdict, stale)
                rows.append(_row(lookup, decided, verdict, stand, labels, common))
    return sorted(rows, key=_order), aside


def _in_force(state: State, judged: Judged) -> Iterator[tuple[Decided, str, bool]]:
    """The last decision on each passage and layer, and whether its inputs have moved."""
    doubly = dict(doubly_judged(judged))
    for (passage_id, layer), decided in sorted(state.decisions.last.items()):
        yield decided, layer, is_stale(decided, layer, doubly.get(passage_id, ()))


def _stand(lookup: Lookup, decided: Decided, span: Span) -> Stand | Fault:
    passage = lookup.passages.get(decided.passage_id)
    if passage is None:
        return Fault("passage_unknown", decided.passage_id)
    if span.label not in lookup.inputs.vocabulary.layers:
        return Fault("label_not_in_scheme", span.label)
    return stand_of(lookup, passage, span.start, span.end)


def _common(
    lookup: Lookup, state: State, decided: Decided, verdict: SpanVerdict | LinkVerdict, stale: bool
) -> dict[str, Any]:
    """The cells that gold and gold_relations have in common."""
    project = state.projects.get(decided.project)
    passage = lookup.passages[decided.passage_id]
    return {
        "document_id": lookup.document_id_of(passage),
        "passage_id": decided.passage_id,
        "annotators": _people(lookup, decided.annotators),
        "adjudicator": lookup.who(decided.decided_by),
        "decided_at": utc(decided.decided_at),
        "reason": decided.reason if verdict.status != "unanimous" else "",
        "stale": stale,
        "scheme": decided.scheme,
        "scheme_version": decided.scheme_version,
        "scheme_sha256": decided.scheme_sha256,
        "pull": decided.transaction,
        "doccano_server": project.server if project else "",
        "doccano_project": project.project_id if project else None,
        "doccano_example": decided.example if project else None,
    }


def _people(lookup: Lookup, users: Iterable[str]) -> str:
    return ";".join(sorted(lookup.who(user) for user in users))


def _row(
    lookup: Lookup,
    decided: Decided,
    verdict: SpanVerdict,
    stand: Stand,
    labels: Mapping[str, LabelRow],
    common: Mapping[str, Any],
) -> GoldRow:
    span, passage = verdict.span, stand.passage
    start, end = stand.ranges[0].start, stand.ranges[-1].end
    document = lookup.document_at(passage.source_id, start)
    place = {**common, "document_id": document.document_id if document else ""}
    return GoldRow(
        gold_id=gold_id(decided.passage_id, span),
        status=verdict.status,
        verdict=verdict.verdict,
        layer=span.layer,
        label=span.label,
        quote=stand.quote,
        source_id=passage.source_id,
        source_file=passage.source_file,
        source_start=start,
        source_end=end,
        source_ranges=spelled_ranges(stand.ranges),
        start=span.start,
        end=span.end,
        value=_value(verdict, labels),
        over_label_ids=";".join(sorted(verdict.over)),
        set_by=_people(lookup, verdict.set_by),
        doccano_label=verdict.number,
        quote_sha256=text_sha256(stand.quote),
        **place,
    )


def _value(verdict: SpanVerdict, labels: Mapping[str, LabelRow]) -> str:
    """The value that the annotators' labels of just this span have, where they do not contradict."""
    span = verdict.span
    rows = [labels[number] for number in verdict.over if number in labels]
    same = (row for row in rows if (row.label, row.start, row.end) == (span.label, span.start, span.end))
    values = {row.value for row in same if row.value}
    return values.pop() if len(values) == 1 else ""


def _order(row: GoldRow) -> tuple[str, int, int, str, str, str]:
    return (row.source_file, row.source_start, row.source_end, row.layer, row.label, row.gold_id)


def gold_relation_rows(
    lookup: Lookup, state: State, judged: Judged, gold: Mapping[str, GoldRow]
) -> tuple[list[GoldRelationRow], list[QuarantineRow]]:
    """Decided relations whose two ends are in ``gold`` (by gold id), in the order of their first ends."""
    rows: list[GoldRelationRow] = []
    aside: list[QuarantineRow] = []
    for decided, layer, stale in _in_force(state, judged):
        for verdict in decided.links:
            if verdict.link.layer != layer:
                continue
            fault = _link_fault(lookup, decided, verdict, gold)
            if fault:
                aside.append(_aside(lookup, state, decided, verdict, fault))
            else:
                rows.append(
                    _relation_row(
                        lookup, decided, verdict, gold, _common(lookup, state, decided, verdict, stale)
                    )
                )
    return sorted(rows, key=lambda row: (*_order(gold[row.from_gold_id]), row.gold_relation_id)), aside


def _ends(decided: Decided, verdict: LinkVerdict) -> tuple[str, str]:
    source, target = verdict.link.source, verdict.link.target
    return gold_id(decided.passage_id, source), gold_id(decided.passage_id, target)


def _link_fault(
    lookup: Lookup, decided: Decided, verdict: LinkVerdict, gold: Mapping[str, GoldRow]
) -> Fault | None:
    if verdict.link.relation not in lookup.inputs.vocabulary.relations:
        return Fault("label_not_in_scheme", verdict.link.relation)
    missing = [
        name for name, end in zip(("from", "to"), _ends(decided, verdict), strict=True) if end not in gold
    ]
    return Fault("ends_not_in_gold", " and ".join(missing)) if missing else None


def _relation_row(
    lookup: Lookup,
    decided: Decided,
    verdict: LinkVerdict,
    gold: Mapping[str, GoldRow],
    common: Mapping[str, Any],
) -> GoldRelationRow:
    source, target = _ends(decided, verdict)
    first = gold[source]
    return GoldRelationRow(
        gold_relation_id=_relation_id(decided, verdict),
        status=verdict.status,
        verdict=verdict.verdict,
        relation=verdict.link.relation,
        from_gold_id=source,
        to_gold_id=target,
        source_id=first.source_id,
        source_file=first.source_file,
        over_relation_ids=";".join(sorted(verdict.over)),
        set_by=_people(lookup, verdict.set_by),
        doccano_relation=verdict.number,
        **{**common, "document_id": first.document_id},
    )


def _relation_id(decided: Decided, verdict: LinkVerdict) -> str:
    return content_id("glr", [verdict.link.relation, *_ends(decided, verdict)])


def _aside(
    lookup: Lookup, state: State, decided: Decided, verdict: SpanVerdict | LinkVerdict, fault: Fault
) -> QuarantineRow:
    project = state.projects.get(decided.project)
    passage = lookup.passages.get(decided.passage_id)
    if isinstance(verdict, SpanVerdict):
        span: Span | None = verdict.span
        table, row_id, label = "gold", gold_id(decided.passage_id, verdict.span), verdict.span.label
    else:
        span, table = None, "gold_relations"
        row_id, label = _relation_id(decided, verdict), verdict.link.relation
    return QuarantineRow(
        table=table,
        row_id=row_id,
        reason=fault.reason,
        detail=fault.detail,
        label=label,
        annotator=lookup.who(decided.decided_by),
        passage_id=decided.passage_id,
        source_file=passage.source_file if passage else "",
        start=span.start if span else None,
        end=span.end if span else None,
        utf16_start=None,
        utf16_end=None,
        pull=decided.transaction,
        doccano_server=project.server if project else "",
        doccano_project=project.project_id if project else None,
        doccano_example=decided.example if project else None,
        doccano_id=verdict.number,
    )
