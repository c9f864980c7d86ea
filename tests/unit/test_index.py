"""The index says what folding the ledger says, whatever became of its file."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import studies
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.core.errors import IntegrityFailure, StorageFailure
from annotate.core.ledger import Event, Head, chain, head_of
from annotate.core.model import Passage, Piece
from annotate.core.parts import example_states
from annotate.core.sketch import Sketch, known_digest, sketch_digest, text_sha256
from annotate.core.state import State, fold
from annotate.store.index import NAME, open_index, read_state
from annotate.store.index_tables import IndexedFile, Tables
from annotate.store.ledger import append, ledger_files, read_ledger
from annotate.store.study import Study

AT = "2025-11-02T08:00:00Z"
PROJECTS = (studies.ADA.key, studies.BEN.key)
DRAFT = Passage("psg-1", "doc-1", "src-1", "a.txt", 1, 1, "abc", (Piece("verbatim", 0, 3, ""),))


# --- random histories ---------------------------------------------------------------------------------------

project_keys, examples, ids = st.sampled_from(PROJECTS), st.integers(1, 3), st.integers(1, 4)
steps = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "passage_pushed",
                "suggestion_placed",
                "label_appeared",
                "label_changed",
                "label_vanished",
                "label_dated",
                "relation_appeared",
                "relation_vanished",
                "comment_appeared",
                "comment_vanished",
                "confirmed",
                "unconfirmed",
                "passage_edited",
                "passage_vanished",
                "pulled",
            ]
        ),
        project_keys,
        examples,
        ids,
        st.sampled_from(["DATE", "PUB", "ü😀"]),
    ),
    max_size=40,
)


def times(name: str) -> dict[str, str]:
    return {"created_at": "" if name == "PUB" else AT, "updated_at": AT}


def event_of(what: str, project: str, example: int, number: int, name: str) -> Event:
    """One step as an event. The same id may come on any example: restored servers do that."""
    here: dict[str, Any] = {"project": project, "example": example}
    thing = {"label": "label_id", "relation": "relation_id", "comment": "comment_id"}.get(what.split("_")[0])
    if thing and what.endswith("_vanished"):
        return Event(what, {"project": project, thing: number})
    units = {"start": 0, "end": 1, "utf16_start": 0, "utf16_end": number}
    match what:
        case "passage_pushed":
            return Event(what, {**studies.ADA.pushed(DRAFT, example).data, **here})
        case "suggestion_placed":
            suggestion = {
                "suggestion_id": "sug-1", "run_id": "run-1", "passage_id": "psg-1", "layer": "frame",
                "label": name, "start": 0, "end": 1, "quote": "a", "agent": "x", "agent_version": "1",
                "config_sha256": "0", "score": 0.5, "value": None, "value_type": None,
            }  # fmt: skip
            return Event(what, {**here, "label_id": number, "suggestion": suggestion})
        case "label_appeared" | "label_changed" | "label_dated":
            data = {**here, **units, **times(name), "label_id": number, "label": name, "user": "ada"}
            return Event(what, data)
        case "relation_appeared":
            ends = {"from_label": 1, "to_label": 2, "relation": name, "user": "ada"}
            return Event(what, {**here, **ends, **times(name), "relation_id": number})
        case "comment_appeared":
            data = {"user": "ada", "text": name, "created_at": AT, "comment_id": number}
            return Event(what, {**here, **data})
        case "confirmed":
            return Event(what, {**here, "user": name, "confirmed_at": AT})
        case "unconfirmed":
            return Event(what, {**here, "user": name})
        case "passage_edited":
            return Event(what, {**here, "text_sha256": str(number)})
        case "passage_vanished":
            return Event(what, here)
        case _:
            return Event(what, {"snapshot": "x", "files": {}})


def possible(found: list[tuple[str, str, int, int, str]]) -> Iterator[Event]:
    """The steps that a ledger can hold: only what is known vanishes, is dated or edited."""
    known: set[tuple[str, str, int]] = set()
    yield studies.ADA.opened()
    yield studies.ADA.scheme("1.0.0", "d" * 64)
    for what, project, example, number, name in found:
        kind, _, how = what.partition("_")
        key = (kind, project, example if kind == "passage" else number)
        if how in ("vanished", "dated", "edited") and key not in known:
            continue
        known.add(key)
        yield event_of(what, project, example, number, name)


def memory() -> Tables:
    tables = Tables(sqlite3.connect(":memory:", isolation_level=None))
    tables.clear()
    return tables


@settings(max_examples=150)
@given(steps, st.lists(st.integers(0, 42), max_size=4))
def test_the_index_of_any_history_is_its_fold(
    found: list[tuple[str, str, int, int, str]], cuts: list[int]
) -> None:
    events = list(possible(found))
    tables, head = memory(), Head()
    bounds = [0, *sorted(min(cut, len(events)) for cut in cuts), len(events)]
    everything = []
    for number, (start, end) in enumerate(itertools.pairwise(bounds), 1):
        lines = chain(events[start:end], head, transaction=f"pull-{number:06d}", at=AT)
        head = head_of(lines, head)
        tables.take(lines)
        tables.add_file(IndexedFile(number, "", f"pull-{number:06d}", head.seq, head.hash))
        everything.extend(lines)
    expected = fold(everything)
    assert tables.load(tables.keys()) == expected
    shares = example_states(expected, expected.passages)
    digests = {
        (project, example): digest for project in PROJECTS for example, _, digest in tables.known(project)
    }
    assert digests == {key: known_digest(share) for key, share in shares.items()}
    for project in PROJECTS:
        assert tables.count(project) == sum(key[0] == project for key in expected.passages)


sketches = st.builds(
    Sketch,
    st.integers(1, 9),
    st.none(),
    st.sampled_from(["abc", "abd", "\ud800"]),
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["A", "B"]), st.just(0), ids)).map(tuple),
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["A", "B"]), ids, ids)).map(tuple),
    st.lists(st.tuples(st.integers(1, 3), st.text(max_size=2))).map(tuple),
    st.booleans(),
)


@given(sketches, sketches)
def test_two_sketches_have_one_digest_if_they_say_the_same(one: Sketch, two: Sketch) -> None:
    def said(sketch: Sketch) -> tuple[object, ...]:
        return (sketch.text, sketch.labels, sketch.relations, sketch.comments, sketch.confirmed)

    digests = [sketch_digest(sketch, text_sha256(sketch.text)) for sketch in (one, two)]
    assert (digests[0] == digests[1]) == (said(one) == said(two))


# --- the file -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return studies.nasty_study(tmp_path_factory.mktemp("index") / "study").root


@pytest.fixture
def study(template: Path, tmp_path: Path) -> Study:
    shutil.copytree(template, tmp_path / "study")
    return Study(tmp_path / "study")


def told(study: Study) -> State:
    """What a writer's index says; the caller compares it with the fold."""
    with study.writing("test"), open_index(study, writing=True) as index:
        assert index.head == head_of(read_ledger(study))
        return index.state()


