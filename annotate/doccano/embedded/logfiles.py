"""The server's logs: the end of each, and what comes after."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from annotate.doccano.embedded.home import home_at

Which = Literal["web", "worker", "supervisor", "all"]
NAMES: tuple[Literal["web", "worker", "supervisor"], ...] = ("web", "worker", "supervisor")
_POLL = 0.3  # seconds between looks at a log that is followed


def log_paths(root: Path) -> dict[str, Path]:
    """Where each log lies."""
    home = home_at(root)
    return {name: home.log(name) for name in NAMES}


def logs(root: Path, *, lines: int = 50, which: Which = "all") -> tuple[str, ...]:
    """The last ``lines`` lines of a log; of all of them, each line with its log's name in front."""
    found: list[str] = []
    for name, path in log_paths(root).items():
        if which in (name, "all"):
            mark = f"{name}: " if which == "all" else ""
            found += [mark + line for line in tail(path, lines)]
    return tuple(found)


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of a file (of its last megabyte); none when there is no file."""
    if lines <= 0:
        return []
    try:
        with path.open("rb") as handle:
            size = handle.seek(0, 2)
            handle.seek(max(0, size - 1_000_000))
            text = handle.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    return text.splitlines()[-lines:]


def follow(root: Path, *, which: Which = "all", seconds: float | None = None) -> Iterator[str]:
    """Lines as they are written from now on; for ever, or for some seconds."""
    paths = {name: path for name, path in log_paths(root).items() if which in (name, "all")}
    seen = {name: path.stat().st_size if path.exists() else 0 for name, path in paths.items()}
    deadline = None if seconds is None else time.monotonic() + seconds
    while deadline is None or time.monotonic() < deadline:
        for name, path in paths.items():
            new, seen[name] = _whole_lines_from(path, seen[name])
            yield from (f"{name}: {line}" if which == "all" else line for line in new)
        time.sleep(_POLL)


def _whole_lines_from(path: Path, offset: int) -> tuple[list[str], int]:
    if not path.exists():
        return [], 0
    with path.open("rb") as handle:
        size = handle.seek(0, 2)
        offset = offset if offset <= size else 0  # the log was shortened
        handle.seek(offset)
        data = handle.read()
    whole = data[: data.rfind(b"\n") + 1]
    return whole.decode("utf-8", "replace").splitlines(), offset + len(whole)
