"""From files of other tools to ledger events: a pure plan, so that a dry run costs nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotate.core.errors import Problem
from annotate.core.ids import content_id
from annotate.core.imports.anchoring import Anchor, Orphan, TextAnchors
from annotate.core.imports.foreign import (
    ForeignFile,
    ForeignLabel,
    ForeignRelation,
    ForeignText,
    Unit,
)
from annotate.core.imports.ground import Ground
from annotate.core.imports.names import Vocabulary
from annotate.core.imports.units import Reading, read_offsets
from annotate.core.ledger import Event
from annotate.core.model import Passage
from annotate.core.offsets import Utf16Map
from annotate.core.passage_records import passage_record
from annotate.core.passages import source_ranges


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the user says of the files.

    ``annotator`` overrides what a file says. ``unit``: what its offsets count, None as its format has it.
    ``finished``: the labels are finished work. ``layer`` is only noted.
    """

    annotator: str = ""
    unit: Unit | None = None
    finished: bool = False
    layer: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FilePlan:
    """What one file adds: its events (none when all of it is known), and every label that stays out."""

    file: str
    batch: str
    events: tuple[Event, ...]
    labels: int
    relations: int
    already: int
    statuses: Mapping[str, int]
    orphans: tuple[Problem, ...]
    left_out: tuple[Problem, ...]
    passed_over: Mapping[str, int]
    ambiguous: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Draft:
    """What has been gathered of one file."""

    file: ForeignFile
    batch: str
    known: set[str]
    labels: list[Event] = field(default_factory=list)
    relations: list[Event] = field(default_factory=list)
    passages: dict[str, Passage] = field(default_factory=dict)
    orphans: list[Problem] = field(default_factory=list)
    ambiguous: list[Problem] = field(default_factory=list)
    proofs: dict[str, Problem] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    already: int = 0


def plan_file(
    file: ForeignFile, ground: Ground, vocabulary: Vocabulary, known: Iterable[str], options: ImportOptions
) -> FilePlan:
    """What a file adds to the study; ``known`` are the ids of labels and relations imported before.

    Every name of the file must be in the vocabulary or the map.
    """
    batch = content_id("imp", [file.sha256, file.format, options.annotator, sorted(options.mapping.items())])
    draft = _Draft(file, batch, set(known))
    draft.passed_over.update(file.passed_over)
    for text in file.texts:
        _add_text(draft, text, TextAnchors(ground, text), vocabulary, options)
    if len(draft.proofs) > 1:
        # Offsets of both kinds in one file: then those that look the same in both mean nothing either.
        draft.ambiguous.extend(draft.proofs.values())
    return _finish(draft, vocabulary, options)


def _finish(draft: _Draft, vocabulary: Vocabulary, options: ImportOptions) -> FilePlan:
    fresh = [*draft.labels, *draft.relations]
    head = Event("labels_imported", _head(draft, vocabulary, options))
    return FilePlan(
        file=draft.file.shown,
        batch=draft.batch,
        events=(head, *fresh) if fresh else (),
        labels=len(draft.labels),
        relations=len(draft.relations),
        already=draft.already,
        statuses=dict(sorted(draft.statuses.items())),
        orphans=tuple(draft.orphans),
        left_out=draft.file.left_out,
        passed_over={name: number for name, number in sorted(draft.passed_over.items()) if number},
        ambiguous=tuple(sorted(draft.ambiguous)),
    )


def _head(draft: _Draft, vocabulary: Vocabulary, options: ImportOptions) -> dict[str, Any]:
    file = draft.file
    return {
        "batch": draft.batch,
        "file": file.name,
        "sha256": file.sha256,
        "format": file.format,
        "tool": file.tool,
        **options_record(file, options),
        "scheme": vocabulary.scheme,
        "scheme_version": vocabulary.version,
        "scheme_sha256": vocabulary.sha256,
        "labels": len(draft.labels),
        "relations": len(draft.relations),
        "orphans": len(draft.orphans),
        # The text that labels stand on stays readable without a build, as with pushed passages.
        "passages": [passage_record(draft.passages[key]) for key in sorted(draft.passages)],
    }


def options_record(file: ForeignFile, options: ImportOptions) -> dict[str, Any]:
    """The options that decide what a file means, as the ledger notes them."""
    return {
        "annotator": options.annotator,
        "offsets": options.unit or file.unit,
        "finished": options.finished,
        "layer": options.layer,
        "map": dict(sorted(options.mapping.items())),
    }


def _add_text(
    draft: _Draft, text: ForeignText, anchors: TextAnchors, vocabulary: Vocabulary, options: ImportOptions
) -> None:
    units = Utf16Map(text.text)
    who = options.annotator or text.annotator
    placed: dict[str, str] = {}
    homes: dict[str, tuple[str, str]] = {}
    for label in text.labels:
        name = vocabulary.label(label.label, options.mapping)
        if name is None:
            draft.passed_over["labels that --map leaves out"] += 1
            continue
        anchor = _anchor(
            draft, text, label, read_offsets(text.text, units, label, _unit(draft, options)), anchors
        )
        if anchor is None:
            continue
        data = _label_record(draft, text, label, anchor, name)
        data |= {
            "pass": vocabulary.pass_of(name),
            "annotator": who,
            "finished": options.finished or text.finished,
        }
        data["label_id"] = _label_id(draft, who, anchor, label)
        if text.example is not None:
            data["example"] = text.example
        placed[label.key] = data["label_id"]
        homes[label.key] = (data["pass"], anchor.passage.passage_id)
        if _is_new(draft, data["label_id"]):
            draft.statuses[anchor.status] += 1
            draft.passages[anchor.passage.passage_id] = anchor.passage
            draft.labels.append(Event("label_imported", data))
    for relation in text.relations:
        _add_relation(draft, text, relation, _Ends(placed, homes, who), vocabulary, options)


