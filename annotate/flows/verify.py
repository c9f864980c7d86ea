"""`annotate verify NAME`: prove a dataset from files alone; name every violation, hide none.

Manifest, sources and build, quotes, ledger and snapshots, then every row derived again. What cannot
be checked because the study is not at hand is said, not passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from annotate.core.dataset import ROW_TYPES
from annotate.core.dataset.compare import FoundRow, RowFault, untold
from annotate.core.dataset.prove import PROVEN_CELLS, closed_passages, passages_of, quote_faults
from annotate.core.errors import AnnotateError, ConfigError, Problem, UsageError, VerifyFailed
from annotate.flows.collector import no_collector
from annotate.flows.dataset_corpus import Corpus, read_corpus, text_of_source
from annotate.flows.dataset_folder import folder_files, is_name
from annotate.flows.verify_history import History, lines_to, read_history
from annotate.flows.verify_rows import (
    Again,
    changed_inputs,
    derive_again,
    explained,
    file_faults,
    file_set_faults,
    files_of_tools,
    files_that_follow,
    found_rows,
    other_tools,
    row_faults,
    same_but_inputs,
    same_tables,
    version_note,
)
from annotate.formats.csv_in import ReadTable, read_csv
from annotate.formats.files import FolderFiles
from annotate.formats.keys import key_faults
from annotate.formats.package import MANIFEST, RECORD, Record, manifest_faults, parse_record
from annotate.formats.schemas import all_schemas, table_schema
from annotate.store.ledger import ledger_files
from annotate.store.study import Study, find_study


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """``checked`` counts by what was looked at, ``unproven`` says what could not be looked at."""

    name: str
    folder: str
    checked: Mapping[str, int]
    unproven: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Findings:
    """What one verification has gathered so far.

    ``tables`` were read; those in ``same`` need not be: they have the bytes that ``again`` gives.
    """

    folder: Path
    shown: str
    files: FolderFiles
    problems: list[Problem] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    told: list[RowFault] = field(default_factory=list)
    tables: dict[str, ReadTable] = field(default_factory=dict)
    again: Again | None = None
    same: frozenset[str] = frozenset()

    def tell(self, faults: list[RowFault]) -> None:
        """Add row faults that no earlier one has named."""
        new = list(untold(faults, self.told))
        self.told.extend(new)
        self.problems.extend(fault.problem for fault in new)


def verify(study: Study, name: str) -> VerifyReport:
    """Prove a dataset of a study. Raises VerifyFailed with every violation; UsageError if there is none."""
    report = examine(study, name)
    if report.problems:
        raise failure(report)
    return report


def failure(report: VerifyReport) -> VerifyFailed:
    """The error that a report with problems amounts to."""
    return VerifyFailed(
        f"{report.folder}: {len(report.problems)} violation(s)",
        hint="export again for a dataset that follows from the study; damaged records must be restored",
        problems=report.problems,
    )


def examine(study: Study, name: str) -> VerifyReport:
    """As verify, but with the problems in the report. Raises UsageError for no such dataset."""
    folder = study.exports_dir / name
    if not is_name(name) or not folder.is_dir():
        known = sorted(path.name for path in study.exports_dir.glob("*") if path.is_dir())
        shown = [one for one in known if not one.startswith(".")]
        raise UsageError(
            f"there is no dataset {name!r} in this study",
            hint=f"datasets here: {', '.join(shown)}" if shown else "`annotate export NAME` makes one",
        )
    return examine_folder(folder, study)


def examine_path(folder: Path) -> VerifyReport:
    """Check a dataset by its folder, with its study where the folder lies in one's exports."""
    try:
        study = find_study(folder)
    except ConfigError:
        return examine_folder(folder)
    if folder.resolve().parent == study.exports_dir:
        return examine(study, folder.resolve().name)
    return examine_folder(folder)


def examine_folder(folder: Path, study: Study | None = None) -> VerifyReport:
    """Check the dataset in ``folder``, with all that its study can prove where one is given."""
    with no_collector():
        return _examined(folder, study)


