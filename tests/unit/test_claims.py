"""Claims and pledges: each guideline's cases with invented sentences, in both languages, and hostile
texts."""

from __future__ import annotations

import pytest
import spacy

from annotate.core.claims.weights import Weights, parse_weights
from annotate.core.errors import ConfigError
from annotate.nlp.claims import Claims

RULES = {language: Claims(language) for language in ("en", "de")}


def found(text, language):
    return [(one.label, text[one.start : one.end]) for one in RULES[language]._rules.find(text)]


CLAIMS = [
    ("en", "The harbour of Velm was closed on 4 May 1962."),
    ("en", "Exports of salt fell by 12 percent last year."),
    ("en", "Two ministers signed the treaty in Orsk and 300 guests attended."),
    ("de", "Der Hafen von Velm wurde am 4. Mai 1962 geschlossen."),
    ("de", "Die Ausfuhr von Salz sank im vergangenen Jahr um zwölf Prozent."),
    ("de", "Der Minister empfing im Juni die Delegation aus Orsk."),
]


@pytest.mark.parametrize(("language", "text"), CLAIMS)
def test_a_clause_that_records_could_settle_is_a_claim_without_its_full_stop(language, text):
    labels = found(text, language)
    assert {label for label, _ in labels} == {"CLAIM"}
    assert labels[0][1][0] == text[0]
    assert labels[-1][1] == text[text.index(labels[-1][1]) : -1]


PLEDGES = [
    ("en", "The railway will reach the coast in 2031."),
    ("en", "The council vowed to rebuild the lighthouse."),
    ("en", "We hope that the talks bring peace to the valley."),
    ("de", "Die Bahn wird 2031 die Küste erreichen."),
    ("de", "Der Rat gelobte, den Leuchtturm neu aufzubauen."),
    ("de", "Die Brücke soll im Herbst fertiggestellt werden."),
    ("de", "Möge die Freundschaft der beiden Ufer ewig blühen."),
]


@pytest.mark.parametrize(("language", "text"), PLEDGES)
def test_what_is_still_to_come_is_a_pledge(language, text):
    assert {label for label, _ in found(text, language)} == {"PLEDGE"}


NEITHER = [
    ("en", "I think this is a beautiful and noble idea."),
    ("en", "Who would not love such a good coast?"),
    ("en", "Thank you, good evening."),
    ("de", "Ich finde das einfach nur wunderbar."),
    ("de", "Wer könnte das schon wissen?"),
    ("de", "Schön wäre es ja."),
]


@pytest.mark.parametrize(("language", "text"), NEITHER)
def test_opinion_question_and_small_talk_are_neither(language, text):
    assert found(text, language) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "As always, visitors remember the 40 sailors of 1951 at the free will of the town."),
        ("de", "Die Brücke wird seit 1988 von 300 Soldaten bewacht."),
        ("de", "Der Leuchtturm wurde 1952 von zwei Brüdern gebaut und 1960 erneuert."),
    ],
)
def test_habits_and_passives_are_no_pledges(language, text):
    assert "PLEDGE" not in {label for label, _ in found(text, language)}


def test_the_content_of_what_somebody_says_is_the_claim():
    text = "The ministry said that 40 ships had left the port on Monday."
    assert found(text, "en") == [("CLAIM", "40 ships had left the port on Monday")]
    text = "The port was closed in 1962, the report said."
    assert found(text, "en") == [("CLAIM", "The port was closed in 1962")]
    text = "Das Ministerium erklärte, dass am Montag 40 Schiffe den Hafen verlassen hätten."
    assert found(text, "de") == [("CLAIM", "am Montag 40 Schiffe den Hafen verlassen hätten")]


def test_contents_of_another_suggester_come_first():
    text = "In Orsk, so runs the story of the pilot, 300 houses burned down in 1911."
    start = text.index("300")
    found_ = RULES["en"]._rules.find(text, [(start, len(text))])
    assert [text[one.start : one.end] for one in found_] == ["300 houses burned down in 1911"]


