"""Dates as the guidelines want them: none in a date line, and with the words that change their meaning."""

from __future__ import annotations

import pytest

from annotate.nlp.pipelines import load_pipeline

TEXTS = {
    "en": [
        ("Herring was landed here since 2012.", ["since 2012"]),
        ("The law takes effect by May 2, 2031, not before 2030.", ["by May 2, 2031", "not before 2030"]),
        ("On May 2, 2019 the quay was shut.", ["May 2, 2019"]),
        ("Catches fell in the first half of 2019.", ["in the first half of 2019"]),
        ("Varn, May 3, 2021 (KBA) -- The quay was shut on Monday.", ["Monday"]),
        ("Since the storm nothing moved in 2019.", ["2019"]),
    ],
    "de": [
        ("Seit 2012 wird hier Hering angelandet.", ["Seit 2012"]),
        ("Bis zum 2. Mai 2031 bleibt er zu, nicht vor 2030.", ["Bis zum 2. Mai 2031", "nicht vor 2030"]),
        ("Am 2. Mai 2019 wurde der Kai gesperrt.", ["2. Mai 2019"]),
        ("Im Jahr 2019 fielen die Fänge.", ["Im Jahr 2019"]),
        ("Varn, 03.05.2021 (KBA) – Der Kai wurde am Montag gesperrt.", ["Montag"]),
    ],
}  # fmt: skip
CASES = [(language, *case) for language, cases in TEXTS.items() for case in cases]


@pytest.mark.parametrize(("language", "text", "wanted"), CASES)
def test_a_date_ends_and_begins_as_the_guidelines_say(language, text, wanted):
    doc = load_pipeline("source_criticism", language).nlp(text)
    spans = doc.spans["stated_dates"]
    assert [doc.text[slice(*span._.exact)] for span in spans] == wanted
    assert len(spans.attrs["scores"]) == len(wanted)
    if len(wanted) == 1:
        assert spans[0]._.timex_value
        assert spans[0]._.rule


def test_without_words_for_a_language_dates_stay_as_they_are(tmp_path):
    from annotate.nlp.scheme_dates import SchemeDates

    nlp = load_pipeline("stated_dates", "en").nlp
    doc = SchemeDates("en", lexicons=str(tmp_path))(nlp("Herring was landed here since 2012."))
    assert [doc.text[slice(*span._.exact)] for span in doc.spans["stated_dates"]] == ["2012"]
    assert SchemeDates("en").fingerprint() != SchemeDates("de").fingerprint()
