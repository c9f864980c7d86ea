"""From what a script wants to what it clicks, given what stands already."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from annotate.core.model import Passage, Piece
from annotate.core.script import (
    DocumentScript,
    Join,
    Mark,
    Remark,
    WantedLabel,
    WantedRelation,
    clicks,
    intentions,
)

TEXT = "Am 3. Mai sagte Vesk, der Kai sei offen. Am 3. Mai!"
marks = st.builds(
    lambda label, start, length: Mark(label, start, start + length),
    st.sampled_from(["DATE", "CLAIM", "FEAR"]),
    st.integers(0, 6),
    st.integers(1, 4),
)


def passages(*texts: str) -> list[Passage]:
    return [
        Passage(
            f"psg-{n}", "doc", "src", "a.txt", n, len(texts), text, (Piece("verbatim", 0, len(text), ""),)
        )
        for n, text in enumerate(texts, 1)
    ]


@given(st.lists(marks, unique=True, max_size=8), st.lists(marks, max_size=8))
def test_the_clicks_lead_to_just_what_is_wanted(wanted, shown):
    standing = dict(enumerate(shown))
    todo = clicks(wanted, standing)
    after = [todo.relabel.get(number, mark) for number, mark in standing.items() if number not in todo.delete]
    assert sorted([*after, *todo.draw]) == sorted(wanted)
    assert all(standing[number][1:] == mark[1:] for number, mark in todo.relabel.items())
    assert {mark: standing[number] for mark, number in todo.kept.items()} == {m: m for m in todo.kept}
    # Who runs a script again finds nothing to do.
    again = clicks(wanted, dict(enumerate([*after, *todo.draw])))
    assert (again.delete, again.relabel, again.draw) == ((), {}, ())


def test_what_is_right_stays_and_what_is_wrong_is_corrected():
    right, wrong_label, near, wrong = (
        Mark("DATE", 3, 9),
        Mark("CLAIM", 10, 15),
        Mark("ACTOR", 16, 20),
        Mark("FEAR", 0, 2),
    )
    todo = clicks(
        [right, Mark("CUE", 10, 15), Mark("ACTOR", 15, 20)], {1: right, 2: wrong_label, 3: near, 4: wrong}
    )
    assert todo.kept == {right: 1}
    assert todo.relabel == {2: Mark("CUE", 10, 15)}
    assert todo.delete == (3, 4)
    assert todo.draw == (Mark("ACTOR", 15, 20),)


def test_a_hand_wants_its_own_labels_and_relations_and_knows_why_not_the_others():
    script = DocumentScript(
        "a.txt",
        None,
        (
            WantedLabel("DATE", "3. Mai", key="d"),
            WantedLabel("CLAIM", "der Kai sei offen", key="c", by="ac"),
            WantedLabel("FEAR", "der Kai", by="b", why="no danger"),
            WantedLabel("DATE", "3. Mai", nth=2, by="a", key="e"),
        ),
        (WantedRelation("dates", "d", "c", by="ac"), WantedRelation("dates", "e", "c", by="a")),
        (Remark("a", "Which quay?"),),
    )
    ada, ben, both = (intentions(script, hands, passages(TEXT))["psg-1"] for hands in ("a", "b", "ab"))
    claim = Mark("CLAIM", 22, 39)
    assert ada.marks == [Mark("DATE", 3, 9), claim, Mark("DATE", 44, 50)]
    assert ada.joins == [Join("dates", Mark("DATE", 3, 9), claim), Join("dates", Mark("DATE", 44, 50), claim)]
    assert ada.whys == {Mark("FEAR", 22, 29): "no danger"}
    assert ben.marks == [Mark("DATE", 3, 9), Mark("FEAR", 22, 29)]
    assert not ben.joins
    assert both.marks == [Mark("DATE", 3, 9)]


def test_what_is_not_there_is_listed():
    script = DocumentScript(
        "a.txt",
        "Kai",
        (
            WantedLabel("DATE", "3. Mai", key="d"),
            WantedLabel("CLAIM", "der Hafen sei zu", key="x"),
            WantedLabel("ACTOR", "Brandis", key="z"),
        ),
        (WantedRelation("dates", "d", "x"), WantedRelation("stated_by", "d", "z")),
    )
    missed: list[str] = []
    found = intentions(script, "a", passages(TEXT, "Brandis"), missed)
    assert found["psg-2"].marks == [Mark("ACTOR", 0, 7)]
    assert [one.partition(": ")[2] for one in missed] == [
        "Kai: no words 'der Hafen sei zu' to label CLAIM",
        "Kai: no two labels in one passage for dates",
        "Kai: no two labels in one passage for stated_by",
    ]
    missed.clear()
    assert intentions(script, "a", [], missed) == {}
    assert missed == ["a.txt: Kai is not in the study"]
