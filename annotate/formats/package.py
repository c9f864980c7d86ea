"""The files around the tables: datapackage.json, dataset.json, MANIFEST.sha256."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotate.core.dataset import ROW_TYPES
from annotate.core.dataset.selection import Selection, selection_of
from annotate.core.errors import Problem
from annotate.core.ledger import Head
from annotate.formats.files import digest_of
from annotate.formats.schemas import schema_bytes

MANIFEST = "MANIFEST.sha256"
RECORD = "dataset.json"
FORMAT = 2
_MANIFEST_LINE = re.compile(r"([0-9a-f]{64})  ([^\0\n]+)\Z")


@dataclass(frozen=True, slots=True)
class Record:
    """dataset.json: which ledger head and inputs a dataset was made from, so that it can be made again.

    ``inputs`` holds one SHA-256 for each input beside the ledger, ``runs`` one for each suggestion run.
    ``at`` is the pull whose state it is, empty for the newest; ``standoff`` whether texts that may not be
    passed on were left out; ``tools`` the versions of what wrote the formats.
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
            "ledger": {"seq": record.head.seq, "hash": record.head.hash, "pulls": list(record.pulls)},
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
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{error} is missing or has the wrong type") from error
    _check_types(record)
    return record


def _check_types(record: Record) -> None:
    """Raise ValueError for a field that would fail later, far from its file."""
    texts = (record.name, record.study, record.version, record.head.hash, record.at)
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
            "title": f"{record.study}: {record.name}",
            "version": f"ledger-{record.head.seq}",
            "resources": resources,
        }
    )


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
