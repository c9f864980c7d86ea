"""corpus/built: what ingest made of the sources, as four files that belong together.

``manifest.json`` is written last and holds the hash of each: a build that was interrupted, or
edited by hand, is noticed by whoever reads it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from annotate.core.errors import ConfigError, IntegrityFailure
from annotate.core.ids import sha256_hex
from annotate.core.model import Document, Passage, Segment, Source
from annotate.store.files import replace_file
from annotate.store.jsonl import encode_lines, encode_pretty, read_lines
from annotate.store.study import Study

FILES = {"sources": Source, "segments": Segment, "documents": Document, "passages": Passage}


@dataclass(frozen=True, slots=True)
class Built:
    """One build: sources by file name, segments and documents by source and offset, passages in order."""

    sources: tuple[Source, ...]
    segments: tuple[Segment, ...]
    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]

    def encoded(self) -> dict[str, bytes]:
        """File name to bytes, manifest last."""
        files = {f"{name}.jsonl": encode_lines(getattr(self, name)) for name in FILES}
        manifest = {name: sha256_hex(data) for name, data in files.items()}
        return {**files, "manifest.json": encode_pretty(manifest)}


def write_built(study: Study, built: Built) -> bool:
    """Store a build; False when exactly this build is there already. Raises StorageFailure."""
    files = built.encoded()
    if all(_bytes_of(study.built_dir / name) == data for name, data in files.items()):
        return False
    for name, data in files.items():
        replace_file(study.built_dir / name, data)
    return True


def read_built(study: Study) -> Built:
    """The stored build, checked against its manifest. Raises ConfigError, IntegrityFailure, BadInput."""
    _check_manifest(study)
    return Built(
        sources=tuple(read_lines(study.built_dir / "sources.jsonl", Source)),
        segments=tuple(read_lines(study.built_dir / "segments.jsonl", Segment)),
        documents=tuple(read_lines(study.built_dir / "documents.jsonl", Document)),
        passages=tuple(read_lines(study.built_dir / "passages.jsonl", Passage)),
    )


def read_documents(study: Study) -> tuple[Document, ...]:
    """The stored documents. Raises as read_built does."""
    return read_built(study).documents


def read_passages(study: Study) -> tuple[Passage, ...]:
    """The stored passages. Raises as read_built does."""
    return read_built(study).passages


def check_built(study: Study) -> None:
    """Compare the build with its manifest, no file of it in memory. Raises as read_built does."""
    _check_manifest(study)


def _check_manifest(study: Study) -> None:
    manifest = _bytes_of(study.built_dir / "manifest.json")
    if manifest is None:
        raise ConfigError("this study has no documents yet", hint="run `annotate ingest` first")
    try:
        hashes = msgspec.json.decode(manifest, type=dict[str, str])
    except msgspec.DecodeError as error:
        raise IntegrityFailure(f"corpus/built/manifest.json is damaged: {error}", hint=_AGAIN) from error
    for name in FILES:
        if _hash_of(study.built_dir / f"{name}.jsonl") != hashes.get(f"{name}.jsonl"):
            raise IntegrityFailure(f"corpus/built/{name}.jsonl is not what ingest wrote", hint=_AGAIN)


_AGAIN = "run `annotate ingest` again: it rebuilds corpus/built from the sources"


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _hash_of(path: Path) -> str:
    """SHA-256 in hex, as the manifest has it; "" for a file that is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""
