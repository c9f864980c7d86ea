"""Derive a dataset again from its study and compare it with the one in place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from annotate import __version__
from annotate.core.dataset import ROW_TYPES, Dataset, cell_text, cells, columns
from annotate.core.dataset.compare import Expected, FoundRow, RowFault, Witness, compare
from annotate.core.errors import Problem
from annotate.core.ledger import Line
from annotate.flows.dataset_corpus import Corpus
from annotate.flows.dataset_inputs import choices_of, inputs_of, read_material, record_of
from annotate.flows.dataset_made import StagedDataset, made, staged
from annotate.flows.formats import FORMATS
from annotate.formats.citation import CITATION
from annotate.formats.csv_in import ReadTable
from annotate.formats.files import FolderFiles
from annotate.formats.losses import LOSSES_JSON, LOSSES_MD
from annotate.formats.package import MANIFEST, RECORD, Record
from annotate.formats.plot import PLOT
from annotate.formats.schemas import table_schema
from annotate.store.study import Study

_BUILD_COLUMNS = frozenset(
    {"document_id", "title", "publisher", "agency", "published", "language", "in_build", "to_publication"}
)
_PEOPLE_COLUMNS = frozenset({"annotator", "assignee", "confirmed_by", "set_by", "annotators", "adjudicator"})
_ACQUIRED = frozenset({"retrieved_from", "retrieved_at", "retrieved_by", "rights", "note", "redistribution"})
_LEFT_OUT = frozenset({"text", "quote", "prefix", "suffix"})
_BUILD_TABLES = frozenset({"sources", "documents", "passages"})
_LEDGER = "the ledger"


@dataclass(frozen=True, slots=True)
class Again:
    """A dataset derived again: its tables, its record and all its files."""

    dataset: Dataset
    record: Record
    made: StagedDataset
    problems: tuple[Problem, ...]


def derive_again(study: Study, record: Record, lines: Sequence[Line], corpus: Corpus) -> Again:
    """The dataset that ledger lines, sources, scheme and configuration give now.

    Raises AnnotateError where scheme, runs or configuration cannot be read, KeyError, TypeError or
    ValueError where damaged ledger lines cannot be replayed.
    """
    parts = read_material(study)
    inputs = inputs_of(study, lines, corpus, parts, names=record.names, runs=frozenset(record.runs))
    again = record_of(study, choices_of(record), inputs, corpus, parts)
    there = {run.run_id for run in parts.runs}
    problems = [
        Problem(f"corpus/suggestions/{run}.jsonl", 0, "is missing, but the dataset was made from it")
        for run in sorted(record.runs.keys() - there)
    ]
    material = made(inputs, again, parts.scheme)
    return Again(material.dataset, again, staged(material), tuple(problems))


def changed_inputs(record: Record, again: Again) -> frozenset[str]:
    """Names of the inputs that are not those the dataset was made from."""
    now, then = again.record.inputs, record.inputs
    return frozenset(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))


def same_tables(files: FolderFiles, again: Again) -> frozenset[str]:
    """Tables whose CSV has the very bytes that were derived again: every cell of them is proven."""
    made = again.made.files
    names = {name: f"{name}.csv" for name in ROW_TYPES}
    return frozenset(
        name for name, file in names.items() if file in files and files.digest(file) == made.digest(file)
    )


def found_rows(again: Again, table: str, names: Collection[str]) -> Iterator[FoundRow]:
    """Cells of a table whose bytes were proven, as reading them would give them (without lines).

    Of ``names``, those that are columns of the table are given.
    """
    wanted = [one for one in columns(ROW_TYPES[table]) if one in names]
    cells_of = attrgetter(*wanted)
    for row in getattr(again.dataset, table):
        yield FoundRow(0, dict(zip(wanted, map(cell_text, cells_of(row)), strict=True)))


def row_faults(again: Again, tables: Mapping[str, ReadTable]) -> Iterator[RowFault]:
    """Every cell and row that is not as derived, in the tables that were read."""
    for name, rows in again.dataset.tables():
        table = tables.get(name)
        if table is None or table.problems:
            continue
        expected = Expected(
            table=name,
            columns=columns(ROW_TYPES[name]),
            key=table_schema(name).primary_key,
            rows=[tuple(cell_text(cell) for cell in cells(row)) for row in rows],
        )
        yield from compare(expected, table.rows, table.file, _witness(name))


def _witness(table: str) -> Witness:
    def witness(column: str) -> str:
        if column in _ACQUIRED and table == "sources":
            return "corpus/sources.csv"
        if table in ("sources", "documents") or column in _BUILD_COLUMNS:
            return "corpus/built"
        return "corpus/suggestions" if table == "runs" else _LEDGER

    return witness


def explained(faults: Iterable[RowFault], changed: frozenset[str]) -> tuple[list[RowFault], list[str]]:
    """Faults, those behind one changed input folded into one; and what is merely newer than the dataset."""
    rest: list[RowFault] = []
    folded: dict[tuple[str, str, str, str], list[RowFault]] = defaultdict(list)
    newer: dict[str, int] = defaultdict(int)
    for fault in faults:
        causes = _causes(fault) & changed
        if fault.about == "missing" and fault.table in _BUILD_TABLES and "corpus/built" in causes:
            newer[fault.table] += 1
        elif causes:
            cause = sorted(causes)[0]
            column = ", ".join(sorted(fault.columns))
            folded[fault.table, fault.problem.file, column, cause].append(fault)
        else:
            rest.append(fault)
    # Rows are in the order of their cells: where cells follow a changed input, so does the order.
    moved = {table for table, *_ in folded}
    rest = [fault for fault in rest if fault.about != "order" or fault.table not in moved]
    rest.extend(_folded(file, column, cause, found) for (_, file, column, cause), found in folded.items())
    return rest, [
        f"corpus/built grew since this export: {number} row(s) of {table} are not in it"
        for table, number in newer.items()
    ]


def _causes(fault: RowFault) -> set[str]:
    causes: set[str] = set()
    if fault.columns & _PEOPLE_COLUMNS or fault.table == "annotators":
        causes.add("annotate.toml")
    if fault.columns & _BUILD_COLUMNS or fault.table in _BUILD_TABLES:
        causes.add("corpus/built")
    if fault.table == "sources" and fault.columns & _ACQUIRED:
        causes.add("corpus/sources.csv")
    if fault.columns and fault.columns <= _LEFT_OUT:
        # Whether a text is in the dataset follows from the rights of its source.
        causes.add("corpus/sources.csv")
    if "layer" in fault.columns or not fault.columns or fault.table == "quarantine":
        causes.add("scheme")
    return causes


def _folded(file: str, column: str, cause: str, found: Sequence[RowFault]) -> RowFault:
    first = found[0].problem
    what = f"{len(found)} {'cell' if column else 'row'}(s) differ because {cause} changed since this export"
    problem = Problem(
        file,
        first.line,
        f"{what}; the first: {first.what}",
        f"export again, or put {cause} back as it was",
        first.subject,
    )
    return RowFault(found[0].table, problem, found[0].columns)


def file_faults(
    shown: str, files: FolderFiles, again: Again, passed_over: frozenset[str]
) -> Iterator[Problem]:
    """Files that differ from those derived again, without those in ``passed_over``."""
    expected = again.made.files
    for name in expected:
        if name == MANIFEST or name not in files or name in passed_over:
            continue
        if files.digest(name) == expected.digest(name):
            continue
        line = _first_difference(files[name], expected[name])
        if name.endswith(".csv"):
            what = "has the cells that it should have, but not the bytes: quoting, line ends or blanks differ"
        else:
            what = "is not what the study gives"
        yield Problem(f"{shown}/{name}", line, f"{what}, first in this line" if line else what)


def file_set_faults(
    shown: str, files: FolderFiles, again: Again, passed_over: frozenset[str]
) -> Iterator[Problem]:
    """Files that are not there, or there beyond what the study gives, whatever the manifest lists."""
    for name in sorted((files.keys() ^ again.made.files.keys()) - passed_over):
        what = "is in no dataset that the study gives" if name in files else "is missing"
        yield Problem(f"{shown}/{name}", 0, what)


def same_but_inputs(record: Record, again: Again) -> bool:
    """Whether dataset.json is as derived again, apart from fingerprints."""
    then, now = (replace(one, inputs={}, runs={}, tools={}) for one in (record, again.record))
    return then == now


def other_tools(record: Record, again: Again) -> tuple[str, ...]:
    """Libraries that write formats here in another version than then: their bytes may differ."""
    then, now = record.tools, again.record.tools
    return tuple(sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name)))


def _first_difference(found: bytes, expected: bytes) -> int:
    """The first line that differs (1-based); 0 where the bytes are no text."""
    if b"\0" in found or b"\0" in expected:
        return 0
    pairs = zip(found.split(b"\n"), expected.split(b"\n"), strict=False)
    for number, (one, two) in enumerate(pairs, 1):
        if one != two:
            return number
    return min(found.count(b"\n"), expected.count(b"\n")) + 1


def version_note(record: Record) -> str | None:
    """Why files beside the tables are not compared, where another version made them."""
    if record.version == __version__:
        return None
    return f"README.md and schemas were made by version {record.version}, not {__version__}: not made again"


def files_that_follow(files: Iterable[str], again: Again) -> frozenset[str]:
    """Files that cannot be as derived again where an input has changed: all but the schemas.

    Of ``files``, those that no format of the dataset writes to are not among them.
    """
    formats = {name for one in again.made.losses for name in one.files}
    folders = {name.split("/")[0] for name in formats if "/" in name}
    inside = {name for name in files if name.split("/")[0] in folders}
    about = {"README.md", "datapackage.json", PLOT, RECORD, LOSSES_JSON, LOSSES_MD, CITATION}
    return frozenset(about | formats | inside)


def files_of_tools(tools: Iterable[str], again: Again) -> frozenset[str]:
    """Files that libraries write whose version is another one now, and those that tell of them."""
    changed = frozenset(tools)
    formats = {one.name: one.files for one in again.made.losses}
    names = {
        name
        for one, files in formats.items()
        if changed & set(FORMATS[one].needs) or FORMATS[one].late
        for name in files
    }
    return frozenset(names | {RECORD}) if changed else frozenset()
