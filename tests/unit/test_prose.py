"""Sentences and quotations of German and English prose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.core.prose import quotations, sentences


def cut(text: str, language: str) -> list[str]:
    return [text[one.start : one.end] for one in sentences(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "Am 29. August kam er. Am 30. ging er.", ["Am 29. August kam er.", "Am 30. ging er."]),
        ("de", "Der 70. Jahrestag von Vesk. Ende.", ["Der 70. Jahrestag von Vesk.", "Ende."]),
        ("de", "Das war 1949. Danach kam u. a. Dr. Ohm.", ["Das war 1949.", "Danach kam u. a. Dr. Ohm."]),
        ("de", "„Wir bleiben!“ Das rief sie. So?", ["„Wir bleiben!“", "Das rief sie.", "So?"]),
        ("en", "Dr. J. B. Ohm left. Mr. Quay said no.", ["Dr. J. B. Ohm left.", "Mr. Quay said no."]),
        ("en", "He was No. 7. No. He lost.", ["He was No. 7.", "No.", "He lost."]),
        ("en", "The U.S. fleet of Quay Ltd. sailed on.", ["The U.S. fleet of Quay Ltd. sailed on."]),
        (
            "en",
            "A heading without a stop\nThe text begins.",
            ["A heading without a stop", "The text begins."],
        ),
        ("en", "A line that is\nwrapped here. Done.", ["A line that is\nwrapped here.", "Done."]),
        ("en", "One\n\ntwo.", ["One", "two."]),
        ("en", "It fell 3.5 per cent ... Then rose.", ["It fell 3.5 per cent ...", "Then rose."]),
        ("en", "", []),
    ],
)
def test_sentences(language: str, text: str, expected: list[str]) -> None:
    assert cut(text, language) == expected


@given(st.text(alphabet='aB1. !?\n\r\t“”"“ä😀', max_size=80), st.sampled_from(["de", "en", "fr"]))
def test_between_sentences_stands_white_space_only(text: str, language: str) -> None:
    at = 0
    for one in sentences(text, language):
        assert one.start >= at
        assert not text[at : one.start].strip()
        assert text[one.start : one.end] == text[one.start : one.end].strip()
        assert one.start < one.end
        at = one.end
    assert not text[at:].strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He said “we stay”.", ["“we stay”"]),
        ("Sie rief: „Wir bleiben!“", ["„Wir bleiben!“"]),
        ("«Nous» und »wir«", ["«Nous»", "»wir«"]),
        ('"Stay," she said, "and see."', ['"Stay,"', '"and see."']),
        ("“He cried ‘go’ twice”", ["“He cried ‘go’ twice”", "‘go’"]),
        ("the people’s quay and the workers' hall", []),
        ("don't 'stay' there", ["'stay'"]),
        ("“never closed\n\n“here” it is", ["“here”"]),
        ("„eins “zwei” drei“", ["„eins “zwei” drei“", "“zwei”"]),
    ],
)
def test_quotations(text: str, expected: list[str]) -> None:
    assert [text[one.start : one.end] for one in quotations(text)] == expected


@given(st.text(alphabet="ab \n\"'„“”«»‚‘’", max_size=60))
def test_quotations_are_nested_or_apart(text: str) -> None:
    found = quotations(text)
    for first in found:
        for second in found:
            assert not first.start < second.start < first.end < second.end


@pytest.mark.parametrize("size", [10_000, pytest.param(100_000, marks=pytest.mark.matrix)])
def test_hostile_quotes_come_to_an_end(size: int) -> None:
    for sign in "\"“„'«":
        quotations(sign * size)
        quotations(f"{sign}a " * (size // 2))
    sentences("a." * 5 * size, "de")
    sentences("A. " * size, "de")
