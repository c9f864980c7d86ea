"""Patterns of words and where they stand: the language that lexicons are written in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.core.errors import ConfigError
from annotate.core.phrases import Entry, Matcher, parse_entries, parse_pattern, words_of
from annotate.core.phrases.words import fold
from annotate.nlp.lexicons import read_lexicon


def entry(written: str, *, case: bool = False) -> Entry:
    return Entry("X", parse_pattern(written), "a test", "this test", 0.5, case)


def found(written: str, text: str, *, case: bool = False) -> list[str]:
    return [text[one.start : one.end] for one in Matcher([entry(written, case=case)]).find(text)]


@pytest.mark.parametrize(
    ("written", "text", "expected"),
    [
        ("great harbour", "The GREAT\u00a0Harbour shines", ["GREAT\u00a0Harbour"]),
        ("great harbour", "great, harbour; great. Harbour", []),
        ("ruhmreich*", "die ruhm\u00adreiche und ruhmreichste Flotte", ["ruhm\u00adreiche", "ruhmreichste"]),
        ("*knechte", "Quay-Knechte und Kaiknechte, knechten", ["Quay-Knechte", "Kaiknechte"]),
        ("*kai*", "Nordkaiplatz", ["Nordkaiplatz"]),
        ("schöne kräne", "scho\u0308ne Kra\u0308ne", ["scho\u0308ne Kra\u0308ne"]),
        (
            "fatal+",
            "fatal, fatale, der fatalste, FATALEREN; Fatalismus",
            ["fatal", "fatale", "fatalste", "FATALEREN"],
        ),
        (
            "smear+",
            "smears, smeared and smearing, a smear’s smearer",
            ["smears", "smeared", "smearing", "smear’s", "smearer"],
        ),
        ("brib+", "bribe bribes bribed bribing bribery", ["bribe", "bribes", "bribed", "bribing"]),
        (
            "*knecht+",
            "Kaiknechten und dem Quay-Knechte, geknechtet",
            ["Kaiknechten", "Quay-Knechte", "geknechtet"],
        ),
        (
            "the? (vil+|*liar+) crew+",
            "Viler crews; megaliars crew, the vile old crew",
            ["Viler crews", "megaliars crew"],
        ),
        ("(deep|heartfelt) thanks", "Heartfelt thanks, deep regret", ["Heartfelt thanks"]),
        (
            "the? glorious fleet",
            "the glorious fleet; glorious fleet",
            ["the glorious fleet", "glorious fleet"],
        ),
        ("shake ~3 foundations", "shake the very old foundations", ["shake the very old foundations"]),
        (
            "shake ~2 foundations?",
            "shake the foundations; shake the pier",
            ["shake the foundations", "shake"],
        ),
        ("shake ~1 foundations", "shake the very old foundations", []),
        ("shake ~2 foundations", "shake. The foundations", []),
        ("vowed , ~2 row", "They vowed, all day to row. They vowed to row.", []),
        (
            "vowed , ~3 row",
            "They vowed, all day to row; they vowed, row",
            ["vowed, all day to row", "vowed, row"],
        ),
        ("in short , all", "In short, all were there. In short all", ["In short, all"]),
        ("so called “order", "", None),
        ("new order", "the so-called “new” order", ["new” order"]),
        ("new order", "new\n\norder", []),
        ("new order", "new\norder", ["new\norder"]),
        ("don't", "They don’t", ["don’t"]),
    ],
)
def test_patterns(written: str, text: str, expected: list[str] | None) -> None:
    if expected is None:
        with pytest.raises(ValueError, match="is no word"):
            parse_pattern(written)
    else:
        assert found(written, text) == expected


def test_case_tells_a_name_from_a_word() -> None:
    assert found("Marshal", "the Marshal and a marshal", case=True) == ["Marshal"]
    assert found("marshal", "the Marshal and a marshal", case=True) == ["marshal"]


@pytest.mark.parametrize(
    "written", ["", "the?", "~2 word", "word ,", "(a|b", "a b)", "~3", "*", "a+b", "+", "a*+", "*+"]
)
def test_patterns_that_ask_for_nothing_or_cannot_be_read_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_pattern(written)


@given(st.text(alphabet="abc ,.\n“”-äß\u00ad😀", max_size=60))
def test_a_match_is_made_of_whole_words_and_its_words_fit(text: str) -> None:
    words = words_of(text)
    starts, ends = {word.start for word in words}, {word.end for word in words}
    for one in Matcher([entry("a* ~1 b?"), entry("(ab|c) c"), entry("*a , b*")]).find(text):
        assert one.start in starts
        assert one.end in ends
        assert "." not in text[one.start : one.end]


def test_every_fault_of_a_lexicon_is_named() -> None:
    good = {"label": "X", "patterns": ["a", "b c"], "reason": "r", "source": "s", "score": 0.9}
    bad = [
        {**good, "patterns": []},
        {**good, "reason": " "},
        {**good, "score": 2},
        {**good, "patterns": ["(a"]},
        {**good, "colour": "red"},
    ]
    entries, problems = parse_entries({"entries": [good, *bad], "extra": 1}, "en/x.toml")
    assert [one.pattern.written for one in entries] == ["a", "b c"]
    assert len(problems) == 6


def test_lexicons_are_read_with_those_of_an_outlet_and_their_hash_tells_them_apart(tmp_path) -> None:
    folder = tmp_path / "lexicons"
    text = '[[entries]]\nlabel = "X"\npatterns = ["quay"]\nreason = "r"\nsource = "s"\n'
    (folder / "en" / "outlets").mkdir(parents=True)
    (folder / "en" / "rhetoric.toml").write_text(text, encoding="utf-8")
    plain = read_lexicon("en", ("rhetoric",), folder)
    (folder / "en" / "outlets" / "harbour-times.toml").write_text(text, encoding="utf-8")
    (folder / "en" / "cues.toml").write_text(text, encoding="utf-8")
    more = read_lexicon("en", ("rhetoric",), folder)
    assert (len(plain.lexicon.entries), len(more.lexicon.entries)) == (1, 2)
    assert plain.sha256 != more.sha256
    assert read_lexicon("fi", ("rhetoric",), folder).lexicon.entries == ()
    (folder / "en" / "rhetoric.toml").write_text("[[entries]", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_lexicon("en", ("rhetoric",), folder)
    assert caught.value.problems[0].file == "lexicons/en/rhetoric.toml"


def test_words_of_a_text_fold_like_words_alone():
    text = "İstanbul’s ΟΔΟΣ, Über-Maß 3½ ﬁn\u00adden Σ. X‐Y ǅ"
    for whole in (text, text.replace("İ", "I").replace("\u00ad", "")):
        words = words_of(whole)
        assert [one.folded for one in words] == [fold(whole[one.start : one.end]) for one in words]
