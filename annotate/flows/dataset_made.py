"""From inputs to a dataset that can be written, and its files: one way for export and verify."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from annotate.core.agreement import AgreementRow, agreement
from annotate.core.dataset import Dataset, Inputs, derive
from annotate.core.dataset.select import select
from annotate.core.dataset.standoff import stand_off
from annotate.core.errors import UsageError
from annotate.core.ledger import Line
from annotate.core.scheme import Scheme
from annotate.flows.dataset_folder import Staged
from annotate.flows.formats import FORMATS
from annotate.formats.files import FolderFiles
from annotate.formats.losses import FormatLosses
from annotate.formats.package import Record
from annotate.formats.writing import Material
from annotate.store.files import storage_errors


def made(inputs: Inputs, record: Record, scheme: Scheme) -> Material:
    """The dataset that inputs and the choices in a record give. Raises UsageError, see ``select``."""
    dataset = select(derive(inputs), record.selection)
    # Before the texts go: agreement counts characters.
    agreed = measured(dataset, record)
    return Material(stand_off(dataset) if record.standoff else dataset, record, scheme, agreed)


def measured(dataset: Dataset, record: Record) -> tuple[AgreementRow, ...] | None:
    """Agreement in a dataset with all its texts; None where labels were chosen by what became of them."""
    chosen = record.selection
    if chosen.statuses or chosen.pulls or chosen.gold:
        return None
    return agreement(dataset)


@dataclass(frozen=True, slots=True)
class StagedDataset:
    """A dataset that was written to a temporary folder, which is kept as long as this value is."""

    staged: Staged
    files: FolderFiles
    losses: tuple[FormatLosses, ...]


def staged(material: Material) -> StagedDataset:
    """Write a dataset in the formats of its record to a temporary folder. Raises StorageFailure."""
    # pandas loads here, not when the command line starts.
    from annotate.formats.folder import Chosen, write_dataset

    formats = [FORMATS[name] for name in FORMATS if name in material.record.formats]
    chosen = [Chosen(one.name, one.title, one.writer(), one.late, one.holds) for one in formats]
    place = Staged()
    with storage_errors(place.folder):
        losses = write_dataset(material, place.folder, chosen)
    return StagedDataset(place, place.files(), losses)


def lines_until(lines: tuple[Line, ...], pull: str) -> tuple[Line, ...]:
    """The ledger as it was when ``pull`` was done; all of it for the empty name.

    Raises UsageError for a pull (or import) that is not in the ledger, with those that are.
    """
    if not pull:
        return lines
    known = [line.transaction for line in lines if line.event in ("pulled", "labels_imported")]
    if pull not in known:
        raise UsageError(
            f"there is no pull {pull!r} in the ledger", hint=f"it has: {', '.join(dict.fromkeys(known))}"
        )
    return lines[: max(number for number, line in enumerate(lines, 1) if line.transaction == pull)]


def runs_placed(lines: Iterable[Line]) -> frozenset[str]:
    """Suggestion runs that had been pushed by then: those on file carry no time of their own."""
    return frozenset(
        str(line.data["suggestion"]["run_id"])
        for line in lines
        if line.event in ("suggestion_placed", "relation_placed")
    )
