"""All files of a dataset as bytes: pure, so that writing and verifying see the same ones."""

from __future__ import annotations

from annotate.core.dataset import ROW_TYPES, Dataset
from annotate.formats.package import MANIFEST, RECORD, Record, manifest_bytes, package_bytes, record_bytes
from annotate.formats.plot import PLOT, plot_bytes
from annotate.formats.readme import readme_bytes
from annotate.formats.schemas import schema_bytes, table_schema
from annotate.formats.tables import csv_bytes


def dataset_files(dataset: Dataset, record: Record) -> dict[str, bytes]:
    """Path inside the dataset to bytes, manifest last."""
    tables = {
        name: csv_bytes(table_schema(name), rows, excel=record.excel) for name, rows in dataset.tables()
    }
    files = {f"{name}.csv": data for name, data in tables.items()}
    files |= {f"schemas/{name}.json": schema_bytes(name) for name in ROW_TYPES}
    plot = plot_bytes(dataset.chronology)
    if plot is not None:
        files[PLOT] = plot
    files["datapackage.json"] = package_bytes(record, tables)
    files[RECORD] = record_bytes(record)
    files["README.md"] = readme_bytes(record, dataset)
    return {**files, MANIFEST: manifest_bytes(files)}
