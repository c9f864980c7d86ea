"""What goes over the wire: UTF-16 offsets, ASCII rows, stable keys."""

from __future__ import annotations

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.core.errors import ServerFailure
from annotate.core.ids import stable_uuid4
from annotate.core.model import Passage, Piece, Suggestion
from annotate.core.offsets import code_points
from annotate.doccano.wire import field, import_file, import_row, passage_id_of

TEXT = "Hi 😀 im Mai 1970 fiel 👨‍👩‍👧 Köln"


def passage(text: str) -> Passage:
    return Passage("psg-1", "doc-1", "src-1", "a.txt", 1, 1, text, (Piece("verbatim", 0, len(text)),))


def suggestion(start: int, end: int, text: str = TEXT) -> Suggestion:
    return Suggestion(
        "sug-1", "run", "psg-1", "frame", "DATE", start, end, text[start:end], "a", "1", "0", 0.5, None, None
    )


def test_offsets_go_out_in_utf16_units() -> None:
    start = TEXT.index("Mai")
    row = import_row(passage(TEXT), [suggestion(start, start + 8)], "prj-1")
    assert row["entities"] == [{"id": 0, "label": "DATE", "start_offset": start + 1, "end_offset": start + 9}]


def test_rows_are_ascii_and_come_back_equal() -> None:
    row = import_row(passage(TEXT), [], "prj-1")
    data = import_file([row])
    assert data.isascii()
    assert json.loads(data)["text"] == TEXT


def test_the_annotators_card_tells_nothing_about_labels() -> None:
    row = import_row(passage(TEXT), [suggestion(3, 5)], "prj-1")
    assert row["ext"] == {"passage": "psg-1", "part": "1 of 1"}
    assert passage_id_of({"meta": {"ext": row["ext"]}}) == "psg-1"


@pytest.mark.parametrize(
    "example", [{}, {"meta": None}, {"meta": {"ext": 3}}, {"meta": {"ext": {"passage": 3}}}]
)
def test_examples_of_others_are_not_ours(example: dict[str, object]) -> None:
    assert passage_id_of(example) is None


def test_the_key_of_a_row_is_a_version_4_uuid_that_follows_from_project_and_passage() -> None:
    one = stable_uuid4("prj-1", "psg-1")
    assert uuid.UUID(one).version == 4
    assert one == stable_uuid4("prj-1", "psg-1")
    assert len({one, stable_uuid4("prj-1", "psg-2"), stable_uuid4("prj-1p", "sg-1")}) == 3


@given(st.text(min_size=1), st.data())
def test_what_goes_out_comes_back(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    entity = import_row(passage(text), [suggestion(start, end, text)], "p")["entities"][0]
    assert code_points(text, entity["start_offset"], entity["end_offset"]) == (start, end)


@pytest.mark.parametrize(("start", "end"), [(4, 5), (3, 4), (-1, 2), (0, 99), (5, 5), (6, 5)])
def test_offsets_that_do_not_fit_are_marked_and_not_bent(start: int, end: int) -> None:
    assert code_points("Hi 😀 x", start, end) == (-1, -1)


def test_an_answer_of_the_wrong_type_is_named() -> None:
    with pytest.raises(ServerFailure, match="id = 'x' where int"):
        field({"id": "x"}, "id", int)
    with pytest.raises(ServerFailure, match="id = True"):
        field({"id": True}, "id", int)
