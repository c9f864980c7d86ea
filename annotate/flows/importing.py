"""`annotate import`: take labels that exist already into the ledger, with where they came from.

Everything is read and checked first; the ledger then gets one transaction, or none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, get_args

from annotate.core.errors import BadInput, ConfigError, Conflict, IntegrityFailure, Problem, UsageError
from annotate.core.imports.foreign import ForeignFile, Unit
from annotate.core.imports.ground import Ground
from annotate.core.imports.names import Vocabulary
from annotate.core.imports.plan import (
    FilePlan,
    ImportOptions,
    added_ids,
    names_in,
    options_record,
    plan_file,
)
from annotate.core.imports.seen import ImportBatch
from annotate.core.scheme_tables import near_miss
from annotate.core.state import State, fold
from annotate.flows.dataset_corpus import read_corpus
from annotate.formats.foreign import READERS
from annotate.formats.foreign.given import Given
from annotate.store.ledger import append, read_ledger
from annotate.store.scheme import read_scheme
from annotate.store.study import Study

LARGEST: Final = 512 * 1024 * 1024
"""Bytes of a file that are read at most: more is no export of labels."""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What the user asked for; ``mapping`` is OLD=NEW as written. Names of formats are READERS'."""

    files: tuple[Path, ...]
    format: str
    annotator: str = ""
    mapping: tuple[str, ...] = ()
    offsets: str = "auto"
    layer: str = ""
    finished: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class FileReport:
    """What one file added: labels by anchor, what was there already, what was counted but is no label."""

    file: str
    labels: int
    relations: int
    already: int
    anchors: Mapping[str, int]
    passed_over: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """``transaction`` is None when nothing was added. ``problems`` names every label that stays out."""

    transaction: str | None
    dry_run: bool
    files: tuple[FileReport, ...]
    problems: tuple[Problem, ...] = field(default=())


def import_labels(study: Study, request: ImportRequest) -> ImportReport:
    """Import files; with ``dry_run`` only the report.

    Raises UsageError (options, unknown names, offsets that could be read in two ways), BadInput (files
    that cannot be read, every place), Conflict (imported before with other options), ConfigError,
    IntegrityFailure, StorageFailure. Nothing is recorded then.
    """
    options = _options(request)
    files = _read(request)
    with study.writing("import"):
        state = fold(read_ledger(study))
        vocabulary = Vocabulary(read_scheme(study.scheme_dir))
        require_names(files, vocabulary, options)
        plans = _plan(files, ground_of(study, state), vocabulary, state, options)
        require_one_reading(plans)
        _require_same_options(files, plans, state, options)
        events = [event for plan in plans for event in plan.events]
        lines = append(study, "import", events, after=state.head) if events and not request.dry_run else ()
    problems = tuple(problem for plan in plans for problem in (*plan.left_out, *plan.orphans))
    return ImportReport(
        lines[-1].transaction if lines else None, request.dry_run, tuple(map(_report, plans)), problems
    )


def _report(plan: FilePlan) -> FileReport:
    return FileReport(plan.file, plan.labels, plan.relations, plan.already, plan.statuses, plan.passed_over)


def _options(request: ImportRequest) -> ImportOptions:
    if request.format not in READERS:
        hint = near_miss(request.format, READERS) or f"formats: {', '.join(READERS)}"
        raise UsageError(f"there is no format {request.format!r}", hint=hint)
    unit = unit_of(request.offsets)
    if bool(request.layer) != (request.format == "cas"):
        raise UsageError(
            "--layer and --format cas go together",
            hint="--layer names the annotation type that holds the labels, as webanno.custom.Claim",
        )
    if not request.annotator.isprintable() or request.annotator != request.annotator.strip():
        raise UsageError("--annotator is a name on one line, without blanks around it")
    return ImportOptions(
        request.annotator, unit, request.finished, request.layer, mapping_of(request.mapping)
    )


def unit_of(offsets: str) -> Unit | None:
    """The unit that --offsets names, None for auto. Raises UsageError."""
    units = [unit for unit in get_args(Unit) if unit == offsets]
    if not units:
        raise UsageError(f"--offsets {offsets} is no unit", hint="code-points, utf-16, or auto (the default)")
    return None if units[0] == "auto" else units[0]


def mapping_of(pairs: Iterable[str]) -> dict[str, str]:
    """OLD=NEW pairs as a map. Raises UsageError."""
    found: dict[str, str] = {}
    for pair in pairs:
        # Names of our schemes hold no =; those of others may.
        old, equals, new = pair.rpartition("=")
        if not equals or not old:
            raise UsageError(f"--map {pair} is not OLD=NEW", hint="--map OLD= leaves labels named OLD out")
        if found.setdefault(old, new) != new:
            raise UsageError(f"--map gives {old!r} two meanings: {found[old]!r} and {new!r}")
    return found


def _read(request: ImportRequest) -> list[ForeignFile]:
    problems: list[Problem] = []
    files: list[ForeignFile] = []
    for path in dict.fromkeys(_primary(one, request.format) for one in request.files):
        given = _given(path, request)
        if isinstance(given, Problem):
            problems.append(given)
            continue
        file = READERS[request.format](given)
        problems.extend(file.broken)
        files.append(file)
    if problems:
        raise BadInput(
            f"{len(problems)} place(s) cannot be read as {request.format}; nothing was imported",
            hint="mend or take out these places, or say another --format",
            problems=problems,
        )
    return files


