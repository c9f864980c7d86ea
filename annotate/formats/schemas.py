"""The Table Schemas (v2) that ship with the package: column order, types, keys, and what cells mean."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from annotate.core.dataset import ROW_TYPES
from annotate.shipped import shipped


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its Table Schema type, and the constraints that ``annotate verify`` holds it to."""

    name: str
    kind: str
    required: bool = False
    pattern: str | None = None
    enum: tuple[str, ...] | None = None
    minimum: float | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns of one table that must stand, unless all empty, in columns of another."""

    columns: tuple[str, ...]
    table: str
    reference: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A table as the schema file describes it."""

    name: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(field.name for field in self.fields)


def schema_bytes(table: str) -> bytes:
    """The schema file of a table, as a dataset carries it."""
    return (_folder() / f"{table}.json").read_bytes()


@cache
def table_schema(table: str) -> TableSchema:
    """The schema of a table of this version."""
    return parse_schema(json.loads(schema_bytes(table)))


def all_schemas() -> Iterator[TableSchema]:
    """The schemas of all tables, in table order."""
    yield from (table_schema(name) for name in ROW_TYPES)


def parse_schema(data: Mapping[str, Any]) -> TableSchema:
    """A Table Schema descriptor as a value. Raises KeyError where it lacks what ours have."""
    return TableSchema(
        name=data["name"],
        fields=tuple(_field(one) for one in data["fields"]),
        primary_key=_names(data["primaryKey"]),
        foreign_keys=tuple(
            ForeignKey(
                _names(one["fields"]), one["reference"]["resource"], _names(one["reference"]["fields"])
            )
            for one in data.get("foreignKeys", ())
        ),
    )


def _field(data: Mapping[str, Any]) -> Field:
    rules = data.get("constraints", {})
    enum = rules.get("enum")
    return Field(
        name=data["name"],
        kind=data["type"],
        required=rules.get("required", False),
        pattern=rules.get("pattern"),
        enum=tuple(enum) if enum else None,
        minimum=rules.get("minimum"),
        description=data.get("description", ""),
    )


def _names(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _folder() -> Path:
    return shipped("schemas") / "tables"
