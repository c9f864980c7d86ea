"""`annotate hydrate DATASET --sources DIR`: the full dataset for somebody who has the sources.

Needs no study: the dataset carries what it was made from. Nothing is believed that is not proven: the bytes
of each source, the text of each passage, each quote.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from annotate import __version__
from annotate.core.dataset import Dataset
from annotate.core.dataset.rows import SourceRow
from annotate.core.dataset.standoff import hydrated, restricted
from annotate.core.errors import BadInput, ConfigError, Conflict, IntegrityFailure, Problem, UsageError
from annotate.core.scheme import Scheme
from annotate.flows.dataset_folder import folder_files, replace_folder
from annotate.flows.dataset_made import StagedDataset, measured, staged
from annotate.flows.formats import available, tools_of
from annotate.formats.files import FolderFiles, digest_of
from annotate.formats.package import MANIFEST, RECORD, Record, manifest_faults, parse_record
from annotate.formats.rows_in import dataset_of
from annotate.formats.scheme_files import FOLDER
from annotate.formats.writing import Material
from annotate.store.scheme import read_scheme


@dataclass(frozen=True, slots=True)
class HydratePlan:
    """The full dataset, written to a temporary folder; ``sources`` are those that were put back."""

    target: Path
    sources: tuple[str, ...]
    passages: int
    labels: int
    notes: tuple[str, ...]
    made: StagedDataset = field(repr=False)


@dataclass(frozen=True, slots=True)
class HydrateReport:
    """What was put back. ``notes`` say why other bytes than the author's may come out."""

    folder: str
    files: int
    sources: tuple[str, ...]
    passages: int
    labels: int
    notes: tuple[str, ...]


def plan(folder: Path, sources: Path, target: Path | None = None) -> HydratePlan:
    """Read a dataset, prove it and the sources, and make the full one in a temporary folder.

    Raises UsageError (no dataset, nothing to put back), BadInput (not as its manifest says),
    ConfigError (another version), IntegrityFailure (every source that is missing or wrong, every row that
    the sources do not prove), Conflict (something else is at the target).
    """
    files = folder_files(folder)
    if files is None or RECORD not in files:
        raise UsageError(f"{folder} is no dataset: it has no {RECORD}")
    target = folder if target is None else target
    record, dataset, scheme = _read(folder, files)
    notes = _check(record)
    if target.resolve() != folder.resolve() and target.exists():
        raise Conflict(f"{target} is there already", hint="name a folder that is not there, or move it away")
    closed = restricted(dataset.sources)
    wanted = [row for row in dataset.sources if row.source_id in closed]
    texts = _texts(wanted, sources)
    full, wrong = hydrated(dataset, texts)
    if wrong:
        raise IntegrityFailure(
            f"the sources do not prove this dataset: {len(wrong)} row(s)",
            hint="nothing was written; the dataset was changed after its export",
            problems=[Problem(str(folder), 0, str(one), subject=one.about) for one in wrong],
        )
    material = Material(full, replace(record, standoff=False), scheme, measured(full, record))
    return HydratePlan(
        target=target,
        sources=tuple(row.source_file for row in wanted),
        passages=sum(row.source_id in closed for row in dataset.passages),
        labels=sum(row.source_id in closed for row in dataset.labels),
        notes=notes,
        made=staged(material),
    )


def apply(plan: HydratePlan) -> HydrateReport:
    """Put the full dataset at its target, whole. Raises StorageFailure."""
    replace_folder(plan.target, plan.made.staged.folder)
    return report_of(plan)


def report_of(plan: HydratePlan) -> HydrateReport:
    """What a plan does, in the words of a report."""
    files = len(plan.made.files)
    return HydrateReport(str(plan.target), files, plan.sources, plan.passages, plan.labels, plan.notes)


def _read(folder: Path, files: FolderFiles) -> tuple[Record, Dataset, Scheme]:
    manifest = files.get(MANIFEST, b"")
    faults = manifest_faults(files.digests(), manifest, str(folder))
    if faults:
        raise BadInput(f"{folder} is not as its export left it", problems=faults)
    try:
        record = parse_record(files[RECORD])
    except ValueError as error:
        raise BadInput(f"{folder}/{RECORD} cannot be read: {error}") from error
    dataset, problems = dataset_of(files, str(folder), excel=record.excel)
    if dataset is None:
        raise BadInput(f"{folder} has tables that cannot be read", problems=problems)
    return record, dataset, _scheme(folder, files)


def _scheme(folder: Path, files: Mapping[str, bytes]) -> Scheme:
    names = sorted({name.split("/")[1] for name in files if name.startswith(f"{FOLDER}/")})
    if len(names) != 1:
        raise BadInput(f"{folder}/{FOLDER} should hold one scheme and holds {len(names)}")
    return read_scheme(folder / FOLDER / names[0])


def _check(record: Record) -> tuple[str, ...]:
    """Raise where the full dataset could not be the author's; say where its bytes may differ."""
    if not record.standoff:
        raise UsageError("this dataset has all its texts: there is nothing to put back")
    if record.version != __version__:
        raise ConfigError(
            f"this dataset was made by source-annotate {record.version}, and this is {__version__}",
            hint=f"install that version: pip install source-annotate=={record.version}",
        )
    missing = [name for name in record.formats if name not in available()]
    if missing:
        raise ConfigError(f"this installation does not write {', '.join(missing)}")
    now = tools_of(record.formats)
    return tuple(
        f"{name} is {now[name] or 'missing'} here and was {version}: its files may differ in their bytes"
        for name, version in sorted(record.tools.items())
        if now.get(name) != version
    )


def _texts(wanted: list[SourceRow], folder: Path) -> dict[str, str]:
    """Texts by source id; every source that is missing or wrong is named."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder")
    by_hash = _hashes(folder)
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for row in wanted:
        found = _text(row, by_hash, folder)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            texts[row.source_id] = found
    if problems:
        raise IntegrityFailure(
            f"{len(problems)} of {len(wanted)} source(s) are missing or wrong",
            hint="nothing was written; get these files, under any name, and run the same command again",
            problems=problems,
        )
    return texts


def _hashes(folder: Path) -> Mapping[str, list[Path]]:
    """Every file below a folder by its SHA-256: what counts is the bytes, not the name."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in _files(folder):
        found[digest_of(path)].append(path)
    return found


def _files(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        yield from (Path(root, name) for name in sorted(names) if Path(root, name).is_file())


def _text(row: SourceRow, by_hash: Mapping[str, list[Path]], folder: Path) -> str | Problem:
    if not row.sha256:
        what = "the dataset does not know its hash: it was not in the study any more"
        return Problem(row.source_file, 0, what, subject=row.source_id)
    paths = by_hash.get(row.sha256)
    if not paths:
        there = (folder / row.source_file).is_file()
        what = "its bytes are not those of the source" if there else "is not there, under any name"
        return Problem(row.source_file, 0, f"{what}; SHA-256 {row.sha256} is wanted", subject=row.source_id)
    data = paths[0].read_bytes()
    try:
        text = data.decode(row.encoding)
        whole = text.encode(row.encoding) == data and len(text) == row.characters
    except (UnicodeError, LookupError):
        whole = False
    if whole:
        return text
    return Problem(row.source_file, 0, f"does not decode and encode as {row.encoding}", subject=row.source_id)
