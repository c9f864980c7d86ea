"""What the suggesters find in the labelled sample corpus does not fall below what was measured once."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORDED = json.loads((ROOT / "tests/expected/sample_floors.json").read_text(encoding="utf-8"))
AGAIN = "measure again with `python benchmarks/sample_corpus.py`, read it, and add --record"


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location(
        "benchmark_sample_corpus", ROOT / "benchmarks" / "sample_corpus.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def sample(bench):
    return bench.read_sample()


@pytest.fixture(scope="module")
def figures(bench, sample):
    return bench.measured(bench.rows(sample, bench.suggested(sample, "source_criticism").spans))


def test_the_floors_belong_to_this_corpus(bench):
    assert bench.fingerprint() == RECORDED["fingerprint"], f"the sample corpus is another one: {AGAIN}"


@pytest.mark.parametrize("name", sorted(RECORDED["floors"]))
def test_no_label_falls_below_its_floor(figures, name):
    floors = RECORDED["floors"][name]
    below = {
        kind: (figures[name][kind], floor) for kind, floor in floors.items() if figures[name][kind] < floor
    }
    assert not below, "is it meant? then say why, and set the floor by hand"


def test_every_label_is_measured(bench, sample, figures):
    assert figures.keys() == RECORDED["floors"].keys()
    assert {one.name for one in sample.scheme.labels} < figures.keys()


def test_gold_against_itself_is_perfect_and_nothing_is_nothing(bench, sample):
    gold = bench.measured(bench.rows(sample, sample.hands["c"]))
    assert {one for row in gold.values() for one in row.values()} == {1.0}
    nothing = bench.measured(bench.rows(sample, {}))
    assert {one for row in nothing.values() for one in row.values()} == {0.0}


def test_an_overlapping_label_counts_as_overlap_only(bench, sample):
    shorter = {
        name: frozenset(type(one)(one.layer, one.label, one.start, one.end - 1) for one in spans)
        for name, spans in sample.hands["c"].items()
    }
    row = bench.measured(bench.rows(sample, shorter))["CLAIM"]
    assert row["overlap"] == 1.0
    assert row["exact"] == 0.0
