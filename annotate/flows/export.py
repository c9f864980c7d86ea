"""`annotate export NAME`: a dataset from ledger, sources, scheme and configuration; nothing else.

``plan`` makes every byte in memory; ``apply`` puts the folder there in one step. The same study
gives the same bytes on any day and machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from annotate.core.dataset import Dataset, derive
from annotate.core.errors import ConfigError, Conflict, IntegrityFailure, Problem, UsageError
from annotate.core.ledger import Head
from annotate.flows.dataset_corpus import Corpus, read_corpus
from annotate.flows.dataset_folder import is_name, read_folder, replace_folder
from annotate.flows.dataset_inputs import inputs_of, read_material, record_of
from annotate.store.ledger import read_ledger
from annotate.store.study import Study

Change = Literal["new", "replaced", "unchanged"]


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """``names``: account names for pseudonyms; ``excel``: BOM and formula guard; ``force``: see apply."""

    names: bool = False
    excel: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """A dataset ready to be written: every file's bytes, and what is there already.

    ``rows`` counts by table, ``fates`` suggestions by fate, ``quarantine`` rows by (table, reason).
    ``conflicts`` are files of the dataset in place that are not ours any more.
    """

    name: str
    folder: Path
    change: Change
    head: Head
    files: Mapping[str, bytes] = field(repr=False)
    rows: Mapping[str, int]
    fates: Mapping[str, int]
    quarantine: Mapping[tuple[str, str], int]
    conflicts: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was done; the counts are those of the plan."""

    name: str
    folder: str
    change: Change
    ledger_head: str
    files: int
    rows: Mapping[str, int]
    fates: Mapping[str, int]
    quarantine: Mapping[str, int]


def plan(study: Study, name: str, options: ExportOptions | None = None) -> ExportPlan:
    """Derive a dataset and compare it with the folder it would replace; writes nothing.

    Raises UsageError (name), ConfigError (nothing pulled, no build, no scheme), IntegrityFailure
    (ledger or corpus does not hold), Conflict (somebody edited the dataset in place).
    """
    options = options or ExportOptions()
    check_name(name)
    lines = read_ledger(study)
    if not any(line.event in ("pulled", "labels_imported") for line in lines):
        raise ConfigError("nothing was pulled yet, so there is nothing to export", hint="run `annotate pull`")
    corpus = _sound_corpus(study)
    material = read_material(study)
    inputs = inputs_of(study, lines, corpus, material, names=options.names)
    record = record_of(study, name, inputs, corpus, material, excel=options.excel)
    dataset = derive(inputs)
    # pandas loads here, not when the command line starts.
    from annotate.formats.folder import dataset_files

    files = dataset_files(dataset, record)
    folder = study.exports_dir / name
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise Conflict(f"{study.shown(folder)} is no folder", hint="move it away, or choose another name")
    there = read_folder(folder)
    conflicts = _edited(study, folder, there)
    if conflicts and not options.force:
        raise Conflict(
            f"{study.shown(folder)} is not as an export left it, so it was not replaced",
            hint="move your changes elsewhere, or replace the folder with --force",
            problems=conflicts,
        )
    return ExportPlan(
        name=name,
        folder=folder,
        change="new" if there is None else "unchanged" if there == files else "replaced",
        head=inputs.state.head,
        files=files,
        rows={table: len(rows) for table, rows in dataset.tables()},
        fates=_fates(dataset),
        quarantine=_set_aside(dataset),
        conflicts=conflicts,
    )


def apply(study: Study, plan: ExportPlan) -> ExportReport:
    """Write the planned dataset, or nothing where exactly it is there. Raises StorageFailure."""
    if plan.change != "unchanged":
        with study.writing("export"):
            replace_folder(plan.folder, plan.files)
    return report_of(study, plan)


def report_of(study: Study, plan: ExportPlan) -> ExportReport:
    """What a plan does, in the words of a report."""
    return ExportReport(
        name=plan.name,
        folder=study.shown(plan.folder),
        change=plan.change,
        ledger_head=plan.head.hash,
        files=len(plan.files),
        rows=plan.rows,
        fates=plan.fates,
        quarantine={f"{table}: {reason}": number for (table, reason), number in plan.quarantine.items()},
    )


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


def _edited(study: Study, folder: Path, there: Mapping[str, bytes] | None) -> tuple[Problem, ...]:
    if not there:
        return ()
    from annotate.formats.package import manifest_faults

    return tuple(manifest_faults(there, study.shown(folder)))


def _fates(dataset: Dataset) -> dict[str, int]:
    return dict(sorted(Counter(row.fate for row in dataset.suggestions).items()))


def _set_aside(dataset: Dataset) -> dict[tuple[str, str], int]:
    return dict(sorted(Counter((row.table, row.reason) for row in dataset.quarantine).items()))
