"""What every command shares: which study, where people read, where programs read."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from annotate.core.errors import ConfigError
from annotate.flows.studies import Study, find_study

console = Console(stderr=True, highlight=False, soft_wrap=True)
"""People's messages and bars. Standard output is for results and ``--json``."""

out = Console(highlight=False, soft_wrap=True)
"""Results for people on standard output."""

_chosen: dict[str, Path | None] = {"study": None}


def choose_study(folder: Path | None) -> None:
    """Remember ``--study DIR``."""
    _chosen["study"] = folder


def study_root() -> Path:
    """Folder of the study at hand. Raises ConfigError where there is none."""
    return study().root


def study() -> Study:
    """The study at hand: ``--study DIR``, else the one that contains the current folder."""
    return find_study(_chosen["study"] or Path.cwd())


def chosen_study() -> Study | None:
    """The study at hand, None where there is none: for what works on files alone.

    Raises ConfigError where ``--study`` names none.
    """
    try:
        return study()
    except ConfigError:
        if _chosen["study"] is not None:
            raise
        return None


def emit_json(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Print one JSON document on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=False) + "\n")


Advance = Callable[[int, int], None]
"""Called with (done, total)."""


@contextmanager
def progress_bar(what: str) -> Iterator[Advance]:
    """A bar on standard error; nothing at all when that is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advance
