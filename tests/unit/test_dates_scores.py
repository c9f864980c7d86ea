"""Floors on the development gold, which is not ours to ship: skipped where it is absent."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path

import pytest

from annotate.core.dates import find_stated_dates
from annotate.core.dates.find import read_dates
from annotate.core.dates.records import timex_records

GOLD = Path(__file__).resolve().parents[3] / "shared" / "timex"
FINGERPRINTS = {
    "en.jsonl": "f1d97c0146bb86fa809d6757c05d0f813bb741b1a5d133bda93ef5f6bd7c2e3f",
    "de.jsonl": "35ce08030737b1414be33df000d8ea2db20e9af22a1b787b5bf353b325673c24",
    "timex_score.py": "95178d1e3a6518dd6a0f68c9ef6ab7278c420a706dde78d8a93c3fd4915f1843",
}
# F1 of strict extents, relaxed extents, values: a little below what was measured.
FLOORS = {
    ("en", "all"): (88.5, 93.5, 86.5),
    ("en", "meantime-en"): (84.0, 90.0, 79.5),
    ("en", "wikiwars"): (89.0, 94.0, 88.0),
    ("de", "all"): (86.5, 91.5, 84.0),
    ("de", "krauts"): (82.0, 88.5, 77.5),
    ("de", "wikiwarsde"): (90.0, 94.5, 90.0),
}


@pytest.fixture(scope="module")
def scorer():
    if not GOLD.is_dir():
        pytest.skip("the development gold (../shared/timex) is absent")
    for name, expected in FINGERPRINTS.items():
        found = hashlib.sha256((GOLD / name).read_bytes()).hexdigest()
        assert found == expected, f"{name} is another file than the floors were measured on"
    spec = importlib.util.spec_from_file_location("timex_score", GOLD / "timex_score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def gold_of(language):
    lines = (GOLD / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line]


@pytest.mark.parametrize("language", ["en", "de"])
def test_scores_stay_above_their_floors(scorer, language):
    gold = gold_of(language)
    system = {}
    for record in gold:
        dates = find_stated_dates(record["text"], language, published=record["dct"])
        system[record["doc_id"]] = [line for date in dates for line in timex_records(date)]
    below = {}
    for (of, corpus), floors in FLOORS.items():
        if of != language:
            continue
        part = [record for record in gold if corpus in ("all", record["corpus"])]
        result, _ = scorer.score(part, system)
        scores = tuple(result[name]["f1"] for name in ("strict", "relaxed", "value"))
        if any(score < floor for score, floor in zip(scores, floors, strict=True)):
            below[corpus] = scores
    assert below == {}


@pytest.mark.parametrize("language", ["en", "de"])
def test_war_narratives_and_news_are_told_apart(scorer, language):
    gold = gold_of(language)
    narrative = [
        read_dates(record["text"], language, published=record["dct"]).mode == "narrative"
        for record in gold
        if record["corpus"].startswith("wikiwars")
    ]
    news = [
        read_dates(record["text"], language, published=record["dct"]).mode == "news"
        for record in gold
        if not record["corpus"].startswith("wikiwars")
    ]
    assert all(narrative)
    assert sum(news) / len(news) > 0.95