def folded(study: Study) -> State:
    return fold(read_ledger(study))


def test_it_is_made_when_it_is_missing_and_kept(study: Study) -> None:
    assert told(study) == folded(study)
    made = (study.state_dir / NAME).stat()
    assert told(study) == folded(study)
    assert (study.state_dir / NAME).stat().st_mtime_ns == made.st_mtime_ns


@pytest.mark.parametrize("damage", ["garbage", "cut", "empty", "older format", "foreign tables", "middle"])
def test_a_file_that_is_no_index_is_made_anew(study: Study, damage: str) -> None:
    expected = told(study)
    path = study.state_dir / NAME
    match damage:
        case "garbage":
            path.write_bytes(b"not a database" * 500)
        case "cut":
            path.write_bytes(path.read_bytes()[:6000])
        case "empty":
            path.write_bytes(b"")
        case "middle":
            data = bytearray(path.read_bytes())
            data[4096:8192] = b"\xff" * 4096
            path.write_bytes(data)
        case _:
            with sqlite3.connect(path) as connection:
                if damage == "older format":
                    connection.execute("update meta set value = '0' where name = 'format'")
                else:
                    connection.executescript("drop table meta; create table other (a)")
            connection.close()
    assert told(study) == expected
    with study.writing("test"), open_index(study, writing=True) as index:
        assert list(index.known(studies.ADA.key))


def test_what_was_appended_elsewhere_is_folded_in(study: Study) -> None:
    told(study)
    append(study, "push", [studies.ADA.scheme("9.0.0", "a" * 64)], at=AT)
    assert told(study) == folded(study)
    assert told(study).projects[studies.ADA.key].schemes[-1].version == "9.0.0"


