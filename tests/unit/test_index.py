"""The index says what folding the ledger says, whatever became of its file."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from pathlib import Path

import pytest
import studies
from histories import AT, PROJECTS, ids, possible, steps
from hypothesis import given
from hypothesis import strategies as st

from annotate.core.errors import IntegrityFailure, StorageFailure
from annotate.core.ledger import Head, chain, head_of
from annotate.core.parts import example_states
from annotate.core.sketch import Sketch, known_digest, sketch_digest, text_sha256
from annotate.core.state import State, fold
from annotate.store.index import NAME, open_index, read_state
from annotate.store.index_tables import IndexedFile, Tables
from annotate.store.ledger import append, ledger_files, read_ledger
from annotate.store.study import Study

# --- random histories ---------------------------------------------------------------------------------------


def memory() -> Tables:
    tables = Tables(sqlite3.connect(":memory:", isolation_level=None))
    tables.clear()
    return tables


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
