"""The same bytes whatever the hash seed, the time zone and the locale: ingest, segments, export, report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import derived
import pytest


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What this process makes."""
    return derived.derived(tmp_path_factory.mktemp("here"))


def there(folder: Path, seed: str, zone: str, locale: str) -> dict[str, str]:
    """What a process with another hash seed, time zone and locale makes."""
    settings = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "PYTHONPATH": str(derived.ROOT)}
    done = subprocess.run(
        [sys.executable, derived.__file__, str(folder)],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_same_bytes_in_another_environment(here: dict[str, str], tmp_path: Path) -> None:
    assert there(tmp_path, "1", "Asia/Pyongyang", "C") == here
    files = {name.rpartition("/")[2] for name in here}
    assert {"chronology.svg", "tables.xlsx", "labels.parquet", "segments.jsonl", "report"} <= files


@pytest.mark.matrix
@pytest.mark.parametrize("seed", ["0", "7", "4711"])
@pytest.mark.parametrize("zone", ["America/St_Johns", "Pacific/Apia"])
@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "de_DE.UTF-8"])
def test_the_same_bytes_in_every_environment(
    here: dict[str, str], tmp_path: Path, seed: str, zone: str, locale: str
) -> None:
    assert there(tmp_path, seed, zone, locale) == here
