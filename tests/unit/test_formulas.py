"""Formulas by counting: repeated across documents and inflection, with how often and where; not names."""

from __future__ import annotations

import random

import pytest
import test_suggest

from annotate.core.formulas import CorpusText, count_phrases, find_repeated
from annotate.core.formulas.skeleton import stem
from annotate.flows.suggest import plan, suggest
from annotate.store.suggestions import read_runs

study = test_suggest.study
PHRASE = "the evergreen concord of both lighthouse towns"
ENGLISH = [
    f"Fishermen from Velm mended their nets while praising {PHRASE}. A ferry left at noon.",
    f"At dusk the choir sang about {PHRASE}! Nobody counted the boats.",
    "The evergreen concords between our lighthouse town grew. Salt was sold in the market.",
    "Rain fell on the quay and the bakery closed early.",
]
GERMAN = [
    "Der Chor besang die immergrüne Eintracht beider Leuchtturmgemeinden am Kai, als vier Boote den Hafen "
    "verließen.",
    "In Velm lobte man der immergrünen Eintracht der Leuchtturmgemeinde ohne Ende, und viele Gäste hörten "
    "still zu.",
    "Am Morgen fiel Regen auf den Markt.",
]


def corpus(texts, language, outlet="The Quay Herald"):
    return [CorpusText(f"doc-{number}", outlet, language, text) for number, text in enumerate(texts)]


def quotes(texts, language):
    counts = count_phrases(corpus(texts, language))
    return [[text[one.start : one.end] for one in find_repeated(text, counts)] for text in texts]


def test_a_repeated_phrase_is_found_across_function_words_and_inflection():
    assert quotes(ENGLISH, "en") == [
        ["evergreen concord of both lighthouse towns"],
        ["evergreen concord of both lighthouse towns"],
        ["evergreen concords between our lighthouse town"],
        [],
    ]
    assert quotes(GERMAN, "de") == [
        ["immergrüne Eintracht beider Leuchtturmgemeinden"],
        ["immergrünen Eintracht der Leuchtturmgemeinde"],
        [],
    ]


def test_it_says_how_often_and_where_else():
    counts = count_phrases(corpus(ENGLISH, "en"))
    (one,) = find_repeated(ENGLISH[0], counts)
    assert one.documents == ("doc-1", "doc-2")
    assert one.note == "3 times in 3 of 4 documents of The Quay Herald; also in doc-1, doc-2"
    assert one.score == pytest.approx(0.6)


def test_repeated_in_one_document_or_in_two_outlets_is_no_formula():
    twice = [f"We sing of {PHRASE}. They sang of {PHRASE}."]
    assert quotes(twice, "en") == [[]]
    two = [*corpus(ENGLISH[:1], "en", "A"), *corpus(ENGLISH[1:2], "en", "B")]
    assert find_repeated(ENGLISH[0], count_phrases(two)) == []


@pytest.mark.parametrize(
    "line",
    [
        "the state secretary Ilmar Tosk Venn arrived",  # a name
        "it was opened on 4 May 1962 at noon",  # a date
        "Harnstad Harbour Board Office and others",  # a body
    ],
)
def test_names_and_dates_are_no_formulas(line):
    texts = [f"On Monday {line} in Velm.", f"Again {line} with music."]
    assert quotes(texts, "en") == [[], []]


def test_titles_and_source_lines_are_not_counted():
    texts = [
        f"The quiet green lighthouse song\n\n{number} ships left Velm today.\nQuay Herald press service line"
        for number in ("Four", "Nine")
    ]
    assert quotes(texts, "en") == [[], []]


def test_copied_paragraphs_are_no_formulas():
    words = " ".join(f"salt{letter} rope{letter} net{letter}" for letter in "abcdefgh")
    assert quotes([f"Here {words}.", f"There {words}."], "en") == [[], []]


def test_common_words_that_meet_by_chance_are_none():
    draw = random.Random(7)
    words = ["boat", "salt", "rope", "quay", "gull", "wind"]
    texts = [" ".join(draw.choice(words) for _ in range(400)) + "." for _ in range(6)]
    assert quotes(texts, "en") == [[]] * 6


def test_the_order_of_the_corpus_does_not_matter():
    made = corpus(ENGLISH, "en")
    assert count_phrases(made) == count_phrases(made)
    forward, backward = count_phrases(made), count_phrases(made[::-1])
    assert forward.sha256 == backward.sha256
    assert find_repeated(ENGLISH[0], forward) == find_repeated(ENGLISH[0], backward)


def test_other_languages_do_what_they_can():
    texts = [
        "Nous chantons la concorde verte des villes lumière. Quatre bateaux quittent le port avant midi.",
        "Vive la concorde verte des villes lumière ici. Personne ne compte les oiseaux sur la plage blanche.",
    ]
    assert quotes(texts, "fr")[0] == ["concorde verte des villes lumière"]


def test_a_text_that_was_not_counted_gets_nothing():
    assert find_repeated("Something else.", count_phrases(corpus(ENGLISH, "en"))) == []


@pytest.mark.parametrize("text", ["", "a" * 100_000, "boat salt rope " * 1000, "“" * 10_000])
def test_hostile_texts(text):
    counts = count_phrases(corpus([text, text + " boat."], "en"))
    assert len(find_repeated(text, counts)) <= len(text)


def test_stems():
    assert stem("relations", "en") == stem("relation", "en")
    assert stem("freundschaftlichen", "de") == stem("freundschaftlicher", "de")
    assert stem("été", "fr") == "été"


def test_suggest_with_formulas_counts_the_study(study):
    test_suggest.build(study, [("en", None, text) for text in ENGLISH])
    report = suggest(study, ["formulas"])
    assert [(one.passages, one.suggestions) for one in report.runs] == [(4, 3)]
    (run,) = read_runs(study)
    assert {one.label for one in run.suggestions} == {"FORMULA"}
    assert all("times in 3 of 4 documents" in one.note for one in run.suggestions)
    again = suggest(study, ["formulas"])
    assert again.runs[0].run_id is None
    # Another corpus is another suggester: every passage is looked at again.
    test_suggest.build(study, [("en", None, text) for text in [*ENGLISH, f"Once more {PHRASE}."]])
    (task,) = plan(study, ["formulas"]).tasks
    assert len(task.passages) == 5
