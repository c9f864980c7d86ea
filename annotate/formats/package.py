"""The files around the tables: datapackage.json, dataset.json, MANIFEST.sha256."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, astuple, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from annotate.core.dataset import ROW_TYPES
from annotate.core.dataset.about import UNSAID, About, Author, about_of
from annotate.core.dataset.selection import Selection, selection_of
from annotate.core.dataset.trail import Deed, last_recorded
from annotate.core.errors import Problem
from annotate.core.ledger import Head
from annotate.formats.files import digest_of
from annotate.formats.schemas import schema_bytes

MANIFEST = "MANIFEST.sha256"
RECORD = "dataset.json"
FORMAT = 2
ABOUT_TABLES = {
    "sources": "the files as received: hash, encoding, where from, rights",
    "documents": "the articles in them, with the evidence of each date",
    "passages": "the texts that annotators saw, with the map to the source",
    "annotators": "who is named in the other tables",
    "assignments": "who was given which passage, and whether it was confirmed",
    "labels": "one row a label and annotator",
    "relations": "relations between labels",
    "gold": "what all agree on, what an adjudicator decided, and what is open; gold is `verdict` = `kept`",
    "gold_relations": "the same for relations",
    "suggestions": "machine labels and what became of them",
    "suggested_relations": "the same for relations that a machine drew",
    "runs": "the suggester runs behind them",
    "comments": "remarks on passages",
    "chronology": "every DATE label with the days it can mean, in the order of time",
    "quarantine": "what was seen and could not be proven",
}
"""What a table holds, in a few words."""
_MANIFEST_LINE = re.compile(r"([0-9a-f]{64})  ([^\0\n]+)\Z")


@dataclass(frozen=True, slots=True)
class Record:
    """dataset.json: which ledger head and inputs a dataset was made from, so that it can be made again.

    ``inputs`` holds one SHA-256 for each input beside the ledger, ``runs`` one for each suggestion run.
    ``at`` is the pull whose state it is, empty for the newest; ``standoff`` whether texts that may not be
    passed on were left out; ``tools`` the versions of what wrote the formats; ``trail`` the transactions of
    the ledger, in order; ``about`` what the study says of its datasets.
    """

    name: str
    study: str
    version: str
    head: Head
    pulls: tuple[str, ...]
    names: bool
    excel: bool
    inputs: Mapping[str, str] = field(default_factory=dict)
    runs: Mapping[str, str] = field(default_factory=dict)
    formats: tuple[str, ...] = ("csv",)
    selection: Selection = field(default_factory=Selection)
    at: str = ""
    standoff: bool = False
    tools: Mapping[str, str] = field(default_factory=dict)
    trail: tuple[Deed, ...] = ()
    about: About = UNSAID


def record_bytes(record: Record) -> bytes:
    """dataset.json of a record."""
    return _json(
        {
            "format": FORMAT,
            "dataset": record.name,
            "study": record.study,
            "made_by": {
                "name": "source-annotate",
                "version": record.version,
                "tools": dict(sorted(record.tools.items())),
            },
            "about": asdict(record.about),
            "ledger": {
                "seq": record.head.seq,
                "hash": record.head.hash,
                "pulls": list(record.pulls),
                "transactions": [asdict(deed) for deed in record.trail],
            },
            "options": {
                "names": record.names,
                "excel": record.excel,
                "formats": list(record.formats),
                "selection": record.selection.record(),
                "at": record.at,
                "standoff": record.standoff,
            },
            "inputs": dict(sorted(record.inputs.items())),
            "runs": dict(sorted(record.runs.items())),
        }
    )


def parse_record(data: bytes) -> Record:
    """The record of a dataset.json. Raises ValueError that says what does not fit."""
    try:
        raw = json.loads(data)
        if raw["format"] != FORMAT:
            raise ValueError(f"format {raw['format']!r} is not one that this version reads")
        options = raw["options"]
        record = Record(
            name=raw["dataset"],
            study=raw["study"],
            version=raw["made_by"]["version"],
            head=Head(raw["ledger"]["seq"], raw["ledger"]["hash"]),
            pulls=tuple(raw["ledger"]["pulls"]),
            names=options["names"],
            excel=options["excel"],
            inputs=dict(raw["inputs"]),
            runs=dict(raw["runs"]),
            formats=tuple(options["formats"]),
            selection=selection_of(options["selection"]),
            at=options["at"],
            standoff=options["standoff"],
            tools=dict(raw["made_by"]["tools"]),
            trail=tuple(Deed(**one) for one in raw["ledger"]["transactions"]),
            about=about_of(raw["about"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{error} is missing or has the wrong type") from error
    _check_types(record)
    return record


def _check_types(record: Record) -> None:
    """Raise ValueError for a field that would fail later, far from its file."""
    texts = [record.name, record.study, record.version, record.head.hash, record.at]
    texts += [cell for deed in record.trail for cell in astuple(deed)]
    if not isinstance(record.head.seq, int) or not all(isinstance(one, str) for one in texts):
        raise ValueError("a name, a version or the ledger's head has the wrong type")
    for name in ("names", "excel", "standoff"):
        if not isinstance(getattr(record, name), bool):
            raise ValueError(f"options.{name} has the wrong type")
    if not all(isinstance(one, str) for one in (*record.formats, *record.pulls)):
        raise ValueError("options.formats or ledger.pulls has the wrong type")


def package_bytes(record: Record, folder: Path) -> bytes:
    """datapackage.json (Data Package v2) over the CSV files that were written below ``folder``."""
    schemas = {name: json.loads(schema_bytes(name)) for name in ROW_TYPES}
    resources = [
        {
            "name": name,
            "title": schemas[name]["title"],
            "path": f"{name}.csv",
            "type": "table",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "dialect": {"lineTerminator": "\n"},
            "bytes": (folder / f"{name}.csv").stat().st_size,
            "hash": f"sha256:{digest_of(folder / f'{name}.csv')}",
            "schema": f"schemas/{name}.json",
        }
        for name in ROW_TYPES
    ]
    return _json(
        {
            "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
            "name": _package_name(record.name),
            "title": record.about.title or f"{record.study}: {record.name}",
            **_said(record),
            "version": f"ledger-{record.head.seq}",
            "resources": resources,
        }
    )


def _said(record: Record) -> dict[str, Any]:
    """What the study says of the dataset; ``created`` is the time of the last ledger line."""
    about, created = record.about, last_recorded(record.trail)
    found: dict[str, Any] = {}
    if about.doi:
        found["id"] = f"https://doi.org/{about.doi}"
    if about.description:
        found["description"] = about.description
    if created:
        found["created"] = created
    if about.keywords:
        found["keywords"] = list(dict.fromkeys(about.keywords))
    if about.licence:
        path = f"https://spdx.org/licenses/{quote(about.licence)}"
        found["licenses"] = [{"name": about.licence, "path": path}]
    if about.authors:
        found["contributors"] = [_contributor(one) for one in about.authors]
    return found


def _contributor(author: Author) -> dict[str, Any]:
    more = {"path": author.orcid, "organization": author.affiliation}
    return {
        "title": author.name,
        "roles": ["author"],
        **{key: value for key, value in more.items() if value},
    }


def _package_name(name: str) -> str:
    return re.sub(r"[^a-z0-9._-]", "-", name.lower())


def manifest_bytes(digests: Mapping[str, str]) -> bytes:
    """MANIFEST.sha256, as ``sha256sum -c`` reads it, from the SHA-256 of each file by path."""
    lines = (f"{digest}  {name}\n" for name, digest in sorted(digests.items()) if name != MANIFEST)
    return "".join(lines).encode("utf-8")


def manifest_faults(digests: Mapping[str, str], manifest: bytes, shown: str) -> list[Problem]:
    """Files that were changed, removed or added since the manifest was written; ``shown`` is the folder.

    ``digests`` are those of the files that are there, by path.
    """
    place = f"{shown}/{MANIFEST}"
    if MANIFEST not in digests:
        return [Problem(place, 0, "is missing", "export again, or get the dataset again")]
    listed, problems = _listed(manifest, place)
    for name, digest in listed.items():
        if name not in digests:
            problems.append(Problem(f"{shown}/{name}", 0, "is missing, but MANIFEST.sha256 lists it"))
        elif digests[name] != digest:
            problems.append(Problem(f"{shown}/{name}", 0, "is not the file that MANIFEST.sha256 lists"))
    for name in _unlisted(digests, listed):
        problems.append(Problem(f"{shown}/{name}", 0, "is not listed in MANIFEST.sha256"))
    return problems


def _unlisted(files: Iterable[str], listed: Iterable[str]) -> list[str]:
    return sorted(set(files) - set(listed) - {MANIFEST})


def _listed(data: bytes, place: str) -> tuple[dict[str, str], list[Problem]]:
    listed: dict[str, str] = {}
    problems: list[Problem] = []
    for number, line in enumerate(data.decode("utf-8", "replace").removesuffix("\n").split("\n"), 1):
        match = _MANIFEST_LINE.match(line)
        if not match:
            problems.append(Problem(place, number, "is no line of sha256sum"))
        elif match[2] in listed:
            problems.append(Problem(place, number, f"lists {match[2]} twice"))
        else:
            listed[match[2]] = match[1]
    return listed, problems


def _json(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
