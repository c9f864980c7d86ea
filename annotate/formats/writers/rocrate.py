"""ro-crate-metadata.json: the dataset as an RO-Crate 1.2, its making as a Process Run Crate 0.5.

Written after every other file, because it lists them all; only MANIFEST.sha256 comes later, and is listed
without size and hash. The day of publication is the day of the last ledger line: no clock is asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from annotate.core.dataset.decision_rows import GoldRelationRow, GoldRow
from annotate.core.dataset.rows import AnnotatorRow
from annotate.core.dataset.trail import Deed, last_recorded
from annotate.core.ids import sha256_hex
from annotate.formats.package import ABOUT_TABLES, MANIFEST, RECORD
from annotate.formats.writing import Loss, Material

CRATE: Final = "ro-crate-metadata.json"
_CONTEXT: Final = "https://w3id.org/ro/crate/1.2/context"
_VERSION: Final = "https://w3id.org/ro/crate/1.2"
_PROFILE: Final = "https://w3id.org/ro/wfrun/process/0.5"
_TOOLKIT: Final = "#source-annotate"
_RIGHTS: Final = "#rights"
_TYPES: Final = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".xml": "application/xml",
    ".xmi": "application/vnd.xmi+xml",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".cff": "application/yaml",
    ".txt": "text/plain",
    ".sha256": "text/plain",
}
Entity = dict[str, Any]


def write(material: Material, folder: Path) -> tuple[Loss, ...]:
    """Write ro-crate-metadata.json over the files that are in ``folder`` by now."""
    data = (json.dumps(crate(material, folder), ensure_ascii=False, indent=2) + "\n").encode("utf-8")
    (folder / CRATE).write_bytes(data)
    return ()


def crate(material: Material, folder: Path) -> dict[str, Any]:
    """The whole metadata document."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    listed = sorted({*files, MANIFEST} - {CRATE})
    actions = list(_actions(material, frozenset(listed)))
    graph = [
        {
            "@id": CRATE,
            "@type": "CreativeWork",
            "conformsTo": {"@id": _VERSION},
            "about": {"@id": "./"},
        },
        _root(material, listed, actions),
        {
            "@id": _PROFILE,
            "@type": ["CreativeWork", "Profile"],
            "name": "Process Run Crate",
            "version": "0.5",
        },
        *_people(material),
        *_rights(material),
        *_software(material),
        *actions,
        *(_file(name, files.get(name)) for name in listed),
    ]
    return {"@context": _CONTEXT, "@graph": graph}


def _ref(names: Iterable[str]) -> list[dict[str, str]] | dict[str, str]:
    """References as a crate has them: one stands alone."""
    found = [{"@id": name} for name in names]
    return found[0] if len(found) == 1 else found


def _root(material: Material, listed: Iterable[str], actions: Iterable[Entity]) -> Entity:
    record, about = material.record, material.record.about
    title = about.title or f"{record.study}: {record.name}"
    found: Entity = {
        "@id": "./",
        "@type": "Dataset",
        "conformsTo": {"@id": _PROFILE},
        "name": title,
        "description": about.description or _described(material),
        "datePublished": last_recorded(material.record.trail)[:10],
        "version": f"ledger-{record.head.seq}",
        "license": {"@id": _licence(material)},
        "hasPart": _ref(quote(name) for name in listed),
        "mentions": _ref([*(one["@id"] for one in actions), *_scripts(material)]),
        "contributor": _ref(_person(row.annotator) for row in _persons(material)),
    }
    if about.authors:
        found["author"] = _ref(one.orcid or _person(one.name) for one in about.authors)
    if about.doi:
        found["identifier"] = f"https://doi.org/{about.doi}"
    if about.keywords:
        found["keywords"] = ", ".join(about.keywords)
    return {key: value for key, value in found.items() if value not in ([], "")}


def _described(material: Material) -> str:
    data = material.dataset
    return (
        f"{len(data.labels)} labels of {len(data.annotators)} annotator(s) on {len(data.passages)} passages "
        f"of {len(data.sources)} source(s), of the study “{material.record.study}”. README.md tells more."
    )


def _licence(material: Material) -> str:
    licence = material.record.about.licence
    return f"https://spdx.org/licenses/{quote(licence)}" if licence else _RIGHTS


def _person(name: str) -> str:
    return f"#person-{quote(name, safe='')}"


def _people(material: Material) -> Iterator[Entity]:
    """Authors by name, annotators as the dataset calls them; a script is no person."""
    named = set()
    for author in material.record.about.authors:
        about = author.orcid or _person(author.name)
        named.add(about)
        place = {"affiliation": author.affiliation} if author.affiliation else {}
        yield {"@id": about, "@type": "Person", "name": author.name, **place}
    what = "an annotator, by account name" if material.record.names else "an annotator, by pseudonym"
    for row in _persons(material):
        if _person(row.annotator) not in named:
            yield {
                "@id": _person(row.annotator),
                "@type": "Person",
                "name": row.annotator,
                "description": what,
            }


def _persons(material: Material) -> list[AnnotatorRow]:
    return [row for row in material.dataset.annotators if not row.scripted]


def _scripts(material: Material) -> list[str]:
    return [_person(row.annotator) for row in material.dataset.annotators if row.scripted]


