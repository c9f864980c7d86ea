"""JSON Lines: one object a row, typed; unknown is null."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from annotate.core.dataset import Row
from annotate.formats.schemas import TableSchema, table_schema
from annotate.formats.tables import records
from annotate.formats.writing import Loss, Material


def write(material: Material, folder: Path) -> tuple[Loss, ...]:
    """``jsonl/<table>.jsonl`` a table; nothing is lost."""
    place = folder / "jsonl"
    place.mkdir()
    for name, rows in material.dataset.tables():
        _write_table(table_schema(name), rows, place / f"{name}.jsonl")
    return ()


def _write_table(schema: TableSchema, rows: Sequence[Row], path: Path) -> None:
    encode, names = msgspec.json.Encoder().encode, schema.columns
    with path.open("wb") as file:
        for record in records(schema, rows):
            known = (None if cell == "" else cell for cell in record)
            file.write(encode(dict(zip(names, known, strict=True))) + b"\n")
