"""A dataset's folder: staged elsewhere, replaced whole."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from weakref import finalize

from annotate.formats.files import FolderFiles
from annotate.store.files import storage_errors, sync_folder

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


def is_name(name: str) -> bool:
    """Whether ``name`` can name a dataset: a plain folder name that hides nothing and leads nowhere."""
    return _NAME.match(name) is not None


def folder_files(folder: Path) -> FolderFiles | None:
    """The files below ``folder``, None where there is no folder."""
    return FolderFiles(folder) if folder.is_dir() else None


class Staged:
    """A dataset in the making, in a temporary folder that goes away with this value.

    It lies outside the study: planning and verifying must not write there, nor need to be allowed to.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="annotate-dataset-"))
        self.discard = finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def files(self) -> FolderFiles:
        """What has been written so far."""
        return FolderFiles(self.folder, owner=self)


def replace_folder(folder: Path, staged: Path) -> None:
    """Put a copy of ``staged`` at ``folder``: beside it, flushed, then renamed. The caller holds the lock.

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
            _copy(staged, new)
            _swap(folder, new)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        sync_folder(parent)


def _copy(staged: Path, folder: Path) -> None:
    folder.chmod(0o755)
    for source in sorted(path for path in staged.rglob("*") if path.is_file()):
        path = folder / source.relative_to(staged)
        path.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as read, path.open("wb") as file:
            shutil.copyfileobj(read, file, 1 << 20)
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