def _rights(material: Material) -> Iterator[Entity]:
    licence = material.record.about.licence
    if licence:
        what = "the licence of the labels; sources.csv says what holds for each source"
        yield {"@id": _licence(material), "@type": "CreativeWork", "name": licence, "description": what}
    else:
        what = "No licence was given. sources.csv says what is known of the rights of each source."
        yield {"@id": _RIGHTS, "@type": "CreativeWork", "name": "Rights", "description": what}


def _software(material: Material) -> Iterator[Entity]:
    """The toolkit, the suggesters, and scripts that play annotators."""
    version = material.record.version
    yield _program(_TOOLKIT, "source-annotate", version, "source-criticism annotation on Doccano")
    for name, own in sorted({(row.agent, row.agent_version) for row in material.dataset.runs}):
        yield _program(_suggester(name, own), name, own, "a suggester")
    for row in material.dataset.annotators:
        if row.scripted:
            what = "a script that plays an annotator"
            yield _program(_person(row.annotator), row.annotator, version, what)


def _program(about: str, name: str, version: str, what: str) -> Entity:
    """A program. A crate wants an address of each; the one that always holds is where it is named."""
    known = {"name": name, "version": version, "description": what}
    return {"@id": about, "@type": "SoftwareApplication", **known, "url": {"@id": RECORD}}


def _suggester(name: str, version: str) -> str:
    return f"#suggester-{quote(name, safe='')}-{quote(version, safe='')}"


def _actions(material: Material, there: frozenset[str]) -> Iterator[Entity]:
    """What was done, in the order of the work: each step with the tables it read and filled."""

    def action(
        about: str, name: str, what: str, tables: tuple[str, str], instrument: str = _TOOLKIT
    ) -> Entity:
        return {
            "@id": f"#{about}",
            "@type": "CreateAction",
            "name": name,
            "description": what,
            "instrument": {"@id": instrument},
            "object": _ref(_tables(tables[0], there)),
            "result": _ref(_tables(tables[1], there)),
        }

    what = "sources to segments, documents and passages; when is not recorded"
    yield action("ingest", "annotate ingest", what, ("sources", "documents passages"))
    for run in material.dataset.runs:
        name = f"annotate suggest: {run.agent} {run.agent_version}"
        what = f"run {run.run_id}, configuration SHA-256 {run.config_sha256}; when is not recorded"
        tool = _suggester(run.agent, run.agent_version)
        yield action(
            quote(run.run_id, safe=""), name, what, ("passages", "suggestions suggested_relations"), tool
        )
    for deed in material.record.trail:
        about, tables = quote(deed.name, safe=""), _TABLES.get(deed.verb, _OTHER)
        step = action(about, f"annotate {deed.verb}", _told(deed), tables)
        yield {**step, **_decided_by(material, deed), "endTime": deed.at}
    what = f"this dataset, from the ledger whose last hash is {material.record.head.hash}"
    export = action("export", f"annotate export {material.record.name}", what, ("labels", ""))
    yield {**export, "result": {"@id": "./"}}


_TABLES: Final = {
    "push": ("passages suggestions suggested_relations", "assignments"),
    "pull": ("assignments", "labels relations comments"),
    "import": ("passages", "labels relations"),
    "adjudicate": ("labels relations", "gold gold_relations"),
}
_OTHER: Final = ("labels", "labels")


def _decided_by(material: Material, deed: Deed) -> Entity:
    """The adjudicators whose decisions a transaction recorded."""
    rows: list[GoldRow | GoldRelationRow] = [*material.dataset.gold, *material.dataset.gold_relations]
    deciding = {row.adjudicator for row in rows if row.pull == deed.name and row.status == "adjudicated"}
    people = [row.annotator for row in _persons(material) if row.annotator in deciding]
    return {"agent": _ref(_person(one) for one in people)} if people else {}


def _told(deed: Deed) -> str:
    return f"{deed.name}, read SHA-256 {deed.sha256}" if deed.sha256 else deed.name


def _tables(names: str, there: frozenset[str]) -> list[str]:
    """The files of these tables, in the first format that the dataset has; the crate itself where none."""
    found = []
    for name in names.split():
        files = [f"{name}{suffix}" for suffix in (".csv", ".parquet", ".jsonl") if f"{name}{suffix}" in there]
        found.extend(files[:1])
    return found or ["./"]


def _file(name: str, path: Path | None) -> Entity:
    found: Entity = {"@id": quote(name), "@type": "File", "name": name, "description": _about(name)}
    found["encodingFormat"] = _TYPES.get(Path(name).suffix, "application/octet-stream")
    if path is not None:
        data = path.read_bytes()
        found |= {"contentSize": str(len(data)), "sha256": sha256_hex(data)}
    return found


def _about(name: str) -> str:
    stem, folder = Path(name).stem, Path(name).parent.as_posix()
    if folder == "schemas":
        return f"Table Schema of {stem}"
    if folder == "." and stem in ABOUT_TABLES:
        return ABOUT_TABLES[stem]
    return _FILES.get(name, f"{name.rpartition('.')[2]} file of the dataset; README.md tells more")


_FILES: Final = {
    "README.md": "the data card: counts, agreement, annotators, rights, known limits",
    "CITATION.cff": "how to cite the dataset",
    "datapackage.json": "Data Package v2 over the tables",
    RECORD: "what the dataset was made from, and with which options",
    MANIFEST: "the SHA-256 of every other file",
    "provenance.jsonld": "W3C PROV: from every label to the bytes of its source",
    "labels.jsonld": "the labels as W3C Web Annotations",
}
