"""Labels and relations: what people stand behind, each proven against its source or set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from annotate.core.dataset.lookup import CONTEXT, Lookup, scheme_at, spelled_ranges, utc
from annotate.core.dataset.quarantine import Fault, Stand, passage_fault, stand_of_label
from annotate.core.dataset.rows import LabelRow, QuarantineRow, RelationRow
from annotate.core.dataset.timex import NO_TIMEX, timex_cells
from annotate.core.fate import LabelFate, confirmation_of
from annotate.core.ids import content_id, text_sha256
from annotate.core.model import Document, Suggestion
from annotate.core.relation_fate import RelationFate
from annotate.core.state import RelationSeen, SchemePushed

_NO_SCHEME = SchemePushed("", "", "", "", "")


def label_id(project: str, number: int) -> str:
    """Id of a label in a dataset, from the project's key and the label's id on the server."""
    return content_id("lbl", [project, number])


def label_rows(lookup: Lookup, found: Iterable[LabelFate]) -> tuple[list[LabelRow], list[QuarantineRow]]:
    """Rows of the labels that can be proven, in order; and the others with a reason."""
    rows: list[LabelRow] = []
    aside: list[QuarantineRow] = []
    for fate in found:
        stand = _stand(lookup, fate)
        if isinstance(stand, Fault):
            aside.append(_aside(lookup, fate, stand))
        else:
            rows.append(_row(lookup, fate, stand))
    return sorted(rows, key=label_order), aside


def label_order(row: LabelRow) -> tuple[str, int, int, str, str, str, str]:
    """By place, then layer, label, annotator and id."""
    place = (row.source_file, row.source_start, row.source_end)
    return (*place, row.layer, row.label, row.annotator, row.label_id)


def _stand(lookup: Lookup, fate: LabelFate) -> Stand | Fault:
    project = lookup.state.projects[fate.seen.project]
    if fate.annotator == project.service_user:
        return Fault("service_account")
    return stand_of_label(lookup, fate.seen)


def _row(lookup: Lookup, fate: LabelFate, stand: Stand) -> LabelRow:
    seen, passage = fate.seen, stand.passage
    project = lookup.state.projects[seen.project]
    start, end = stand.ranges[0].start, stand.ranges[-1].end
    document = lookup.document_at(passage.source_id, start)
    suggestion = fate.placed.suggestion if fate.placed else None
    # An untouched suggestion became a label when its passage was confirmed, not when it was imported.
    decided = fate.confirmed_at if fate.origin == "accepted" else seen.updated_at
    scheme = scheme_at(project, decided) or _NO_SCHEME
    value = suggestion.value or "" if suggestion and fate.origin == "accepted" else ""
    return LabelRow(
        label_id=label_id(seen.project, seen.label_id),
        pass_=project.pass_name,
        layer=lookup.inputs.vocabulary.layers[seen.label],
        label=seen.label,
        quote=stand.quote,
        prefix=passage.text[max(0, seen.start - CONTEXT) : seen.start],
        suffix=passage.text[seen.end : seen.end + CONTEXT],
        source_id=passage.source_id,
        source_file=passage.source_file,
        source_start=start,
        source_end=end,
        **about(document),
        passage_id=passage.passage_id,
        start=seen.start,
        end=seen.end,
        annotator=lookup.who(fate.annotator),
        created_at=utc(seen.created_at),
        updated_at=utc(seen.updated_at),
        confirmed_at=utc(fate.confirmed_at),
        status=fate.status,
        origin=fate.origin,
        **_agent(suggestion),
        score=suggestion.score if suggestion else None,
        value=value,
        value_type=((suggestion.value_type if suggestion else None) or "EDTF") if value else "",
        value_origin="suggestion" if value else "",
        scheme=scheme.scheme,
        scheme_version=scheme.version,
        scheme_sha256=scheme.sha256,
        guideline_sha256=scheme.guideline_sha256,
        pull=_pull(lookup, fate),
        doccano_server=project.server,
        doccano_project=project.project_id,
        doccano_example=lookup.example_now(seen),
        doccano_label=lookup.state.restored.now("label", seen.project, seen.label_id),
        source_ranges=spelled_ranges(stand.ranges),
        **(timex_cells(suggestion.note) if suggestion and value else NO_TIMEX),
        quote_sha256=text_sha256(stand.quote),
    )


def _pull(lookup: Lookup, fate: LabelFate) -> str:
    """The transaction that recorded the decision: for an untouched suggestion, its confirmation."""
    seen = fate.seen
    done = confirmation_of(lookup.state, (seen.project, seen.example))
    return done.seen_in if done and fate.origin == "accepted" else seen.changed_in


def about(document: Document | None) -> dict[str, str]:
    """The cells of a label that tell of its document; empty where the build has none."""
    if document is None:
        return dict.fromkeys(("document_id", "title", "publisher", "agency", "published", "language"), "")
    return {
        "document_id": document.document_id,
        "title": document.title or "",
        "publisher": document.publisher or "",
        "agency": document.agency or "",
        "published": document.published or "",
        "language": document.language,
    }


def _agent(suggestion: Suggestion | None) -> dict[str, str]:
    if suggestion is None:
        return {"suggestion_id": "", "agent": "", "agent_version": ""}
    return {
        "suggestion_id": suggestion.suggestion_id,
        "agent": suggestion.agent,
        "agent_version": suggestion.agent_version,
    }


def _aside(lookup: Lookup, fate: LabelFate, fault: Fault) -> QuarantineRow:
    seen = fate.seen
    project = lookup.state.projects[seen.project]
    pushed = lookup.state.passages.get((seen.project, seen.example))
    return QuarantineRow(
        table="labels",
        row_id=label_id(seen.project, seen.label_id),
        reason=fault.reason,
        detail=fault.detail,
        label=seen.label,
        annotator=lookup.who(fate.annotator),
        passage_id=pushed.passage.passage_id if pushed else "",
        source_file=pushed.passage.source_file if pushed else "",
        start=seen.start if seen.start >= 0 else None,
        end=seen.end if seen.end >= 0 else None,
        utf16_start=seen.utf16_start,
        utf16_end=seen.utf16_end,
        pull=seen.changed_in,
        doccano_server=project.server,
        doccano_project=project.project_id,
        doccano_example=lookup.example_now(seen),
        doccano_id=lookup.state.restored.now("label", seen.project, seen.label_id),
    )


def relation_rows(
    lookup: Lookup, found: Iterable[RelationFate], labels: Mapping[str, LabelRow]
) -> tuple[list[RelationRow], list[QuarantineRow]]:
    """Relations whose two ends are in ``labels`` (by label id), in order; and the others with a reason."""
    rows: list[RelationRow] = []
    aside: list[QuarantineRow] = []
    for fate in found:
        fault = _relation_fault(lookup, fate.seen, labels)
        if fault:
            aside.append(_relation_aside(lookup, fate, fault))
        else:
            rows.append(_relation_row(lookup, fate, labels))
    return sorted(rows, key=relation_order(labels)), aside


def relation_order(labels: Mapping[str, LabelRow]) -> Callable[[RelationRow], tuple[str | int, ...]]:
    """Relations are in the order of the labels they start from, then by name and id."""
    return lambda row: (*label_order(labels[row.from_label_id]), row.relation, row.relation_id)


def _relation_fault(lookup: Lookup, seen: RelationSeen, labels: Mapping[str, LabelRow]) -> Fault | None:
    fault = passage_fault(lookup.state.passages.get((seen.project, seen.example)))
    if fault:
        return fault
    if seen.relation not in lookup.inputs.vocabulary.relations:
        return Fault("label_not_in_scheme", seen.relation)
    ends = {"from": seen.from_label, "to": seen.to_label}
    missing = [name for name, number in ends.items() if label_id(seen.project, number) not in labels]
    return Fault("ends_not_in_labels", " and ".join(missing)) if missing else None


def _relation_row(lookup: Lookup, fate: RelationFate, labels: Mapping[str, LabelRow]) -> RelationRow:
    seen, done, placed = fate.seen, fate.confirmed, fate.placed
    project = lookup.state.projects[seen.project]
    start = labels[label_id(seen.project, seen.from_label)]
    accepted = done if fate.origin == "accepted" else None
    scheme = scheme_at(project, accepted.confirmed_at if accepted else seen.updated_at) or _NO_SCHEME
    return RelationRow(
        relation_id=content_id("rel", [seen.project, seen.relation_id]),
        pass_=project.pass_name,
        relation=seen.relation,
        from_label_id=start.label_id,
        to_label_id=label_id(seen.project, seen.to_label),
        source_id=start.source_id,
        source_file=start.source_file,
        document_id=start.document_id,
        passage_id=start.passage_id,
        annotator=lookup.who(fate.annotator),
        created_at=utc(seen.created_at),
        updated_at=utc(seen.updated_at),
        confirmed_at=utc(done.confirmed_at) if done else "",
        status=fate.status,
        origin=fate.origin,
        suggestion_id=placed.suggestion.relation_id if placed else "",
        agent=placed.agent if placed else "",
        agent_version=placed.agent_version if placed else "",
        score=placed.suggestion.score if placed else None,
        scheme=scheme.scheme,
        scheme_version=scheme.version,
        scheme_sha256=scheme.sha256,
        guideline_sha256=scheme.guideline_sha256,
        pull=accepted.seen_in if accepted else seen.changed_in,
        doccano_server=project.server,
        doccano_project=project.project_id,
        doccano_example=lookup.example_now(seen),
        doccano_relation=lookup.state.restored.now("relation", seen.project, seen.relation_id),
    )


def _relation_aside(lookup: Lookup, fate: RelationFate, fault: Fault) -> QuarantineRow:
    seen = fate.seen
    project = lookup.state.projects[seen.project]
    pushed = lookup.state.passages.get((seen.project, seen.example))
    return QuarantineRow(
        table="relations",
        row_id=content_id("rel", [seen.project, seen.relation_id]),
        reason=fault.reason,
        detail=fault.detail,
        label=seen.relation,
        annotator=lookup.who(fate.annotator),
        passage_id=pushed.passage.passage_id if pushed else "",
        source_file=pushed.passage.source_file if pushed else "",
        start=None,
        end=None,
        utf16_start=None,
        utf16_end=None,
        pull=seen.changed_in,
        doccano_server=project.server,
        doccano_project=project.project_id,
        doccano_example=lookup.example_now(seen),
        doccano_id=lookup.state.restored.now("relation", seen.project, seen.relation_id),
    )
