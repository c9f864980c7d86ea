"""corpus/snapshots: what each pull read, verbatim, one folder a pull.

A folder that the ledger does not name is the rest of a pull that was interrupted; the next one
sets it aside.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from annotate.core.errors import StorageFailure
from annotate.core.ids import sha256_hex
from annotate.store.files import storage_errors, sync_folder
from annotate.store.jsonl import encode_line
from annotate.store.study import Study

_NAME = re.compile(r"pull-\d{6}\Z")


class SnapshotWriter:
    """A snapshot while it is written: files ``<project>/<kind>.jsonl`` of one pull, row by row.

    ``dry``: nothing is written, nor kept.
    """

    def __init__(self, study: Study, name: str, *, dry: bool = False) -> None:
        self.name = name
        self._study = study
        self._dry = dry
        self._target = study.snapshots_dir / name
        self._temporary = study.snapshots_dir / f".{name}.tmp"
        self._open: dict[str, BinaryIO] = {}
        self._digests: dict[str, hashlib._Hash] = {}

    def add(self, project: str, kind: str, rows: Iterable[object]) -> None:
        """Add rows (values, or bytes that are lines already) to a file. Raises StorageFailure."""
        self.add_to(f"{project}/{kind}.jsonl", rows)

    def add_to(self, name: str, rows: Iterable[object]) -> None:
        """``add``, for a file of any name inside the snapshot."""
        if self._dry:
            return
        with storage_errors(self._target):
            if name not in self._open:
                path = self._temporary / name
                path.parent.mkdir(parents=True, exist_ok=True)
                self._open[name] = path.open("wb")
                self._digests[name] = hashlib.sha256()
            for row in rows:
                data = row if isinstance(row, bytes) else encode_line(row)
                self._digests[name].update(data)
                self._open[name].write(data)

    def finish_files(self) -> None:
        """Bring every open file to the disk: one project is read. Raises StorageFailure."""
        with storage_errors(self._target):
            while self._open:
                _, file = self._open.popitem()
                with file:
                    file.flush()
                    os.fsync(file.fileno())

    def hashes(self) -> dict[str, str]:
        """SHA-256 of each file, as the ledger's ``pulled`` event names them."""
        return {name: digest.hexdigest() for name, digest in sorted(self._digests.items())}

    def put_in_place(self) -> Path:
        """One rename. Raises StorageFailure."""
        with storage_errors(self._target):
            for folder in {path.parent for path in self._temporary.rglob("*") if path.is_file()}:
                sync_folder(folder)
            if self._target.exists():
                raise StorageFailure(
                    f"{self._study.shown(self._target)} is there already", hint="run the command again"
                )
            self._temporary.rename(self._target)
            sync_folder(self._study.snapshots_dir)
        return self._target

    def discard(self) -> None:
        """Leave nothing behind."""
        for file in self._open.values():
            file.close()
        self._open.clear()
        shutil.rmtree(self._temporary, ignore_errors=True)


@contextmanager
def writing_snapshot(study: Study, name: str, *, dry: bool = False) -> Iterator[SnapshotWriter]:
    """A snapshot that is there when ``keep_snapshot`` was called, and otherwise leaves nothing."""
    writer = SnapshotWriter(study, name, dry=dry)
    writer.discard()
    try:
        yield writer
    finally:
        writer.discard()


def keep_snapshot(writer: SnapshotWriter) -> Path:
    """Put a snapshot in its place in one rename. Raises StorageFailure."""
    writer.finish_files()
    return writer.put_in_place()


def write_snapshot(study: Study, name: str, files: Mapping[str, bytes]) -> Path:
    """A small snapshot in one call. Raises StorageFailure; leaves nothing when it fails."""
    with writing_snapshot(study, name) as writer:
        for file, data in files.items():
            writer.add_to(file, [data])
        return keep_snapshot(writer)


def hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each file of a small snapshot, as the ledger's ``pulled`` event names them."""
    return {name: sha256_hex(data) for name, data in sorted(files.items())}


def set_orphans_aside(study: Study, named: Iterable[str]) -> list[str]:
    """Move what an interrupted pull left to corpus/.state: folders that no ledger line names.

    Moved, not deleted: if it is the ledger that is incomplete, they are the only record. The caller
    holds the study's lock.
    """
    if not study.snapshots_dir.is_dir():
        return []
    known = set(named)
    found = sorted(study.snapshots_dir.iterdir())
    for path in found:
        if path.name.endswith(".tmp"):
            shutil.rmtree(path)
    orphans = [path for path in found if _NAME.match(path.name) and path.name not in known]
    aside = study.state_dir / "orphaned-snapshots"
    for path in orphans:
        aside.mkdir(parents=True, exist_ok=True)
        number = 1
        while (aside / f"{path.name}.{number}").exists():
            number += 1
        path.rename(aside / f"{path.name}.{number}")
    return [path.name for path in orphans]
