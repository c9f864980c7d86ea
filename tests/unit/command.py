"""The command line as a user types it, without a process of its own: `main()` and what it printed.

What only a process can show (the module is runnable, what it imports, its real exit) is tested with
processes in test_cli.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from annotate.cli.app import main
from annotate.cli.context import choose_study


@dataclass(frozen=True, slots=True)
class Done:
    """What is left of a command line: its exit code and both streams."""

    returncode: int
    stdout: str
    stderr: str


def annotate(*words: str, cwd: Path | None = None) -> Done:
    """Run ``annotate WORDS`` in ``cwd`` (default: where we are)."""
    choose_study(None)
    stdout, stderr = io.StringIO(), io.StringIO()
    code = 0
    with (
        contextlib.chdir(cwd or Path.cwd()),
        patch("sys.argv", ["annotate", *words]),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
    ):
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    return Done(code, stdout.getvalue(), stderr.getvalue())
