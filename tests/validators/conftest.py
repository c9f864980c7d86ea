"""Validators of the standards, run in an environment of their own, without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

import studies

from annotate.flows import export
from annotate.flows.export import ExportOptions
from annotate.store.study import Study

HERE = Path(__file__).parent
ABOUT = """
[dataset]
title = "A nasty little dataset: labels"
description = "Labels for tests"
licence = "CC-BY-4.0"
doi = "10.1234/nasty"
keywords = ["tests", "provenance"]

[[dataset.authors]]
name = "Ada Ö. Example"
orcid = "https://orcid.org/0000-0002-1825-0097"
affiliation = "Institute of Examples"
"""
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def environment() -> Path:
    """The folder of the validators' programs."""
    place = Path(os.environ.get("ANNOTATE_VALIDATORS_ENV", HERE.parents[1] / ".venv-validators"))
    if not (place / "bin" / "python").is_file():
        pytest.fail(f"no validators in {place}: run `make validators`, or tools/validators.sh")
    return place / "bin"


@pytest.fixture(scope="session")
def run(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a program of that environment. Whatever asks for the network fails at once."""
    home = tmp_path_factory.mktemp("home")
    nowhere = {f"{kind}_proxy": "http://127.0.0.1:9" for kind in ("http", "https", "all")}
    quiet = {"HOME": str(home), "PATH": os.defpath, "NO_COLOR": "1", "LC_ALL": "C.UTF-8", **nowhere}

    def run(*command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        program = environment / command[0]
        rest = [str(one) for one in command[1:]]
        return subprocess.run(
            [program, *rest], cwd=cwd, env=quiet, capture_output=True, text=True, timeout=300, check=False
        )

    return run


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The nasty little study, with something to say of its datasets."""
    made = studies.nasty_study(tmp_path_factory.mktemp("validators") / "study")
    config = made.root / "annotate.toml"
    config.write_text(config.read_text("utf-8") + ABOUT, "utf-8")
    return Study(made.root)


@pytest.fixture(scope="session")
def exported(study: Study) -> Path:
    """A dataset of that study in every format that this installation writes."""
    from annotate.flows.formats import available

    export.apply(study, export.plan(study, "sample", ExportOptions(formats=available())))
    return study.exports_dir / "sample"


@pytest.fixture
def dataset(exported: Path, tmp_path: Path) -> Path:
    """A copy of the dataset, to be broken."""
    return Path(shutil.copytree(exported, tmp_path / "dataset"))
