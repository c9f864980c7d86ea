"""Seeds (not ours to ship): what a reader found in them is found, and nothing is marked where nothing may be.

The expectations were written from reading, as offsets; `benchmarks/seeds.py` prints what is missing. Skipped
where the seeds are absent.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import sys
from pathlib import Path

import pytest

from annotate.flows import ingest
from annotate.store.study import Study

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT.parent / "shared" / "seeds"
# An older reading: insults as well, and other furniture.
OLDER = json.loads((ROOT / "tests" / "expected" / "seed_rhetoric.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def bench():
    if not SEEDS.is_dir():
        pytest.skip("the seeds (../shared/seeds) are absent")
    spec = importlib.util.spec_from_file_location("benchmark_seeds", ROOT / "benchmarks" / "seeds.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def seen(bench, tmp_path_factory):
    """What the pipelines say about the passages that ingest makes of the seeds."""
    folder = tmp_path_factory.mktemp("seeds")
    shutil.copy(ROOT / "annotate.toml", folder)
    (folder / "corpus" / "raw").mkdir(parents=True)
    for path in SEEDS.glob("*.txt"):
        shutil.copy(path, folder / "corpus" / "raw")
    return bench.of_built(ingest.plan(Study(folder)).built)


@pytest.fixture(scope="module")
def seen_whole(bench):
    """What they say about each whole file, furniture and all."""
    return bench.of_files(SEEDS)


def test_the_expectations_are_about_these_seeds(bench):
    assert bench.altered(bench.reading(), SEEDS) == []
    texts = bench.texts_of(SEEDS)
    for one in OLDER["found"]:
        words = texts[one["file"]][one["start"] : one["end"]]
        assert hashlib.sha256(words.encode("utf-8")).hexdigest()[:16] == one["sha256"]


def test_every_slogan_honorific_saying_and_source_line_is_found(bench, seen):
    missed = [one for one in bench.verdicts(bench.reading(), seen) if not one.found]
    assert missed == []


def test_insults_and_slogans_of_an_older_reading_are_found(bench, seen):
    for one in OLDER["found"]:
        place = one["start"], one["end"]
        found = [
            bench.covered((two.start, two.end), place)
            for two in seen.labels
            if (two.file, two.label) == (one["file"], one["label"])
        ]
        assert max(found, default=0) > bench.HALF, (one["file"], place)


def test_nobody_says_what_the_reader_did_not_hear(bench, seen):
    cues = [row for row in bench.reading() if row["label"] in ("CUE", "SLOGAN")]
    for one in seen.triples:
        at = one.cue or one.content
        near = [
            row
            for row in cues
            if row["file"] == one.file and at[0] < row["end"] + 10 and row["start"] < at[1] + 10
        ]
        assert near, one


def test_no_label_but_pub_on_titles_source_lines_and_page_furniture(bench, seen, seen_whole):
    older = [row | {"kind": "furniture"} for row in OLDER["furniture"]]
    for looked in (seen, seen_whole):
        assert bench.wrong_on_furniture([*bench.reading(), *older], looked) == []


def test_plain_titles_of_leaders_are_not_marked(bench, seen):
    texts = bench.texts_of(SEEDS)
    for one in seen.labels:
        if one.label == "GLORIFY":
            words = texts[one.file][one.start : one.end]
            assert words not in ("Supreme Leader", "President", "Der Heerführer", "Präsident"), one
