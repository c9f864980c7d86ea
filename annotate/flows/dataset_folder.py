"""A dataset's folder: read whole, replaced whole."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from annotate.store.files import storage_errors, sync_folder

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


def is_name(name: str) -> bool:
    """Whether ``name`` can name a dataset: a plain folder name that hides nothing and leads nowhere."""
    return _NAME.match(name) is not None


def read_folder(folder: Path) -> dict[str, bytes] | None:
    """Every file below ``folder`` by posix path, None where there is no folder.

    A symbolic link is returned as an empty file of its name: what it points to is not part of the dataset.
    """
    if not folder.is_dir():
        return None
    return {
        path.relative_to(folder).as_posix(): b"" if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put ``files`` at ``folder``: written beside it, flushed, then renamed. The caller holds the lock.

    A crash leaves the old dataset, the new one, or (between two renames) none; never half of one.
    What an earlier crash left beside it is removed. Raises StorageFailure.
    """
    parent, leftover = folder.parent, f".{folder.name}."
    with storage_errors(folder):
        parent.mkdir(parents=True, exist_ok=True)
        for path in parent.iterdir():
            if path.name.startswith(leftover) and path.name.endswith((".new", ".old")):
                shutil.rmtree(path)
        new = Path(tempfile.mkdtemp(prefix=leftover, suffix=".new", dir=parent))
        try:
            _write(new, files)
            _swap(folder, new)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        sync_folder(parent)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.chmod(0o755)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    for inner in {path.parent for path in folder.rglob("*")} | {folder}:
        sync_folder(inner)


def _swap(folder: Path, new: Path) -> None:
    if not folder.exists():
        new.rename(folder)
        return
    old = new.with_suffix(".old")
    folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:
        old.rename(folder)
        raise
    shutil.rmtree(old)
