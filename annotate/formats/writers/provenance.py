"""provenance.jsonld: from every label to the bytes it stands on, as W3C PROV.

PROV-JSONLD (W3C member submission, 2024-08-25): one statement a line in ``@graph``. Times are those that
server or ledger recorded; what nobody recorded has none. An annotator's work up to one pull under one
version of the scheme is one activity, so that a hundred thousand labels make dozens of activities.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from annotate.core.dataset.rows import LabelRow, RelationRow, SourceRow
from annotate.core.dataset.suggestion_rows import SuggestedRelationRow
from annotate.core.dataset.trail import Deed
from annotate.formats.prov_decisions import decision_schemes, decisions
from annotate.formats.prov_statements import (
    Statement,
    associated,
    attributed,
    derived,
    generated,
    informed,
    name_of,
    thing,
    used,
)
from annotate.formats.writing import Loss, Material

PROVENANCE: Final = "provenance.jsonld"
_CONTEXT: Final = "https://openprovenance.org/prov-jsonld/context.jsonld"
_PREFIXES: Final = {
    "d": "urn:source-annotate:",
    "t": "urn:source-annotate:terms:",
    "prov": "http://www.w3.org/ns/prov#",
    "dcterms": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
Work = LabelRow | RelationRow


def write(material: Material, folder: Path) -> tuple[Loss, ...]:
    """Write provenance.jsonld. Nothing of a table is repeated here but what the walk needs."""
    context = json.dumps([_PREFIXES, _CONTEXT])
    encode = msgspec.json.Encoder().encode
    with (folder / PROVENANCE).open("wb") as file:
        file.write(f'{{"@context": {context},\n"@graph": [\n'.encode())
        for number, statement in enumerate(statements(material)):
            file.write(b",\n" + encode(statement) if number else encode(statement))
        file.write(b"\n]}\n")
    return _losses(material)


def _losses(material: Material) -> tuple[Loss, ...]:
    data = material.dataset
    return (
        Loss("comments", len(data.comments), "remarks are in comments.csv; nothing is derived from them"),
        Loss("quarantine", len(data.quarantine), "what could not be proven has no provenance to state"),
        Loss("cells", 0, "quotes, offsets and values are in the tables; this file says what came from what"),
    )


def statements(material: Material) -> Iterator[Statement]:
    """Every statement about the dataset, what is used before what uses it."""
    yield from _agents(material)
    yield from _corpus(material)
    yield from _schemes(material)
    yield from _runs(material)
    yield from _deeds(material)
    yield from _labelling(material)
    yield from decisions(material.dataset)
    yield from _export(material)


def _software(name: str, version: str) -> str:
    return name_of("software", name, version)


def _toolkit(material: Material) -> str:
    return _software("source-annotate", material.record.version)


_SERVICE: Final = "d:service-account"
_INGEST: Final = "d:activity/ingest"


def _agents(material: Material) -> Iterator[Statement]:
    """The toolkit, the suggesters, the service account, the annotators (scripts are said to be software)."""
    software = {("source-annotate", material.record.version)}
    software |= {(row.agent, row.agent_version) for row in material.dataset.runs}
    for name, version in sorted(software):
        about = _software(name, version)
        yield thing("Agent", about, ["prov:SoftwareAgent"], f"{name} {version}", version=version)
    yield thing("Agent", _SERVICE, ["prov:SoftwareAgent"], "the account that pushes and pulls")
    for row in material.dataset.annotators:
        kind = "prov:SoftwareAgent" if row.scripted else "prov:Person"
        yield thing("Agent", name_of("who", row.annotator), [kind], row.annotator)


def _corpus(material: Material) -> Iterator[Statement]:
    yield thing("Activity", _INGEST, ["t:Ingest"], "annotate ingest")
    yield associated(_INGEST, _toolkit(material))
    by_id: dict[str, list[SourceRow]] = defaultdict(list)
    for row in material.dataset.sources:
        by_id[row.source_id].append(row)
    for source_id, rows in by_id.items():
        yield _source(source_id, rows)
        yield used(_INGEST, name_of("source", source_id))
    for document in material.dataset.documents:
        about = name_of("document", document.document_id)
        yield thing("Entity", about, ["t:Document"], document.title)
        yield derived(about, name_of("source", document.source_id))
        yield generated(about, _INGEST)
    for passage in material.dataset.passages:
        about = name_of("passage", passage.passage_id)
        yield thing("Entity", about, ["t:Passage"], sha256=passage.text_sha256)
        yield derived(about, name_of("source", passage.source_id))
        if passage.document_id:
            yield derived(about, name_of("document", passage.document_id))
        yield generated(about, _INGEST)


def _source(source_id: str, rows: list[SourceRow]) -> Statement:
    """The bytes of a source: files with the same bytes are one entity of several names."""
    first = rows[0]
    found = thing(
        "Entity", name_of("source", source_id), ["t:Source"], sha256=first.sha256, bytes=first.bytes or ""
    )
    told = {"file": "source_file", "retrieved_from": "retrieved_from", "retrieved_at": "retrieved_at"}
    for name, column in told.items():
        values = dict.fromkeys(getattr(row, column) for row in rows)
        found |= {f"t:{name}": [{"@value": value} for value in values if value]} if any(values) else {}
    rights = dict.fromkeys(row.rights for row in rows if row.rights)
    return found | ({"dcterms:rights": [{"@value": one} for one in rights]} if rights else {})


def _schemes(material: Material) -> Iterator[Statement]:
    """Every version of scheme and guideline that a label was made under, as plans."""
    rows: list[Work] = [*material.dataset.labels, *material.dataset.relations]
    seen = {
        (row.scheme, row.scheme_version, row.scheme_sha256, row.guideline_sha256)
        for row in rows
        if row.scheme_sha256
    }
    for name, version, digest in sorted({one[:3] for one in seen} | decision_schemes(material.dataset)):
        label = f"{name} {version}"
        yield thing("Entity", name_of("scheme", digest), ["prov:Plan", "t:Scheme"], label, sha256=digest)
    for digest in sorted({one[3] for one in seen}):
        yield thing(
            "Entity", name_of("guideline", digest), ["prov:Plan", "t:Guideline"], "guideline", sha256=digest
        )


def _runs(material: Material) -> Iterator[Statement]:
    read: dict[str, set[str]] = defaultdict(set)
    made: dict[str, tuple[str, str]] = {}
    drawn: dict[str, SuggestedRelationRow] = {}
    for row in material.dataset.suggestions:
        read[row.run_id].add(row.passage_id)
        made.setdefault(row.suggestion_id, (row.run_id, row.passage_id))
    for relation in material.dataset.suggested_relations:
        read[relation.run_id].add(relation.passage_id)
        drawn.setdefault(relation.suggestion_id, relation)
    for run in material.dataset.runs:
        about, plan = name_of("activity", run.run_id), name_of("configuration", run.config_sha256)
        yield thing("Activity", about, ["t:Suggest"], f"{run.agent} {run.agent_version}")
        yield thing("Entity", plan, ["prov:Plan", "t:Configuration"], sha256=run.config_sha256)
        yield associated(about, _software(run.agent, run.agent_version), plan)
        yield from (used(about, name_of("passage", one)) for one in sorted(read[run.run_id]))
    for suggestion_id, (run_id, passage_id) in made.items():
        about = name_of("suggestion", suggestion_id)
        yield thing("Entity", about, ["t:Suggestion"])
        yield derived(about, name_of("passage", passage_id))
        yield generated(about, name_of("activity", run_id))
    for relation in drawn.values():
        about = name_of("suggested_relation", relation.suggestion_id)
        yield thing("Entity", about, ["t:SuggestedRelation"])
        for end in (relation.from_suggestion_id, relation.to_suggestion_id):
            if end in made:
                yield derived(about, name_of("suggestion", end))
        yield generated(about, name_of("activity", relation.run_id))


def _deeds(material: Material) -> Iterator[Statement]:
    """Pushes, pulls and imports, with the time the ledger recorded each at."""
    pushed: dict[str, set[str]] = defaultdict(set)
    for row in material.dataset.assignments:
        pushed[row.pushed_at].add(row.passage_id)
    for deed in material.record.trail:
        about = name_of("activity", deed.name)
        yield thing("Activity", about, [f"t:{deed.verb.capitalize()}"], deed.name) | {"endTime": deed.at}
        yield associated(about, _toolkit(material))
        if deed.verb in ("push", "pull"):
            yield associated(about, _SERVICE)
        if deed.verb == "push":
            yield from (used(about, name_of("passage", one)) for one in sorted(pushed[deed.at]))
        if deed.sha256:
            yield from _read_by(deed, about)


def _read_by(deed: Deed, activity: str) -> Iterator[Statement]:
    """What a pull kept of the server, or the file that an import took in."""
    about = name_of("record", deed.name)
    if deed.verb == "pull":
        yield thing("Entity", about, ["t:Snapshot"], sha256=deed.sha256)
        yield generated(about, activity, deed.at)
    else:
        yield thing("Entity", about, ["t:ImportedFile"], sha256=deed.sha256, tool=deed.tool)
        yield used(activity, about)


def _activity_of(row: Work) -> str:
    """Who worked under what, up to which pull; an import is its own activity."""
    if not row.doccano_server:
        return name_of("activity", row.pull)
    return name_of("labelling", row.annotator, row.pull, row.scheme_sha256[:12], row.guideline_sha256[:12])


def _labelling(material: Material) -> Iterator[Statement]:
    data = material.dataset
    yield from _sittings(material)
    suggested = {row.suggestion_id for row in data.suggestions}
    drawn = {row.suggestion_id for row in data.suggested_relations}
    for row in data.labels:
        about = name_of("label", row.label_id)
        yield thing("Entity", about, ["t:Label"])
        yield derived(about, name_of("passage", row.passage_id))
        if row.suggestion_id:
            # A selection may hold a label without the suggestion that it came from.
            if row.suggestion_id not in suggested:
                suggested.add(row.suggestion_id)
                yield thing("Entity", name_of("suggestion", row.suggestion_id), ["t:Suggestion"])
            yield derived(about, name_of("suggestion", row.suggestion_id))
        yield from _made(about, row, row.confirmed_at if row.origin == "accepted" else row.updated_at)
    for relation in data.relations:
        about = name_of("relation", relation.relation_id)
        yield thing("Entity", about, ["t:Relation"])
        for end in (relation.from_label_id, relation.to_label_id):
            yield derived(about, name_of("label", end))
        if relation.suggestion_id:
            if relation.suggestion_id not in drawn:
                drawn.add(relation.suggestion_id)
                name = name_of("suggested_relation", relation.suggestion_id)
                yield thing("Entity", name, ["t:SuggestedRelation"])
            yield derived(about, name_of("suggested_relation", relation.suggestion_id))
        accepted = relation.origin == "accepted"
        yield from _made(about, relation, relation.confirmed_at if accepted else relation.updated_at)


def _made(about: str, row: Work, time: str) -> Iterator[Statement]:
    """Generation and attribution; what an import brought also comes from the imported file."""
    yield generated(about, _activity_of(row), time if row.doccano_server else "")
    if row.annotator:
        yield attributed(about, name_of("who", row.annotator))
    if not row.doccano_server:
        yield derived(about, name_of("record", row.pull))


def _sittings(material: Material) -> Iterator[Statement]:
    """The activities of annotators, and what they had before them."""
    read: dict[str, set[str]] = defaultdict(set)
    first: dict[str, Work] = {}
    rows: list[Work] = [*material.dataset.labels, *material.dataset.relations]
    for row in rows:
        if row.doccano_server:
            about = _activity_of(row)
            read[about].add(row.passage_id)
            first.setdefault(about, row)
    pushes = {deed.at: deed for deed in material.record.trail if deed.verb == "push"}
    given: dict[tuple[str, str], str] = {}
    for one in material.dataset.assignments:
        given[one.assignee, one.passage_id] = one.pushed_at
    for about, row in sorted(first.items()):
        yield thing("Activity", about, ["t:Labelling"], f"{row.annotator or 'somebody'} until {row.pull}")
        if row.annotator:
            plan = name_of("scheme", row.scheme_sha256) if row.scheme_sha256 else ""
            yield associated(about, name_of("who", row.annotator), plan, "annotator")
        if row.guideline_sha256:
            yield used(about, name_of("guideline", row.guideline_sha256))
        yield from (used(about, name_of("passage", one)) for one in sorted(read[about]))
        times = {given.get((row.annotator, one), "") for one in read[about]}
        for at in sorted(times & pushes.keys()):
            yield informed(about, name_of("activity", pushes[at].name))
        yield informed(name_of("activity", row.pull), about)


def _export(material: Material) -> Iterator[Statement]:
    """The dataset: who made it, from which ledger, and what is in it."""
    record = material.record
    dataset, export = name_of("dataset", record.name, record.head.hash[:12]), name_of("activity", "export")
    ledger = name_of("ledger", record.head.hash)
    yield thing("Entity", ledger, ["t:Ledger"], f"ledger line {record.head.seq}", sha256=record.head.hash)
    for deed in material.record.trail:
        if deed.verb == "pull":
            yield derived(ledger, name_of("record", deed.name))
    yield thing("Activity", export, ["t:Export"], f"annotate export {record.name}")
    yield associated(export, _toolkit(material))
    yield used(export, ledger)
    yield thing("Entity", dataset, ["prov:Collection", "t:Dataset"], record.name)
    yield generated(dataset, export)
    yield attributed(dataset, _toolkit(material))
    yield derived(dataset, ledger)
    # Its labels are the Label entities of this file. Membership is not stated: the schema of PROV-JSONLD
    # wants ``provext:Membership``, its context defines ``Membership``, and readers take one or the other.
    for source_id in dict.fromkeys(row.source_id for row in material.dataset.sources):
        yield derived(dataset, name_of("source", source_id))
