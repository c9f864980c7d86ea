"""The Croissant file of the Hugging Face folder: mlcroissant reads every record set, and notices a lie."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Run

pytestmark = pytest.mark.validators


def load(run: Run, folder: Path, record_set: str) -> int:
    words = ("load", "--jsonld", "croissant.json", "--record_set", record_set, "--num_records", "-1")
    return run("mlcroissant", *words, cwd=folder).returncode


def test_every_record_set_loads(run: Run, dataset: Path) -> None:
    folder = dataset / "huggingface"
    sets = [one["@id"] for one in json.loads((folder / "croissant.json").read_text("utf-8"))["recordSet"]]
    assert sets
    for name in sets:
        assert load(run, folder, name) == 0, name


def test_a_wrong_column_fails(run: Run, dataset: Path) -> None:
    folder = dataset / "huggingface"
    data = json.loads((folder / "croissant.json").read_text("utf-8"))
    data["recordSet"][0]["field"][0]["source"]["extract"]["column"] = "not_there"
    (folder / "croissant.json").write_text(json.dumps(data), "utf-8")
    assert load(run, folder, data["recordSet"][0]["@id"]) != 0
