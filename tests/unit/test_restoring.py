"""What was lost, what was deleted, and what a restored label is: the pure part of `annotate restore`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from annotate.core.dataset.labels import label_id
from annotate.core.fate import fates
from annotate.core.ledger import Event, Line
from annotate.core.model import Passage, Piece
from annotate.core.observation import ObservedLabel
from annotate.core.passage_records import passage_record
from annotate.core.pushing import text_sha256
from annotate.core.read_back import read_back
from annotate.core.restore_evidence import Evidence, Look, Witness, withdrawn
from annotate.core.restored import standing
from annotate.core.restoring import LostLabel, Selection, plan_restore
from annotate.core.state import State, fold

TEXT = "Vesk said it in Berlin."
PASSAGE = Passage("psg-1", "doc-1", "src-1", "a.txt", 1, 1, TEXT, (Piece("verbatim", 0, len(TEXT), ""),))
LABELS = {"p": frozenset({"ACTOR", "CLAIM"})}
SERVICE, ANN = 1, 2
BEFORE = Look(frozenset({10, 11}), frozenset({20}), frozenset({SERVICE, ANN}))


def line(seq: int, transaction: str, event: str, **data: Any) -> Line:
    return Line(seq, transaction, "2025-01-01T00:00:00Z", event, data, "", "")


def label(number: int, *, start: int = 0, user: str = "ann", example: int = 5, **more: Any) -> dict[str, Any]:
    where = {"start": start, "end": start + 4, "utf16_start": start, "utf16_end": start + 4}
    times = {"created_at": f"2025-01-01T00:00:{number:02d}Z", "updated_at": f"2025-01-01T00:01:{number:02d}Z"}
    one = {"project": "p", "example": example, "label_id": number, "label": "ACTOR", "user": user}
    return {**one, **where, **times, **more}


def relation(number: int, start: int, end: int, example: int = 5) -> dict[str, Any]:
    ends = {"relation": "stated_by", "from_label": start, "to_label": end}
    who = {"user": "ann", "created_at": "2025-01-01T00:00:00Z", "updated_at": "2025-01-01T00:00:00Z"}
    return {"project": "p", "example": example, "relation_id": number, **ends, **who}


OPENED = [
    line(
        1,
        "push-1",
        "project_opened",
        project="p",
        server="embedded",
        project_id=3,
        name="P",
        user="ann",
        service_user="service",
        **{"pass": "spans"},
    ),
    line(
        2,
        "push-1",
        "passage_pushed",
        project="p",
        example=5,
        passage=passage_record(PASSAGE),
        text_sha256=text_sha256(TEXT),
    ),
]
SEEN = [
    line(3, "pull-2", "label_appeared", **label(7)),
    line(4, "pull-2", "label_appeared", **label(8, start=16)),
    line(5, "pull-2", "relation_appeared", **relation(9, 7, 8)),
]
GONE = [
    line(6, "pull-3", "label_vanished", project="p", label_id=7),
    line(7, "pull-3", "relation_vanished", project="p", relation_id=9),
]
BACK = [
    line(8, "restore-4", "label_appeared", **label(70, user="service", updated_at="2025-06-01T00:00:00Z")),
    line(9, "restore-4", "label_restored", project="p", label_id=70, was=7),
    line(10, "restore-4", "relation_appeared", **{**relation(90, 70, 8), "user": "service"}),
    line(11, "restore-4", "relation_restored", project="p", relation_id=90, was=9),
]


def evidence(look: Look, *accounts: int, type_id: int = 10, account: int = ANN) -> Evidence:
    witnesses = {("p", number): Witness(type_id, account) for number in (7, 8, 70)}
    return Evidence(
        looks={("pull-3", "p"): look, ("pull-5", "p"): look},
        labels=witnesses,
        relations={("p", 9): Witness(20, account)},
        accounts=frozenset(accounts),
    )


def lost(state: State, seen: Evidence, **wanted: Any) -> list[tuple[int, str]]:
    made = plan_restore(state, seen, LABELS, Selection(**wanted))
    return [(one.seen.label_id, one.cause) for project in made.projects for one in project.labels]


def test_a_type_that_the_pull_did_not_see_any_more_is_a_cause() -> None:
    state = fold([*OPENED, *SEEN, *GONE])
    look = replace(BEFORE, span_types=frozenset({11}))
    made = plan_restore(state, evidence(look, SERVICE, ANN), LABELS)
    assert lost(state, evidence(look, SERVICE, ANN)) == [(7, "label-type")]
    # Its relation went with it and comes with it.
    assert [one.seen.relation_id for one in made.projects[0].relations] == [9]
    assert made.deleted == 0


def test_a_type_made_anew_under_its_old_name_has_another_number() -> None:
    state = fold([*OPENED, *SEEN, *GONE])
    assert lost(state, evidence(replace(BEFORE, span_types=frozenset({11, 12})), ANN)) == [(7, "label-type")]


def test_an_account_that_the_server_does_not_know_is_a_cause_a_removed_member_is_none() -> None:
    state = fold([*OPENED, *SEEN, *GONE])
    alone = replace(BEFORE, members=frozenset({SERVICE}))
    assert lost(state, evidence(alone, SERVICE)) == [(7, "account")]
    assert lost(state, evidence(alone, SERVICE, ANN)) == []


@pytest.mark.parametrize("seen", [evidence(BEFORE, SERVICE, ANN), Evidence()])
def test_without_a_cause_it_was_deleted_and_comes_back_by_name_only(seen: Evidence) -> None:
    state = fold([*OPENED, *SEEN, *GONE])
    assert lost(state, seen) == []
    assert plan_restore(state, seen, LABELS).deleted == 1
    name = frozenset({label_id("p", 7)})
    assert lost(state, seen, labels=name) == [(7, "named")]
    assert lost(state, seen, labels=name, pull="pull-9") == []
    (problem,) = plan_restore(state, seen, LABELS, Selection(labels=frozenset({"lbl-none"}))).left
    assert problem.subject == "lbl-none"


def test_a_pull_and_a_cause_narrow_the_choice() -> None:
    state = fold([*OPENED, *SEEN, *GONE])
    seen = evidence(replace(BEFORE, span_types=frozenset()), ANN)
    assert lost(state, seen, pull="pull-3", causes=frozenset({"label-type"})) == [(7, "label-type")]
    assert lost(state, seen, causes=frozenset({"account"})) == []


def test_what_has_no_type_to_be_made_from_or_another_text_is_left_and_named() -> None:
    state = fold([*OPENED, *SEEN, *GONE])
    seen = evidence(replace(BEFORE, span_types=frozenset()), ANN)
    (problem,) = plan_restore(state, seen, {"p": frozenset({"CLAIM"})}).left
    assert "neither in the scheme nor on the server" in problem.what
    edited = line(20, "pull-4", "passage_edited", project="p", example=5, text_sha256="other")
    (problem,) = plan_restore(fold([edited], state), seen, LABELS).left
    assert "edited" in problem.what


def test_drawn_again_by_its_annotator_it_is_not_put_back() -> None:
    again = line(12, "pull-5", "label_appeared", **label(30))
    state = fold([*OPENED, *SEEN, *GONE, again])
    seen = evidence(replace(BEFORE, span_types=frozenset()), ANN)
    made = plan_restore(state, seen, LABELS)
    assert ([one.labels for one in made.projects], made.drawn_again) == ([], 1)


def test_a_restored_label_is_the_old_one_for_everybody_who_asks() -> None:
    before = fates(fold([*OPENED, *SEEN]))
    state = fold([*OPENED, *SEEN, *GONE, *BACK])
    assert fates(state) == before
    view = standing(state)
    assert view.restored.now("label", "p", 7) == 70
    assert view.relations == fold([*OPENED, *SEEN]).relations
    assert standing(view) is view


def test_what_happens_to_it_afterwards_counts() -> None:
    later = label(70, user="service", label="CLAIM", updated_at="2025-07-01T00:00:00Z")
    changed = line(12, "pull-5", "label_changed", **later)
    (one, _) = fates(fold([*OPENED, *SEEN, *GONE, *BACK, changed])).labels
    assert (one.seen.label_id, one.seen.label, one.annotator) == (7, "CLAIM", "ann")
    assert (one.seen.created_at, one.seen.updated_at) == ("2025-01-01T00:00:07Z", "2025-07-01T00:00:00Z")
    assert (one.seen.seen_in, one.seen.changed_in) == ("pull-2", "pull-5")
    gone = line(12, "pull-5", "label_vanished", project="p", label_id=70)
    state = fold([*OPENED, *SEEN, *GONE, *BACK, gone])
    assert standing(state).labels["p", 7].vanished_in == "pull-5"
    assert lost(state, evidence(BEFORE, SERVICE, ANN)) == []
    assert lost(state, evidence(replace(BEFORE, span_types=frozenset()), ANN)) == [(7, "label-type")]


def test_a_backup_that_brings_the_first_one_back_leaves_one() -> None:
    first = line(12, "pull-5", "label_changed", **label(7))
    copy_gone = line(13, "pull-5", "label_vanished", project="p", label_id=70)
    for more in ([first], [first, copy_gone]):
        state = fold([*OPENED, *SEEN, *GONE, *BACK, *more])
        found = [one.seen.label_id for one in fates(state).labels]
        assert found == [7, 8]


def test_an_example_that_is_gone_takes_its_labels_and_gives_them_back() -> None:
    gone = line(6, "pull-3", "passage_vanished", project="p", example=5)
    state = fold([*OPENED, *SEEN, gone])
    made = plan_restore(state, evidence(BEFORE, ANN), LABELS)
    assert [one.example for one in made.projects[0].passages] == [5]
    assert lost(state, evidence(BEFORE, ANN)) == [(7, "example"), (8, "example")]
    assert [one.cause for one in made.projects[0].relations] == ["example"]
    back = [
        replace(OPENED[1], seq=8, transaction="restore-4", data={**OPENED[1].data, "example": 50}),
        line(9, "restore-4", "passage_restored", project="p", example=50, was=5),
        line(10, "restore-4", "label_appeared", **label(70, user="service", example=50)),
        line(11, "restore-4", "label_restored", project="p", label_id=70, was=7),
        line(12, "restore-4", "label_appeared", **label(80, user="service", start=16, example=50)),
        line(13, "restore-4", "label_restored", project="p", label_id=80, was=8),
        line(14, "restore-4", "relation_appeared", **{**relation(90, 70, 80, 50), "user": "service"}),
        line(15, "restore-4", "relation_restored", project="p", relation_id=90, was=9),
    ]
    after = fold([*OPENED, *SEEN, gone, *back])
    assert fates(after) == fates(fold([*OPENED, *SEEN]))
    assert standing(after).passages == fold([*OPENED, *SEEN]).passages
    assert plan_restore(after, evidence(BEFORE, ANN), LABELS).is_empty


def test_confirmations_that_are_not_there_any_more() -> None:
    given = {"project": "p", "example": 5, "user": "ann", "confirmed_at": "2025-02-01T00:00:00Z"}
    taken = {name: given[name] for name in ("project", "example", "user")}
    lines = [line(6, "pull-2", "confirmed", **given), line(7, "pull-3", "unconfirmed", **taken)]
    ((one, pull),) = withdrawn(lines)
    assert (one.user, pull) == ("ann", "pull-3")
    assert withdrawn([*lines, line(8, "pull-4", "confirmed", **given)]) == ()
    seen = Evidence(
        looks={("pull-3", "p"): replace(BEFORE, members=frozenset({SERVICE}))},
        confirmations={("p", 5, "ann"): Witness(None, ANN)},
        withdrawn=withdrawn(lines),
        accounts=frozenset({SERVICE}),
    )
    state = fold([*OPENED, *SEEN, *lines])
    made = plan_restore(state, seen, LABELS)
    assert [one.seen.confirmed_at for one in made.projects[0].confirmations] == ["2025-02-01T00:00:00Z"]
    kept = {"confirmed_at": "2025-02-01T00:00:00Z", "seen_in": "pull-2", "given_at": "2025-06-01T00:00:00Z"}
    ours = {**taken, "user": "service", "confirmed_at": "2025-06-01T00:00:00Z"}
    again = [
        line(9, "restore-4", "confirmed", **ours),
        line(10, "restore-4", "confirmation_restored", **taken, **kept),
    ]
    after = fold([*OPENED, *SEEN, *lines, *again])
    assert {one.annotator for one in fates(after).labels} == {"ann"}
    assert {one.confirmed_at for one in fates(after).labels} == {"2025-02-01T00:00:00Z"}
    assert plan_restore(after, seen, LABELS).is_empty
    # Taken back by its annotator since, it is not given once more.
    back = line(11, "pull-5", "unconfirmed", **{**taken, "user": "service"})
    assert plan_restore(
        fold([back], after), replace(seen, withdrawn=withdrawn([*lines, *again, back])), LABELS
    ).is_empty


def observed(number: int, user: str, start: int = 0) -> ObservedLabel:
    return ObservedLabel("p", 5, number, "ACTOR", start, start + 4, start, start + 4, user, "", "")


def test_what_an_interrupted_restore_drew_is_recognised_once() -> None:
    state = fold([*OPENED, *SEEN, line(6, "pull-2", "label_appeared", **label(9))])
    wanted = [LostLabel(state.labels["p", number], "", "account", "pull-3") for number in (7, 9)]
    found = read_back(wanted, [observed(70, "service"), observed(71, "service", 16)], "service", ())
    assert found.there == {7: 70}
    assert [one.seen.label_id for one in found.missing] == [9]
    # A suggestion that push placed, or a label put back before, is something else.
    assert read_back(wanted, [observed(70, "service")], "service", {70}).there == {}
    again = read_back(wanted[:1], [observed(72, "ann")], "service", ())
    assert [one.seen.label_id for one in again.drawn_again] == [7]


def test_events_have_their_place_in_the_chain() -> None:
    from annotate.core.ledger import Head, chain

    made = [Event(one.event, one.data) for one in BACK]
    assert len(chain(made, Head(), transaction="restore-4", at="2025-01-01T00:00:00Z")) == len(BACK)
