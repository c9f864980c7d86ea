"""`annotate export`: rows, bytes, and what happens to the folder."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import shutil
import typing
from pathlib import Path

import pytest
import studies
from hypothesis import given
from hypothesis import strategies as st

from annotate.core.dataset import ROW_TYPES, columns
from annotate.core.dataset.lookup import unlisted_pseudonym, utc
from annotate.core.dataset.quarantine import REASONS
from annotate.core.errors import ConfigError, Conflict, IntegrityFailure, UsageError
from annotate.flows import export
from annotate.flows.export import ExportOptions
from annotate.formats.schemas import all_schemas, schema_bytes, table_schema
from annotate.formats.tables import BOM, csv_bytes, guard, unguard
from annotate.store.study import Study

GOLDEN = Path(__file__).parent.parent / "golden"
REPOSITORY = Path(__file__).parent.parent.parent
DESIGN_COLUMNS = """
label_id pass layer label quote prefix suffix source_id source_file source_start source_end
document_id title publisher agency published language passage_id start end annotator created_at
updated_at confirmed_at status origin suggestion_id agent agent_version score value value_type
value_origin scheme scheme_version scheme_sha256 guideline_sha256 pull doccano_server
doccano_project doccano_example doccano_label
"""


TIMEX = ("timex_type", "timex_value", "anchor", "alternatives")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return studies.nasty_study(tmp_path_factory.mktemp("nasty") / "study")


@pytest.fixture
def study(template: Study, tmp_path: Path) -> Study:
    shutil.copytree(template.root, tmp_path / "study")
    return Study(tmp_path / "study")


def rows(files: typing.Mapping[str, bytes], table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"{table}.csv"].decode("utf-8-sig"), newline="")))


def label(found: list[dict[str, str]], number: int) -> dict[str, str]:
    return next(row for row in found if row["doccano_label"] == str(number))


class TestRows:
    def test_the_columns_are_those_of_the_design(self) -> None:
        assert list(columns(ROW_TYPES["labels"])) == [
            *DESIGN_COLUMNS.split(),
            "source_ranges",
            *TIMEX,
            "quote_sha256",
        ]

    def test_every_quote_is_what_the_source_reads(self, template: Study) -> None:
        files = export.plan(template, "d").files
        texts = {name: studies.text_of(parts) for name, (_, parts) in studies.FILES.items()}
        found = rows(files, "labels")
        assert len(found) == 14
        for row in found:
            text = texts[row["source_file"]]
            ranges = [tuple(map(int, part.split("-"))) for part in row["source_ranges"].split(";")]
            joined = "".join(text[start:end] for start, end in ranges)
            assert joined.replace("\r\n", "\n") == row["quote"]
            assert (ranges[0][0], ranges[-1][1]) == (int(row["source_start"]), int(row["source_end"]))

    def test_a_range_splits_where_the_annotator_did_not_see_the_source(self, template: Study) -> None:
        found = rows(export.plan(template, "d").files, "labels")
        assert label(found, 23)["quote"] == "Supreme Council"
        assert label(found, 23)["source_ranges"] == "27-29;30-40;41-44"
        assert label(found, 24)["quote"] == "dankte.\nAm"
        assert label(found, 24)["source_ranges"] == "118-126;145-147"

    def test_origin_follows_from_what_was_done(self, template: Study) -> None:
        found = rows(export.plan(template, "d").files, "labels")
        assert {number: label(found, number)["origin"] for number in (11, 12, 21, 22, 26)} == {
            11: "accepted",
            12: "edited",
            21: "edited",
            22: "manual",
            26: "manual",
        }
        # Only an untouched suggestion may lend its value.
        assert [label(found, number)["value"] for number in (11, 12, 21, 22)] == ["2021-05-03", "", "", ""]
        assert label(found, 11)["value_type"] == "EDTF"
        assert label(found, 12)["suggestion_id"] == label(found, 112)["suggestion_id"] != ""
        assert label(found, 12)["annotator"] == "A1"

    def test_status_and_times(self, template: Study) -> None:
        found = rows(export.plan(template, "d").files, "labels")
        assert label(found, 26)["status"] == "draft"
        assert label(found, 26)["confirmed_at"] == ""
        assert label(found, 22)["confirmed_at"] == "2025-11-03T10:10:00.500000Z"
        assert label(found, 22)["updated_at"] == "2025-11-03T10:00:00.123456Z"

    def test_the_scheme_is_the_one_in_force_at_the_decision(self, template: Study) -> None:
        found = rows(export.plan(template, "d").files, "labels")
        assert label(found, 22)["scheme_version"] == "1.0.0"
        assert label(found, 32)["scheme_version"] == "1.1.0"
        assert label(found, 32)["scheme_sha256"] == "e" * 64

    def test_the_pull_is_the_one_that_recorded_the_decision(self, template: Study) -> None:
        found = rows(export.plan(template, "d").files, "labels")
        # The suggestion was recorded by the push; it became a label when its passage was confirmed.
        assert label(found, 11)["pull"] == "pull-000002"
        assert label(found, 26)["pull"] == "pull-000004"

    def test_annotators_are_pseudonyms_unless_asked(self, template: Study) -> None:
        plain = export.plan(template, "d").files
        named = export.plan(template, "d", ExportOptions(names=True)).files
        stranger = unlisted_pseudonym("0f3b2c1d-test-study", "carla")
        assert {row["annotator"] for row in rows(plain, "labels")} == {"", "A1", "A2", stranger}
        assert {row["annotator"] for row in rows(named, "labels")} == {"", "ada", "ben", "carla"}
        everything = b"".join(plain.values())
        for name in (b'"ada"', b",ada,", b",ben,", b",carla,"):
            assert name not in everything

    def test_what_cannot_be_proven_is_set_aside_with_its_reason(self, template: Study) -> None:
        files = export.plan(template, "d").files
        found = {row["doccano_id"]: row["reason"] for row in rows(files, "quarantine")}
        assert found == {
            "28": "label_not_in_scheme",
            "30": "offsets_outside",
            "42": "ends_not_in_labels",
            "123": "passage_edited",
            "124": "passage_vanished",
            "125": "service_account",
        }
        exported = {row["doccano_label"] for row in rows(files, "labels")}
        assert not exported & set(found)
        readme = files["README.md"].decode()
        assert all(f"| {reason}: {REASONS[reason]} |" in readme for reason in found.values())

    def test_a_vanished_label_relation_or_comment_is_not_exported(self, template: Study) -> None:
        files = export.plan(template, "d").files
        assert not [row for row in rows(files, "labels") if row["doccano_label"] in ("13", "14", "31")]
        assert not [row for row in rows(files, "relations") if row["doccano_relation"] in ("43", "62", "63")]
        assert sorted(row["doccano_comment"] for row in rows(files, "comments")) == ["51", "52"]

    def test_every_suggestion_has_a_fate(self, template: Study) -> None:
        found = rows(export.plan(template, "d").files, "suggestions")
        fates = {row["doccano_label"]: row["fate"] for row in found}
        assert fates == {
            "11": "accepted",
            "12": "edited",
            "13": "rejected",
            "14": "edited",
            "111": "accepted",
            "112": "accepted",
            "113": "accepted",
            "114": "untouched",
            "": "not_pushed",
        }
        moved = next(row for row in found if row["doccano_label"] == "14")
        labels = rows(export.plan(template, "d").files, "labels")
        assert moved["label_id"] == label(labels, 21)["label_id"]

    def test_a_confirmed_passage_without_labels_is_known(self, template: Study) -> None:
        found = rows(export.plan(template, "d").files, "assignments")
        statuses = sorted((row["assignee"], row["status"]) for row in found)
        assert statuses == [
            ("A1", "confirmed"),
            ("A1", "confirmed"),
            ("A1", "open"),
            ("A2", "confirmed"),
            ("A2", "edited"),
            ("A2", "vanished"),
        ]

    def test_rows_are_in_the_promised_order(self, template: Study) -> None:
        found = rows(export.plan(template, "d").files, "labels")
        names = ("source_file", "source_start", "source_end", "layer", "label", "annotator", "label_id")
        keys = [
            tuple(int(row[name]) if name in ("source_start", "source_end") else row[name] for name in names)
            for row in found
        ]
        assert keys == sorted(keys)


class TestTimes:
    @pytest.mark.parametrize(
        ("given_time", "expected"),
        [
            ("2025-11-03T10:00:00.123456Z", "2025-11-03T10:00:00.123456Z"),
            ("2025-11-03T11:00:00+01:00", "2025-11-03T10:00:00Z"),
            ("2025-11-03T10:00:00.500Z", "2025-11-03T10:00:00.500000Z"),
            ("2025-11-03T10:00:00", ""),
            ("yesterday", ""),
            ("", ""),
            (None, ""),
        ],
    )
    def test_in_utc_or_unknown(self, given_time: str | None, expected: str) -> None:
        assert utc(given_time) == expected


class TestBytes:
    def test_the_files_are_the_golden_ones(self, template: Study, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("annotate.flows.dataset_inputs.__version__", "golden")
        made = studies.golden_files(template)
        there = {path.relative_to(GOLDEN).as_posix() for path in GOLDEN.rglob("*") if path.is_file()}
        assert there - {"README.md"} == set(made)
        for name, data in made.items():
            assert (GOLDEN / name).read_bytes() == data, f"{name}; see tests/golden/README.md"

    def test_every_file_but_the_manifest_is_in_the_manifest(self, template: Study) -> None:
        files = export.plan(template, "d").files
        listed = [line.split("  ")[1] for line in files["MANIFEST.sha256"].decode().splitlines()]
        assert listed == sorted(files.keys() - {"MANIFEST.sha256"})

    def test_csv_is_what_the_standard_reader_reads_back(self, template: Study) -> None:
        files = export.plan(template, "d").files
        comment = next(row for row in rows(files, "comments") if row["doccano_comment"] == "51")
        assert comment["text"] == '=HYPERLINK("http://example.org")\r\nsecond, line\rthird'
        for name in ROW_TYPES:
            data = files[f"{name}.csv"]
            outside = "".join(part for index, part in enumerate(data.decode().split('"')) if index % 2 == 0)
            assert "\r" not in outside
            assert data.endswith(b"\n")

    def test_scores_keep_every_digit(self, template: Study) -> None:
        found = rows(export.plan(template, "d").files, "suggestions")
        assert {row["score"] for row in found} == {"1.0", "0.75", "0.30000000000000004", "1e-07", ""}

    def test_excel_guards_formulas_and_can_be_undone(self, template: Study) -> None:
        plain = export.plan(template, "d").files
        excel = export.plan(template, "d", ExportOptions(excel=True)).files
        assert excel["comments.csv"].decode().startswith(BOM)
        assert not plain["comments.csv"].decode().startswith(BOM)
        assert {row["text"][:3] for row in rows(excel, "comments")} == {"'=H", "'@b"}
        for table in ("comments", "documents", "labels"):
            undone = [{key: unguard(value) for key, value in row.items()} for row in rows(excel, table)]
            assert undone == rows(plain, table)

    @given(st.text(alphabet="'=+-@\t\r\nab＝", max_size=6))
    def test_the_guard_loses_nothing(self, text: str) -> None:
        assert unguard(guard(text)) == text
        assert not guard(text).startswith(tuple("=+-@\t\r\n＝"))

    def test_an_empty_table_still_has_its_header(self) -> None:
        schema = table_schema("comments")
        assert csv_bytes(schema, []) == (",".join(schema.columns) + "\n").encode()


class TestSchemas:
    def test_they_describe_the_rows(self) -> None:
        kinds = {str: {"string", "datetime"}, int: {"integer"}, float: {"number"}, bool: {"boolean"}}
        for schema in all_schemas():
            row_type = ROW_TYPES[schema.name]
            assert schema.columns == columns(row_type)
            hints = typing.get_type_hints(row_type)
            for field, column in zip(schema.fields, dataclasses.fields(row_type), strict=True):
                base = [one for one in typing.get_args(hints[column.name]) if one is not type(None)]
                assert field.kind in kinds[base[0] if base else hints[column.name]]

    def test_every_column_says_what_it_means(self) -> None:
        for name in ROW_TYPES:
            data = json.loads(schema_bytes(name))
            assert data["missingValues"] == [""]
            assert all(len(field["description"]) > 5 for field in data["fields"])

    def test_keys_name_columns_that_exist(self) -> None:
        for schema in all_schemas():
            assert set(schema.primary_key) <= set(schema.columns)
            for foreign in schema.foreign_keys:
                assert set(foreign.columns) <= set(schema.columns)
                assert set(foreign.reference) <= set(table_schema(foreign.table).columns)

    def test_quarantine_reasons_are_those_of_the_code(self) -> None:
        reason = next(field for field in table_schema("quarantine").fields if field.name == "reason")
        assert reason.enum == tuple(REASONS)

    def test_the_documentation_names_every_table_and_column(self) -> None:
        text = (REPOSITORY / "docs" / "datasets.md").read_text("utf-8")
        for schema in all_schemas():
            section = text.split(f"## {schema.name}.csv\n")[1].split("\n## ")[0]
            described = json.loads(schema_bytes(schema.name))["fields"]
            rows_of = [line for line in section.splitlines() if line.startswith("| `")]
            assert rows_of == [
                f"| `{one['name']}` | {one['type']} | {one['description'].replace('|', '&#124;')} |"
                for one in described
            ]


class TestFolder:
    def test_apply_writes_and_says_unchanged_the_second_time(self, study: Study) -> None:
        first = export.apply(study, export.plan(study, "d"))
        before = {path: path.stat().st_mtime_ns for path in study.exports_dir.rglob("*")}
        second = export.apply(study, export.plan(study, "d"))
        assert (first.change, second.change) == ("new", "unchanged")
        assert {path: path.stat().st_mtime_ns for path in study.exports_dir.rglob("*")} == before
        assert [path.name for path in study.exports_dir.iterdir()] == ["d"]

    def test_planning_writes_nothing(self, study: Study) -> None:
        before = sorted(study.root.rglob("*"))
        export.plan(study, "d")
        assert sorted(study.root.rglob("*")) == before

    def test_another_export_replaces_the_whole_folder(self, study: Study) -> None:
        export.apply(study, export.plan(study, "d"))
        assert export.apply(study, export.plan(study, "d", ExportOptions(names=True))).change == "replaced"
        assert b"ada" in (study.exports_dir / "d" / "labels.csv").read_bytes()

    def test_a_hand_edited_dataset_is_not_replaced(self, study: Study) -> None:
        export.apply(study, export.plan(study, "d"))
        edited = study.exports_dir / "d" / "labels.csv"
        edited.write_bytes(edited.read_bytes() + b"mine\n")
        (study.exports_dir / "d" / "notes.txt").write_text("mine")
        with pytest.raises(Conflict) as caught:
            export.plan(study, "d")
        assert {Path(problem.file).name for problem in caught.value.problems} == {"labels.csv", "notes.txt"}
        export.apply(study, export.plan(study, "d", ExportOptions(force=True)))
        assert not (study.exports_dir / "d" / "notes.txt").exists()

    def test_a_folder_that_is_no_dataset_is_left_alone(self, study: Study) -> None:
        (study.exports_dir / "d").mkdir(parents=True)
        (study.exports_dir / "d" / "thesis.txt").write_text("years of work")
        with pytest.raises(Conflict):
            export.plan(study, "d")

    def test_what_a_crash_left_is_cleared_away(self, study: Study) -> None:
        (study.exports_dir / ".d.abc.new").mkdir(parents=True)
        (study.exports_dir / ".d.abc.old").mkdir()
        export.apply(study, export.plan(study, "d"))
        assert [path.name for path in study.exports_dir.iterdir()] == ["d"]

    def test_a_failing_write_leaves_the_old_dataset(
        self, study: Study, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        export.apply(study, export.plan(study, "d"))
        before = (study.exports_dir / "d" / "labels.csv").read_bytes()

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        plan = export.plan(study, "d", ExportOptions(names=True))
        monkeypatch.setattr("annotate.flows.dataset_folder.os.fsync", full)
        with pytest.raises(Exception, match="No space left"):
            export.apply(study, plan)
        assert (study.exports_dir / "d" / "labels.csv").read_bytes() == before
        assert [path.name for path in study.exports_dir.iterdir()] == ["d"]

    @pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../a", "-x", "a b", "a\n", "x" * 65, "ä"])
    def test_a_name_that_is_no_folder_name_is_refused(self, study: Study, name: str) -> None:
        with pytest.raises(UsageError):
            export.plan(study, name)


class TestRefusals:
    def test_before_the_first_pull(self, tmp_path: Path) -> None:
        study = studies.write_study(tmp_path / "fresh")
        with pytest.raises(ConfigError, match="nothing was pulled yet") as caught:
            export.plan(study, "d")
        assert "annotate pull" in caught.value.hint

    def test_without_a_build(self, study: Study) -> None:
        shutil.rmtree(study.built_dir)
        with pytest.raises(ConfigError, match="no documents yet"):
            export.plan(study, "d")

    def test_with_a_changed_source(self, study: Study) -> None:
        path = study.raw_dir / "a-emoji.txt"
        path.write_bytes(path.read_bytes().replace(b"Antwort", b"Antwurt"))
        with pytest.raises(IntegrityFailure) as caught:
            export.plan(study, "d")
        assert any("a-emoji.txt" in str(problem) for problem in caught.value.problems)

    def test_with_a_broken_ledger(self, study: Study) -> None:
        (study.ledger_dir / "000004.jsonl").unlink()
        with pytest.raises(IntegrityFailure, match="ledger"):
            export.plan(study, "d")