def test_an_index_ahead_of_its_ledger_is_made_anew(study: Study) -> None:
    before = told(study)
    kept = {path: path.read_bytes() for path in study.ledger_dir.iterdir()}
    with study.writing("test"), open_index(study, writing=True) as index:
        index.append("pull", [studies.ADA.gone("label", 21)], at=AT)
        assert index.state() == folded(study) != before
    for path in study.ledger_dir.iterdir():
        path.unlink()
    for path, data in kept.items():
        path.write_bytes(data)
    assert told(study) == before


def test_another_history_of_the_same_length_is_noticed(study: Study) -> None:
    told(study)
    last = ledger_files(study)[-1]
    head = Head(*[(line.seq, line.hash) for line in read_ledger(study) if line.event == "end"][-2])
    last.unlink()
    append(study, "push", [studies.ADA.scheme("7.0.0", "b" * 64)], after=head, at=AT)
    assert told(study) == folded(study)


@pytest.mark.parametrize("number", [0, 1, -1])
def test_an_edited_ledger_is_refused_though_the_index_is_there(study: Study, number: int) -> None:
    told(study)
    path = ledger_files(study)[number]
    path.write_bytes(path.read_bytes().replace(b'"at":"2', b'"at":"1', 1))
    with pytest.raises(IntegrityFailure, match="does not hold"):
        told(study)
    with pytest.raises(IntegrityFailure):
        read_state(study)


@pytest.mark.parametrize("what", ["a file", "HEAD", "half a transaction"])
def test_a_ledger_that_lost_something_is_refused(study: Study, what: str) -> None:
    told(study)
    last = ledger_files(study)[-1]
    match what:
        case "a file":
            last.unlink()
        case "HEAD":
            (study.ledger_dir / "HEAD").unlink()
        case _:
            last.write_bytes(last.read_bytes()[:-20])
    with pytest.raises(IntegrityFailure):
        told(study)


def test_a_reader_without_the_lock_never_writes_the_shared_file(study: Study) -> None:
    told(study)
    append(study, "push", [studies.ADA.scheme("9.0.0", "a" * 64)], at=AT)
    before = (study.state_dir / NAME).read_bytes()
    with study.writing("test"):
        assert read_state(study) == folded(study)
    assert (study.state_dir / NAME).read_bytes() == before
    (study.state_dir / NAME).unlink()
    assert read_state(study) == folded(study)
    assert not (study.state_dir / NAME).exists()


def test_a_reader_sees_one_moment_while_another_writes(study: Study) -> None:
    told(study)
    before = folded(study)
    with open_index(study) as reading:
        seen = {one: [row[0] for row in reading.known(one)] for one in PROJECTS}
        assert reading.state() == before
    with study.writing("test"), open_index(study, writing=True) as index:
        index.append("pull", [studies.ADA.gone("label", 21)], at=AT)
        with open_index(study) as reading:
            assert reading.head == index.head
            assert reading.state() == index.state()
    assert seen[studies.ADA.key] == [1, 2, 3]


def test_a_part_holds_its_examples_and_where_named_things_stand(study: Study) -> None:
    everything = folded(study)
    with study.writing("test"), open_index(study, writing=True) as index:
        one = index.part(studies.ADA.key, [2])
        assert set(one.passages) == {(studies.ADA.key, 2)}
        assert one.labels == {
            key: label
            for key, label in everything.labels.items()
            if (key[0], label.example) == (studies.ADA.key, 2)
        }
        both = index.part(studies.ADA.key, [2], labels=[11, 9999], comments=[51], relations=[41])
        assert set(both.passages) == {(studies.ADA.key, 1), (studies.ADA.key, 2)}
        assert (both.head, both.projects, both.pulls) == (
            everything.head,
            everything.projects,
            everything.pulls,
        )


def test_an_index_that_cannot_be_kept_does_not_stop_the_work(study: Study) -> None:
    (study.state_dir / NAME).mkdir(parents=True)
    assert told(study) == folded(study)
    assert read_state(study) == folded(study)


def test_damage_that_shows_while_it_is_used_is_named(study: Study) -> None:
    told(study)

    def use() -> None:
        with study.writing("test"), open_index(study, writing=True) as index:
            with sqlite3.connect(study.state_dir / NAME) as connection:
                connection.execute("update shares set share = x'00'")
            connection.close()
            index.state()

    with pytest.raises(StorageFailure, match="damaged"):
        use()
    (study.state_dir / NAME).unlink()
    assert told(study) == folded(study)
