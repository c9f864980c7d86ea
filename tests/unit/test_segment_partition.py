"""Segments tile every text, whatever it is (invariant 1), in linear time."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from strategies import pages, texts

from annotate.core.model import Kind
from annotate.sources.segmenter import segment

KINDS = set(get_args(Kind))


@given(texts)
def test_segments_joined_are_the_text(text: str) -> None:
    segments = segment(text).segments
    assert "".join(text[one.start : one.end] for one in segments) == text
    at = 0
    for one in segments:
        assert one.start == at < one.end
        assert one.kind in KINDS
        assert one.rule
        at = one.end


@given(pages())
def test_articles_are_ordered_runs_of_whole_segments(page: str) -> None:
    found = segment(page)
    edges = {one.start for one in found.segments} | {one.end for one in found.segments}
    at = 0
    for draft in found.drafts:
        assert at <= draft.start < draft.end
        assert {draft.start, draft.end} <= edges
        at = draft.end
        for candidate in draft.candidates:
            assert page[candidate.start : candidate.end] == candidate.text
            assert candidate.readings


@given(pages())
def test_no_prose_is_left_outside_the_articles(page: str) -> None:
    found = segment(page)
    for one in found.segments:
        if one.kind in ("body", "title"):
            inside = [draft for draft in found.drafts if draft.start <= one.start and one.end <= draft.end]
            assert len(inside) == 1, page[one.start : one.end]


def test_a_byte_order_mark_is_a_segment_of_its_own() -> None:
    first, *rest = segment("\ufeffA line of text.\n").segments
    assert (first.start, first.end, first.kind) == (0, 1, "control")
    assert rest[0].kind == "body"


HOSTILE = {
    "blanks": lambda size: " " * 30 * size + "x",
    "one line": lambda size: "word " * 6 * size,
    "dashes": lambda size: "-" * 30 * size,
    "carriage returns": lambda size: "\r" * 6 * size,
    "short lines": lambda size: "abc\n" * size,
    "bylines": lambda size: "A sentence of some words.\n" * 3 + "By Anna Lund\n" * (size // 2),
    "source lines": lambda size: "Title\nA sentence of some words.\n" + "VELPA, 2020-04-25\n" * (size // 2),
    "labels": lambda size: ("a: " * 80 + "\n") * (size // 25),
    "commas": lambda size: ("Ab, " * 40 + "\n") * (size // 25),
    "brackets": lambda size: "(" * 20 * size,
    "figures": lambda size: ("1 " * 100 + "\n") * (size // 20),
    "steps": lambda size: ("a > " * 60 + "\n") * (size // 20),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("size", [1_500, pytest.param(10_000, marks=pytest.mark.matrix)])
def test_hostile_texts_come_to_an_end(name: str, size: int) -> None:
    """A quadratic rule would take minutes or hours; how fast it is belongs to the benchmarks."""
    text = HOSTILE[name](size)
    segments = segment(text).segments
    assert segments[-1].end == len(text)


@pytest.mark.parametrize("times", [1, pytest.param(8, marks=pytest.mark.matrix)])
def test_a_page_of_many_articles_comes_to_an_end(times: int) -> None:
    page = "".join(
        f"Title of number {number}\nKALDOV, August 21, 2025 /SORINFORM/ -- Guests arrived.\n"
        f"They were many, and they stayed for {number} days.\nVELPA, 2025-08-21\nRead more\n"
        for number in range(300)
    )
    found = segment(page * times)
    assert found.segments[-1].end == times * len(page)
    assert found.drafts
