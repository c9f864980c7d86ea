"""`annotate restore`: what a deleted label type, account or example took along comes back, once."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from small_studies import TOLD, Campaign, OwnProject, Tied, Told, campaigns

from annotate.core.dataset.labels import label_id
from annotate.core.errors import Conflict, UsageError
from annotate.core.restored import standing
from annotate.core.restoring import Selection
from annotate.doccano.embedded.environment import ensure_environment
from annotate.doccano.embedded.home import home_at
from annotate.doccano.embedded.launch import server_environment
from annotate.flows import export
from annotate.flows.history import read_history
from annotate.flows.pull import pull
from annotate.flows.push import push
from annotate.flows.restore import plan, restore
from annotate.flows.verify import verify
from annotate.store.study import Study

pytestmark = pytest.mark.server

MOVES = {"doccano_label", "doccano_example", "doccano_relation", "assignment_id"}
"""Where something is on the server: the only columns that a restore may change."""


@pytest.fixture
def campaign(embedded, tmp_path, monkeypatch):
    return campaigns(embedded, tmp_path, monkeypatch)


def work(made: Campaign) -> OwnProject:
    """Ann draws, relates, deletes one label again and confirms; all of it was pulled."""
    push(made.study)
    ann = made.project(made.ann)
    claim = ann.draw("a.txt", "kam sofort Vesk nach Berlin", "CLAIM")
    actor = ann.draw("a.txt", "Vesk", "ACTOR")
    ann.relate("a.txt", "stated_by", claim, actor)
    ann.relate("a.txt", "dates", ann.span("a.txt", "3. April 1970", "DATE"), claim)
    ann.draw("b.txt", "Minister Ko\u0308hler", "ACTOR")
    ann.toggle_confirmed("a.txt")
    pull(made.study)
    own = ann.draw("b.txt", "report", "CLAIM")
    pull(made.study)
    ann.delete("b.txt", "spans", own["id"])
    pull(made.study)
    return ann


@pytest.fixture
def worked(campaign) -> tuple[Campaign, OwnProject]:
    made = campaign()
    return made, work(made)


def tables(study: Study, name: str) -> dict[str, list[dict[str, str]]]:
    """The rows that a restore must not change, by table."""
    export.apply(study, export.plan(study, name))
    found = {}
    for table in ("labels", "relations", "suggestions", "suggested_relations", "assignments", "quarantine"):
        with (study.exports_dir / name / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            rows = [{k: v for k, v in row.items() if k not in MOVES} for row in csv.DictReader(file)]
        found[table] = sorted(rows, key=str)
    return found


def drop_type(made: Campaign, name: str) -> None:
    """Delete a label type as a project admin does in the web page."""
    base = made.admin_base(made.ann)
    (number,) = [one["id"] for one in made.admin.get_list(f"{base}/span-types") if one["text"] == name]
    made.admin.send("DELETE", f"{base}/span-types", json={"ids": [number]})


def on_server(made: Campaign) -> dict[str, int]:
    """How many rows of each kind Ann's project has."""
    number = made.remotes()[made.ann.user].project_id
    sql = (
        "SELECT COUNT(*) AS n FROM {} x JOIN examples_example e ON e.id = x.example_id WHERE e.project_id = ?"
    )
    kinds = ("labels_span", "labels_relation", "examples_examplestate")
    return {kind: made.rows(sql.format(kind), number)[0]["n"] for kind in kinds}


def give_back(made: Campaign, **wanted):
    return restore(made.study, plan(made.study, Selection(**wanted)))


def test_a_deleted_label_type_is_made_again_with_its_labels(worked):
    made, _ = worked
    before, rows = tables(made.study, "before"), on_server(made)
    drop_type(made, "DATE")
    drop_type(made, "ACTOR")
    pull(made.study)
    assert len(tables(made.study, "lost")["labels"]) < len(before["labels"])
    report = give_back(made)
    assert report.labels == {"label-type": 6}
    assert report.relations == 2
    assert set(report.types[made.ann.user]) == {"DATE", "ACTOR"}
    assert on_server(made) == rows
    assert tables(made.study, "after") == before
    assert verify(made.study, "after").problems == ()
    # The next pull and the next restore have nothing to say.
    assert pull(made.study).events == {}
    assert plan(made.study).is_empty
    assert push(made.study).suggestions_placed == {made.ann.user: 0, made.bob.user: 0}


# Django's own way: what an administrator's page does, cascade included.
DELETE_USER = """
import sys, django
django.setup()
from django.contrib.auth import get_user_model
get_user_model().objects.get(username=sys.argv[1]).delete()
"""


