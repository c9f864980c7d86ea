"""The spaCy component: found by name, exact to the character, and its readings travel with the Doc."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc

from annotate.core.dates import find_stated_dates
from annotate.core.errors import ConfigError

TEXT = "Die Brücke (2025.08.20.) wurde am 5. Mai 2018. 🎉 Am 11/10/2018, seit 1990."


@pytest.fixture(scope="module")
def nlp():
    nlp = spacy.blank("de")
    nlp.add_pipe("stated_dates")
    return nlp


def readings(doc, layer="stated_dates"):
    return [(*span._.exact, span._.timex_value, span._.edtf, span._.rule) for span in doc.spans[layer]]


def test_a_fresh_interpreter_finds_it_by_name():
    code = (
        "import spacy; nlp = spacy.blank('de'); nlp.add_pipe('stated_dates');"
        "doc = nlp('am 5. Mai 2018'); print([span._.edtf for span in doc.spans['stated_dates']])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['2018-05-05']"


def test_every_date_has_its_exact_characters(nlp):
    doc = nlp(TEXT)
    expected = find_stated_dates(TEXT, "de")
    assert [TEXT[start:end] for start, end, *_ in readings(doc)] == [date.text for date in expected]
    assert [date.text for date in expected] == ["2025.08.20", "5. Mai 2018", "11/10/2018", "1990"]
    # The tokenizer glues the full stop to the year: the span is wider, the date is not.
    glued = doc.spans["stated_dates"][1]
    assert glued.text == "5. Mai 2018."
    assert {span.label_ for span in doc.spans["stated_dates"]} == {"DATE"}


def test_two_dates_of_one_token_are_two(nlp):
    doc = Doc(nlp.vocab, words=["2001-05-06;2002-07-08"])
    assert [edtf for *_, edtf, _ in readings(nlp(doc))] == ["2001-05-06", "2002-07-08"]


def test_attributes(nlp):
    doc = nlp.make_doc(TEXT + " Am 3. Juni, Anfang 1949.")
    doc._.published = "2025-08"
    spans = nlp(doc).spans["stated_dates"]
    assert spans[2]._.alternatives == ("2018-11-10",)
    assert (spans[4]._.timex_value, spans[4]._.anchor) == ("2025-06-03", {"kind": "publication"})
    assert (spans[5]._.mod, spans[5]._.timex_type) == ("START", "DATE")
    assert [span._.score for span in spans] == spans.attrs["scores"]
    assert doc[0:1]._.edtf is None


def test_readings_survive_bytes_and_pipe(nlp):
    doc = nlp(TEXT)
    again = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert readings(again) == readings(doc)
    assert again.spans["stated_dates"].attrs == doc.spans["stated_dates"].attrs
    assert [readings(one) for one in nlp.pipe([TEXT, "", TEXT])] == [readings(doc), [], readings(doc)]


def test_the_pipeline_can_be_saved_and_pickled(nlp, tmp_path):
    nlp.to_disk(tmp_path / "dates")
    from_bytes = spacy.util.load_model_from_config(nlp.config).from_bytes(nlp.to_bytes())
    for copy in (spacy.load(tmp_path / "dates"), from_bytes):
        assert copy.pipe_names == ["stated_dates"]
        assert readings(copy(TEXT)) == readings(nlp(TEXT))
    component = pickle.loads(pickle.dumps(nlp.get_pipe("stated_dates")))
    assert readings(component(nlp.make_doc(TEXT))) == readings(nlp(TEXT))


def test_layer_and_language_are_settings():
    nlp = spacy.blank("xx")
    nlp.add_pipe("stated_dates", config={"layer": "when", "language": "en"})
    assert [edtf for *_, edtf, _ in readings(nlp("in June 2024"), "when")] == ["2024-06"]


def test_another_language_is_an_error():
    with pytest.raises(ConfigError, match="cannot read the language 'it'"):
        spacy.blank("it").add_pipe("stated_dates")


@given(st.text(max_size=60).map(lambda noise: f"{noise}2018-05-06{noise}am 5. Mai 2018{noise}"))
def test_no_text_widens_or_loses_a_date(nlp, text):
    expected = [(date.start, date.end) for date in find_stated_dates(text, "de")]
    doc = nlp(text)
    assert [span._.exact for span in doc.spans["stated_dates"]] == expected
