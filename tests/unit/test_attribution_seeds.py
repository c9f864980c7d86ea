"""Seeds (not ours to ship): who says what, from reading, as offsets; skipped where they are absent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from annotate.core.attribution import Cues, find_attributions, find_issued
from annotate.nlp.lexicons import read_lexicon

HERE = Path(__file__).resolve()
SEEDS = HERE.parents[3] / "shared" / "seeds"
PASSAGES = json.loads((HERE.parents[1] / "expected" / "seed_attributions.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("number", range(len(PASSAGES)))
def test_a_reader_and_the_rules_agree_on_who_says_what(number):
    if not SEEDS.is_dir():
        pytest.skip("the seeds (../shared/seeds) are absent")
    passage = PASSAGES[number]
    begin = passage["start"]
    text = (SEEDS / passage["file"]).read_bytes().decode("utf-8")[begin : passage["end"]]
    read = read_lexicon(passage["language"], ("attribution",))
    cues = Cues.of(passage["language"], read.lexicon.entries, read.settings["attribution"])

    def place(found):
        return None if found is None else [found.start + begin, found.end + begin]

    found = [
        {"kind": one.kind, "cue": place(one.cue), "source": place(one.source), "content": place(one.content)}
        for one in find_attributions(text, cues)
    ]
    assert found == passage["attributions"]
    assert [place(one) for one in find_issued(text)] == passage["issued"]
