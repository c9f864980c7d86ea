"""`annotate export NAME`: a dataset from ledger, sources, scheme and configuration; nothing else.

``plan`` makes every file in a temporary folder; ``apply`` puts that folder there in one step. The same
study gives the same bytes on any day and machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from annotate.core.dataset import Dataset
from annotate.core.dataset.selection import Selection
from annotate.core.dataset.standoff import closed_sources, restricted
from annotate.core.errors import ConfigError, Conflict, IntegrityFailure, Problem, UsageError
from annotate.core.ledger import Head
from annotate.flows.collector import no_collector
from annotate.flows.dataset_corpus import Corpus, read_corpus
from annotate.flows.dataset_folder import folder_files, is_name, replace_folder
from annotate.flows.dataset_inputs import Choices, inputs_of, read_material, record_of
from annotate.flows.dataset_made import StagedDataset, lines_until, made, runs_placed, staged
from annotate.flows.formats import EXCEL_PROFILES, chosen
from annotate.formats.files import FolderFiles
from annotate.formats.package import MANIFEST, Record, manifest_faults
from annotate.formats.writing import Loss, Material
from annotate.store.ledger import read_ledger
from annotate.store.study import Study

Change = Literal["new", "replaced", "unchanged"]


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What to export, and how.

    ``names``: account names for pseudonyms; ``excel``: BOM and formula guard; ``force``: see plan.
    ``formats`` and ``profiles`` are names of ``annotate.flows.formats``, ``at`` a pull whose state is wanted.
    ``full_text`` keeps the texts of sources that may not be passed on.
    """

    names: bool = False
    excel: bool = False
    force: bool = False
    formats: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    selection: Selection = field(default_factory=Selection)
    at: str = ""
    full_text: bool = False


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """A dataset that was written to a temporary folder, and what is in its place already.

    ``files`` reads from that folder, which goes away with the plan. ``rows`` counts by table, ``fates``
    suggestions by fate, ``quarantine`` rows by (table, reason). ``conflicts`` are files of the dataset in
    place that are not ours any more.
    """

    name: str
    folder: Path
    change: Change
    record: Record
    made: StagedDataset = field(repr=False)
    rows: Mapping[str, int]
    fates: Mapping[str, int]
    quarantine: Mapping[tuple[str, str], int]
    closed: int = 0
    conflicts: tuple[Problem, ...] = ()

    @property
    def files(self) -> FolderFiles:
        """Path inside the dataset to bytes."""
        return self.made.files

    @property
    def head(self) -> Head:
        """The ledger line that the dataset was made from."""
        return self.record.head


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was done; the counts are those of the plan, ``losses`` go by format.

    ``standoff`` counts the sources whose text was left out.
    """

    name: str
    folder: str
    change: Change
    ledger_head: str
    files: int
    formats: tuple[str, ...]
    selection: str
    at: str
    standoff: int
    rows: Mapping[str, int]
    fates: Mapping[str, int]
    quarantine: Mapping[str, int]
    losses: Mapping[str, tuple[Loss, ...]]


def options(
    formats: Iterable[str] | None,
    profiles: Iterable[str] | None,
    selection: Selection,
    *,
    at: str = "",
    names: bool = False,
    excel: bool = False,
    force: bool = False,
    full_text: bool = False,
) -> ExportOptions:
    """Options from a command line, where what was not given is None."""
    wanted = tuple(formats or ())
    return ExportOptions(names, excel, force, wanted, tuple(profiles or ()), selection, at, full_text)


def selection(**given: Iterable[str] | str | bool | None) -> Selection:
    """A selection from a command line: lists may be None."""
    values = {
        name: value if isinstance(value, str | bool) else tuple(value or ()) for name, value in given.items()
    }
    return Selection(**values)  # type: ignore[arg-type]


def plan(study: Study, name: str, options: ExportOptions | None = None) -> ExportPlan:
    """Make a dataset in a temporary folder and compare it with the one it would replace.

    Raises UsageError (name, format, selection), ConfigError (nothing pulled, no build, no scheme),
    IntegrityFailure (ledger or corpus does not hold), Conflict (somebody edited the dataset in place).
    """
    options = options or ExportOptions()
    check_name(name)
    material = material_of(study, name, options)
    folder = study.exports_dir / name
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise Conflict(f"{study.shown(folder)} is no folder", hint="move it away, or choose another name")
    there = folder_files(folder)
    conflicts = _edited(study, folder, there)
    if conflicts and not options.force:
        raise Conflict(
            f"{study.shown(folder)} is not as an export left it, so it was not replaced",
            hint="move your changes elsewhere, or replace the folder with --force",
            problems=conflicts,
        )
    written = staged(material)
    return ExportPlan(
        name=name,
        folder=folder,
        change=_change(there, written.files),
        record=material.record,
        made=written,
        rows={table: len(rows) for table, rows in material.dataset.tables()},
        fates=_fates(material.dataset),
        quarantine=_set_aside(material.dataset),
        closed=len(restricted(material.dataset.sources)) if material.record.standoff else 0,
        conflicts=conflicts,
    )


def material_of(study: Study, name: str, options: ExportOptions) -> Material:
    """The dataset that a study gives, as writers of formats want it; nothing is written.

    Raises UsageError, ConfigError and IntegrityFailure as ``plan`` does.
    """
    with no_collector():
        return _material(study, name, options)


def _material(study: Study, name: str, options: ExportOptions) -> Material:
    formats = chosen(options.formats, options.profiles)
    excel = options.excel or not EXCEL_PROFILES.isdisjoint(options.profiles)
    lines = read_ledger(study)
    if not any(line.event in ("pulled", "labels_imported") for line in lines):
        raise ConfigError("nothing was pulled yet, so there is nothing to export", hint="run `annotate pull`")
    lines = lines_until(lines, options.at)
    corpus = _sound_corpus(study)
    parts = read_material(study)
    runs = runs_placed(lines) if options.at else None
    inputs = inputs_of(study, lines, corpus, parts, names=options.names, runs=runs)
    standoff = not options.full_text and bool(closed_sources(inputs))
    choices = Choices(name, options.names, excel, formats, options.selection, options.at, standoff)
    return made(inputs, record_of(study, choices, inputs, corpus, parts), parts.scheme)


def apply(study: Study, plan: ExportPlan) -> ExportReport:
    """Write the planned dataset, or nothing where exactly it is there. Raises StorageFailure."""
    if plan.change != "unchanged":
        with study.writing("export"):
            replace_folder(plan.folder, plan.made.staged.folder)
    return report_of(study, plan)


def report_of(study: Study, plan: ExportPlan) -> ExportReport:
    """What a plan does, in the words of a report."""
    return ExportReport(
        name=plan.name,
        folder=study.shown(plan.folder),
        change=plan.change,
        ledger_head=plan.head.hash,
        files=len(plan.files),
        formats=plan.record.formats,
        selection=plan.record.selection.described(),
        at=plan.record.at,
        standoff=plan.closed,
        rows=plan.rows,
        fates=plan.fates,
        quarantine={f"{table}: {reason}": number for (table, reason), number in plan.quarantine.items()},
        losses={one.name: one.losses for one in plan.made.losses},
    )


def _change(there: FolderFiles | None, files: FolderFiles) -> Change:
    if there is None:
        return "new"
    return "unchanged" if there.digests() == files.digests() else "replaced"


def check_name(name: str) -> None:
    """Raise UsageError for a name that is no plain folder name."""
    if not is_name(name):
        raise UsageError(
            f"{name!r} cannot name a dataset",
            hint="up to 64 letters, digits, dots, hyphens and underscores, a letter or digit first",
        )


def _sound_corpus(study: Study) -> Corpus:
    if not (study.built_dir / "manifest.json").is_file():
        raise ConfigError("this study has no documents yet", hint="run `annotate ingest` first")
    corpus, problems = read_corpus(study)
    if problems:
        raise IntegrityFailure(
            f"the corpus does not hold: {len(problems)} fault(s)",
            hint="nothing was exported; labels could not be proven against these sources",
            problems=problems,
        )
    return corpus


def _edited(study: Study, folder: Path, there: FolderFiles | None) -> tuple[Problem, ...]:
    if not there:
        return ()
    return tuple(manifest_faults(there.digests(), there.get(MANIFEST, b""), study.shown(folder)))


def _fates(dataset: Dataset) -> dict[str, int]:
    return dict(sorted(Counter(row.fate for row in dataset.suggestions).items()))


def _set_aside(dataset: Dataset) -> dict[tuple[str, str], int]:
    return dict(sorted(Counter((row.table, row.reason) for row in dataset.quarantine).items()))