def _primary(path: Path, format_name: str) -> Path:
    """Of the two files of brat, the one with the labels."""
    return path.with_suffix(".ann") if format_name == "brat" and path.suffix == ".txt" else path


def _given(path: Path, request: ImportRequest) -> Given | Problem:
    beside = path.with_suffix(".txt") if request.format == "brat" else None
    data: list[bytes] = []
    for one in (path, beside):
        if one is None:
            continue
        found = _bytes_of(one)
        if isinstance(found, Problem):
            return found
        data.append(found)
    if beside and not beside.resolve().is_relative_to(path.parent.resolve()):
        return Problem(
            beside.name, 0, "leads out of the folder of its .ann file", "put the text itself there"
        )
    return Given(path.name, path.stem, data[0], data[1] if beside else None, request.layer, str(path))


def _bytes_of(path: Path) -> bytes | Problem:
    try:
        if not path.is_file():
            return Problem(str(path), 0, "is no file", "brat needs name.ann and name.txt side by side")
        if path.stat().st_size > LARGEST:
            return Problem(str(path), 0, f"has more than {LARGEST} bytes", "split it")
        return path.read_bytes()
    except OSError as error:
        return Problem(str(path), 0, f"cannot be read: {error.strerror}")


def require_names(files: Sequence[ForeignFile], vocabulary: Vocabulary, options: ImportOptions) -> None:
    """Raise UsageError for names that mean nothing in the scheme, and for maps of names that no file has."""
    labels, relations = names_in(files)
    unknown = tuple(vocabulary.unknown(labels, relations, options.mapping))
    unused = sorted(options.mapping.keys() - labels.keys() - relations.keys())
    if unused:
        raise UsageError(
            f"--map names what no file has: {', '.join(unused)}",
            hint=f"names in the files: {', '.join(sorted({*labels, *relations})) or 'none'}",
        )
    if unknown:
        raise UsageError(
            f"{len(unknown)} name(s) mean nothing in scheme {vocabulary.scheme}; nothing was imported",
            hint="say what each means with --map OLD=NEW, or leave it out with --map OLD=",
            problems=unknown,
        )


def ground_of(study: Study, state: State) -> Ground:
    """The texts of the study, proven. Raises ConfigError (no build), IntegrityFailure."""
    if not (study.built_dir / "manifest.json").is_file():
        raise ConfigError("this study has no documents yet", hint="run `annotate ingest` first")
    corpus, problems = read_corpus(study)
    if problems:
        raise IntegrityFailure(
            f"the corpus does not hold: {len(problems)} fault(s)",
            hint="nothing was imported; labels could not be proven against these sources",
            problems=problems,
        )
    built = corpus.built
    # Labels that were drawn on an earlier build come back with its passages.
    earlier = [one.passage for one in state.passages.values()]
    return Ground(built.passages, built.documents, built.segments, corpus.texts, earlier)


def _plan(
    files: Sequence[ForeignFile],
    ground: Ground,
    vocabulary: Vocabulary,
    state: State,
    options: ImportOptions,
) -> list[FilePlan]:
    known = {*state.imports.labels, *state.imports.relations}
    plans: list[FilePlan] = []
    for file in files:
        plans.append(plan_file(file, ground, vocabulary, known, options))
        known |= added_ids(plans[-1])
    return plans


def require_one_reading(plans: Sequence[FilePlan]) -> None:
    """Raise UsageError where offsets can be read in two ways."""
    problems = [problem for plan in plans for problem in plan.ambiguous]
    if problems:
        raise UsageError(
            f"{len(problems)} label(s) could stand in two places; nothing was imported",
            hint="an emoji counts 1 in code points and 2 in UTF-16. Labels drawn in Doccano's web page: "
            "--offsets utf-16 (its projects count so unless told otherwise); labels uploaded by a Python "
            "script: --offsets code-points. Look at the words above and choose",
            problems=problems,
        )


def _require_same_options(
    files: Sequence[ForeignFile], plans: Sequence[FilePlan], state: State, options: ImportOptions
) -> None:
    before: dict[tuple[str, str], ImportBatch] = {
        (one.sha256, one.format): one for one in state.imports.batches.values()
    }
    problems: list[Problem] = []
    for file, plan in zip(files, plans, strict=True):
        old = before.get((file.sha256, file.format))
        if old is None:
            continue
        now = options_record(file, options)
        other = sorted(name for name, value in now.items() if getattr(old, name) != value)
        if other:
            what = f"was imported in {old.transaction} with another {' and another '.join(other)}"
            problems.append(Problem(plan.file, 0, what))
    if problems:
        raise Conflict(
            f"{len(problems)} file(s) would come in a second time in another way; nothing was imported",
            hint="use the same options; an import cannot be taken back, only left out of your analysis",
            problems=problems,
        )


def totals(report: ImportReport) -> dict[str, int]:
    """Labels by anchor, relations, and what was there already, over all files."""
    counts: Counter[str] = Counter()
    for one in report.files:
        counts.update(one.anchors)
        counts.update({"relations": one.relations, "there already": one.already})
    return dict(counts)
