"""Push and pull killed at every point where it matters, and run again."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from small_studies import TIED, TOLD, Campaign, campaigns, small_scheme

from annotate.core.errors import IntegrityFailure
from annotate.flows.pull import pull
from annotate.flows.push import plan, push
from annotate.store.ledger import check_ledger

pytestmark = pytest.mark.server


@pytest.fixture
def campaign(embedded, tmp_path, monkeypatch):
    make = campaigns(embedded, tmp_path, monkeypatch)

    def with_small_scheme(**options) -> Campaign:
        made = make(languages=("en", "en"), tied=TIED, **options)
        small_scheme(made.study)
        return made

    return with_small_scheme


def run_and_die(made: Campaign, verb: str, target: str, when: str = "before", nth: int = 1) -> bool:
    """Run the verb in a process that dies at that point; False when it came through alive."""
    driver = Path(__file__).with_name("dying.py")
    done = subprocess.run(
        [sys.executable, str(driver), str(made.study.root), verb, target, when, str(nth)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def assert_pushed_exactly_once(made: Campaign) -> None:
    """Each passage and suggestion is there once for each person, and the ledger says just that."""
    wanted = Counter(one.passage_id for one in made.passages.values())
    state = made.state()  # reading checks the chain
    assert len(made.remotes()) == len(made.people)
    for person in made.people:
        found = made.examples(person)
        assert Counter(one["meta"]["ext"]["passage"] for one in found) == wanted
        key = made.remotes()[person.user].marker.key
        recorded = {example: one for (project, example), one in state.passages.items() if project == key}
        assert {one["id"]: one["text"] for one in found} == {
            example: one.passage.text for example, one in recorded.items()
        }
        spans = made.rows(
            "SELECT s.id FROM labels_span s JOIN examples_example e ON e.id = s.example_id"
            " WHERE e.project_id = ?",
            made.remotes()[person.user].project_id,
        )
        placed = {label: one for (project, label), one in state.placed.items() if project == key}
        assert {row["id"] for row in spans} == set(placed)
        assert sorted(one.suggestion.quote for one in placed.values()) == sorted(one.quote for one in TOLD)
        assert_related_exactly_once(made, key, made.remotes()[person.user].project_id)
        for kind, names in (("span-types", ["DATE"]), ("relation-types", ["restates"])):
            types = made.admin.get_list(f"{made.admin_base(person)}/{kind}")
            assert [one["text"] for one in types] == names
        people = made.admin.get_list(f"{made.admin_base(person)}/members")
        assert sorted(one["username"] for one in people) == sorted([person.user, made.admin.user])
    assert plan(made.study).is_empty
    before = made.ledger()
    push(made.study)
    assert made.ledger() == before


def assert_related_exactly_once(made: Campaign, key: str, project: int) -> None:
    """Each suggested relation is there once, between the labels that its suggestions became."""
    state = made.state()
    rows = made.rows(
        "SELECT r.id, r.from_id_id, r.to_id_id FROM labels_relation r"
        " JOIN examples_example e ON e.id = r.example_id WHERE e.project_id = ?",
        project,
    )
    placed = [one for (one_key, _), one in state.placed_relations.items() if one_key == key]
    assert [tuple(row) for row in rows] == [(one.relation_id, one.from_label, one.to_label) for one in placed]
    ends = [
        (state.placed[key, one.from_label].suggestion.quote, state.placed[key, one.to_label].suggestion.quote)
        for one in placed
    ]
    assert ends == [(one.start, one.end) for one in TIED]


def test_push_that_dies_after_every_single_change_gets_there(campaign):
    """The hardest case: no run lives to see the answer of the first change that it makes."""
    made = campaign()
    deaths = 0
    while run_and_die(made, "push", "changes", "after"):
        deaths += 1
        assert deaths < 60
    # Per person: project, two types, membership, import.
    assert deaths >= 10
    assert_pushed_exactly_once(made)


@pytest.mark.parametrize(
    ("when", "nth"), [("before", 1), ("before", 2), ("before", 3), ("before", 4), ("after", 4)]
)
def test_push_killed_around_a_ledger_transaction(campaign, when, nth):
    made = campaign()
    assert run_and_die(made, "push", "annotate.store.index:commit", when, nth)
    push(made.study)
    assert_pushed_exactly_once(made)


def test_push_killed_while_the_server_still_imports(campaign):
    made = campaign()
    assert run_and_die(made, "push", "annotate.doccano.importing:_wait")
    push(made.study)
    assert_pushed_exactly_once(made)


def test_work_done_between_a_killed_push_and_the_next_one_survives(campaign):
    made = campaign()
    # The second transaction is the first person's passages: imported, never recorded.
    assert run_and_die(made, "push", "annotate.store.index:commit", "before", 2)
    ann = made.project(made.ann)
    drawn = ann.draw("a.txt", "Berlin", "DATE")
    kept = ann.relate("a.txt", "restates", drawn, ann.span("a.txt", "3. April 1970", "DATE"))
    ann.toggle_confirmed("a.txt")
    push(made.study)
    pull(made.study)
    ann = made.project(made.ann)
    assert ann.span("a.txt", "Berlin", "DATE")["id"] == drawn["id"]
    there = {one["id"] for one in ann.http.get_list(f"{ann.at('a.txt')}/relations")}
    assert there == {
        kept["id"],
        *(number for project, number in made.state().placed_relations if project == ann.remote.marker.key),
    }
    assert len(there) == 2
    found = {one.seen.label_id: one for one in made.fates().labels}
    assert found[drawn["id"]].origin == "manual"
    assert sorted(one.origin for one in found.values()) == ["accepted", "accepted", "manual"]


PULL_DEATHS = {
    "while it reads": ("annotate.doccano.archive:_fetch", "before", 2),
    "before the snapshot": ("annotate.flows.pull:keep_snapshot", "before", 1),
    "inside the snapshot": ("annotate.store.snapshots:encode_line", "after", 9),
    "between snapshot and ledger": ("annotate.flows.pull:keep_snapshot", "after", 1),
    "while the ledger file is written": ("annotate.store.ledger:replace_file", "before", 1),
    "between ledger file and HEAD": ("annotate.store.ledger:replace_file", "after", 1),
    "while the index is made": ("annotate.store.index_tables:known_digest", "before", 2),
    "after everything": ("annotate.store.index:commit", "after", 1),
}
COMMITTED = ("between ledger file and HEAD", "after everything")


@pytest.mark.parametrize("point", PULL_DEATHS)
def test_killed_pull_is_all_or_nothing(campaign, point):
    made = campaign()
    push(made.study)
    ann = made.project(made.ann)
    drawn = ann.draw("a.txt", "Berlin", "DATE")
    before = made.ledger()
    if point == "while the index is made":
        (made.study.state_dir / "index.sqlite3").unlink()
    assert run_and_die(made, "pull", *PULL_DEATHS[point])
    committed = point in COMMITTED
    assert (made.ledger() == before) == (not committed)
    assert made.ledger()[: len(before)] == before
    if not committed:
        assert (ann.remote.marker.key, drawn["id"]) not in made.state().labels

    report = pull(made.study)
    assert (report.pull is None) == committed
    assert (ann.remote.marker.key, drawn["id"]) in made.state().labels
    folders = {path.name for path in made.study.snapshots_dir.iterdir()}
    assert folders == set(made.state().pulls)
    assert len(folders) == 1
    aside = made.study.state_dir / "orphaned-snapshots"
    orphans = [path.name for path in aside.iterdir()] if aside.exists() else []
    left_one = point in ("between snapshot and ledger", "while the ledger file is written")
    assert len(orphans) == left_one
    assert pull(made.study).pull is None


def test_a_ledger_file_cut_short_is_found_not_continued(campaign):
    made = campaign()
    push(made.study)
    last = sorted(made.study.ledger_dir.glob("*.jsonl"))[-1]
    last.write_bytes(last.read_bytes()[:-20])
    _, problems = check_ledger(made.study)
    assert problems
    for verb in (push, pull):
        with pytest.raises(IntegrityFailure):
            verb(made.study)
