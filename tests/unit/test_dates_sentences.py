"""The project's own labelled sentences: every one invented, phenomenon by phenomenon, with floors."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from annotate.core.dates import find_stated_dates

FOLDER = Path(__file__).resolve().parents[1] / "dates"
SENTENCES = [
    json.loads(line)
    for file in sorted(FOLDER.glob("*.jsonl"))
    for line in file.read_text(encoding="utf-8").splitlines()
]
FLOOR = {"sentences": 600, "right": 0.97, "phenomenon": 0.8}


def found_in(sentence):
    dates = find_stated_dates(
        sentence["text"], sentence["lang"], published=sentence["published"], mode=sentence["mode"]
    )
    return [(date.start, date.end, date.timex_type, date.value, date.edtf) for date in dates]


def is_right(sentence):
    found = found_in(sentence)
    wanted = [(one["start"], one["end"], one["type"], one["value"]) for one in sentence["dates"]]
    edtf = all(
        one["edtf"] == got[4] for one, got in zip(sentence["dates"], found, strict=False) if "edtf" in one
    )
    return [got[:4] for got in found] == wanted and edtf


def test_labels_are_what_they_say():
    assert len(SENTENCES) >= FLOOR["sentences"]
    assert len({sentence["id"] for sentence in SENTENCES}) == len(SENTENCES)
    for sentence in SENTENCES:
        for date in sentence["dates"]:
            assert sentence["text"][date["start"] : date["end"]] == date["text"]


def test_almost_all_sentences_are_read_exactly():
    wrong = [sentence["id"] for sentence in SENTENCES if not is_right(sentence)]
    assert 1 - len(wrong) / len(SENTENCES) >= FLOOR["right"], wrong


@pytest.mark.parametrize("language", ["de", "en", "es"])
def test_no_phenomenon_is_left_behind(language):
    total, right = Counter(), Counter()
    for sentence in SENTENCES:
        if sentence["lang"] == language:
            total[sentence["phenomenon"]] += 1
            right[sentence["phenomenon"]] += is_right(sentence)
    weak = {
        name: f"{right[name]}/{count}"
        for name, count in total.items()
        if right[name] < FLOOR["phenomenon"] * count
    }
    assert weak == {}
