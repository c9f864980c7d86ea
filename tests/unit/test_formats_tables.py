"""The tabular formats: what each holds reads back as it was, and what it cannot hold is counted."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
import studies
from pyarrow import parquet, types

from annotate.core.dataset import ROW_TYPES, Dataset, cell_text, cells, columns
from annotate.core.dataset.splits import SPLITS, splits_of
from annotate.core.errors import UsageError
from annotate.flows import export
from annotate.flows.export import ExportOptions
from annotate.flows.formats import DEFAULT, FORMATS, PROFILES, available, chosen
from annotate.formats.folder import Chosen, write_dataset
from annotate.formats.losses import FormatLosses
from annotate.formats.schemas import table_schema
from annotate.formats.writers import csv_tables, xlsx
from annotate.formats.writing import Loss, Material

OURS = ("csv", "xlsx", "parquet", "jsonl", "huggingface")


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    study = studies.nasty_study(tmp_path_factory.mktemp("nasty") / "study")
    return export.material_of(study, "d", ExportOptions(formats=OURS))


@pytest.fixture(scope="module")
def written(
    material: Material, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, FormatLosses]]:
    folder = tmp_path_factory.mktemp("written")
    formats = [Chosen(one.name, one.title, one.writer(), one.late) for one in map(FORMATS.get, OURS) if one]
    return folder, {one.name: one for one in write_dataset(material, folder, formats)}


def expected(dataset: Dataset, table: str) -> list[dict[str, str]]:
    rows = getattr(dataset, table)
    return [dict(zip(columns(ROW_TYPES[table]), map(cell_text, cells(row)), strict=True)) for row in rows]


def as_text(value: object) -> str:
    """A cell of another format, as CSV would write it."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat() + "Z"
    return cell_text(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("table", list(ROW_TYPES))
class TestRoundTrips:
    def test_parquet_holds_every_cell(self, written, material: Material, table: str) -> None:
        found = parquet.read_table(written[0] / "parquet" / f"{table}.parquet").to_pylist()
        assert [{key: as_text(value) for key, value in row.items()} for row in found] == expected(
            material.dataset, table
        )

    def test_json_lines_hold_every_cell(self, written, material: Material, table: str) -> None:
        lines = (written[0] / "jsonl" / f"{table}.jsonl").read_text("utf-8").splitlines()
        found = [{key: as_text(value) for key, value in json.loads(line).items()} for line in lines]
        assert found == expected(material.dataset, table)

    def test_a_workbook_holds_what_the_loss_report_does_not_name(
        self, written, material: Material, table: str
    ) -> None:
        book = openpyxl.load_workbook(written[0] / "tables.xlsx")
        header, *rows = book[table].iter_rows(values_only=True)
        lost = {loss.what for loss in written[1]["xlsx"].losses}
        schema = table_schema(table)
        assert header == schema.columns
        assert book[table].freeze_panes == "A2"
        for row, wanted in zip(rows, expected(material.dataset, table), strict=True):
            for value, field in zip(row, schema.fields, strict=True):
                if f"{table}.{field.name}" in lost:
                    continue
                if field.kind == "number" and value is not None:
                    assert float(value) == float(wanted[field.name])
                else:
                    assert as_text(value).replace("_x000D_", "\r") == wanted[field.name]


class TestParquet:
    def test_columns_have_the_types_of_the_table_schema(self, written) -> None:
        schema = parquet.read_schema(written[0] / "parquet" / "labels.parquet")
        assert types.is_dictionary(schema.field("layer").type)
        assert types.is_int64(schema.field("source_start").type)
        assert str(schema.field("confirmed_at").type) == "timestamp[us, tz=UTC]"
        assert types.is_float64(schema.field("score").type)

    def test_it_carries_its_table_schema(self, written) -> None:
        found = parquet.read_schema(written[0] / "parquet" / "labels.parquet").metadata
        assert json.loads(found[b"table_schema"])["name"] == "labels"


class TestWorkbook:
    def test_no_cell_is_a_formula_or_a_link(self, written) -> None:
        book = openpyxl.load_workbook(written[0] / "tables.xlsx")
        cells_of = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells_of} <= {"s", "n", "b", "d", "inlineStr"}
        assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells_of)
        assert not any(cell.hyperlink for cell in cells_of)

    def test_text_longer_than_a_cell_is_cut_and_counted(self, material: Material, tmp_path: Path) -> None:
        for length, lost in ((32_767, 0), (32_768, 1)):
            found = self._with_text(material, "x" * length, tmp_path)
            assert found.get("passages.text", 0) == lost
        # A character beyond the basic plane counts twice, and is not cut in half.
        assert self._with_text(material, "😀" * 16_384, tmp_path)["passages.text"] == 1
        sheet = openpyxl.load_workbook(tmp_path / "tables.xlsx")["passages"]
        assert sheet.cell(2, 11).value == "😀" * 16_383

    def _with_text(self, material: Material, text: str, folder: Path) -> dict[str, int]:
        first, *rest = material.dataset.passages
        dataset = replace(material.dataset, passages=(replace(first, text=text), *rest))
        return {loss.what: loss.count for loss in xlsx.write(replace(material, dataset=dataset), folder)}

    def test_rows_beyond_a_sheet_are_counted(
        self, material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(xlsx, "MOST_ROWS", 5)
        found = {loss.what: loss.count for loss in xlsx.write(material, tmp_path)}
        assert found["labels"] == len(material.dataset.labels) - 4
        assert openpyxl.load_workbook(tmp_path / "tables.xlsx")["labels"].max_row == 5

    def test_control_and_other_characters_that_xml_does_not_have(
        self, material: Material, tmp_path: Path
    ) -> None:
        self._with_text(material, "a\x00b\x0bc\ufffed\uffff_x0041_ \ud7ff", tmp_path)
        book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
        assert book["passages"].cell(2, 11).value.startswith("a")


class TestHuggingFace:
    def test_every_label_is_in_one_split_and_on_its_text(self, written, material: Material) -> None:
        data = written[0] / "huggingface" / "data"
        seen = []
        for path in data.glob("passages-*.parquet"):
            for row in parquet.read_table(path).to_pylist():
                for span in row["spans"]:
                    quote = row["text"][span["start"] : span["end"]]
                    seen.append((span["label_id"], quote))
        assert sorted(seen) == sorted((row.label_id, row.quote) for row in material.dataset.labels)
        ids = [
            row["label_id"]
            for path in data.glob("labels-*.parquet")
            for row in parquet.read_table(path).to_pylist()
        ]
        assert sorted(ids) == sorted(row.label_id for row in material.dataset.labels)

    def test_documents_are_split_in_shares_by_seed(self) -> None:
        names = [f"doc-{number:012x}" for number in range(4000)]
        found = splits_of(names)
        shares = {split: list(found.values()).count(split) / len(found) for split in SPLITS}
        assert shares == pytest.approx(SPLITS, abs=0.02)
        assert splits_of(names, seed="2") != found

    def test_the_card_and_croissant_name_the_files_that_are_there(self, written) -> None:
        folder = written[0] / "huggingface"
        croissant = json.loads((folder / "croissant.json").read_text("utf-8"))
        named = {one["contentUrl"] for one in croissant["distribution"]}
        assert named == {f"data/{path.name}" for path in (folder / "data").iterdir()}
        card = (folder / "README.md").read_text("utf-8")
        assert all(f"path: {name}" in card for name in named)
        for records in croissant["recordSet"]:
            (source,) = {one["source"]["fileObject"]["@id"] for one in records["field"]}
            path = next(one["contentUrl"] for one in croissant["distribution"] if one["@id"] == source)
            held = parquet.read_schema(folder / path).names
            assert {one["source"]["extract"]["column"] for one in records["field"]} <= set(held)


class TestRegistry:
    def test_every_default_and_profile_names_a_format(self) -> None:
        assert set(DEFAULT) <= set(FORMATS)
        assert all(set(names) <= set(FORMATS) for names in PROFILES.values())

    def test_every_format_that_is_there_can_be_loaded(self) -> None:
        assert set(OURS) <= set(available())
        assert all(callable(FORMATS[name].writer()) for name in available())

    def test_csv_is_always_there(self) -> None:
        assert chosen(["xlsx"]) == ("csv", "xlsx")
        assert chosen([], ["statistics"]) == ("csv", "parquet")
        assert chosen() == tuple(name for name in DEFAULT if name in available())

    @pytest.mark.parametrize("names", [(["xslx"], []), ([], ["archives"])])
    def test_an_unknown_name_lists_the_known_ones(self, names) -> None:
        with pytest.raises(UsageError) as caught:
            chosen(*names)
        assert "xlsx" in caught.value.hint or "archive" in caught.value.hint

    def test_the_spreadsheet_profile_guards_the_csv(self, tmp_path: Path) -> None:
        study = studies.nasty_study(tmp_path / "study")
        made = export.material_of(study, "d", ExportOptions(profiles=("spreadsheet",)))
        assert made.record.excel
        assert made.record.formats == ("csv", "xlsx")


class TestLosses:
    def test_the_report_is_for_programs_and_for_people(self, written) -> None:
        report = json.loads((written[0] / "losses.json").read_text("utf-8"))["formats"]
        assert [one["format"] for one in report] == list(OURS)
        by_name = {one["format"]: one for one in report}
        assert by_name["csv"]["losses"] == by_name["parquet"]["losses"] == []
        assert {"tables.xlsx"} == set(by_name["xlsx"]["files"])
        lost = {loss["what"]: loss["count"] for loss in by_name["huggingface"]["losses"]}
        assert lost["suggestions"] == 9
        page = (written[0] / "LOSSES.md").read_text("utf-8")
        assert "## Excel workbook (`xlsx`)" in page
        assert "| labels.updated\\_at" in page or "| labels.updated_at | " in page

    def test_a_loss_of_nothing_is_not_reported(self, material: Material, tmp_path: Path) -> None:
        def write(_: Material, __: Path) -> tuple[Loss, ...]:
            return (Loss("labels.score", 0, "none here"), Loss("labels.value", 2, "no place"))

        csv = Chosen("csv", "CSV", csv_tables.write)
        _, found = write_dataset(material, tmp_path, [csv, Chosen("odd", "Odd", write)])
        assert [loss.what for loss in found.losses] == ["labels.value"]

    def test_fields_of_a_loss_are_what_writers_give(self) -> None:
        assert [one.name for one in fields(Loss)] == ["what", "count", "why"]
