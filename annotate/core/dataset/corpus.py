"""The tables beside the labels: sources, documents, passages, who was to read what, comments."""

from __future__ import annotations

import json

from annotate.core.dataset.inputs import Acquisition, Person
from annotate.core.dataset.lookup import Lookup, hull, utc
from annotate.core.dataset.quarantine import Fault, passage_fault
from annotate.core.dataset.rows import (
    AnnotatorRow,
    AssignmentRow,
    CommentRow,
    DocumentRow,
    PassageRow,
    QuarantineRow,
    SourceRow,
)
from annotate.core.fate import confirmation_of
from annotate.core.ids import content_id, sha256_hex
from annotate.core.model import Document, Passage, Source
from annotate.core.state import CommentSeen, PushedPassage


def source_rows(lookup: Lookup) -> list[SourceRow]:
    """Every source of the build, and those of which only pushed passages are left."""
    known = [_source_row(lookup, source) for source in lookup.inputs.sources]
    there = {(row.source_id, row.source_file) for row in known}
    used = {(one.source_id, one.source_file) for one in lookup.passages.values()}
    gone = [_gone(lookup, source_id, file) for source_id, file in sorted(used - there)]
    return sorted([*known, *gone], key=lambda row: (row.source_file, row.source_id))


def _source_row(lookup: Lookup, source: Source) -> SourceRow:
    record = lookup.inputs.acquisitions.get(source.file, Acquisition(source.file))
    return SourceRow(
        source_id=source.source_id,
        source_file=source.file,
        sha256=source.sha256,
        bytes=source.size,
        characters=source.characters,
        encoding=source.encoding,
        encoding_evidence=source.encoding_evidence,
        duplicate_of=source.duplicate_of or "",
        retrieved_from=record.retrieved_from,
        retrieved_at=record.retrieved_at,
        retrieved_by=record.retrieved_by,
        rights=record.rights,
        note=record.note,
        redistribution=record.redistribution,
    )


def _gone(lookup: Lookup, source_id: str, file: str) -> SourceRow:
    record = lookup.inputs.acquisitions.get(file, Acquisition(file))
    acquired = (record.retrieved_from, record.retrieved_at, record.retrieved_by, record.rights, record.note)
    return SourceRow(source_id, file, "", None, None, "", "", "", *acquired, record.redistribution)


def document_rows(lookup: Lookup) -> list[DocumentRow]:
    """The documents of the build, by source and place."""
    rows = [_document_row(document) for document in lookup.inputs.documents]
    return sorted(rows, key=lambda row: (row.source_file, row.source_start, row.document_id))


def _document_row(document: Document) -> DocumentRow:
    evidence = document.published_evidence
    return DocumentRow(
        document_id=document.document_id,
        source_id=document.source_id,
        source_file=document.source_file,
        source_start=document.start,
        source_end=document.end,
        title=document.title or "",
        byline=document.byline or "",
        agency=document.agency or "",
        publisher=document.publisher or "",
        aggregator=document.aggregator or "",
        place=document.place or "",
        published=document.published or "",
        published_start=evidence.start if evidence else None,
        published_end=evidence.end if evidence else None,
        published_text=evidence.text if evidence else "",
        published_rule=evidence.rule if evidence else "",
        published_reason=evidence.reason if evidence else "",
        language=document.language,
        language_score=document.language_score,
        doubts=" | ".join(document.doubts),
    )


def passage_rows(lookup: Lookup) -> list[PassageRow]:
    """Every passage of the build or ever pushed, by source and place."""
    built = {passage.passage_id for passage in lookup.inputs.passages}
    rows = [_passage_row(lookup, one, one.passage_id in built) for one in lookup.passages.values()]
    return sorted(rows, key=lambda row: (row.source_file, row.source_start, row.source_end, row.passage_id))


def _passage_row(lookup: Lookup, passage: Passage, in_build: bool) -> PassageRow:
    place = hull(passage)
    pieces = [[piece.kind, piece.start, piece.end, piece.text] for piece in passage.pieces]
    return PassageRow(
        passage_id=passage.passage_id,
        document_id=lookup.document_id_of(passage),
        source_id=passage.source_id,
        source_file=passage.source_file,
        source_start=place.start,
        source_end=place.end,
        number=passage.number,
        of=passage.of,
        in_build=in_build,
        text_sha256=sha256_hex(passage.text.encode("utf-8", "surrogatepass")),
        text=passage.text,
        pieces=json.dumps(pieces, ensure_ascii=False, separators=(",", ":")),
    )


