"""Seeds (not ours to ship): offsets and meanings written down from reading; skipped where they are absent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from annotate.core.dates import read_dates

HERE = Path(__file__).resolve()
SEEDS = HERE.parents[3] / "shared" / "seeds"
ARTICLES = json.loads((HERE.parents[1] / "expected" / "seed_dates.json").read_text(encoding="utf-8"))[
    "articles"
]


@pytest.mark.parametrize("number", range(len(ARTICLES)))
def test_every_date_of_an_article_means_what_a_reader_says(number):
    if not SEEDS.is_dir():
        pytest.skip("the seeds (../shared/seeds) are absent")
    article = ARTICLES[number]
    text = (SEEDS / article["file"]).read_bytes().decode("utf-8")[article["start"] : article["end"]]
    read = read_dates(text, article["language"], published=article["published"])
    found = {
        (one.start + article["start"], one.end + article["start"]): (one.edtf, one.base) for one in read.dates
    }
    wrong = {}
    for one in article["dates"]:
        wanted = (one["edtf"], one.get("base"))
        got = found.get((one["start"], one["end"]))
        if got != wanted:
            wrong[(one["start"], one["end"])] = (wanted, got)
    assert wrong == {}
