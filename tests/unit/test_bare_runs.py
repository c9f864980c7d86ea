"""Which passages lost their labels to a dead import, and which were emptied by a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from annotate.core.model import Passage, Piece, Suggestion
from annotate.core.pushing import BARE_RUN, bare_runs
from annotate.core.sketch import Sketch

TEXT = "Am 3. April 1970."


def arrived(number: int, **seen: Any) -> tuple[Sketch, Passage]:
    passage = Passage(
        f"psg-{number}", "doc-1", "src-1", "a.txt", 1, 1, TEXT, (Piece("verbatim", 0, len(TEXT), ""),)
    )
    sketch = Sketch(number, passage.passage_id, TEXT, ((number, "DATE", 3, 16),), (), (), False)
    return replace(sketch, **seen), passage


def suggestions(numbers: range) -> dict[str, tuple[Suggestion, ...]]:
    one = Suggestion(
        "sug", "run", "", "frame", "DATE", 3, 16, "3. April 1970", "a", "1", "c", 0.9, None, None
    )
    return {f"psg-{number}": (replace(one, passage_id=f"psg-{number}"),) for number in numbers}


def bare(rows: list[tuple[Sketch, Passage]], suggested: range = range(100)) -> list[int]:
    return [sketch.example for sketch, _ in bare_runs(rows, suggestions(suggested))]


def test_nothing_is_bare_where_every_passage_has_a_label() -> None:
    assert bare([arrived(number) for number in range(5)]) == []


def test_the_last_passages_are_bare() -> None:
    rows = [arrived(0), arrived(1), arrived(2, labels=()), arrived(3, labels=())]
    assert bare(rows[::-1]) == [2, 3]


def test_a_single_one_in_between_was_emptied_by_a_person() -> None:
    assert bare([arrived(0), arrived(1, labels=()), arrived(2)]) == []


def test_many_in_a_row_in_between_are_an_import() -> None:
    empty = [arrived(number, labels=()) for number in range(1, BARE_RUN + 1)]
    assert bare([arrived(0), *empty, arrived(BARE_RUN + 1)]) == list(range(1, BARE_RUN + 1))
    assert bare([arrived(0), *empty[:-1], arrived(BARE_RUN + 1)]) == []


def test_what_a_person_confirmed_or_remarked_on_is_left_alone() -> None:
    assert bare([arrived(0, labels=(), confirmed=True), arrived(1, labels=(), comments=((1, "none"),))]) == []


def test_passages_without_suggestions_say_nothing() -> None:
    assert bare([arrived(0), arrived(1, labels=()), arrived(2, labels=())], range(2)) == [1]
