"""`annotate.load`: typed frames and Docs from a folder alone; the examples of the documentation run."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas
import pytest
import studies

import annotate
from annotate.core.dataset import ROW_TYPES
from annotate.core.errors import BadInput, UsageError
from annotate.flows import export
from annotate.flows.export import ExportOptions
from annotate.flows.loading import Dataset
from annotate.formats.schemas import table_schema

REPOSITORY = Path(__file__).parent.parent.parent
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two datasets without their study: as text, and for spreadsheets."""
    study = studies.nasty_study(tmp_path_factory.mktemp("nasty") / "study")
    away = tmp_path_factory.mktemp("away")
    for name, excel in (("demo", False), ("guarded", True)):
        export.apply(study, export.plan(study, name, ExportOptions(excel=excel, formats=("csv",))))
        shutil.copytree(study.exports_dir / name, away / "exports" / name)
    return away


@pytest.fixture(scope="module")
def dataset(place: Path) -> Dataset:
    return annotate.load(place / "exports" / "demo")


def test_the_public_names() -> None:
    assert annotate.__all__ == ["__version__", "load"]
    public = {name for name in dir(Dataset) if not name.startswith("_")}
    assert public == {"table", "docs", "verify", *ROW_TYPES}


class TestFrames:
    def test_columns_have_the_types_of_the_schema(self, dataset: Dataset) -> None:
        kinds = {
            "integer": "Int64",
            "number": "Float64",
            "boolean": "boolean",
            "datetime": "datetime64[us, UTC]",
        }
        for name in ROW_TYPES:
            frame = dataset.table(name)
            assert tuple(frame.columns) == table_schema(name).columns
            for field in table_schema(name).fields:
                expected = {kinds[field.kind]} if field.kind in kinds else {"string", "category"}
                assert str(frame[field.name].dtype) in expected

    def test_unknown_is_na(self, dataset: Dataset) -> None:
        assert dataset.documents["title"].isna().sum() == 1
        assert dataset.labels["score"].isna().sum() > 0
        assert not (dataset.labels.astype(object) == "").any().any()

    def test_times_are_moments(self, dataset: Dataset) -> None:
        first = dataset.labels["updated_at"].max()
        assert first == pandas.Timestamp("2025-11-05T09:00:00Z")

    def test_text_is_as_it_was(self, dataset: Dataset) -> None:
        assert '=HYPERLINK("http://example.org")\r\nsecond, line\rthird' in set(dataset.comments["text"])

    def test_the_variant_for_spreadsheets_reads_the_same(self, place: Path, dataset: Dataset) -> None:
        guarded = annotate.load(place / "exports" / "guarded")
        for name in ROW_TYPES:
            pandas.testing.assert_frame_equal(guarded.table(name), dataset.table(name))


class TestDocs:
    def test_every_label_is_a_span_of_its_layer(self, dataset: Dataset) -> None:
        quotes = dict(zip(dataset.labels["label_id"], dataset.labels["quote"], strict=True))
        layers = dict(zip(dataset.labels["label_id"], dataset.labels["layer"], strict=True))
        seen = {}
        for doc in dataset.docs():
            for layer, spans in doc.spans.items():
                for span in spans:
                    told = doc.user_data["labels"][span.id_]
                    assert doc.text[told["start"] : told["end"]] == quotes[span.id_]
                    assert quotes[span.id_] in span.text
                    seen[span.id_] = layer
        assert seen == layers

    def test_a_pipeline_may_tokenise(self, dataset: Dataset) -> None:
        import spacy

        docs = list(dataset.docs(spacy.blank("xx")))
        assert [doc.user_data["passage_id"] for doc in docs] == list(dataset.passages["passage_id"])
        assert {doc.lang_ for doc in docs} == {"xx"}


class TestRefusals:
    def test_a_folder_that_is_no_dataset(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"dataset\.json"):
            annotate.load(tmp_path)

    def test_a_table_that_is_none(self, dataset: Dataset) -> None:
        with pytest.raises(UsageError) as caught:
            dataset.table("label")
        assert "labels" in caught.value.hint

    def test_a_damaged_table(self, place: Path, tmp_path: Path) -> None:
        shutil.copytree(place / "exports" / "demo", tmp_path / "d")
        (tmp_path / "d" / "labels.csv").write_text("label_id\nx\n")
        with pytest.raises(BadInput, match=r"labels\.csv"):
            annotate.load(tmp_path / "d").table("labels")

    def test_verify_names_what_was_changed(self, place: Path, tmp_path: Path) -> None:
        shutil.copytree(place / "exports" / "demo", tmp_path / "d")
        (tmp_path / "d" / "labels.csv").write_bytes(b"")
        assert any(
            "labels.csv" in problem.file for problem in annotate.load(tmp_path / "d").verify().problems
        )


def test_the_examples_of_the_documentation_run(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    blocks = PYTHON.findall((REPOSITORY / "docs" / "python.md").read_text("utf-8"))
    assert len(blocks) == 5
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), names)
    assert len(names["nothing_found"]) == 0  # type: ignore[arg-type]


if shutil.which("Rscript"):

    def test_r_reads_the_csv(place: Path) -> None:
        program = 'd <- read.csv("exports/demo/labels.csv", na.strings = ""); stopifnot(nrow(d) == 14)'
        subprocess.run(["Rscript", "-e", program], cwd=place, check=True)


def test_importing_annotate_loads_neither_pandas_nor_spacy() -> None:
    program = (
        "import annotate, sys; sys.exit(any(name in sys.modules for name in ('pandas', 'spacy', 'pyarrow')))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
