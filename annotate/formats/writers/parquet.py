"""Parquet: the tables with their types, for statistics. Each file carries its Table Schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from annotate.formats.arrow import arrow_table
from annotate.formats.schemas import table_schema
from annotate.formats.writing import Loss, Material

if TYPE_CHECKING:
    import pyarrow


def write(material: Material, folder: Path) -> tuple[Loss, ...]:
    """``parquet/<table>.parquet`` a table; nothing is lost."""
    place = folder / "parquet"
    place.mkdir()
    for name, rows in material.dataset.tables():
        write_parquet(arrow_table(table_schema(name), rows), place / f"{name}.parquet")
    return ()


def write_parquet(table: pyarrow.Table, path: Path) -> None:
    """Write a table; the same table gives the same bytes with the same version of pyarrow."""
    from pyarrow import parquet

    # Every option that shows in the bytes is named: a later pyarrow may choose others.
    parquet.write_table(
        table,
        path,
        row_group_size=1 << 20,
        version="2.6",
        compression="snappy",
        use_dictionary=True,
        write_statistics=True,
        data_page_version="1.0",
        store_schema=True,
    )
