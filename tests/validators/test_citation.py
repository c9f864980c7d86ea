"""CITATION.cff by cffconvert: valid, and able to fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run

pytestmark = pytest.mark.validators


def test_it_is_valid_and_has_what_the_study_says(run: Run, dataset: Path) -> None:
    path = dataset / "CITATION.cff"
    done = run("cffconvert", "--validate", "-i", path)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = run("cffconvert", "-f", "bibtex", "-i", path).stdout
    assert "Ada Ö. Example" in shown
    assert "10.1234/nasty" in shown


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("type: dataset", "type: labels"),
        ('license: "CC-BY-4.0"', 'license: "free"'),
        ("authors:", "people:"),
        ('date-released: "', 'date-released: "about '),
    ],
)
def test_a_broken_one_fails(run: Run, dataset: Path, old: str, new: str) -> None:
    path = dataset / "CITATION.cff"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert run("cffconvert", "--validate", "-i", path).returncode != 0
