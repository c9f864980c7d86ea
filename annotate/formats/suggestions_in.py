"""Read suggestions that another program wrote, a JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from annotate.core.errors import BadInput

LONGEST_LINE: Final = 4 * 1024 * 1024
"""Bytes. A row with a whole passage's text in it is far shorter."""


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """(line from 1, the object or what is wrong with the line); blank lines are none.

    Raises BadInput where the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    yield number, f"is longer than {LONGEST_LINE:,} bytes"
                    while line and not line.endswith(b"\n"):
                        line = file.readline(LONGEST_LINE)
                elif line.strip():
                    yield number, _object(line)
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error


def _object(line: bytes) -> dict[str, Any] | str:
    try:
        found = json.loads(line.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        return "is not UTF-8"
    except (ValueError, RecursionError) as error:
        return f"is no JSON: {str(error)[:80]}"
    return found if isinstance(found, dict) else "is no JSON object"


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")
