"""corpus/snapshots: what each pull read, verbatim, one folder a pull.

A folder that the ledger does not name is the rest of a pull that was interrupted; the next one
sets it aside.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from annotate.core.errors import StorageFailure
from annotate.core.ids import sha256_hex
from annotate.store.files import replace_file, storage_errors, sync_folder
from annotate.store.jsonl import encode_lines
from annotate.store.study import Study

_NAME = re.compile(r"pull-\d{6}\Z")


def snapshot_files(records: Mapping[str, Mapping[str, Iterable[object]]]) -> dict[str, bytes]:
    """Records by project and kind as files ``<project>/<kind>.jsonl``."""
    return {
        f"{project}/{kind}.jsonl": encode_lines(rows)
        for project, kinds in sorted(records.items())
        for kind, rows in sorted(kinds.items())
    }


def hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each file of a snapshot, as the ledger's ``pulled`` event names them."""
    return {name: sha256_hex(data) for name, data in sorted(files.items())}


def write_snapshot(study: Study, name: str, files: Mapping[str, bytes]) -> Path:
    """Store a snapshot in one rename. Raises StorageFailure; leaves nothing when it fails."""
    target = study.snapshots_dir / name
    temporary = study.snapshots_dir / f".{name}.tmp"
    with storage_errors(target):
        shutil.rmtree(temporary, ignore_errors=True)
        try:
            for file, data in files.items():
                replace_file(temporary / file, data)
            if target.exists():
                raise StorageFailure(f"{study.shown(target)} is there already", hint="run the command again")
            temporary.rename(target)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        sync_folder(study.snapshots_dir)
    return target


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
