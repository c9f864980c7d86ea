"""A file as it was given, and the checks that all readers share."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from annotate.core.errors import Problem
from annotate.core.ids import sha256_hex
from annotate.core.imports.foreign import ForeignFile, ForeignText, Unit

NAME_KEYS: Final = (
    "passage",
    "passage_id",
    "document",
    "document_id",
    "source_file",
    "file",
    "filename",
    "file_name",
    "file_upload",
    "source",
    "source_id",
    "title",
    "url",
)
"""Keys under which exports keep what a text is called, best first."""
_LONGEST_NAME: Final = 300


@dataclass(frozen=True, slots=True)
class Given:
    """A file somebody gave us; ``shown`` is how messages call it. ``text_data``: the file beside it (brat).

    ``stem`` is the file's name without its ending, ``layer`` the option of that name.
    """

    name: str
    stem: str
    data: bytes
    text_data: bytes | None = None
    layer: str = ""
    shown: str = ""

    @property
    def place(self) -> str:
        """What a problem names as its file."""
        return self.shown or self.name


class Unfit(ValueError):
    """A record that cannot be used, with the reason."""


@dataclass(slots=True)
class Gathered:
    """What a reader has found so far in one file."""

    given: Given
    texts: list[ForeignText] = field(default_factory=list)
    broken: list[Problem] = field(default_factory=list)
    left_out: list[Problem] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)

    def is_broken(self, line: int, what: str, hint: str = "", subject: str = "") -> None:
        """Note a place that cannot be read."""
        self.broken.append(Problem(self.given.place, line, what, hint, subject))

    def leave_out(self, line: int, what: str, subject: str) -> None:
        """Note a label that this study cannot represent."""
        self.left_out.append(Problem(self.given.place, line, what, subject=subject))

    def finish(self, format_name: str, tool: str, unit: Unit) -> ForeignFile:
        """The file as read. Its fingerprint is over all bytes that were read."""
        given = self.given
        beside = b"" if given.text_data is None else b"\0" + given.text_data
        return ForeignFile(
            name=given.name,
            shown=given.place,
            sha256=sha256_hex(given.data + beside),
            format=format_name,
            tool=tool,
            unit=unit,
            texts=tuple(self.texts),
            left_out=tuple(self.left_out),
            passed_over={what: number for what, number in self.passed_over.items() if number},
            broken=tuple(self.broken),
        )


def json_lines(gathered: Gathered) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line, object) of a JSON Lines file; lines that are none are noted and passed over."""
    for number, raw in enumerate(gathered.given.data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not raw.strip():
            continue
        try:
            record = parse_json(raw)
            if not isinstance(record, dict):
                raise Unfit("is no JSON object")
        except Unfit as error:
            gathered.is_broken(number, str(error))
        else:
            yield number, record


def parse_json(raw: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """One JSON value. Raises Unfit, also for bombs of brackets or digits."""
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise Unfit(f"is not UTF-8: {error.reason}") from error
    except RecursionError as error:
        raise Unfit("is nested too deeply") from error
    except ValueError as error:
        raise Unfit(f"is not JSON: {str(error)[:200]}") from error


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON value")


def text_in(record: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that is there, which must be whole text. Raises Unfit."""
    for name in names:
        if name in record:
            return whole_text(record[name], name)
    raise Unfit(f"has no {' or '.join(names)}")


def whole_text(value: object, name: str) -> str:
    """A text that UTF-8 can carry. Raises Unfit."""
    if not isinstance(value, str):
        raise Unfit(f"{name} is {_kind(value)}, not text")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Unfit(f"{name} holds half a character (a lone surrogate)") from error
    return value


def label_name(value: object, name: str = "label") -> str:
    """A name of a label or relation: one line, not empty. Raises Unfit."""
    text = whole_text(value, name)
    if not text.strip() or not text.isprintable() or len(text) > _LONGEST_NAME:
        raise Unfit(f"{name} {text[:40]!r} can be no name of a label")
    return text


def offset_in(record: Mapping[str, Any], name: str) -> int:
    """An offset field, which must be a whole number. Raises Unfit."""
    if name not in record:
        raise Unfit(f"has no {name}")
    return whole_number(record[name], name)


def whole_number(value: object, name: str) -> int:
    """An integer (and no boolean). Raises Unfit."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unfit(f"{name} is {_kind(value)}, not a whole number")
    # Larger ones fit no text, and no database or spreadsheet either.
    if abs(value) > 2**53:
        raise Unfit(f"{name} is a number of {len(str(value))} digits")
    return value


def list_in(record: Mapping[str, Any], name: str) -> list[Any]:
    """A list field; empty where it is absent or null. Raises Unfit."""
    value = record.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unfit(f"{name} is {_kind(value)}, not a list")
    return value


def object_of(value: object, name: str) -> dict[str, Any]:
    """A JSON object. Raises Unfit."""
    if not isinstance(value, dict):
        raise Unfit(f"{name} is {_kind(value)}, not an object")
    return value


def key_of(value: object) -> str:
    """An id of a file as text: numbers and short texts; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    text = str(value)[:_LONGEST_NAME]
    return text if text.isprintable() else ""


def person(value: object) -> str:
    """A person's name as given; empty where there is none, or only a word for nobody."""
    text = key_of(value).strip()
    return "" if text.lower() in ("", "unknown", "none", "null", "all", "anonymous") else text


def names_in(*records: object) -> tuple[str, ...]:
    """What these records call their text, best first."""
    found: list[str] = []
    for key in NAME_KEYS:
        for record in records:
            name = key_of(record.get(key)) if isinstance(record, Mapping) else ""
            if name:
                found.append(name)
    return tuple(dict.fromkeys(found))


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", float: "a fraction"}
    return "null" if value is None else names.get(type(value), "a number")
