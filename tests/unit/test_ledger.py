"""The ledger: the chain finds any single change, the store commits whole transactions, the fold replays."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import studies
from hypothesis import given
from hypothesis import strategies as st

from annotate.core.errors import IntegrityFailure
from annotate.core.ledger import EVENTS, Event, Head, Line, chain, chain_faults, head_of
from annotate.core.state import LabelSeen, State, fold
from annotate.store.jsonl import encode_lines
from annotate.store.ledger import append, check_ledger, ledger_files, next_transaction, read_ledger
from annotate.store.study import Study

AT = "2025-11-02T08:00:00Z"
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
events = st.builds(
    Event, st.sampled_from(sorted(EVENTS)), st.dictionaries(st.text(max_size=6), plain, max_size=4)
)


def chained(found: list[Event], *, cut: int = 0) -> tuple[Line, ...]:
    """Events as one chain; with ``cut`` as two transactions."""
    first = chain(found[:cut], Head(), transaction="push-000001", at=AT)
    return (*first, *chain(found[cut:], head_of(first), transaction="pull-000002", at=AT))


class TestChain:
    @given(st.lists(events, max_size=8), st.integers(0, 8))
    def test_a_chain_holds_however_it_is_cut_into_transactions(self, found: list[Event], cut: int) -> None:
        lines = chained(found, cut=min(cut, len(found)))
        assert chain_faults(lines) == []
        assert [line.seq for line in lines] == list(range(1, len(found) + 1))
        assert head_of(lines).seq == len(found)

    @given(st.data(), st.lists(events, min_size=1, max_size=6))
    def test_any_changed_field_of_any_line_is_found(self, data: st.DataObject, found: list[Event]) -> None:
        lines = list(chained(found))
        at = data.draw(st.integers(0, len(lines) - 1))
        field = data.draw(st.sampled_from([one.name for one in dataclasses.fields(Line)]))
        before = getattr(lines[at], field)
        after: Any
        if isinstance(before, int):
            after = before + data.draw(st.sampled_from([-1, 1, 100]))
        elif isinstance(before, dict):
            after = {**before, "\0new": 1}
        else:
            after = before + "0"
        lines[at] = dataclasses.replace(lines[at], **{field: after})
        assert at in {index for index, _ in chain_faults(lines)}

    @given(st.data(), st.lists(events, min_size=2, max_size=6))
    def test_a_dropped_or_doubled_line_or_two_swapped_ones_are_found(
        self, data: st.DataObject, found: list[Event]
    ) -> None:
        lines = list(chained(found))
        at = data.draw(st.integers(0, len(lines) - 2))
        assert chain_faults([*lines[:at], *lines[at + 1 :]])
        assert chain_faults([*lines[: at + 1], *lines[at:]])
        assert chain_faults([*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]])

    @given(st.lists(events, min_size=1, max_size=6))
    def test_a_line_taken_off_the_end_shows_in_the_head(self, found: list[Event]) -> None:
        lines = chained(found)
        assert chain_faults(lines[:-1]) == []
        assert head_of(lines[:-1]) != head_of(lines)

    def test_an_event_that_nobody_knows_is_refused(self) -> None:
        with pytest.raises(ValueError, match="unknown ledger event"):
            chain([Event("label_improved", {})], Head(), transaction="t", at=AT)


label_steps = st.lists(
    st.tuples(
        st.sampled_from(["label_appeared", "label_changed", "label_vanished"]), st.integers(1, 4), st.text()
    ),
    max_size=20,
)


def label_events(steps: list[tuple[str, int, str]]) -> list[Event]:
    """Steps that a pull could have recorded: only what is there can vanish."""
    there: set[int] = set()
    found = [studies.ADA.opened()]
    for what, number, name in steps:
        if what == "label_vanished" and number not in there:
            continue
        if what == "label_vanished":
            there.discard(number)
            found.append(studies.ADA.gone("label", number))
        else:
            there.add(number)
            found.append(Event(what, {**_LABEL, "label_id": number, "label": name}))
    return found


_LABEL = {
    "project": studies.ADA.key,
    "example": 1,
    "start": 0,
    "end": 1,
    "utf16_start": 0,
    "utf16_end": 1,
    "user": "ada",
    "created_at": AT,
    "updated_at": AT,
}


class TestFold:
    @given(label_steps, st.integers(0, 20))
    def test_the_last_word_on_each_label_counts(self, steps: list[tuple[str, int, str]], cut: int) -> None:
        found = label_events(steps)
        lines = chained(found, cut=min(cut, len(found)))
        expected: dict[int, tuple[str, bool]] = {}
        for event in found[1:]:
            number = event.data["label_id"]
            gone = event.event == "label_vanished"
            expected[number] = (expected[number][0] if gone else event.data["label"], gone)
        state = fold(lines)
        assert {key[1]: (one.label, bool(one.vanished_in)) for key, one in state.labels.items()} == expected
        assert state.head == head_of(lines)

    @given(label_steps, st.integers(0, 20))
    def test_each_label_says_when_it_was_first_seen_and_last_changed(
        self, steps: list[tuple[str, int, str]], cut: int
    ) -> None:
        lines = chained(label_events(steps), cut=min(cut, len(label_events(steps))))
        for (_, number), one in fold(lines).labels.items():
            own = [line for line in lines if line.data.get("label_id") == number]
            seen = [line.transaction for line in own if line.event != "label_vanished"]
            assert (one.seen_in, one.changed_in) == (seen[0], seen[-1])

    @given(label_steps, st.integers(0, 20))
    def test_a_longer_ledger_only_adds(self, steps: list[tuple[str, int, str]], cut: int) -> None:
        lines = chained(label_events(steps))
        before, after = fold(lines[:cut]), fold(lines)
        touched = {line.data["label_id"] for line in lines[cut:] if "label_id" in line.data}
        assert before.labels.keys() <= after.labels.keys()
        assert all(after.labels[key] == one for key, one in before.labels.items() if key[1] not in touched)

    def test_folding_does_not_change_what_it_folds(self, tmp_path: Path) -> None:
        study = studies.nasty_study(tmp_path / "study")
        lines = read_ledger(study)
        raw = encode_lines(lines)
        assert fold(lines) == fold(lines)
        assert encode_lines(lines) == raw

    def test_the_state_of_the_nasty_study(self, tmp_path: Path) -> None:
        state = fold(read_ledger(studies.nasty_study(tmp_path / "study")))
        assert state.pulls == ("pull-000002", "pull-000004")
        assert state.last_pull() == "pull-000004"
        assert [one.version for one in state.projects[studies.ADA.key].schemes] == ["1.0.0", "1.1.0"]
        assert label(state, 31).vanished_in == "pull-000004"
        assert label(state, 26).changed_in == "pull-000004"
        assert label(state, 26).seen_in == "pull-000002"
        assert state.passages[studies.BEN.key, 102].edited_sha256 == "f" * 64
        assert state.passages[studies.BEN.key, 103].vanished_in == "pull-000004"


def label(state: State, number: int) -> LabelSeen:
    return state.labels[studies.ADA.key, number]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return studies.write_study(tmp_path / "study")


class TestStore:
    def test_what_is_appended_is_read_back(self, study: Study) -> None:
        assert next_transaction(study, "push") == "push-000001"
        assert append(study, "push", [studies.ADA.opened()], at=AT)[0].transaction == "push-000001"
        assert append(study, "pull", [], at=AT)[0].transaction == "pull-000002"
        lines = read_ledger(study)
        assert [line.event for line in lines] == ["begin", "project_opened", "end", "begin", "end"]
        assert [line.at for line in lines] == [AT] * 5
        assert [path.name for path in ledger_files(study)] == ["000001.jsonl", "000002.jsonl"]

    def test_the_same_events_give_the_same_bytes(self, tmp_path: Path) -> None:
        one, two = (studies.nasty_study(tmp_path / name) for name in ("one", "two"))
        for path in ledger_files(one):
            assert path.read_bytes() == (two.ledger_dir / path.name).read_bytes()

    def test_a_file_behind_head_is_followed_after_a_crash(self, study: Study) -> None:
        append(study, "push", [studies.ADA.opened()], at=AT)
        head = (study.ledger_dir / "HEAD").read_bytes()
        append(study, "pull", [], at=AT)
        (study.ledger_dir / "HEAD").write_bytes(head)
        assert len(read_ledger(study)) == 5
        assert append(study, "pull", [], at=AT)[0].transaction == "pull-000003"
        assert check_ledger(study)[1] == ()

    @pytest.mark.parametrize("name", ["000001.jsonl", "000002.jsonl", "000003.jsonl"])
    def test_a_missing_file_is_found(self, study: Study, name: str) -> None:
        for _ in range(3):
            append(study, "pull", [], at=AT)
        (study.ledger_dir / name).unlink()
        with pytest.raises(IntegrityFailure) as caught:
            read_ledger(study)
        assert caught.value.problems

    def test_a_missing_head_and_a_damaged_one_are_found(self, study: Study) -> None:
        append(study, "pull", [], at=AT)
        append(study, "pull", [], at=AT)
        (study.ledger_dir / "HEAD").write_bytes(b"{")
        assert "HEAD is damaged" in str(check_ledger(study)[1][0])
        (study.ledger_dir / "HEAD").unlink()
        assert "HEAD is missing" in str(check_ledger(study)[1][0])

    def test_half_a_transaction_is_found(self, study: Study) -> None:
        append(study, "push", [studies.ADA.opened()], at=AT)
        path = study.ledger_dir / "000001.jsonl"
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
        whats = [problem.what for problem in check_ledger(study)[1]]
        assert any("not whole" in what for what in whats)

    def test_every_bad_line_is_named_with_its_number(self, study: Study) -> None:
        append(study, "push", [studies.ADA.opened(), studies.BEN.opened()], at=AT)
        path = study.ledger_dir / "000001.jsonl"
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join([lines[0], b"{}\n", b"nonsense\n", *lines[3:]]))
        named = [(problem.line, problem.what) for problem in check_ledger(study)[1]]
        assert [line for line, what in named if "not a ledger line" in what] == [2, 3]

    def test_nothing_is_appended_to_a_broken_ledger(self, study: Study) -> None:
        append(study, "push", [studies.ADA.opened()], at=AT)
        path = study.ledger_dir / "000001.jsonl"
        path.write_bytes(path.read_bytes().replace(b'"user":"ada"', b'"user":"eve"'))
        before = sorted(study.ledger_dir.iterdir())
        with pytest.raises(IntegrityFailure):
            append(study, "pull", [], at=AT)
        assert sorted(study.ledger_dir.iterdir()) == before