def _examined(folder: Path, study: Study | None) -> VerifyReport:
    files = folder_files(folder)
    if files is None:
        raise UsageError(f"{folder} is no folder")
    findings = _Findings(folder, study.shown(folder) if study else str(folder), files)
    findings.problems.extend(manifest_faults(files.digests(), files.get(MANIFEST, b""), findings.shown))
    findings.checked["files"] = len(files)
    record = _record(findings)
    texts = _check_study(findings, study, record)
    for name in ROW_TYPES:
        if name not in findings.same:
            _read_table(findings, record, name)
    findings.tell([fault for table in findings.tables.values() for fault in table.faults])
    _check_quotes(findings, texts)
    schemas = {schema.name: schema for schema in all_schemas()}
    if not findings.checked.get("rows"):
        # Derived rows have sound keys, so a difference was named; here only the keys are left to look at.
        findings.tell(list(key_faults(schemas, findings.tables)))
    return VerifyReport(
        name=record.name if record else folder.name,
        folder=findings.shown,
        checked=findings.checked,
        unproven=tuple(findings.unproven),
        problems=tuple(findings.problems),
    )


def _record(findings: _Findings) -> Record | None:
    data = findings.files.get(RECORD)
    try:
        return parse_record(data) if data is not None else None
    except ValueError as error:
        findings.problems.append(Problem(f"{findings.shown}/{RECORD}", 0, f"cannot be read: {error}"))
        return None


def _read_table(findings: _Findings, record: Record | None, name: str) -> ReadTable | None:
    """A table of the dataset, read once; its faults of form are told at once. None where it is missing."""
    if name not in findings.tables:
        place = f"{findings.shown}/{name}.csv"
        data = findings.files.get(f"{name}.csv")
        if data is None:
            if place not in {problem.file for problem in findings.problems}:
                findings.problems.append(Problem(place, 0, "is missing"))
            return None
        excel = bool(record and record.excel)
        findings.tables[name] = read_csv(data, table_schema(name), file=place, excel=excel)
        findings.problems.extend(findings.tables[name].problems)
    return findings.tables[name]


def _check_study(findings: _Findings, study: Study | None, record: Record | None) -> dict[str, str]:
    """Check the study behind the dataset; returns source texts by source id."""
    if study is None or not study.corpus.is_dir():
        findings.unproven.append("the study is not here: sources, ledger and rows were not checked")
        return {}
    corpus = _check_corpus(findings, study)
    texts = dict(corpus.texts) if corpus else {}
    _add_texts(findings, study, corpus, _read_table(findings, record, "sources"), texts)
    if not ledger_files(study):
        findings.unproven.append("the study has no ledger here: rows were not derived again")
        return texts
    history = read_history(study, texts)
    findings.problems.extend(history.problems)
    findings.checked["ledger lines"] = len(history.found)
    findings.checked["snapshot files"] = history.snapshot_files
    if record is None or corpus is None:
        findings.unproven.append("rows were not derived again: dataset.json or corpus/built is missing")
    else:
        _check_rows(findings, study, record, history, corpus)
    return texts


def _check_corpus(findings: _Findings, study: Study) -> Corpus | None:
    if not study.built_dir.is_dir():
        findings.unproven.append("corpus/built is not here: segments and documents were not checked")
        return None
    corpus, problems = read_corpus(study)
    findings.problems.extend(problems)
    findings.checked["sources"] = len(corpus.texts)
    findings.checked["segments"] = len(corpus.built.segments)
    return corpus


def _add_texts(
    findings: _Findings,
    study: Study,
    corpus: Corpus | None,
    sources: ReadTable | None,
    texts: dict[str, str],
) -> None:
    """Sources that only the dataset knows: their texts, as its sources.csv says to read them."""
    built = {source.source_id for source in corpus.built.sources} if corpus else set()
    for row in sources.rows if sources else ():
        if row.cells["source_id"] in built or not row.cells["sha256"]:
            continue
        text = text_of_source(study, row.cells)
        if isinstance(text, Problem):
            findings.problems.append(text)
        else:
            texts[row.cells["source_id"]] = text


