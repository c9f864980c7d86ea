"""Offsets: code points and UTF-16 units, lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

from annotate.core.offsets import CodePoint, LineIndex, OffsetOutOfText, Range, Utf16, Utf16Map, line_ranges


@given(texts)
def test_every_code_point_offset_goes_to_utf16_and_back(text: str) -> None:
    utf16 = Utf16Map(text)
    assert utf16.utf16_length == len(text.encode("utf-16-le")) // 2
    for offset in range(len(text) + 1):
        unit = utf16.to_utf16(CodePoint(offset))
        assert unit == len(text[:offset].encode("utf-16-le")) // 2
        assert utf16.to_code_point(unit) == offset


@given(texts)
def test_an_offset_inside_a_surrogate_pair_is_refused(text: str) -> None:
    utf16 = Utf16Map(text)
    boundaries = {utf16.to_utf16(CodePoint(offset)) for offset in range(len(text) + 1)}
    for unit in range(utf16.utf16_length + 1):
        if unit not in boundaries:
            with pytest.raises(OffsetOutOfText, match="surrogate"):
                utf16.to_code_point(Utf16(unit))


@pytest.mark.parametrize("offset", [-1, 4])
def test_offsets_outside_the_text_are_refused(offset: int) -> None:
    with pytest.raises(OffsetOutOfText):
        Utf16Map("abc").to_utf16(CodePoint(offset))
    with pytest.raises(OffsetOutOfText):
        Utf16Map("abc").to_code_point(Utf16(offset))


@given(texts)
def test_lines_joined_are_the_text_and_each_ends_once(text: str) -> None:
    lines = [text[start:end] for start, end in line_ranges(text)]
    assert "".join(lines) == text
    for line in lines:
        body = line.removesuffix("\r\n") if line.endswith("\r\n") else line.rstrip("\r\n")
        assert not set(body) & set("\r\n")
        assert len(line) - len(body) <= 2


def test_only_cr_lf_and_crlf_end_a_line() -> None:
    text = "a\u2028b\x0cc\x85d\r\ne\rf\n"
    assert [text[s:e] for s, e in line_ranges(text)] == ["a\u2028b\x0cc\x85d\r\n", "e\r", "f\n"]


@given(texts)
def test_the_line_of_an_offset_holds_it(text: str) -> None:
    index = LineIndex(text)
    ranges = line_ranges(text)
    for number, (start, end) in enumerate(ranges, 1):
        assert index.line_of(start) == number
        assert index.line_of(end - 1) == number


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_overlap_is_what_the_positions_share(a: int, b: int, c: int, d: int) -> None:
    first, second = Range(min(a, b), max(a, b)), Range(min(c, d), max(c, d))
    shared = set(range(first.start, first.end)) & set(range(second.start, second.end))
    assert first.overlap(second) == len(shared)
    assert first.overlaps(second) == bool(shared)


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2)])
def test_a_range_that_is_none_is_refused(start: int, end: int) -> None:
    with pytest.raises(OffsetOutOfText):
        Range(start, end)