def _unit(draft: _Draft, options: ImportOptions) -> Unit:
    return options.unit or draft.file.unit


def _is_new(draft: _Draft, row_id: str) -> bool:
    if row_id in draft.known:
        draft.already += 1
        return False
    draft.known.add(row_id)
    return True


def _anchor(
    draft: _Draft, text: ForeignText, label: ForeignLabel, reading: Reading, anchors: TextAnchors
) -> Anchor | None:
    line = text.line_of(label.key)
    subject = f"{label.label} {label.key}".strip()
    if reading.ambiguous:
        draft.ambiguous.append(Problem(draft.file.shown, line, reading.fault, subject=subject))
        return None
    if reading.proof:
        what = f"can only be {reading.proof}: {label.start} to {label.end}"
        draft.proofs.setdefault(reading.proof, Problem(draft.file.shown, line, what, subject=subject))
    found = anchors.anchor(reading.place) if reading.place else Orphan(reading.fault)
    if isinstance(found, Orphan):
        draft.orphans.append(Problem(draft.file.shown, line, found.reason, subject=subject))
        return None
    return found


def _label_record(
    draft: _Draft, text: ForeignText, label: ForeignLabel, anchor: Anchor, name: str
) -> dict[str, Any]:
    return {
        "batch": draft.batch,
        "original_id": label.key,
        "line": text.line_of(label.key),
        "passage_id": anchor.passage.passage_id,
        "label": name,
        "original_label": label.label,
        "start": anchor.place.start,
        "end": anchor.place.end,
        "quote": anchor.quote,
        "anchor": anchor.status,
        "anchor_score": anchor.score,
        "created_at": label.created_at,
        "updated_at": label.updated_at,
    }


def _label_id(draft: _Draft, who: str, anchor: Anchor, label: ForeignLabel) -> str:
    """Id by person, place in the source and original name: a later export of the same work adds only
    what is new. Two unknown people are not one, so without a name the file counts too."""
    ranges = source_ranges(anchor.passage.pieces, anchor.place.start, anchor.place.end)
    places = [[one.start, one.end] for one in ranges]
    person = who or ["unknown", draft.file.project or draft.file.sha256]
    return content_id(
        "lbl", ["imported", draft.file.format, person, anchor.passage.source_id, places, label.label]
    )


@dataclass(frozen=True, slots=True)
class _Ends:
    """Label ids, and (pass, passage id), by key in the file."""

    placed: Mapping[str, str]
    homes: Mapping[str, tuple[str, str]]
    who: str


def _add_relation(
    draft: _Draft,
    text: ForeignText,
    relation: ForeignRelation,
    ends: _Ends,
    vocabulary: Vocabulary,
    options: ImportOptions,
) -> None:
    name = vocabulary.relation(relation.relation, options.mapping)
    if name is None:
        draft.passed_over["relations that --map leaves out"] += 1
        return
    keys = (relation.from_key, relation.to_key)
    line = text.line_of(relation.key)
    fault = _relation_fault(keys, ends)
    if fault:
        subject = f"{relation.relation} {relation.key}".strip()
        draft.orphans.append(Problem(draft.file.shown, line, fault, subject=subject))
        return
    start, end = (ends.placed[key] for key in keys)
    row_id = content_id("rel", ["imported", relation.relation, start, end])
    if not _is_new(draft, row_id):
        return
    data = {
        "batch": draft.batch,
        "relation_id": row_id,
        "original_id": relation.key,
        "line": line,
        "pass": ends.homes[keys[0]][0],
        "relation": name,
        "original_relation": relation.relation,
        "from_label_id": start,
        "to_label_id": end,
        "annotator": ends.who,
        "finished": options.finished or text.finished,
        "created_at": relation.created_at,
        "updated_at": relation.updated_at,
    }
    if text.example is not None:
        data["example"] = text.example
    draft.relations.append(Event("relation_imported", data))


def _relation_fault(keys: tuple[str, str], ends: _Ends) -> str | None:
    missing = [key for key in keys if key not in ends.placed]
    if missing:
        return f"its end {' and '.join(missing)} was not imported"
    if ends.homes[keys[0]][1] != ends.homes[keys[1]][1]:
        return "its ends stand in two passages"
    return None


def added_ids(plan: FilePlan) -> set[str]:
    """Ids of the labels and relations that a plan adds: known to the next file of the same run."""
    keys = {"label_imported": "label_id", "relation_imported": "relation_id"}
    return {one.data[keys[one.event]] for one in plan.events if one.event in keys}


def names_in(files: Sequence[ForeignFile]) -> tuple[Counter[str], Counter[str]]:
    """How often each label name and each relation name is used."""
    texts = [text for file in files for text in file.texts]
    return (
        Counter(label.label for text in texts for label in text.labels),
        Counter(relation.relation for text in texts for relation in text.relations),
    )
