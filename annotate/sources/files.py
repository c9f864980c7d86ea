"""Files under ``corpus/raw`` and files that somebody names: what is there and may be read.

Symbolic links that leave the folder, pipes, devices and files over the size limit are refused
before a byte of them is read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from annotate.sources.reader import Unreadable

DEFAULT_MAX_SIZE = 50_000_000
"""Bytes one source may have. An article is kilobytes; beyond this a dump was saved by mistake."""

# A spreadsheet runs a cell that begins so as a formula, and sources.csv is edited in spreadsheets.
_FORMULA = ("=", "+", "-", "@")


def list_raw(raw_dir: Path) -> list[str]:
    """Names below ``corpus/raw`` (posix, relative), sorted; dot files are left out."""
    return sorted(_walk(raw_dir, raw_dir)) if raw_dir.is_dir() else []


def _walk(folder: Path, root: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(path, root)
            else:
                yield path.relative_to(root).as_posix()


def check_name(name: str) -> str | None:
    """What is wrong with a file name of sources.csv, or None. It must stay below ``corpus/raw``."""
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "\\" in name or ":" in path.parts[0]:
        return "is not a name below corpus/raw"
    if any(not character.isprintable() for character in name):
        return "has characters that cannot be shown in its name"
    if path.as_posix() != name or any(part.startswith(".") for part in path.parts):
        return "is not a plain file name"
    if name.startswith(_FORMULA):
        return "begins like a spreadsheet formula"
    return None


def read_file(path: Path, *, inside: Path | None = None, max_size: int = DEFAULT_MAX_SIZE) -> bytes:
    """All bytes of a regular file of at most ``max_size`` bytes. Raises Unreadable.

    With ``inside`` the file must lie below that folder once every symbolic link is followed.
    """
    try:
        if inside is not None and not path.resolve(strict=True).is_relative_to(inside.resolve()):
            raise Unreadable("is a symbolic link out of corpus/raw", hint="copy the file itself there")
        _check_kind(path.stat(), max_size)
        # A pipe put there after the check must not make us wait.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            _check_kind(os.fstat(file.fileno()), max_size)
            data = file.read(max_size + 1)
    except FileNotFoundError as error:
        what = "is a symbolic link to nothing" if path.is_symlink() else "does not exist"
        raise Unreadable(what) from error
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Unreadable(f"cannot be read: {reason}", hint="check its owner and mode") from error
    if len(data) > max_size:
        raise _too_large(len(data), max_size)
    return data


def _check_kind(status: os.stat_result, max_size: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise Unreadable("is a folder", hint="name the files in it")
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable("is no regular file (a pipe, socket or device)")
    if status.st_size > max_size:
        raise _too_large(status.st_size, max_size)


def _too_large(size: int, max_size: int) -> Unreadable:
    return Unreadable(
        f"has {size / 1e6:.1f} MB or more, over the limit of {max_size / 1e6:g} MB",
        hint="split it, or raise the limit with --max-size",
    )
