"""Seeds (not ours to ship): what a reader finds in them, where nothing may be marked."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from annotate.nlp.claims import Claims
from annotate.nlp.rhetoric import Rhetoric

HERE = Path(__file__).resolve()
SEEDS = HERE.parents[3] / "shared" / "seeds"
EXPECTED = HERE.parents[1] / "expected"
READ = json.loads((EXPECTED / "seed_rhetoric.json").read_text(encoding="utf-8"))
ARTICLES = [
    one
    for one in json.loads((EXPECTED / "seed_dates.json").read_text(encoding="utf-8"))["articles"]
    if not any(
        one["file"] == place["file"] and place["start"] <= one["start"] and one["end"] <= place["end"]
        for place in READ["furniture"]  # teasers of other articles, read there for their dates only
    )
]


@pytest.fixture(scope="module")
def marked():
    """What the rules mark in each article and in each whole file: (file, label, start, end)."""
    if not SEEDS.is_dir():
        pytest.skip("the seeds (../shared/seeds) are absent")
    rules = {
        language: (Rhetoric(language)._rules.find, Claims(language)._rules.find) for language in ("en", "de")
    }
    articles, files = set(), set()
    for article in ARTICLES:
        whole = (SEEDS / article["file"]).read_bytes().decode("utf-8")
        for find in rules[article["language"]]:
            text, at = whole[article["start"] : article["end"]], article["start"]
            articles |= {(article["file"], one.label, one.start + at, one.end + at) for one in find(text)}
            files |= {(article["file"], one.label, one.start, one.end) for one in find(whole)}
    return articles, files


def test_every_slogan_honorific_and_insult_that_a_reader_finds_is_found(marked):
    articles, _ = marked
    wanted = {(one["file"], one["label"], one["start"], one["end"]) for one in READ["found"]}
    assert sorted(wanted - articles) == []


def test_the_expectation_is_about_these_seeds(marked):
    for one in READ["found"]:
        words = (SEEDS / one["file"]).read_bytes().decode("utf-8")[one["start"] : one["end"]]
        assert hashlib.sha256(words.encode("utf-8")).hexdigest()[:16] == one["sha256"]


def test_nothing_is_marked_in_titles_source_lines_and_page_furniture(marked):
    for found in marked:
        inside = [
            one
            for one in found
            for place in READ["furniture"]
            if one[0] == place["file"] and one[2] < place["end"] and one[3] > place["start"]
        ]
        assert inside == []


def test_plain_titles_of_leaders_are_not_marked(marked):
    articles, _ = marked
    for file, label, start, end in articles:
        if label == "GLORIFY":
            words = (SEEDS / file).read_bytes().decode("utf-8")[start:end]
            assert words not in ("Supreme Leader", "President", "Der Heerführer", "Präsident"), (file, start)
