"""`annotate verify NAME`: prove a dataset from files alone; name every violation, hide none.

Manifest, sources and build, quotes, ledger and snapshots, then every row derived again. What cannot
be checked because the study is not at hand is said, not passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from annotate.core.dataset import ROW_TYPES
from annotate.core.dataset.compare import RowFault, untold
from annotate.core.dataset.prove import closed_passages, passages_of, quote_faults
from annotate.core.errors import AnnotateError, ConfigError, Problem, UsageError, VerifyFailed
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
    other_tools,
    row_faults,
    same_but_inputs,
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
    """What one verification has gathered so far."""

    folder: Path
    shown: str
    files: FolderFiles
    problems: list[Problem] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    told: list[RowFault] = field(default_factory=list)

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
    files = folder_files(folder)
    if files is None:
        raise UsageError(f"{folder} is no folder")
    findings = _Findings(folder, study.shown(folder) if study else str(folder), files)
    findings.problems.extend(manifest_faults(files.digests(), files.get(MANIFEST, b""), findings.shown))
    findings.checked["files"] = len(files)
    record = _record(findings)
    tables = _tables(findings, record)
    texts = _check_study(findings, study, record, tables)
    findings.tell([fault for table in tables.values() for fault in table.faults])
    _check_quotes(findings, tables, texts)
    schemas = {schema.name: schema for schema in all_schemas()}
    if not findings.checked.get("rows"):
        # Derived rows have sound keys, so a difference was named; here only the keys are left to look at.
        findings.tell(list(key_faults(schemas, tables)))
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


def _tables(findings: _Findings, record: Record | None) -> dict[str, ReadTable]:
    tables: dict[str, ReadTable] = {}
    named = {problem.file for problem in findings.problems}
    for name in ROW_TYPES:
        place = f"{findings.shown}/{name}.csv"
        data = findings.files.get(f"{name}.csv")
        if data is None:
            findings.problems.extend([] if place in named else [Problem(place, 0, "is missing")])
            continue
        excel = bool(record and record.excel)
        tables[name] = read_csv(data, table_schema(name), file=place, excel=excel)
        findings.problems.extend(tables[name].problems)
    return tables


def _check_study(
    findings: _Findings, study: Study | None, record: Record | None, tables: Mapping[str, ReadTable]
) -> dict[str, str]:
    """Check the study behind the dataset; returns source texts by source id."""
    if study is None or not study.corpus.is_dir():
        findings.unproven.append("the study is not here: sources, ledger and rows were not checked")
        return {}
    corpus = _check_corpus(findings, study)
    texts = dict(corpus.texts) if corpus else {}
    _add_texts(findings, study, corpus, tables, texts)
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
        _check_rows(findings, study, record, history, corpus, tables)
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
    tables: Mapping[str, ReadTable],
    texts: dict[str, str],
) -> None:
    """Sources that only the dataset knows: their texts, as its sources.csv says to read them."""
    built = {source.source_id for source in corpus.built.sources} if corpus else set()
    rows = tables["sources"].rows if "sources" in tables else ()
    for row in rows:
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
    tables: Mapping[str, ReadTable],
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
    _compare(findings, record, again, tables)


def _compare(findings: _Findings, record: Record, again: Again, tables: Mapping[str, ReadTable]) -> None:
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


def _check_quotes(findings: _Findings, tables: Mapping[str, ReadTable], texts: Mapping[str, str]) -> None:
    if "passages" not in tables:
        return
    passages, faults = passages_of(tables["passages"].rows, texts, tables["passages"].file)
    closed = closed_passages(tables["passages"].rows)
    for name in ("labels", "suggestions"):
        table = tables.get(name)
        if table is None:
            continue
        faults.extend(quote_faults(name, table.rows, passages, texts, table.file, closed))
        without = {row.cells["source_id"] for row in table.rows} - texts.keys()
        if without and texts:
            missing = ", ".join(sorted(without))
            findings.unproven.append(f"quotes of {name} from {missing}: that text could not be read")
        there = sum(row.cells["source_id"] in texts for row in table.rows)
        findings.checked[f"quotes of {name}"] = there
    findings.tell(faults)
