"""`annotate verify`: every mutation is found and named; the clean dataset gives none."""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import studies
from command import Done, annotate

from annotate.core.dataset import ROW_TYPES
from annotate.core.errors import Problem, UsageError, VerifyFailed
from annotate.core.ids import sha256_hex
from annotate.core.ledger import Event, Head, Line, chain, head_of
from annotate.core.offsets import LineIndex
from annotate.flows import export
from annotate.flows.export import ExportOptions
from annotate.flows.verify import VerifyReport, examine, examine_folder, examine_path, verify
from annotate.formats.csv_in import read_csv
from annotate.formats.package import manifest_bytes
from annotate.formats.schemas import table_schema
from annotate.store.built import Built, read_built, write_built
from annotate.store.jsonl import encode_lines, encode_pretty
from annotate.store.ledger import append, read_ledger
from annotate.store.study import Study

NAME = "d"


FILLED = [name for name in ROW_TYPES if not name.startswith("gold")]
"""Tables that have rows in the nasty study; those of gold: test_adjudicating."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Study:
    study = studies.nasty_study(tmp_path_factory.mktemp("nasty") / "study")
    export.apply(study, export.plan(study, NAME))
    return study


@pytest.fixture
def study(template: Study, tmp_path: Path) -> Study:
    shutil.copytree(template.root, tmp_path / "study")
    return Study(tmp_path / "study")


def table_rows(study: Study, table: str) -> list[list[str]]:
    text = (study.exports_dir / NAME / f"{table}.csv").read_bytes().decode()
    return list(csv.reader(io.StringIO(text, newline="")))


def write_rows(study: Study, table: str, rows: list[list[str]]) -> None:
    """Write a table as the export would, and make the manifest fit: the mutation is hidden from it."""
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, lineterminator="\n")
    for row in rows:
        quoted = any("\r" in cell for cell in row)
        (csv.writer(sink, lineterminator="\n", quoting=csv.QUOTE_ALL) if quoted else writer).writerow(row)
    (study.exports_dir / NAME / f"{table}.csv").write_bytes(sink.getvalue().encode())
    hide(study)


def hide(study: Study) -> None:
    folder = study.exports_dir / NAME
    paths = [path for path in folder.rglob("*") if path.is_file()]
    files = {path.relative_to(folder).as_posix(): sha256_hex(path.read_bytes()) for path in paths}
    (folder / "MANIFEST.sha256").write_bytes(manifest_bytes(files))


def set_cell(study: Study, table: str, row: int, column: str, value: str) -> str:
    """Change one cell (rows count from 1 below the header); returns what was there."""
    rows = table_rows(study, table)
    at = rows[0].index(column)
    before = rows[row][at]
    rows[row][at] = value
    write_rows(study, table, rows)
    return before


def texts(report: VerifyReport) -> list[str]:
    return [str(problem) for problem in report.problems]


def only(report: VerifyReport) -> Problem:
    assert len(report.problems) == 1, texts(report)
    return report.problems[0]


def test_a_clean_dataset_has_no_problem_and_says_what_was_proven(template: Study) -> None:
    report = verify(template, NAME)
    assert report.problems == ()
    assert report.unproven == ()
    assert report.checked == {
        "files": sum(path.is_file() for path in (template.exports_dir / NAME).rglob("*")),
        "sources": 3,
        "segments": 11,
        "ledger lines": 85,
        "snapshot files": 4,
        "rows": 70,
        "quotes of labels": 14,
        "quotes of suggestions": 9,
        "quotes of gold": 0,
    }


@pytest.mark.parametrize("options", [ExportOptions(excel=True), ExportOptions(names=True)])
def test_the_variants_hold_too(study: Study, options: ExportOptions) -> None:
    export.apply(study, export.plan(study, NAME, options))
    assert verify(study, NAME).problems == ()


def test_verify_writes_nothing(study: Study) -> None:
    before = {path: path.stat().st_mtime_ns for path in study.root.rglob("*")}
    verify(study, NAME)
    assert {path: path.stat().st_mtime_ns for path in study.root.rglob("*")} == before


def test_an_unknown_name_lists_the_known_ones(template: Study) -> None:
    with pytest.raises(UsageError) as caught:
        verify(template, "elsewhere")
    assert NAME in caught.value.hint


@pytest.mark.parametrize("name", ["", "..", "../study", f"./{NAME}"])
def test_a_name_cannot_leave_the_exports(template: Study, name: str) -> None:
    with pytest.raises(UsageError):
        verify(template, name)


class TestRowMutations:
    """The manifest is made to fit each time: making the rows again must find them."""

    def test_every_cell_of_a_label_is_covered(self, study: Study) -> None:
        original = table_rows(study, "labels")
        lines = read_csv(
            (study.exports_dir / NAME / "labels.csv").read_bytes(), table_schema("labels"), file="labels.csv"
        ).rows
        for at, column in enumerate(original[0]):
            rows = [list(row) for row in original]
            rows[5][at] += "0"
            write_rows(study, "labels", rows)
            found = [problem for problem in examine(study, NAME).problems if "labels.csv" in problem.file]
            if column == "label_id":
                assert sorted(problem.line for problem in found) == [0, lines[4].line]
                continue
            assert [problem.line for problem in found] == [lines[4].line], column
            assert f"column {column}: {rows[5][at]!r}, but " in found[0].what
            assert found[0].what.endswith(f" says {original[5][at]!r}")
            assert found[0].subject == original[5][0]

    @pytest.mark.parametrize("table", [name for name in FILLED if name != "labels"])
    def test_the_last_cell_of_every_other_table(self, study: Study, table: str) -> None:
        rows = table_rows(study, table)
        before = set_cell(study, table, 1, rows[0][-1], "123456")
        problem = only(examine(study, NAME))
        assert problem.file == f"exports/{NAME}/{table}.csv"
        assert f"column {rows[0][-1]}: '123456', but " in problem.what
        assert repr(before) in problem.what

    def test_two_swapped_annotators(self, study: Study) -> None:
        rows = table_rows(study, "labels")
        at = rows[0].index("annotator")
        one, two = (next(i for i, row in enumerate(rows) if row[at] == who) for who in ("A1", "A2"))
        rows[one][at], rows[two][at] = rows[two][at], rows[one][at]
        write_rows(study, "labels", rows)
        found = [problem.what for problem in examine(study, NAME).problems]
        assert sorted(found) == [
            "column annotator: 'A1', but the ledger says 'A2'",
            "column annotator: 'A2', but the ledger says 'A1'",
        ]

    def test_a_flipped_offset_is_named_once(self, study: Study) -> None:
        before = set_cell(study, "labels", 3, "start", "43")
        problem = only(examine(study, NAME))
        assert problem.what == f"column start: '43', but the ledger says {before!r}"

    @pytest.mark.parametrize("table", FILLED)
    def test_a_dropped_row(self, study: Study, table: str) -> None:
        rows = table_rows(study, table)
        del rows[1]
        write_rows(study, table, rows)
        problem = only(examine(study, NAME))
        assert problem.file.endswith(f"/{table}.csv")
        assert "is missing" in problem.what

    @pytest.mark.parametrize("table", FILLED)
    def test_a_doubled_row(self, study: Study, table: str) -> None:
        rows = table_rows(study, table)
        rows.append(rows[1])
        write_rows(study, table, rows)
        problem = only(examine(study, NAME))
        assert problem.file.endswith(f"/{table}.csv")
        assert problem.what == "the row is there twice, first in line 2"

    def test_an_invented_row(self, study: Study) -> None:
        rows = table_rows(study, "labels")
        rows.append(["lbl-000000000000", *rows[-1][1:]])
        write_rows(study, "labels", rows)
        problem = only(examine(study, NAME))
        assert (problem.subject, problem.what) == ("lbl-000000000000", "the ledger has no such row")

    def test_rows_out_of_order(self, study: Study) -> None:
        rows = table_rows(study, "labels")
        rows[1], rows[2] = rows[2], rows[1]
        write_rows(study, "labels", rows)
        assert only(examine(study, NAME)).what == "the rows are not in order from here"

    def test_several_at_once_are_all_named(self, study: Study) -> None:
        set_cell(study, "labels", 2, "annotator", "A2")
        set_cell(study, "labels", 2, "updated_at", "2025-01-01T00:00:00Z")
        set_cell(study, "labels", 4, "quote", "groß")
        set_cell(study, "comments", 1, "annotator", "A2")
        columns = sorted(problem.what.split(":")[0] for problem in examine(study, NAME).problems)
        assert columns == ["column annotator", "column annotator", "column quote", "column updated_at"]

    def test_other_quoting_of_the_same_cells(self, study: Study) -> None:
        path = study.exports_dir / NAME / "annotators.csv"
        path.write_bytes(path.read_bytes().replace(b"A1,", b'"A1",'))
        hide(study)
        problem = only(examine(study, NAME))
        assert (problem.line, "not the bytes" in problem.what) == (2, True)

    def test_a_row_of_another_width_and_a_changed_header(self, study: Study) -> None:
        rows = table_rows(study, "labels")
        rows[2].append("more")
        write_rows(study, "labels", rows)
        comments = table_rows(study, "comments")
        comments[0][0] = "id"
        write_rows(study, "comments", comments)
        found = {problem.file.split("/")[-1]: problem for problem in examine(study, NAME).problems}
        assert "has 49 cells, not 48" in found["labels.csv"].what
        assert "lacks comment_id and has id" in found["comments.csv"].what

    def test_a_file_that_is_no_csv_or_no_utf8(self, study: Study) -> None:
        folder = study.exports_dir / NAME
        path = folder / "labels.csv"
        path.write_bytes(path.read_bytes() + b'"never closed')
        (folder / "comments.csv").write_bytes(b"\xff\xfe")
        hide(study)
        found = {problem.file.split("/")[-1]: problem.what for problem in examine(study, NAME).problems}
        assert "is not CSV" in found["labels.csv"]
        assert found["comments.csv"] == "is not UTF-8"


class TestFileMutations:
    def test_a_changed_file_is_named_by_manifest_and_by_row(self, study: Study) -> None:
        path = study.exports_dir / NAME / "labels.csv"
        path.write_bytes(path.read_bytes().replace(b",draft,", b",confirmed,", 1))
        found = examine(study, NAME).problems
        assert [problem.what.split(",")[0] for problem in found] == [
            "is not the file that MANIFEST.sha256 lists",
            "column status: 'confirmed'",
        ]

    def test_missing_and_extra_files(self, study: Study) -> None:
        folder = study.exports_dir / NAME
        (folder / "labels.csv").unlink()
        (folder / "notes.txt").write_text("mine")
        (folder / "link").symlink_to("/etc/hostname")
        found = {problem.file.split("/")[-1]: problem.what for problem in examine(study, NAME).problems}
        assert found == {
            "labels.csv": "is missing, but MANIFEST.sha256 lists it",
            "notes.txt": "is not listed in MANIFEST.sha256",
            "link": "is not listed in MANIFEST.sha256",
        }

    def test_a_missing_table_that_the_manifest_hides(self, study: Study) -> None:
        (study.exports_dir / NAME / "labels.csv").unlink()
        hide(study)
        assert only(examine(study, NAME)).what == "is missing"

    @pytest.mark.parametrize("file", ["chronology.svg", "README.md", "schemas/chronology.json"])
    def test_a_missing_file_that_the_manifest_hides(self, study: Study, file: str) -> None:
        (study.exports_dir / NAME / file).unlink()
        hide(study)
        problem = only(examine(study, NAME))
        assert (problem.file, problem.what) == (f"exports/{NAME}/{file}", "is missing")

    def test_an_extra_file_that_the_manifest_lists(self, study: Study) -> None:
        (study.exports_dir / NAME / "plot.svg").write_bytes(b"<svg/>")
        hide(study)
        problem = only(examine(study, NAME))
        assert (problem.file, "in no dataset" in problem.what) == (f"exports/{NAME}/plot.svg", True)

    def test_no_manifest(self, study: Study) -> None:
        (study.exports_dir / NAME / "MANIFEST.sha256").unlink()
        assert only(examine(study, NAME)).file.endswith("MANIFEST.sha256")

    @pytest.mark.parametrize(
        "file",
        ["README.md", "chronology.svg", "datapackage.json", "schemas/labels.json", "dataset.json"],
    )
    def test_the_files_beside_the_tables(self, study: Study, file: str) -> None:
        path = study.exports_dir / NAME / file
        before = path.read_bytes()
        # Not its figures: those of dataset.json are hashes and lines of the ledger, told in other words.
        path.write_bytes(
            before.replace(b"nasty", b"tidy") if b"nasty" in before else before.replace(b"A", b"B")
        )
        hide(study)
        problem = only(examine(study, NAME))
        assert problem.file.endswith(file)
        assert "is not what the study gives" in problem.what

    def test_a_changed_fingerprint_hides_no_row_and_is_told(self, study: Study) -> None:
        path = study.exports_dir / NAME / "dataset.json"
        record = json.loads(path.read_text())
        record["inputs"]["annotate.toml"] = "0" * 64
        record["ledger"]["pulls"] = []
        path.write_text(json.dumps(record))
        set_cell(study, "labels", 2, "annotator", "A2")
        report = examine(study, NAME)
        assert any("annotate.toml is not as it was" in what for what in report.unproven)
        found = {problem.file.split("/")[-1]: problem.what for problem in report.problems}
        assert "'A2', but the ledger says 'A1'" in found["labels.csv"]
        assert "is not what the study gives" in found["dataset.json"]

    def test_a_damaged_record(self, study: Study) -> None:
        (study.exports_dir / NAME / "dataset.json").write_text("{}")
        hide(study)
        report = examine(study, NAME)
        assert "cannot be read" in only(report).what
        assert any("not derived again" in what for what in report.unproven)

    def test_another_ledger_head(self, study: Study) -> None:
        path = study.exports_dir / NAME / "dataset.json"
        record = json.loads(path.read_text())
        record["ledger"]["hash"] = "0" * 64
        path.write_text(json.dumps(record))
        hide(study)
        assert "another hash" in only(examine(study, NAME)).what


class TestStudyMutations:
    def test_a_changed_source_byte(self, study: Study) -> None:
        path = study.raw_dir / "a-emoji.txt"
        path.write_bytes(path.read_bytes().replace(b"Antwort", b"Antwurt"))
        report = examine(study, NAME)
        places = [(problem.file, problem.line) for problem in report.problems]
        assert places == [("corpus/raw/a-emoji.txt", 0), ("corpus/sources.csv", 2)]
        assert any("quotes of labels" in what for what in report.unproven)

    def test_a_copy_with_the_same_bytes_still_proves_its_quotes(self, study: Study) -> None:
        path = study.raw_dir / "c-euro.txt"
        path.write_bytes(path.read_bytes().replace(b"5", b"6"))
        report = examine(study, NAME)
        assert [problem.file for problem in report.problems] == [
            "corpus/raw/c-euro.txt",
            "corpus/sources.csv",
        ]
        assert report.checked["quotes of labels"] == 14

    def test_a_changed_source_and_a_changed_label_of_another_one(self, study: Study) -> None:
        path = study.raw_dir / "c-euro.txt"
        path.write_bytes(path.read_bytes().replace(b"5", b"6"))
        set_cell(study, "labels", 2, "quote", "1999-01-01")
        found = texts(examine(study, NAME))
        assert any("c-euro.txt" in text for text in found)
        assert any("column quote: '1999-01-01'" in text for text in found)

    def test_a_missing_source(self, study: Study) -> None:
        (study.raw_dir / "a-emoji.txt").unlink()
        assert any("corpus/raw/a-emoji.txt: cannot be read" in text for text in texts(examine(study, NAME)))

    def test_a_hash_in_sources_csv(self, study: Study) -> None:
        digest = read_built(study).sources[0].sha256
        text = study.sources_csv.read_text()
        study.sources_csv.write_text(text.replace(digest, "0" * 64))
        problem = only(examine(study, NAME))
        assert (problem.file, problem.line, problem.subject) == ("corpus/sources.csv", 2, "a-emoji.txt")

    @pytest.mark.parametrize("hidden", [False, True])
    def test_a_changed_segment(self, study: Study, hidden: bool) -> None:
        built = read_built(study)
        segments = list(built.segments)
        segments[2] = replace(segments[2], end=segments[2].end - 1)
        changed = Built(built.sources, tuple(segments), built.documents, built.passages)
        if hidden:
            write_built(study, changed)
        else:
            (study.built_dir / "segments.jsonl").write_bytes(changed.encoded()["segments.jsonl"])
        found = examine(study, NAME).problems
        lines = [problem.line for problem in found if "does not begin where" in problem.what]
        assert lines == [4]
        assert any("not what ingest wrote" in problem.what for problem in found) is not hidden

    def test_a_changed_passage_and_date_in_the_build(self, study: Study) -> None:
        built = read_built(study)
        passages = (
            replace(built.passages[0], text=built.passages[0].text + "!"),
            *built.passages[1:],
        )
        first = built.documents[0]
        assert first.published_evidence is not None
        evidence = replace(first.published_evidence, text="1999-01-01")
        documents = (replace(first, published_evidence=evidence), *built.documents[1:])
        write_built(study, Built(built.sources, built.segments, documents, passages))
        found = texts(examine(study, NAME))
        assert any("passages.jsonl:1" in text and "do not spell" in text for text in found)
        assert any("documents.jsonl:1" in text and "evidence" in text for text in found)

    def test_an_edited_ledger_line(self, study: Study) -> None:
        path = study.ledger_dir / "000002.jsonl"
        path.write_bytes(path.read_bytes().replace(b'"user":"ada"', b'"user":"ben"', 1))
        found = examine(study, NAME).problems
        assert any(
            problem.file == "corpus/ledger/000002.jsonl" and "the line was edited" in problem.what
            for problem in found
        )

    def test_an_edited_ledger_with_every_hash_made_again(self, study: Study) -> None:
        path = study.ledger_dir / "000004.jsonl"
        rechain(study, path, path.read_bytes().replace(b"2025-11-05T09:00:00Z", b"2025-11-05T08:00:00Z"))
        assert "another hash" in only(examine(study, NAME)).what

    @pytest.mark.parametrize("number", ["000001", "000003", "000004"])
    def test_a_deleted_ledger_file(self, study: Study, number: str) -> None:
        (study.ledger_dir / f"{number}.jsonl").unlink()
        assert any(problem.file.startswith("corpus/ledger") for problem in examine(study, NAME).problems)

    def test_the_last_ledger_file_and_head_taken_back(self, study: Study) -> None:
        lines = [line for line in read_ledger(study) if line.transaction != "pull-000004"]
        (study.ledger_dir / "000004.jsonl").unlink()
        (study.ledger_dir / "HEAD").write_bytes(encode_pretty(head_of(lines)))
        assert "the ledger ends at line" in only(examine(study, NAME)).what

    def test_a_broken_a_missing_and_an_added_snapshot_file(self, study: Study) -> None:
        folder = study.snapshots_dir / "pull-000002"
        (folder / studies.ADA.key / "spans.jsonl").write_bytes(b"{}\n")
        (folder / studies.BEN.key / "spans.jsonl").unlink()
        (folder / "more.jsonl").write_bytes(b"")
        found = {
            problem.file.split("pull-000002/")[-1]: problem.what for problem in examine(study, NAME).problems
        }
        assert found == {
            f"{studies.ADA.key}/spans.jsonl": "is not what pull-000002 read",
            f"{studies.BEN.key}/spans.jsonl": "is missing, but pull-000002 read it",
            "more.jsonl": "was not read by pull-000002",
        }

    def test_a_snapshot_name_cannot_leave_its_folder(self, study: Study) -> None:
        secret = study.root / "secret"
        secret.write_bytes(b"x")
        files = {"../../../secret": sha256_hex(b"x")}
        append(
            study,
            "pull",
            [Event("pulled", {"snapshot": "pull-000002", "files": files})],
            at="2026-01-01T00:00:00Z",
        )
        append(
            study, "pull", [Event("pulled", {"snapshot": "../raw", "files": {}})], at="2026-01-02T00:00:00Z"
        )
        found = texts(examine(study, NAME))
        assert any("secret" in text and "is missing" in text for text in found)
        assert any("names no snapshot folder" in text for text in found)

    def test_a_deleted_suggestion_run(self, study: Study) -> None:
        next(study.suggestions_dir.iterdir()).unlink()
        found = examine(study, NAME).problems
        assert any("corpus/suggestions/run-" in problem.file for problem in found)


class TestLaterStudy:
    def test_a_ledger_that_grew_does_not_matter(self, study: Study) -> None:
        append(
            study,
            "pull",
            [studies.ADA.confirmed(3, "ada", "2026-01-01T00:00:00Z")],
            at="2026-01-01T00:00:00Z",
        )
        assert verify(study, NAME).problems == ()
        assert export.plan(study, NAME).change == "replaced"

    def test_a_new_source_is_a_remark(self, study: Study) -> None:
        built = read_built(study)
        parts: studies.Parts = [("body", "Neu am 1. Mai.\n")]
        data = studies.text_of(parts).encode()
        (study.raw_dir / "e-new.txt").write_bytes(data)
        source = replace(
            built.sources[0],
            source_id=f"src-{sha256_hex(data)[:12]}",
            file="e-new.txt",
            sha256=sha256_hex(data),
            size=len(data),
            characters=len(data.decode()),
        )
        segments = studies._segments(source, parts)
        write_built(
            study,
            Built((*built.sources, source), (*built.segments, *segments), built.documents, built.passages),
        )
        report = verify(study, NAME)
        assert report.problems == ()
        assert any("1 row(s) of sources" in what for what in report.unproven)

    def test_another_pseudonym_is_one_problem_a_column(self, study: Study) -> None:
        path = study.root / "annotate.toml"
        path.write_text(path.read_text().replace('"A1"', '"B1"'))
        found = examine(Study(study.root), NAME).problems
        columns = sorted(
            (problem.file.split("/")[-1], problem.what.split(";")[0])
            for problem in found
            if problem.file.endswith("labels.csv")
        )
        assert columns == [("labels.csv", "9 cell(s) differ because annotate.toml changed since this export")]
        assert all("annotate.toml changed" in problem.what for problem in found)

    def test_another_build_does_not_hide_a_changed_annotator(self, study: Study) -> None:
        built = read_built(study)
        documents = (replace(built.documents[0], title="Neu"), *built.documents[1:])
        write_built(study, Built(built.sources, built.segments, documents, built.passages))
        set_cell(study, "labels", 2, "annotator", "A2")
        found = texts(examine(study, NAME))
        assert any("column annotator: 'A2', but the ledger says 'A1'" in text for text in found)
        assert any("9 cell(s) differ because corpus/built changed" in text for text in found)


class TestAlone:
    def test_what_can_be_checked_is_and_the_rest_is_said(self, template: Study, tmp_path: Path) -> None:
        shutil.copytree(template.exports_dir / NAME, tmp_path / "alone")
        report = examine_path(tmp_path / "alone")
        assert report.problems == ()
        assert any("the study is not here" in what for what in report.unproven)
        assert "rows" not in report.checked

    def test_inside_its_study_a_path_is_as_good_as_a_name(self, template: Study) -> None:
        assert examine_path(template.exports_dir / NAME) == examine(template, NAME)

    @pytest.mark.parametrize(
        ("table", "column", "value", "message"),
        [
            ("labels", "start", "7", "at start and end, not"),
            ("labels", "start", "x", "is no integer"),
            ("labels", "source_end", "99999", "are not the ends of source_ranges"),
            ("labels", "suffix", "else", "suffix is not what"),
            ("labels", "prefix", "else", "prefix is not what"),
            ("labels", "source_ranges", "51-61;61-62", "touch or overlap"),
            ("labels", "passage_id", "psg-000000000000", "passages.csv has no"),
            ("labels", "annotator", "A9", "annotators.csv has no A9"),
            ("labels", "origin", "guessed", "is none of accepted"),
            ("labels", "updated_at", "2025-11-03 10:00", "is no time in UTC"),
            ("labels", "layer", "", "is empty and must not be"),
            ("labels", "score", "0,5", "is no number"),
            ("labels", "label_id", "lbl-1", "does not look like"),
            ("relations", "to_label_id", "lbl-000000000000", "labels.csv has no"),
            ("annotators", "listed", "yes", "is neither true nor false"),
            ("passages", "text", "else", "text_sha256 is not the hash"),
            ("passages", "pieces", "[[1]]", "cannot be read"),
            ("suggestions", "quote", "else", "at start and end, not 'else'"),
            ("documents", "source_start", "-1", "is below 0"),
        ],
    )
    def test_a_changed_cell(self, study: Study, table: str, column: str, value: str, message: str) -> None:
        set_cell(study, table, 1, column, value)
        found = texts(examine_folder(study.exports_dir / NAME))
        assert any(f"{table}.csv:2" in text and message in text for text in found), found

    def test_a_doubled_row(self, study: Study) -> None:
        rows = table_rows(study, "labels")
        write_rows(study, "labels", [*rows, rows[1]])
        assert "twice, first in line 2" in only(examine_folder(study.exports_dir / NAME)).what

    def test_a_study_without_raw_files_or_ledger(self, study: Study) -> None:
        shutil.rmtree(study.ledger_dir)
        shutil.rmtree(study.built_dir)
        report = examine(study, NAME)
        assert report.problems == ()
        assert any("no ledger" in what for what in report.unproven)
        assert report.checked["quotes of labels"] == 14
        set_cell(study, "labels", 1, "quote", "2020-04-26")
        assert "the source reads '2020-04-25'" in only(examine(study, NAME)).what


def test_the_error_lists_every_violation(study: Study) -> None:
    set_cell(study, "labels", 1, "annotator", "A2")
    with pytest.raises(VerifyFailed) as caught:
        verify(study, NAME)
    assert caught.value.exit_code == 11
    assert caught.value.problems == examine(study, NAME).problems


def test_lines_are_those_of_an_editor(study: Study) -> None:
    data = (study.exports_dir / NAME / "comments.csv").read_bytes()
    rows = read_csv(data, table_schema("comments"), file="comments.csv").rows
    index = LineIndex(data.decode())
    assert [row.line for row in rows] == [
        index.line_of(data.decode().index(row.cells["comment_id"])) for row in rows
    ]


def rechain(study: Study, path: Path, data: bytes) -> None:
    """Write a transaction with fresh hashes, and HEAD to fit: a forger who knows the format."""
    lines = [msgspec.json.decode(raw, type=Line) for raw in data.splitlines()]
    before = Head(lines[0].seq - 1, lines[0].prev)
    again = chain(
        [Event(line.event, line.data) for line in lines],
        before,
        transaction=lines[0].transaction,
        at=lines[0].at,
    )
    path.write_bytes(encode_lines(again))
    (study.ledger_dir / "HEAD").write_bytes(encode_pretty(head_of(again)))


def run(study: Study, *words: str) -> Done:
    return annotate("--study", str(study.root), *words)


def test_the_command_line(study: Study) -> None:
    written = run(study, "export", "second", "--json")
    assert (written.returncode, json.loads(written.stdout)["change"]) == (0, "new")
    assert "offsets_outside" in written.stderr
    clean = run(study, "verify", "second")
    assert (clean.returncode, clean.stdout.startswith("exports/second holds: ")) == (0, True)
    set_cell(study, "labels", 1, "annotator", "A2")
    broken = run(study, "verify", NAME, "--json")
    assert broken.returncode == 11
    (problem,) = json.loads(broken.stdout)["problems"]
    assert problem["file"] == f"exports/{NAME}/labels.csv"
    assert "column annotator: 'A2', but the ledger says" in broken.stderr
    assert run(study, "export", "../elsewhere").returncode == 2
