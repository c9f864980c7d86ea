"""CSV: the tables themselves. Nothing is lost in it; the variant for spreadsheets can be undone."""

from __future__ import annotations

from pathlib import Path

from annotate.formats.schemas import table_schema
from annotate.formats.tables import csv_bytes
from annotate.formats.writing import Loss, Material


def write(material: Material, folder: Path) -> tuple[Loss, ...]:
    """One ``<table>.csv`` a table."""
    for name, rows in material.dataset.tables():
        data = csv_bytes(table_schema(name), rows, excel=material.record.excel)
        (folder / f"{name}.csv").write_bytes(data)
    return ()
