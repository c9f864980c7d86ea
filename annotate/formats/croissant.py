"""Croissant 1.0: a description of files and columns that machine-learning tools read.

https://docs.mlcommons.org/croissant/docs/croissant-spec-1.0.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from annotate.formats.files import digest_of
from annotate.formats.package import Record

_TYPES: Final = {
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "datetime": "sc:DateTime",
}
_CONTEXT: Final[dict[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataBiases": "cr:dataBiases",
    "dataCollection": "cr:dataCollection",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "personalSensitiveInformation": "cr:personalSensitiveInformation",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its Table Schema type and what it means."""

    name: str
    kind: str
    description: str


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file: a split of a configuration, with its path, rows and the columns to describe."""

    config: str
    split: str
    path: str
    rows: int
    columns: tuple[Column, ...]

    @property
    def name(self) -> str:
        """``labels-train``."""
        return f"{self.config}-{self.split}"


def croissant_bytes(record: Record, parts: Sequence[Part], folder: Path) -> bytes:
    """croissant.json over the Parquet files of ``parts``, which lie below ``folder``."""
    described = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": f"{record.study}: {record.name}",
        "description": "Texts with labels, each traceable to source, annotator and guideline. See README.md.",
        "version": f"1.0.0+ledger.{record.head.seq}",
        "distribution": [_file(part, folder) for part in parts],
        "recordSet": [_record_set(part) for part in parts],
    }
    return (json.dumps(described, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _file(part: Part, folder: Path) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": f"{part.name}-file",
        "name": f"{part.name}-file",
        "description": f"{part.config}, {part.split}: {part.rows} row(s)",
        "contentUrl": part.path,
        "encodingFormat": "application/x-parquet",
        "contentSize": f"{(folder / part.path).stat().st_size} B",
        "sha256": digest_of(folder / part.path),
    }


def _record_set(part: Part) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": part.name,
        "name": part.name,
        "description": f"{part.config}, split {part.split}",
        "field": [_field(part, column) for column in part.columns],
    }


def _field(part: Part, column: Column) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{part.name}/{column.name}",
        "name": f"{part.name}/{column.name}",
        "description": column.description,
        "dataType": _TYPES.get(column.kind, "sc:Text"),
        "source": {"fileObject": {"@id": f"{part.name}-file"}, "extract": {"column": column.name}},
    }
