"""Which passages lost their labels to a dead import, and which were emptied by a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from annotate.core.model import Passage, Piece, Suggestion
from annotate.core.pushing import BARE_RUN, Arrival, Sent, mark_bare
from annotate.core.sketch import Sketch

TEXT = "Am 3. April 1970."


ONE = Suggestion("sug", "run", "", "frame", "DATE", 3, 16, "3. April 1970", "a", "1", "c", 0.9, None, None)


def arrived(number: int, *, suggested: bool = True, **seen: Any) -> Arrival:
    passage = Passage(
        f"psg-{number}", "doc-1", "src-1", "a.txt", 1, 1, TEXT, (Piece("verbatim", 0, len(TEXT), ""),)
    )
    sketch = Sketch(number, passage.passage_id, TEXT, ((number, "DATE", 3, 16),), (), (), False)
    suggestions = (replace(ONE, passage_id=passage.passage_id),) if suggested else ()
    return Arrival(Sent(passage, suggestions), replace(sketch, **seen))


def bare(rows: list[Arrival | None]) -> list[int]:
    marked = list(mark_bare(rows))
    assert sorted(one.sketch.example for one, _ in marked) == [one.sketch.example for one in rows if one]
    return [one.sketch.example for one, is_bare in marked if is_bare]


def test_nothing_is_bare_where_every_passage_has_a_label() -> None:
    assert bare([arrived(number) for number in range(5)]) == []


def test_the_last_passages_are_bare() -> None:
    rows = [arrived(0), arrived(1), arrived(2, labels=()), arrived(3, labels=())]
    assert bare(rows) == [2, 3]


def test_a_single_one_in_between_was_emptied_by_a_person() -> None:
    assert bare([arrived(0), arrived(1, labels=()), arrived(2)]) == []


def test_many_in_a_row_in_between_are_an_import() -> None:
    empty = [arrived(number, labels=()) for number in range(1, BARE_RUN + 1)]
    assert bare([arrived(0), *empty, arrived(BARE_RUN + 1)]) == list(range(1, BARE_RUN + 1))
    assert bare([arrived(0), *empty[:-1], arrived(BARE_RUN + 1)]) == []


def test_what_a_person_confirmed_or_remarked_on_is_left_alone() -> None:
    assert bare([arrived(0, labels=(), confirmed=True), arrived(1, labels=(), comments=((1, "none"),))]) == []


def test_passages_without_suggestions_say_nothing() -> None:
    assert bare([arrived(0), arrived(1, labels=()), arrived(2, labels=(), suggested=False)]) == [1]


def test_a_passage_that_was_recorded_before_ends_a_run() -> None:
    few = [arrived(number, labels=()) for number in range(3)]
    assert bare([*few, None]) == []
    many = [arrived(number, labels=()) for number in range(BARE_RUN)]
    assert bare([*many, None, arrived(BARE_RUN, labels=())]) == list(range(BARE_RUN + 1))
