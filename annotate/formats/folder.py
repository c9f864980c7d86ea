"""All files of a dataset, written below a folder: the same function makes and proves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from annotate.core.dataset import ROW_TYPES
from annotate.formats.citation import CITATION, citation_bytes
from annotate.formats.closed import without_closed
from annotate.formats.files import FolderFiles
from annotate.formats.losses import LOSSES_JSON, LOSSES_MD, FormatLosses, losses_bytes, losses_page
from annotate.formats.package import MANIFEST, RECORD, manifest_bytes, package_bytes, record_bytes
from annotate.formats.plot import PLOT, plot_bytes
from annotate.formats.readme import readme_bytes
from annotate.formats.schemas import schema_bytes
from annotate.formats.scheme_files import scheme_files
from annotate.formats.writing import Holds, Material, Writer


@dataclass(frozen=True, slots=True)
class Chosen:
    """A format that a dataset is to have. ``late`` ones see all other files but the manifest."""

    name: str
    title: str
    write: Writer
    late: bool = False
    holds: Holds = "rows"


def write_dataset(material: Material, folder: Path, formats: Sequence[Chosen]) -> tuple[FormatLosses, ...]:
    """Write a dataset below ``folder``, which is empty; manifest last. Gives the losses of each format.

    Raises StorageFailure or OSError where it cannot be written.
    """
    losses = tuple(_written(material, folder, one) for one in formats if not one.late)
    _write_about(material, folder, losses)
    late = tuple(_written(material, folder, one) for one in formats if one.late)
    if any(one.losses for one in late):
        raise ValueError("a late format cannot report losses: the loss report is written by then")
    _put(folder, MANIFEST, manifest_bytes(FolderFiles(folder).digests()))
    return (*losses, *late)


def _written(material: Material, folder: Path, one: Chosen) -> FormatLosses:
    before = frozenset(FolderFiles(folder))
    shown, left_out = without_closed(material, one.holds)
    found = tuple(loss for loss in (*left_out, *one.write(shown, folder)) if loss.count)
    files = tuple(name for name in FolderFiles(folder) if name not in before)
    return FormatLosses(one.name, one.title, files, found)


def _write_about(material: Material, folder: Path, losses: tuple[FormatLosses, ...]) -> None:
    """What explains the tables: schemas, plot, loss report, record, README."""
    dataset, record = material.dataset, material.record
    for name in ROW_TYPES:
        _put(folder, f"schemas/{name}.json", schema_bytes(name))
    plot = plot_bytes(dataset.chronology)
    if plot is not None:
        _put(folder, PLOT, plot)
    for name, data in scheme_files(material.scheme).items():
        _put(folder, name, data)
    _put(folder, LOSSES_JSON, losses_bytes(losses))
    _put(folder, LOSSES_MD, losses_page(losses))
    _put(folder, "datapackage.json", package_bytes(record, folder))
    _put(folder, RECORD, record_bytes(record))
    _put(folder, CITATION, citation_bytes(record))
    _put(folder, "README.md", readme_bytes(record, dataset, material.agreement))


def _put(folder: Path, name: str, data: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