@pytest.mark.parametrize(
    ("language", "text", "parts"),
    [
        (
            "en",
            "The king visited Orsk in 1950 and adopted the joint charter of the coast.",
            ["The king visited Orsk in 1950", "adopted the joint charter of the coast"],
        ),
        (
            "de",
            "Der König besuchte 1950 die Stadt Orsk und unterzeichnete dort die Charta der Küste.",
            ["Der König besuchte 1950 die Stadt Orsk", "unterzeichnete dort die Charta der Küste"],
        ),
        (
            "en",
            "The mine was opened in 1920; the railway was built in 1925.",
            ["The mine was opened in 1920", "the railway was built in 1925"],
        ),
        (
            "en",
            "In 1960 they built a strong and fortified harbour.",
            ["In 1960 they built a strong and fortified harbour"],
        ),
        (
            "de",
            "Im Mai 1960 besuchte der Dichter und erste Rektor der Schule die Stadt Orsk.",
            ["Im Mai 1960 besuchte der Dichter und erste Rektor der Schule die Stadt Orsk"],
        ),
    ],
)
def test_two_finite_verbs_make_two_claims(language, text, parts):
    assert [quote for _, quote in found(text, language)] == parts


FURNITURE = """The harbour of Velm was closed in 1962

HARNSTAD, May 5 (VELPA) -- The harbour of Velm was closed on 4 May 1962.

Forty ships left the port of Velm on Monday and the
Forty ships left the port of Velm on Monday and the
Date: 04/05/1962 | Source: The Quay Herald
VELPA, 1962-05-05
1962 © All rights reserved."""


def test_titles_datelines_source_lines_and_furniture_get_nothing():
    assert found(FURNITURE, "en") == [("CLAIM", "The harbour of Velm was closed on 4 May 1962")]


def test_a_span_never_crosses_a_paragraph():
    text = "The mine was opened in 1920 and\n\nthe railway was built in 1925."
    assert all("\n" not in quote for _, quote in found(text, "en"))


def test_the_component_says_why_and_how_much():
    nlp = spacy.blank("en")
    nlp.add_pipe("claims")
    doc = nlp("Exports fell by 12 percent in 1962. We will repair that.")
    claim, pledge = doc.spans["claims"]
    assert (claim.label_, pledge.label_) == ("CLAIM", "PLEDGE")
    assert claim._.exact == (0, 34)
    assert "digit 2" in claim._.note
    assert "'will'" in pledge._.note
    assert all(0 < score < 1 for score in doc.spans["claims"].attrs["scores"])


def test_claims_and_dates_stay_exact_in_one_pipeline():
    nlp = spacy.blank("en")
    nlp.add_pipe("stated_dates")
    nlp.add_pipe("claims")
    doc = nlp("The port was closed on 4 May 1962.")
    (date,) = doc.spans["stated_dates"]
    assert doc.text[slice(*date._.exact)] == "4 May 1962"
    assert date._.edtf == "1962-05-04"


def test_a_language_without_lexicon_is_refused():
    with pytest.raises(ConfigError, match="no lexicon for the language"):
        Claims("fr")


def test_weights_are_checked():
    assert parse_weights({}) == Weights()
    for wrong in (
        {"bias": "x"},
        {"weights": {"digit": [1]}},
        {"weights": 3},
        {"colour": 1},
        {"caps": [1, "2"]},
    ):
        with pytest.raises(ValueError, match=r"number|must be|table|unknown"):
            parse_weights(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\n",
        "“" * 5000,
        "said that " * 600,
        "a" * 50_000,
        "will und " * 600,
        ", and he was " * 600,
    ],
)
@pytest.mark.parametrize("language", ["en", "de"])
def test_hostile_texts(language, text):
    for label, quote in found(text, language):
        assert label in ("CLAIM", "PLEDGE")
        assert quote.strip() == quote
