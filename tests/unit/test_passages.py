"""Passages: what is cut out of a document maps back to its source exactly."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import pages, texts

from annotate.core.model import FURNITURE, Document, Passage, Segment
from annotate.core.offsets import OffsetOutOfText, Range
from annotate.core.passages import (
    cut_passages,
    passage_range,
    piece_length,
    placed,
    quote_of_ranges,
    source_ranges,
    spell,
)
from annotate.sources.segmenter import segment


def document_over(text: str, start: int = 0, end: int | None = None) -> Document:
    return Document(
        document_id="doc-1",
        source_id="src-1",
        source_file="a.txt",
        start=start,
        end=len(text) if end is None else end,
        title=None,
        byline=None,
        agency=None,
        publisher=None,
        aggregator=None,
        place=None,
        published=None,
        published_evidence=None,
        language="en",
        language_score=1.0,
    )


def cut(text: str, length: int = 5000) -> list[Passage]:
    """Passages of a document over all of a text, with the segments that the segmenter finds."""
    segments = segment(text, source_id="src-1", source_file="a.txt").segments
    return list(cut_passages(document_over(text), segments, text, length=length))


cuts = st.tuples(texts, st.sampled_from([200, 5000, 7]))


@given(cuts)
def test_pieces_spell_the_text_and_no_passage_is_too_long_or_blank(case: tuple[str, int]) -> None:
    text, length = case
    found = cut(text, length)
    for number, passage in enumerate(found, 1):
        assert spell(passage.pieces, text) == passage.text
        assert passage.text == passage.text.strip() != ""
        assert len(passage.text) <= length
        assert (passage.number, passage.of) == (number, len(found))
        assert not set("\r\u00ad\ufeff") & set(passage.text)
    assert len({passage.passage_id for passage in found}) == len(found)


@given(texts)
def test_nothing_is_lost_but_furniture_blanks_and_invisible_characters(text: str) -> None:
    segments = segment(text).segments
    found = cut(text, 200)
    shown = {
        position
        for passage in found
        for piece in passage.pieces
        if piece.kind in ("verbatim", "replaced")
        for position in range(piece.start, piece.end)
    }
    furniture = {p for one in segments if one.kind in FURNITURE for p in range(one.start, one.end)}
    for position, character in enumerate(text):
        if position not in shown and position not in furniture:
            assert character.isspace() or character in "\u00ad\ufeff", (position, character)
    assert not shown & furniture


@given(texts)
def test_pieces_are_in_order_and_cover_the_passage(text: str) -> None:
    for passage in cut(text, 200):
        at = 0
        for place in placed(passage.pieces):
            assert place.start == at
            assert place.end - place.start == piece_length(place.piece)
            at = place.end
        assert at == len(passage.text)
        for first, second in pairwise(passage.pieces):
            assert first.end == second.start


@given(pages(), st.data())
def test_a_span_maps_to_source_ranges_that_quote_it_and_back(text: str, data: st.DataObject) -> None:
    for passage in cut(text, 200):
        start = data.draw(st.integers(0, len(passage.text) - 1))
        end = data.draw(st.integers(start + 1, len(passage.text)))
        ranges = source_ranges(passage.pieces, start, end)
        assert quote_of_ranges(text, ranges) == passage.text[start:end]
        for low, high in pairwise(ranges):
            assert low.end < high.start
        whole = Range(ranges[0].start, ranges[-1].end)
        assert passage_range(passage.pieces, whole.start, whole.end) == Range(start, end)


def test_a_span_over_a_soft_hyphen_and_crlf_has_a_range_for_each_side() -> None:
    text = "The imperi\u00adalists\r\nwent home.\r\n"
    (passage,) = cut(text)
    assert passage.text == "The imperialists\nwent home."
    ranges = source_ranges(passage.pieces, 4, 21)
    assert [one.of(text) for one in ranges] == ["imperi", "alists", "\nwent"]
    assert quote_of_ranges(text, ranges) == "imperialists\nwent"


@pytest.mark.parametrize(("start", "end"), [(0, 0), (-1, 2), (0, 99), (5, 4)])
def test_a_range_outside_the_passage_is_refused(start: int, end: int) -> None:
    (passage,) = cut("Some words here.")
    with pytest.raises(OffsetOutOfText):
        source_ranges(passage.pieces, start, end)


def test_furniture_inside_an_article_is_not_shown() -> None:
    text = "Title of it\nShare Button\nThe text has one sentence here.\n"
    (passage,) = cut(text)
    assert passage.text == "Title of it\nThe text has one sentence here."
    at = text.index("Share")
    assert passage_range(passage.pieces, at, at + 5) is None


def test_walls_of_blank_lines_shrink_to_one() -> None:
    (passage,) = cut("A first line here.\n\n \n\t\n\nA second line here.\n")
    assert passage.text == "A first line here.\n\nA second line here."


def test_long_lines_are_cut_after_sentences() -> None:
    text = " ".join(f"This is sentence number {number} of many." for number in range(40))
    found = cut(text, 200)
    assert len(found) > 5
    assert all(passage.text.endswith(".") for passage in found)


def test_cutting_hostile_blanks_comes_to_an_end() -> None:
    text = "A line." + " " * 300_000 + "Another.\n" + "\n".join([" " * 50] * 5_000)
    segments = [Segment("src-1", "a.txt", 0, len(text), "body", "test")]
    found = cut_passages(document_over(text), segments, text)
    assert found[0].text.startswith("A line.")
    assert found[-1].text.endswith("Another.")