def delete_account(embedded, user: str) -> None:
    python = ensure_environment(lambda text: None)
    done = subprocess.run(
        [str(python), "-c", DELETE_USER, user],
        env=server_environment(home_at(embedded.home), python),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


def test_the_work_of_a_deleted_account_comes_back_under_its_name(campaign, embedded):
    # An account of this test alone: others share theirs.
    made = campaign(names=(f"leaver-{uuid.uuid4().hex[:6]}", "bob"))
    work(made)
    before, rows = tables(made.study, "before"), on_server(made)
    delete_account(embedded, made.ann.user)
    pull(made.study)
    lost = tables(made.study, "lost")
    assert {row["status"] for row in lost["labels"]} <= {"draft"}
    report = give_back(made)
    assert report.labels == {"account": 3}
    assert (report.relations, report.confirmations) == (2, 1)
    assert on_server(made) == rows
    after = tables(made.study, "after")
    assert after == before
    assert {row["annotator"] for row in after["labels"]} == {"A1"}
    assert pull(made.study).events == {}
    assert plan(made.study).is_empty


def test_a_deleted_example_comes_back_with_everything_on_it(worked):
    made, ann = worked
    before = tables(made.study, "before")
    made.admin.send("DELETE", f"{ann.at('a.txt')}")
    assert pull(made.study).problems
    report = give_back(made)
    assert (report.passages, report.labels, report.confirmations) == (1, {"example": 4}, 1)
    assert tables(made.study, "after") == before
    assert verify(made.study, "after").problems == ()
    again = pull(made.study)
    assert (again.events, again.problems, again.warnings) == ({}, (), ())
    assert plan(made.study).is_empty
    assert push(made.study).passages_added == {made.ann.user: 0, made.bob.user: 0}
    # It is a passage like any other: what is done there now is seen and counts for the old row.
    now = made.project(made.ann)
    assert now.examples["a.txt"] != ann.examples["a.txt"]
    now.relabel("a.txt", now.span("a.txt", "Vesk", "ACTOR"), "LOADED")
    now.draw("a.txt", "ging er", "CLAIM")
    pull(made.study)
    changed = {row["label_id"]: row for row in tables(made.study, "changed")["labels"]}
    old = {row["label_id"]: row for row in before["labels"]}
    assert set(changed) > set(old)
    (relabelled,) = [row for key, row in changed.items() if key in old and row["label"] != old[key]["label"]]
    assert (relabelled["label"], relabelled["annotator"], relabelled["quote"]) == ("LOADED", "A1", "Vesk")
    assert relabelled["updated_at"] > relabelled["created_at"]


def test_a_suggested_relation_comes_back_as_what_it_was(campaign):
    claim, other = "kam sofort Vesk nach Berlin", "nothing since 1999"
    made = campaign(
        names=("ann",),
        told=(*TOLD, Told("a.txt", claim, "CLAIM"), Told("b.txt", other, "CLAIM")),
        tied=[
            *(Tied("a.txt", "dates", quote, claim) for quote in ("3. April 1970", "5. Mai 1971")),
            Tied("b.txt", "dates", "1999", other),
        ],
    )
    assert push(made.study).relations_placed == {made.ann.user: 3}
    ann = made.project(made.ann)
    ann.delete("a.txt", "spans", ann.span("a.txt", "5. Mai 1971", "DATE")["id"])
    (turned,) = ann.http.get_list(f"{ann.at('b.txt')}/relations")
    another = {**turned, "type": ann.relation_types["targets"]}
    ann.http.send("PATCH", f"{ann.at('b.txt')}/relations/{turned['id']}", json=another)
    for file in ("a.txt", "b.txt"):
        ann.toggle_confirmed(file)
    pull(made.study)
    before = tables(made.study, "before")
    fates = sorted(row["fate"] for row in before["suggested_relations"])
    assert fates == ["accepted", "edited", "rejected"]
    assert {(row["relation"], row["origin"], row["annotator"]) for row in before["relations"]} == {
        ("dates", "accepted", "A1"),
        ("targets", "edited", "A1"),
    }
    drop_type(made, "CLAIM")
    pull(made.study)
    lost = tables(made.study, "lost")["suggested_relations"]
    assert {row["fate"] for row in lost} == {"rejected"}
    assert give_back(made).relations == 2
    assert tables(made.study, "again") == before
    made.admin.send("DELETE", ann.at("a.txt"))
    pull(made.study)
    give_back(made)
    assert tables(made.study, "after") == before
    assert verify(made.study, "after").problems == ()
    assert pull(made.study).events == {}
    assert push(made.study).relations_placed == {made.ann.user: 0}


def test_what_an_annotator_deleted_comes_back_only_by_name(worked):
    made, ann = worked
    assert plan(made.study).is_empty
    assert plan(made.study).deleted == 1
    (gone,) = [one for one in standing(made.state()).labels.values() if one.vanished_in]
    name = label_id(gone.project, gone.label_id)
    assert plan(made.study, Selection(pull=gone.vanished_in or "")).is_empty
    report = give_back(made, labels=frozenset({name}))
    assert report.labels == {"named": 1}
    (row,) = [row for row in tables(made.study, "named")["labels"] if row["label_id"] == name]
    assert (row["annotator"], row["quote"], row["origin"]) == ("A1", "report", "manual")
    # Deleted by its annotator once more, it stays deleted.
    ann.delete("b.txt", "spans", ann.span("b.txt", "report", "CLAIM")["id"])
    assert plan(made.study).is_empty
    told = [entry.what for entry in read_history(made.study, name)]
    assert told == ["drew", "deleted", "put back", "deleted"]
    with pytest.raises(UsageError, match="no pull"):
        plan(made.study, Selection(pull="pull-000099"))


def test_lost_twice_restored_twice_is_still_one_label(worked):
    made, _ = worked
    before = tables(made.study, "before")
    for _ in range(2):
        drop_type(made, "ACTOR")
        assert give_back(made).labels == {"label-type": 2}
    assert tables(made.study, "after") == before
    assert pull(made.study).events == {}


def test_labels_on_an_edited_text_are_refused(worked):
    made, ann = worked
    drop_type(made, "ACTOR")
    made.admin.send("PATCH", ann.at("b.txt"), json={"text": "Something else entirely."})
    (problem,) = give_back(made).problems
    assert "edited" in problem.what
    texts = {one.label for one in made.state().labels.values() if not one.vanished_in}
    assert "ACTOR" in texts
    assert len([one for one in ann.spans("b.txt") if one["label"] not in ann.label_types.values()]) == 0


def test_what_the_annotator_drew_again_is_not_doubled(worked):
    made, ann = worked
    drop_type(made, "ACTOR")
    pull(made.study)
    push(made.study)
    ann = made.project(made.ann)
    ann.draw("a.txt", "Vesk", "ACTOR")
    found = plan(made.study)
    assert (found.drawn_again, len(found.projects[0].labels)) == (1, 1)
    restore(made.study, found)
    names = ("a.txt", "b.txt")
    actors = [one for file in names for one in ann.spans(file) if one["label"] == ann.label_types["ACTOR"]]
    assert len(actors) == 2


def test_a_plan_is_for_the_ledger_that_it_was_made_from(worked):
    made, ann = worked
    drop_type(made, "ACTOR")
    shown = plan(made.study)
    ann.draw("c.txt", "words", "CLAIM")
    pull(made.study)
    with pytest.raises(Conflict, match="new entries"):
        restore(made.study, shown)
    assert "ACTOR" not in {one["text"] for one in made.admin.get_list(f"{ann.base}/span-types")}


def test_a_dry_run_says_what_the_ledger_does_not_know_yet(worked):
    made, _ = worked
    drop_type(made, "ACTOR")
    before = made.ledger()
    found = plan(made.study, pull_first=False)
    assert found.is_empty
    (warning,) = found.warnings
    assert "not in the ledger yet" in warning
    assert made.ledger() == before


def annotate(made: Campaign, *words: str) -> subprocess.CompletedProcess[str]:
    order = [sys.executable, "-m", "annotate", "--study", str(made.study.root), *words]
    return subprocess.run(order, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)


def test_the_command_shows_its_plan_and_does_nothing_unasked(worked):
    made, ann = worked
    drop_type(made, "ACTOR")
    shown = annotate(made, "restore")
    assert shown.returncode == 2
    assert f"{made.ann.user}: 2 ACTOR: its label or relation type was deleted" in shown.stdout
    assert "--yes" in shown.stderr
    assert len(ann.spans("a.txt")) == 3
    done = annotate(made, "restore", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert {one["cause"] for one in told["plan"]["labels"]} == {"label-type"}
    assert told["done"]["labels"] == {"label-type": 2}
    assert len(ann.spans("a.txt")) == 4
    again = annotate(made, "restore")
    assert (again.returncode, "nothing to put back" in again.stdout) == (0, True)


DRIVER = """
import sys
sys.path.insert(0, sys.argv[1])
import annotate.flows.restore as flow
plain = flow.restore
flow.restore = lambda study: plain(study, flow.plan(study))
import dying
dying.main(*sys.argv[2:])
"""


def run_and_die(made: Campaign, target: str, when: str, nth: int) -> bool:
    """Run a restore in a process that dies at that point; False when it came through alive."""
    folder = str(Path(__file__).parent)
    order = [sys.executable, "-c", DRIVER, folder, str(made.study.root), "restore", target, when, str(nth)]
    done = subprocess.run(order, capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_change_and_run_again_gives_the_same_rows_once(worked, when):
    made, _ = worked
    before, rows = tables(made.study, "before"), on_server(made)
    died = 0
    for nth in (1, 4, 8, 99):
        drop_type(made, "ACTOR")
        made.admin.send("DELETE", made.project(made.ann).at("a.txt"))
        pull(made.study)
        alive = not run_and_die(made, "changes", when, nth)
        died += not alive
        if nth % 2:
            pull(made.study)  # an operator looks before running it again
        found = plan(made.study)
        if not found.is_empty:
            restore(made.study, found)
        assert on_server(made) == rows, nth
        assert tables(made.study, "after") == before, nth
        assert plan(made.study).is_empty
    # Types, an example, labels, relations, a confirmation: more than eight changes, and fewer than 99.
    assert died == 3
