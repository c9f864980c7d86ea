"""Reading typed values out of parsed TOML, with every fault noted: place, line, and what was meant.

Wrong or missing values are noted and replaced by an empty one, so that one reading finds every fault.
"""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from annotate.core.errors import Problem

_EMPTY: Final[dict[str, Any]] = {"text": "", "flag": False, "texts": (), "date": "", "tables": ()}
_WANTED: Final = {
    "text": "a text in quotation marks",
    "flag": "true or false",
    "texts": "a list of texts",
    "date": "a date like 2025-01-31",
    "tables": "a list of tables",
}


@dataclass(frozen=True, slots=True)
class Key:
    """One key a table may have: its name, the kind of its value, and whether it must be there."""

    name: str
    kind: str
    required: bool = True


@dataclass(slots=True)
class Findings:
    """The problems of one TOML file, each with the line it stands in where that can be found."""

    file: str
    text: str
    problems: list[Problem] = field(default_factory=list)

    def add(self, place: str, what: str, hint: str = "") -> None:
        """Note one problem at a dotted place like ``labels[2].hotkey`` (counted from 0)."""
        line = line_of(self.text, place)
        self.problems.append(Problem(self.file, line, what, hint, place))


def line_of(text: str, place: str) -> int:
    """The 1-based line of a dotted place in TOML text; 0 when it is written in a way we do not follow."""
    match = re.match(r"(\w+)(?:\[(\d+)\])?(?:\.([^.\[]+))?", place)
    if not match:
        return 0
    table, number, key = match.groups()
    header = rf"\s*\[\[\s*{re.escape(table)}\s*\]\]" if number else rf"\s*\[\s*{re.escape(table)}\s*\]"
    lines = text.splitlines()
    starts = [index for index, line in enumerate(lines) if re.match(header, line)]
    if int(number or 0) >= len(starts):
        return _top_line(lines, table)
    start = starts[int(number or 0)]
    for index in range(start + 1, len(lines)):
        if key is None or re.match(r"\s*\[", lines[index]):
            break
        if re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", lines[index]):
            return index + 1
    return start + 1


def _top_line(lines: list[str], key: str) -> int:
    pattern = rf"\s*\[*\s*[\"']?{re.escape(key)}\b"
    return next((index for index, line in enumerate(lines, 1) if re.match(pattern, line)), 0)


def near_miss(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word nearest to this one, or nothing."""
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f"did you mean {close[0]!r}?" if close else ""


def read_table(raw: object, keys: Iterable[Key], place: str, findings: Findings) -> dict[str, Any]:
    """The values of one table by key; a key that is optional and absent has its kind's empty value."""
    keys = tuple(keys)
    if not isinstance(raw, Mapping):
        findings.add(place, "must be a table")
        raw = {}
    note_unknown(raw, [key.name for key in keys], place, findings)
    return {key.name: _value(raw, key, f"{place}.{key.name}", findings) for key in keys}


def read_tables(raw: object, keys: Iterable[Key], name: str, findings: Findings) -> list[dict[str, Any]]:
    """The values of ``[[name]]``, one mapping a table."""
    if not isinstance(raw, list):
        findings.add(name, "must be a list of tables", f"write [[{name}]] above each")
        return []
    keys = tuple(keys)
    return [read_table(item, keys, f"{name}[{number}]", findings) for number, item in enumerate(raw)]


def note_unknown(raw: Mapping[str, Any], known: Iterable[str], place: str, findings: Findings) -> None:
    """Note each key that the format does not have."""
    known = tuple(known)
    for name in raw:
        if name not in known:
            where = f"{place}.{name}" if place else name
            hint = near_miss(name, known) or f"known keys: {', '.join(known)}"
            findings.add(where, f"unknown key {name!r}", hint)


def _value(raw: Mapping[str, Any], key: Key, place: str, findings: Findings) -> Any:  # noqa: ANN401
    if key.name not in raw:
        if key.required:
            findings.add(place, f"the key {key.name!r} is missing", f"it is {_WANTED[key.kind]}")
        return _EMPTY[key.kind]
    value, fits = _fit(raw[key.name], key.kind)
    if not fits:
        findings.add(place, f"must be {_WANTED[key.kind]}, not {raw[key.name]!r}")
        return _EMPTY[key.kind]
    return value


def _fit(value: object, kind: str) -> tuple[object, bool]:
    if kind == "text":
        return value, isinstance(value, str)
    if kind == "flag":
        return value, isinstance(value, bool)
    if kind == "date":
        return _date(value)
    wanted = str if kind == "texts" else Mapping
    if not isinstance(value, list) or not all(isinstance(item, wanted) for item in value):
        return (), False
    return tuple(value), True


def _date(value: object) -> tuple[object, bool]:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat(), True
    try:
        return datetime.date.fromisoformat(value if isinstance(value, str) else "").isoformat(), True
    except ValueError:
        return "", False
