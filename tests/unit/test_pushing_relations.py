"""Suggested relations on their way to the server: which go along, which arrived, which were lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from test_push_streams import DIGEST, PASSAGES, TEXTS, run, study, suggestion

from annotate.core.errors import BadInput
from annotate.core.model import SuggestedRelation, Suggestion
from annotate.core.pushing import Arrival, OfService, Sent, landing, mark_bare
from annotate.core.queue import Queued
from annotate.core.relating import SentRelation, merge_relations
from annotate.core.sketch import Sketch
from annotate.doccano.wire import import_row
from annotate.flows.push.plan import Session
from annotate.store.chosen import Chosen
from annotate.store.passages import Passages
from annotate.store.scheme import read_scheme
from annotate.store.study import Study
from annotate.store.suggested_relations import write_relations

__all__ = ["study"]

DAY = suggestion("p1", "3. April 1970", "a")
HE = suggestion("p1", "er", "a", label="ACTOR")
DAY_OF_B = suggestion("p1", "3. April 1970", "b")
SENT = (DAY, HE)


def relation(start: Suggestion, end: Suggestion, name: str = "dates", run_id: str = "") -> SuggestedRelation:
    number = f"rel-{name}-{start.suggestion_id}-{end.suggestion_id}"
    return SuggestedRelation(
        number, run_id, start.passage_id, name, start.suggestion_id, end.suggestion_id, 0.8
    )


def going(name: str = "dates", start: int = 0, end: int = 1) -> SentRelation:
    return SentRelation(relation(SENT[start], SENT[end], name), start, end, "a", "1", DIGEST)


def arrival(*relations: tuple[int, str, int, int], sent: tuple[SentRelation, ...] = (going(),), **seen: Any):
    labels = ((11, "DATE", 3, 16), (12, "ACTOR", 25, 27))
    sketch = Sketch(1, "p1", TEXTS["p1"], labels, relations, (), False)
    return Arrival(Sent(PASSAGES["p1"], SENT, None, sent), replace(sketch, **seen))


class TestWhichGoAlong:
    def test_an_end_that_another_agent_said_first_is_that_ones(self) -> None:
        found = merge_relations([relation(DAY_OF_B, HE)], [DAY, DAY_OF_B, HE], SENT)
        assert [(one.start, one.end, one.agent) for one in found] == [(0, 1, "b")]

    def test_of_two_that_say_the_same_the_first_one(self) -> None:
        both = [relation(DAY, HE), relation(DAY_OF_B, HE)]
        (found,) = merge_relations(both, [DAY, DAY_OF_B, HE], SENT)
        assert found.suggested == both[0]

    def test_only_between_two_suggestions_that_are_sent(self) -> None:
        assert merge_relations([relation(DAY, HE)], SENT, SENT[:1]) == ()
        assert merge_relations([relation(DAY, HE, run_id="another")], SENT, SENT) == ()
        assert merge_relations([relation(DAY, DAY_OF_B)], [DAY, DAY_OF_B], SENT) == ()

    def test_they_are_found_again_in_the_files_of_the_newest_runs(self, study: Study) -> None:
        old = run(study, "a", "p1 p2", DAY, HE)
        write_relations(study, old.run_id, [relation(DAY, HE, "stated_by")])
        new = run(study, "a", "p1", DAY, HE, after=old)
        write_relations(study, new.run_id, [relation(DAY, HE)])
        with Chosen(study, ()) as chosen:
            suggestions, relations = chosen.whole("p1")
            assert suggestions == chosen.of("p1")
            assert [(one.suggested.relation, one.start, one.end) for one in relations] == [("dates", 0, 1)]
            assert relations[0].suggested.run_id == new.run_id
            assert chosen.whole("p3") == ((), ())

    def test_none_on_a_control_and_none_that_the_scheme_does_not_have(self, study: Study) -> None:
        claim = suggestion("p1", "kam er", "a", label="CLAIM")
        made = run(study, "a", "p1", DAY, HE, claim)
        drawn = [relation(DAY, claim), relation(DAY, HE), relation(claim, HE, "stated_by")]
        write_relations(study, made.run_id, [*drawn, relation(DAY, claim, "invented")])
        scheme = read_scheme(study.scheme_dir)
        with Passages(study) as passages, Chosen(study, ()) as chosen:
            types = frozenset(one.name for one in scheme.relations_of("spans"))
            own: Any = (study, None, scheme, passages, chosen, None)
            session = Session(*own, relation_types=types)
            sent = session.sent("p1")
            quotes = [one.quote for one in sent.suggestions]
            assert [
                (one.suggested.relation, quotes[one.start], quotes[one.end]) for one in sent.relations
            ] == [("dates", "3. April 1970", "kam er"), ("stated_by", "kam er", "er")]
            bare = session.sent("p1", Queued("random", 1, "drawn", control=True))
            assert (bare.suggestions, bare.relations) == ((), ())

    def test_a_file_that_was_edited_is_refused(self, study: Study) -> None:
        made = run(study, "a", "p1", DAY, HE)
        write_relations(study, made.run_id, [relation(DAY, HE)])
        path = study.suggestions_dir / "relations" / f"{made.run_id}.jsonl"
        path.write_bytes(path.read_bytes().replace(b"dates", b"hates") + b"{}\n")
        with pytest.raises(BadInput, match="2 bad line") as caught:
            Chosen(study, ())
        assert any("hash" in str(one) for one in caught.value.problems)

    def test_a_row_names_ends_by_their_place(self) -> None:
        row = import_row(PASSAGES["p1"], SENT, "prj", [going()])
        assert [one["id"] for one in row["entities"]] == [0, 1]
        assert row["relations"] == [{"from_id": 0, "to_id": 1, "type": "dates"}]


class TestWhichArrived:
    def test_each_is_recorded_with_its_place_on_the_server(self) -> None:
        done = landing("prj", arrival((5, "dates", 11, 12)), "service")
        assert done.is_whole
        appeared, placed = done.events[-2:]
        assert (appeared.event, appeared.data["user"], appeared.data["created_at"]) == (
            "relation_appeared",
            "service",
            "",
        )
        assert placed.event == "relation_placed"
        where = {"relation_id": 5, "from_label": 11, "to_label": 12, "agent": "a"}
        assert {name: placed.data[name] for name in where} == where

    def test_one_that_is_not_there_is_lost(self) -> None:
        for there in ((), ((5, "dates", 12, 11),), ((5, "stated_by", 11, 12),)):
            done = landing("prj", arrival(*there), "service")
            assert (done.lost, done.lost_relations) == ((), (going(),))

    def test_one_whose_type_was_changed_meanwhile_is_known_by_who_imported_it(self) -> None:
        seen = arrival((5, "stated_by", 11, 12))
        labels = frozenset({11, 12})
        done = landing("prj", seen, "service", OfService(labels, frozenset({5})))
        assert done.is_whole
        assert done.events[-1].data["suggestion"]["relation"] == "dates"
        assert landing("prj", seen, "service", OfService(labels, frozenset())).lost_relations

    def test_one_goes_with_the_label_that_did_not_arrive(self) -> None:
        done = landing("prj", arrival(labels=((11, "DATE", 3, 16),)), "service")
        assert (len(done.lost), done.lost_relations) == (1, ())

    def test_two_types_between_the_same_labels(self) -> None:
        both = (going(), going("stated_by"))
        done = landing("prj", arrival((5, "stated_by", 11, 12), (6, "dates", 11, 12), sent=both), "service")
        placed = [one.data for one in done.events if one.event == "relation_placed"]
        assert [(one["relation_id"], one["suggestion"]["relation"]) for one in placed] == [
            (5, "stated_by"),
            (6, "dates"),
        ]


def is_bare(*rows: Arrival) -> list[bool]:
    return [bare for _, bare in mark_bare(rows)]


class TestDeadImports:
    whole, bare = arrival((5, "dates", 11, 12)), arrival()

    def test_the_last_passages_without_their_relations_are_bare(self) -> None:
        assert is_bare(self.whole, self.bare, self.bare) == [False, True, True]
        assert is_bare(self.whole, self.bare, self.whole) == [False, False, False]

    def test_without_labels_or_without_relations_it_is_the_same_death(self) -> None:
        assert is_bare(self.whole, self.bare, arrival(labels=())) == [False, True, True]

    def test_where_a_person_was_at_work_nothing_is_drawn(self) -> None:
        for what in ({"confirmed": True}, {"comments": ((1, "no"),)}, {"labels": ((11, "DATE", 3, 16),)}):
            assert is_bare(arrival(**what)) == [False]

    def test_a_passage_that_was_sent_without_relations_says_nothing(self) -> None:
        assert sorted(is_bare(self.bare, arrival(sent=()))) == [False, True]
