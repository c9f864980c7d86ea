"""What a suggester of stated dates says beside the EDTF value, read from a suggestion's note."""

from __future__ import annotations

import json
import re
from typing import Any, Final

_TYPES: Final = frozenset({"DATE", "TIME", "DURATION", "SET"})
_WORD: Final = re.compile(r"[a-z_]{1,32}\Z")

NO_TIMEX: Final = {"timex_type": "", "timex_value": "", "anchor": "", "alternatives": ""}


def timex_cells(note: str) -> dict[str, str]:
    """The cells of a note that the ``stated_dates`` component wrote (compact JSON); empty for any other.

    ``anchor`` is its kind, of a previous mention with its place (code points of the passage, half-open):
    ``previous_mention 12-20``. ``alternatives`` are EDTF, joined by ``;``.
    """
    said = _object(note)
    if said.get("type") not in _TYPES:
        return dict(NO_TIMEX)
    return {
        "timex_type": said["type"],
        "timex_value": "".join(_texts([said.get("value")])),
        "anchor": _anchor(said.get("anchor")),
        "alternatives": ";".join(_texts(said.get("alternatives"))),
    }


def _object(note: str) -> dict[str, Any]:
    try:
        said = json.loads(note) if note.startswith("{") else None
    except (ValueError, RecursionError):
        return {}
    # A type that is no text (a list) could not be looked up in a set.
    return said if isinstance(said, dict) and isinstance(said.get("type"), str) else {}


def _anchor(said: object) -> str:
    if not isinstance(said, dict):
        return ""
    kind, start, end = said.get("kind"), said.get("start"), said.get("end")
    if not isinstance(kind, str) or not _WORD.match(kind):
        return ""
    return f"{kind} {start}-{end}" if type(start) is int and type(end) is int else kind


def _texts(said: object) -> list[str]:
    # Not printable: among others a lone surrogate, which no CSV could hold.
    told = said if isinstance(said, list) else []
    return [one for one in told if isinstance(one, str) and one.isprintable()]