def _check_rows(
    findings: _Findings,
    study: Study,
    record: Record,
    history: History,
    corpus: Corpus,
) -> None:
    lines = lines_to(history, record.head)
    if isinstance(lines, str):
        findings.unproven.append(f"rows were not derived again: {lines}")
        if history.sound:
            findings.problems.append(Problem(f"{findings.shown}/{RECORD}", 0, lines))
        return
    try:
        again = derive_again(study, record, lines, corpus)
    except AnnotateError as error:
        findings.unproven.append(f"rows were not derived again: {error.message}")
        findings.problems.extend(error.problems or [Problem("", 0, error.message, error.hint)])
        return
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        findings.unproven.append("rows were not derived again: the ledger cannot be replayed")
        if history.sound:
            findings.problems.append(Problem("corpus/ledger", 0, f"cannot be replayed: {error!r}"))
        return
    _compare(findings, record, again)


def _compare(findings: _Findings, record: Record, again: Again) -> None:
    findings.again, findings.same = again, same_tables(findings.files, again)
    others = [name for name in ROW_TYPES if name not in findings.same]
    tables = {name: table for name in others if (table := _read_table(findings, record, name))}
    changed = changed_inputs(record, again)
    faults, newer = explained(row_faults(again, tables), changed)
    findings.problems.extend(again.problems)
    findings.unproven.extend(newer)
    findings.tell(faults)
    findings.checked["rows"] = sum(len(rows) for _, rows in again.dataset.tables())
    _compare_files(findings, record, again, changed, _named(faults, tables))


def _named(faults: Iterable[RowFault], tables: Mapping[str, ReadTable]) -> frozenset[str]:
    """Tables that were reported by row, or could not be read."""
    unread = {name for name, table in tables.items() if table.problems}
    return frozenset(f"{name}.csv" for name in unread | {fault.table for fault in faults})


def _compare_files(
    findings: _Findings, record: Record, again: Again, changed: frozenset[str], named: frozenset[str]
) -> None:
    version = version_note(record)
    if version:
        findings.unproven.append(version)
        return
    tools = other_tools(record, again)
    findings.unproven.extend(f"{name} is not as it was at the export" for name in sorted(changed))
    findings.unproven.extend(f"files made with another version of {name} were not compared" for name in tools)
    if (changed or tools) and not same_but_inputs(record, again):
        problem = Problem(f"{findings.shown}/{RECORD}", 0, "is not what the study gives")
        findings.problems.append(problem)
    passed_over = named | files_of_tools(tools, again)
    if changed:
        tables = {f"{name}.csv" for name in ROW_TYPES}
        passed_over |= tables | files_that_follow(findings.files, again)
    findings.problems.extend(file_faults(findings.shown, findings.files, again, passed_over))
    told = {problem.file for problem in findings.problems}
    hidden = file_set_faults(findings.shown, findings.files, again, passed_over)
    findings.problems.extend([problem for problem in hidden if problem.file not in told])


def _check_quotes(findings: _Findings, texts: Mapping[str, str]) -> None:
    if "passages.csv" not in findings.files:
        return
    held = list(_rows(findings, "passages"))
    passages, faults = passages_of(held, texts, f"{findings.shown}/passages.csv")
    closed = closed_passages(held)
    for name in ("labels", "suggestions", "gold"):
        if f"{name}.csv" not in findings.files:
            continue
        rows = list(_rows(findings, name))
        faults.extend(quote_faults(name, rows, passages, texts, f"{findings.shown}/{name}.csv", closed))
        without = {row.cells["source_id"] for row in rows} - texts.keys()
        if without and texts:
            missing = ", ".join(sorted(without))
            findings.unproven.append(f"quotes of {name} from {missing}: that text could not be read")
        findings.checked[f"quotes of {name}"] = sum(row.cells["source_id"] in texts for row in rows)
    findings.tell(faults)


def _rows(findings: _Findings, name: str) -> Iterable[FoundRow]:
    """The rows of a table: as read, or as derived where the bytes are the same."""
    if findings.again is not None and name in findings.same:
        return found_rows(findings.again, name, PROVEN_CELLS)
    return findings.tables[name].rows
