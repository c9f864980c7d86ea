"""JSON Lines as the study stores them: one object a line, UTF-8, LF, keys in the order of the fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from annotate.core.errors import BadInput, Problem

Value = TypeVar("Value")


def encode_line(value: object) -> bytes:
    """One value (dataclass or plain) as one JSON line, with its line end."""
    return msgspec.json.encode(value) + b"\n"


def encode_lines(values: Iterable[object]) -> bytes:
    """Values as JSON Lines."""
    return b"".join(encode_line(value) for value in values)


def read_lines(path: Path, kind: type[Value], *, shown_as: str = "") -> Iterator[Value]:
    """Values of one type from a JSON Lines file. Raises BadInput that names every bad line."""
    problems: list[Problem] = []
    decoder = msgspec.json.Decoder(kind)
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                value = decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                problems.append(Problem(shown_as or path.name, number, f"not a valid line: {error}"))
                continue
            if not problems:
                yield value
    if problems:
        raise BadInput(f"{shown_as or path} has {len(problems)} bad line(s)", problems=problems)


def decode(data: bytes, kind: type[Value]) -> Value:
    """One JSON value of a type; raises msgspec.DecodeError."""
    return msgspec.json.decode(data, type=kind)


def to_plain(value: object) -> Any:  # noqa: ANN401 - any JSON value
    """A value as plain dicts, lists and scalars."""
    return msgspec.to_builtins(value)


def encode_pretty(value: object) -> bytes:
    """One JSON document for people and programs: two blanks of indent, a final line end."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
