"""provenance.jsonld: from every label to the bytes it stands on, as W3C PROV.

PROV-JSONLD (W3C member submission, 2024-08-25): one statement a line in ``@graph``. Times are those that
server or ledger recorded; what nobody recorded has none. An annotator's work up to one pull under one
version of the scheme is one activity, so that a hundred thousand labels make dozens of activities.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from annotate.core.dataset.rows import LabelRow, RelationRow, SourceRow
from annotate.core.dataset.trail import Deed
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
Statement = dict[str, Any]
Work = LabelRow | RelationRow


def write(material: Material, folder: Path) -> tuple[Loss, ...]:
    """Write provenance.jsonld. Nothing of a table is repeated here but what the walk needs."""
    context = json.dumps([_PREFIXES, _CONTEXT])
    with (folder / PROVENANCE).open("w", encoding="utf-8", newline="\n") as file:
        file.write(f'{{"@context": {context},\n"@graph": [\n')
        for number, statement in enumerate(statements(material)):
            file.write(",\n" if number else "")
            file.write(_ENCODER.encode(statement))
        file.write("\n]}\n")
    return _losses(material)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


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
    yield from _export(material)


def _id(kind: str, *names: str) -> str:
    return "/".join([f"d:{kind}", *(quote(name, safe="") for name in names)])


def _plain(value: object) -> list[dict[str, str]]:
    return [{"@value": str(value)}]


def _thing(
    kind: str, about: str, types: Iterable[str] = (), label: str = "", **attributes: object
) -> Statement:
    found: Statement = {"@type": kind, "@id": about}
    if types:
        found["type"] = list(types)
    if label:
        found["label"] = _plain(label)
    found |= {f"t:{name}": _plain(value) for name, value in attributes.items() if value not in ("", None)}
    return found


def _derived(new: str, old: str) -> Statement:
    return {"@type": "Derivation", "generatedEntity": new, "usedEntity": old}


def _generated(entity: str, activity: str, time: str = "") -> Statement:
    found = {"@type": "Generation", "entity": entity, "activity": activity}
    return {**found, "time": time} if time else found


def _used(activity: str, entity: str) -> Statement:
    return {"@type": "Usage", "activity": activity, "entity": entity}


def _informed(later: str, earlier: str) -> Statement:
    return {"@type": "Communication", "informed": later, "informant": earlier}


def _attributed(entity: str, agent: str) -> Statement:
    return {"@type": "Attribution", "entity": entity, "agent": agent}


def _associated(activity: str, agent: str, plan: str = "", role: str = "") -> Statement:
    found: Statement = {"@type": "Association", "activity": activity, "agent": agent}
    if plan:
        found["plan"] = plan
    return {**found, "role": [f"t:{role}"]} if role else found


def _software(name: str, version: str) -> str:
    return _id("software", name, version)


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
        yield _thing("Agent", about, ["prov:SoftwareAgent"], f"{name} {version}", version=version)
    yield _thing("Agent", _SERVICE, ["prov:SoftwareAgent"], "the account that pushes and pulls")
    for row in material.dataset.annotators:
        kind = "prov:SoftwareAgent" if row.scripted else "prov:Person"
        yield _thing("Agent", _id("who", row.annotator), [kind], row.annotator)


def _corpus(material: Material) -> Iterator[Statement]:
    yield _thing("Activity", _INGEST, ["t:Ingest"], "annotate ingest")
    yield _associated(_INGEST, _toolkit(material))
    by_id: dict[str, list[SourceRow]] = defaultdict(list)
    for row in material.dataset.sources:
        by_id[row.source_id].append(row)
    for source_id, rows in by_id.items():
        yield _source(source_id, rows)
        yield _used(_INGEST, _id("source", source_id))
    for document in material.dataset.documents:
        about = _id("document", document.document_id)
        yield _thing("Entity", about, ["t:Document"], document.title)
        yield _derived(about, _id("source", document.source_id))
        yield _generated(about, _INGEST)
    for passage in material.dataset.passages:
        about = _id("passage", passage.passage_id)
        yield _thing("Entity", about, ["t:Passage"], sha256=passage.text_sha256)
        yield _derived(about, _id("source", passage.source_id))
        if passage.document_id:
            yield _derived(about, _id("document", passage.document_id))
        yield _generated(about, _INGEST)


def _source(source_id: str, rows: list[SourceRow]) -> Statement:
    """The bytes of a source: files with the same bytes are one entity of several names."""
    first = rows[0]
    found = _thing(
        "Entity", _id("source", source_id), ["t:Source"], sha256=first.sha256, bytes=first.bytes or ""
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
    for name, version, digest in sorted({one[:3] for one in seen}):
        label = f"{name} {version}"
        yield _thing("Entity", _id("scheme", digest), ["prov:Plan", "t:Scheme"], label, sha256=digest)
    for digest in sorted({one[3] for one in seen}):
        yield _thing(
            "Entity", _id("guideline", digest), ["prov:Plan", "t:Guideline"], "guideline", sha256=digest
        )


def _runs(material: Material) -> Iterator[Statement]:
    read: dict[str, set[str]] = defaultdict(set)
    made: dict[str, tuple[str, str]] = {}
    for row in material.dataset.suggestions:
        read[row.run_id].add(row.passage_id)
        made.setdefault(row.suggestion_id, (row.run_id, row.passage_id))
    for run in material.dataset.runs:
        about, plan = _id("activity", run.run_id), _id("configuration", run.config_sha256)
        yield _thing("Activity", about, ["t:Suggest"], f"{run.agent} {run.agent_version}")
        yield _thing("Entity", plan, ["prov:Plan", "t:Configuration"], sha256=run.config_sha256)
        yield _associated(about, _software(run.agent, run.agent_version), plan)
        yield from (_used(about, _id("passage", one)) for one in sorted(read[run.run_id]))
    for suggestion_id, (run_id, passage_id) in made.items():
        about = _id("suggestion", suggestion_id)
        yield _thing("Entity", about, ["t:Suggestion"])
        yield _derived(about, _id("passage", passage_id))
        yield _generated(about, _id("activity", run_id))


def _deeds(material: Material) -> Iterator[Statement]:
    """Pushes, pulls and imports, with the time the ledger recorded each at."""
    pushed: dict[str, set[str]] = defaultdict(set)
    for row in material.dataset.assignments:
        pushed[row.pushed_at].add(row.passage_id)
    for deed in material.record.trail:
        about = _id("activity", deed.name)
        yield _thing("Activity", about, [f"t:{deed.verb.capitalize()}"], deed.name) | {"endTime": deed.at}
        yield _associated(about, _toolkit(material))
        if deed.verb in ("push", "pull"):
            yield _associated(about, _SERVICE)
        if deed.verb == "push":
            yield from (_used(about, _id("passage", one)) for one in sorted(pushed[deed.at]))
        if deed.sha256:
            yield from _read_by(deed, about)


def _read_by(deed: Deed, activity: str) -> Iterator[Statement]:
    """What a pull kept of the server, or the file that an import took in."""
    about = _id("record", deed.name)
    if deed.verb == "pull":
        yield _thing("Entity", about, ["t:Snapshot"], sha256=deed.sha256)
        yield _generated(about, activity, deed.at)
    else:
        yield _thing("Entity", about, ["t:ImportedFile"], sha256=deed.sha256, tool=deed.tool)
        yield _used(activity, about)


def _activity_of(row: Work) -> str:
    """Who worked under what, up to which pull; an import is its own activity."""
    if not row.doccano_server:
        return _id("activity", row.pull)
    return _id("labelling", row.annotator, row.pull, row.scheme_sha256[:12], row.guideline_sha256[:12])


def _labelling(material: Material) -> Iterator[Statement]:
    data = material.dataset
    yield from _sittings(material)
    suggested = {row.suggestion_id for row in data.suggestions}
    for row in data.labels:
        about = _id("label", row.label_id)
        yield _thing("Entity", about, ["t:Label"])
        yield _derived(about, _id("passage", row.passage_id))
        if row.suggestion_id:
            # A selection may hold a label without the suggestion that it came from.
            if row.suggestion_id not in suggested:
                suggested.add(row.suggestion_id)
                yield _thing("Entity", _id("suggestion", row.suggestion_id), ["t:Suggestion"])
            yield _derived(about, _id("suggestion", row.suggestion_id))
        yield from _made(about, row, row.confirmed_at if row.origin == "accepted" else row.updated_at)
    for relation in data.relations:
        about = _id("relation", relation.relation_id)
        yield _thing("Entity", about, ["t:Relation"])
        for end in (relation.from_label_id, relation.to_label_id):
            yield _derived(about, _id("label", end))
        yield from _made(about, relation, relation.updated_at)


def _made(about: str, row: Work, time: str) -> Iterator[Statement]:
    """Generation and attribution; what an import brought also comes from the imported file."""
    yield _generated(about, _activity_of(row), time if row.doccano_server else "")
    if row.annotator:
        yield _attributed(about, _id("who", row.annotator))
    if not row.doccano_server:
        yield _derived(about, _id("record", row.pull))


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
        yield _thing("Activity", about, ["t:Labelling"], f"{row.annotator or 'somebody'} until {row.pull}")
        if row.annotator:
            plan = _id("scheme", row.scheme_sha256) if row.scheme_sha256 else ""
            yield _associated(about, _id("who", row.annotator), plan, "annotator")
        if row.guideline_sha256:
            yield _used(about, _id("guideline", row.guideline_sha256))
        yield from (_used(about, _id("passage", one)) for one in sorted(read[about]))
        times = {given.get((row.annotator, one), "") for one in read[about]}
        for at in sorted(times & pushes.keys()):
            yield _informed(about, _id("activity", pushes[at].name))
        yield _informed(_id("activity", row.pull), about)


def _export(material: Material) -> Iterator[Statement]:
    """The dataset: who made it, from which ledger, and what is in it."""
    record = material.record
    dataset, export = _id("dataset", record.name, record.head.hash[:12]), _id("activity", "export")
    ledger = _id("ledger", record.head.hash)
    yield _thing("Entity", ledger, ["t:Ledger"], f"ledger line {record.head.seq}", sha256=record.head.hash)
    for deed in material.record.trail:
        if deed.verb == "pull":
            yield _derived(ledger, _id("record", deed.name))
    yield _thing("Activity", export, ["t:Export"], f"annotate export {record.name}")
    yield _associated(export, _toolkit(material))
    yield _used(export, ledger)
    yield _thing("Entity", dataset, ["prov:Collection", "t:Dataset"], record.name)
    yield _generated(dataset, export)
    yield _attributed(dataset, _toolkit(material))
    yield _derived(dataset, ledger)
    # Its labels are the Label entities of this file. Membership is not stated: the schema of PROV-JSONLD
    # wants ``provext:Membership``, its context defines ``Membership``, and readers take one or the other.
    for source_id in dict.fromkeys(row.source_id for row in material.dataset.sources):
        yield _derived(dataset, _id("source", source_id))