def assignment_rows(lookup: Lookup) -> list[AssignmentRow]:
    """Who was given which passage, and whether it was confirmed."""
    rows = [_assignment_row(lookup, pushed) for pushed in lookup.state.passages.values()]
    return sorted(rows, key=lambda row: (row.pass_, row.assignee, row.passage_id, row.assignment_id))


def _assignment_row(lookup: Lookup, pushed: PushedPassage) -> AssignmentRow:
    project = lookup.state.projects[pushed.project]
    done = confirmation_of(lookup.state, (pushed.project, pushed.example))
    queued = pushed.queued
    return AssignmentRow(
        assignment_id=content_id("asg", [pushed.project, pushed.example]),
        pass_=project.pass_name,
        passage_id=pushed.passage.passage_id,
        document_id=lookup.document_id_of(pushed.passage),
        assignee=lookup.who(project.user),
        status=_status(pushed, done is not None),
        pushed_at=utc(pushed.at),
        confirmed_at=utc(done.confirmed_at) if done else "",
        confirmed_by=lookup.who(done.user) if done else "",
        doccano_server=project.server,
        doccano_project=project.project_id,
        doccano_example=lookup.example_now(pushed),
        control=queued.control if queued else None,
        queue_order=queued.order if queued else "",
        queue_rank=queued.rank if queued else None,
        queue_reason=queued.reason if queued else "",
    )


def _status(pushed: PushedPassage, confirmed: bool) -> str:
    fault = passage_fault(pushed)
    if fault:
        return fault.reason.removeprefix("passage_")
    return "confirmed" if confirmed else "open"


def comment_rows(lookup: Lookup) -> tuple[list[CommentRow], list[QuarantineRow]]:
    """Comments that stand on the server; those on passages that are not ours are set aside."""
    rows: list[CommentRow] = []
    aside: list[QuarantineRow] = []
    for _, seen in sorted(lookup.state.comments.items()):
        if seen.vanished_in:
            continue
        pushed = lookup.state.passages.get((seen.project, seen.example))
        if pushed is None:
            aside.append(_comment_aside(lookup, seen))
        else:
            rows.append(_comment_row(lookup, seen, pushed))
    return sorted(rows, key=lambda row: (row.passage_id, row.created_at, row.comment_id)), aside


def _comment_row(lookup: Lookup, seen: CommentSeen, pushed: PushedPassage) -> CommentRow:
    project = lookup.state.projects[seen.project]
    return CommentRow(
        comment_id=content_id("cmt", [seen.project, seen.comment_id]),
        pass_=project.pass_name,
        passage_id=pushed.passage.passage_id,
        document_id=lookup.document_id_of(pushed.passage),
        annotator=lookup.who(seen.user),
        text=seen.text,
        created_at=utc(seen.created_at),
        pull=seen.seen_in,
        doccano_server=project.server,
        doccano_project=project.project_id,
        doccano_example=lookup.example_now(seen),
        doccano_comment=seen.comment_id,
    )


def _comment_aside(lookup: Lookup, seen: CommentSeen) -> QuarantineRow:
    project = lookup.state.projects[seen.project]
    return QuarantineRow(
        table="comments",
        row_id=content_id("cmt", [seen.project, seen.comment_id]),
        reason=Fault("passage_unknown").reason,
        detail="",
        label="",
        annotator=lookup.who(seen.user),
        passage_id="",
        source_file="",
        start=None,
        end=None,
        utf16_start=None,
        utf16_end=None,
        pull=seen.seen_in,
        doccano_server=project.server,
        doccano_project=project.project_id,
        doccano_example=lookup.example_now(seen),
        doccano_id=seen.comment_id,
    )


def annotator_rows(lookup: Lookup, named: set[str]) -> list[AnnotatorRow]:
    """Everybody named in another table; those that annotate.toml does not list have ``listed`` false."""
    known: dict[str, Person] = {lookup.who(person.user): person for person in lookup.inputs.people}
    rows = []
    for name in sorted(named - {""}):
        person = known.get(name)
        rows.append(
            AnnotatorRow(
                annotator=name,
                language=person.language if person else "",
                scripted=person.scripted if person else None,
                listed=person is not None,
            )
        )
    return rows
