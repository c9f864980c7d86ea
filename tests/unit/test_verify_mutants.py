"""Seeded mutants: every cell of every table, a byte of every file. Each is named, and nothing else is.

All are put into one copy at once: each is told with its own line and column, so none is found by another.
"""

from __future__ import annotations

import csv
import io
import random
import shutil
from pathlib import Path

import pytest
import studies
from adjudicated import adjudicated

from annotate.core.dataset import ROW_TYPES
from annotate.core.ids import sha256_hex
from annotate.flows import export
from annotate.flows.export import ExportOptions
from annotate.flows.formats import available
from annotate.flows.verify import examine
from annotate.formats.csv_in import read_csv
from annotate.formats.files import FolderFiles
from annotate.formats.package import MANIFEST, RECORD, manifest_bytes, manifest_faults
from annotate.formats.schemas import table_schema
from annotate.store.study import Study

NAME = "d"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("mutants")
    study = adjudicated(studies.nasty_study(folder / "nasty"), folder / "study")
    export.apply(study, export.plan(study, NAME, ExportOptions(formats=available())))
    return study


@pytest.fixture
def study(template: Study, tmp_path: Path) -> Study:
    shutil.copytree(template.root, tmp_path / "study")
    return Study(tmp_path / "study")


def hide(folder: Path) -> None:
    """Make the manifest fit."""
    (folder / MANIFEST).write_bytes(manifest_bytes(FolderFiles(folder).digests()))


def mutant(cell: str, seed: str) -> str:
    """Another cell: longer, shorter, emptied, or something else."""
    chance = random.Random(seed)
    others = [f"{cell}0", cell[:-1], "", "x", cell.swapcase()]
    return chance.choice([one for one in others if one != cell])


def written(rows: list[list[str]]) -> bytes:
    sink = io.StringIO(newline="")
    for row in rows:
        quoting = csv.QUOTE_ALL if any("\r" in cell for cell in row) else csv.QUOTE_MINIMAL
        csv.writer(sink, lineterminator="\n", quoting=quoting).writerow(row)
    return sink.getvalue().encode()


def read(folder: Path, table: str) -> list[list[str]]:
    text = (folder / f"{table}.csv").read_bytes().decode()
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("seed", [1, 2])
def test_every_cell_of_every_table(study: Study, seed: int) -> None:
    folder = study.exports_dir / NAME
    expected = set()
    for table in ROW_TYPES:
        rows = read(folder, table)
        keys = table_schema(table).primary_key
        for row in rows[1:]:
            for at, column in enumerate(rows[0]):
                if column not in keys:
                    row[at] = mutant(row[at], f"{seed} {table} {row[0]} {column}")
        data = written(rows)
        (folder / f"{table}.csv").write_bytes(data)
        lines = [row.line for row in read_csv(data, table_schema(table), file=table).rows]
        columns = [one for one in rows[0] if one not in keys]
        expected |= {(f"{table}.csv", line, column) for line in lines for column in columns}
    hide(folder)
    found = [
        (one.file.rpartition("/")[2], one.line, one.what.removeprefix("column ").partition(":")[0])
        for one in examine(study, NAME).problems
        if one.file.endswith(".csv")
    ]
    assert {one[0] for one in expected} >= {"gold.csv", "labels.csv", "suggestions.csv", "quarantine.csv"}
    assert sorted(found) == sorted(expected)


def test_the_key_of_a_row_of_every_table(study: Study) -> None:
    folder = study.exports_dir / NAME
    changed = []
    for table in ROW_TYPES:
        rows = read(folder, table)
        if len(rows) > 1:
            rows[1][rows[0].index(table_schema(table).primary_key[0])] += "0"
            (folder / f"{table}.csv").write_bytes(written(rows))
            changed.append(f"{table}.csv")
    hide(folder)
    found = [one.file.rpartition("/")[2] for one in examine(study, NAME).problems]
    assert {table: found.count(table) for table in changed} == dict.fromkeys(changed, 2)
    assert set(found) == set(changed)


def test_a_byte_of_every_other_file(study: Study) -> None:
    folder = study.exports_dir / NAME
    tables = {f"{name}.csv" for name in ROW_TYPES}
    names = [one for one in FolderFiles(folder) if one not in {*tables, MANIFEST, RECORD}]
    before = (folder / MANIFEST).read_bytes()
    for name in names:
        data = bytearray((folder / name).read_bytes())
        if data:
            at = random.Random(name).randrange(len(data))
            data[at] ^= 1
        else:
            data = bytearray(b"\n")
        (folder / name).write_bytes(data)
    # Who only compares with the manifest finds them all.
    digests = {one: sha256_hex((folder / one).read_bytes()) for one in FolderFiles(folder)}
    assert sorted(one.file for one in manifest_faults(digests, before, "d")) == [f"d/{one}" for one in names]
    # And where the manifest was made to fit, making the files again does.
    hide(folder)
    problems = examine(study, NAME).problems
    assert sorted(one.file.removeprefix(f"exports/{NAME}/") for one in problems) == sorted(names)
    assert {one.what.partition(",")[0] for one in problems} == {"is not what the study gives"}
    kinds = {Path(one).suffix for one in names}
    assert kinds >= {".parquet", ".jsonld", ".xml", ".xmi", ".spacy", ".xlsx", ".ann", ".tml", ".html", ".md"}
