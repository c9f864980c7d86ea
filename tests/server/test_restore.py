"""`annotate restore`: what a deleted label type, account or example took along comes back, once, as it was."""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from small_studies import Campaign, OwnProject, campaigns, make_person

from annotate.core.dataset.labels import label_id
from annotate.core.errors import Conflict, PartlyDone
from annotate.core.restored import standing
from annotate.core.restoring import Selection
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


@pytest.fixture
def worked(campaign) -> tuple[Campaign, OwnProject]:
    """A pushed study in which Ann drew, related, relabelled, deleted and confirmed."""
    made = campaign()
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
    return made, ann


def tables(study: Study, name: str) -> dict[str, list[dict[str, str]]]:
    """The rows that a restore must not change, by table."""
    export.apply(study, export.plan(study, name))
    found = {}
    for table in ("labels", "relations", "suggestions", "assignments", "quarantine"):
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
    sql = "SELECT COUNT(*) AS n FROM {} x JOIN examples_example e ON e.id = x.example_id WHERE e.project_id = ?"
    kinds = ("labels_span", "labels_relation", "examples_examplestate")
    return {kind: made.rows(sql.format(kind), number)[0]["n"] for kind in kinds}


def give_back(made: Campaign, **wanted):
    return restore(made.study, plan(made.study, Selection(**wanted)))


def test_a_deleted_label_type_is_made_again_with_its_labels(worked):
    made, ann = worked
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
