"""The files of a folder as a mapping that keeps none of them in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path


class FolderFiles(Mapping[str, bytes]):
    """Files below a folder by posix path; each is read when it is asked for.

    A symbolic link counts as an empty file: what it points to is no part of the folder.
    """

    def __init__(self, root: Path, owner: object = None) -> None:
        self.root = root
        # A temporary folder goes away with its owner; these files need it.
        self._owner = owner
        self._paths = {
            path.relative_to(root).as_posix(): path
            for path in sorted(root.rglob("*"))
            if path.is_symlink() or path.is_file()
        }
        self._digests: dict[str, str] = {}

    def __getitem__(self, name: str) -> bytes:
        path = self._paths[name]
        return b"" if path.is_symlink() else path.read_bytes()

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def digests(self) -> dict[str, str]:
        """SHA-256 of every file, as they were when first asked for."""
        return {name: self.digest(name) for name in self._paths}

    def digest(self, name: str) -> str:
        """SHA-256 of one file."""
        if name not in self._digests:
            path = self._paths[name]
            self._digests[name] = hashlib.sha256(b"").hexdigest() if path.is_symlink() else digest_of(path)
        return self._digests[name]


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
