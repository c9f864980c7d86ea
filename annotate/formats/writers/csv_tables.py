"""CSV: the tables themselves. Nothing is lost in it; the variant for spreadsheets can be undone."""

from __future__ import annotations

from pathlib import Path

from annotate.formats.schemas import table_schema
from annotate.formats.tables import write_csv
from annotate.formats.writing import Loss, Material


def write(material: Material, folder: Path) -> tuple[Loss, ...]:
    """One ``<table>.csv`` a table."""
    for name, rows in material.dataset.tables():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            write_csv(file, table_schema(name), rows, excel=material.record.excel)
    return ()
