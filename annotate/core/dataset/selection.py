"""Which part of a dataset is wanted: plain values that dataset.json keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

_LISTS = ("layers", "labels", "annotators", "statuses", "pulls", "outlets")
_DAYS = ("since", "until")


@dataclass(frozen=True, slots=True)
class Selection:
    """What to keep; an empty field keeps everything. Values of one field are alternatives.

    ``since`` and ``until`` are EDTF, their first and last day counts; ``outlets`` are publishers or
    agencies; ``annotators`` are names as the dataset writes them.
    """

    layers: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    annotators: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    pulls: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    outlets: tuple[str, ...] = ()
    gold: bool = False

    def __bool__(self) -> bool:
        return bool(self.record())

    def record(self) -> dict[str, Any]:
        """The fields that select something, as dataset.json keeps them."""
        found: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if value:
                found[one.name] = sorted(set(value)) if isinstance(value, tuple) else value
        return found

    def described(self) -> str:
        """As people read it; empty when everything is selected."""
        parts = [
            name if value is True else f"{name} {', '.join(value) if isinstance(value, list) else value}"
            for name, value in self.record().items()
        ]
        return "; ".join(parts)


def selection_of(record: Mapping[str, Any]) -> Selection:
    """The selection of a dataset.json. Raises ValueError that says what does not fit."""
    known = {one.name for one in fields(Selection)}
    if record.keys() - known:
        raise ValueError(f"options.selection has {', '.join(sorted(record.keys() - known))}")
    values: dict[str, Any] = {}
    for name, value in record.items():
        if name in _LISTS and isinstance(value, list) and all(isinstance(one, str) for one in value):
            values[name] = tuple(value)
        elif (name in _DAYS and isinstance(value, str)) or (name == "gold" and isinstance(value, bool)):
            values[name] = value
        else:
            raise ValueError(f"options.selection.{name} has the wrong type")
    return Selection(**values)
