"""Two ways to pull, one result; and no more requests than something happened."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from small_studies import Campaign, campaigns

from annotate.core.errors import ConfigError, ServerFailure
from annotate.doccano.transport import Transport
from annotate.flows.pull import pull
from annotate.flows.push import push
from annotate.store.ledger import read_ledger
from annotate.store.study import Study

pytestmark = pytest.mark.server


@pytest.fixture
def campaign(embedded, tmp_path, monkeypatch):
    return campaigns(embedded, tmp_path, monkeypatch)


def work(made: Campaign) -> None:
    """Something of every kind, by two people."""
    ann, bob = made.project(made.ann), made.project(made.bob)
    start = ann.draw("a.txt", "Vesk", "ACTOR")
    end = ann.draw("a.txt", "Berlin", "CLAIM")
    ann.relate("a.txt", "stated_by", end, start)
    ann.delete("a.txt", "spans", ann.span("a.txt", "5. Mai 1971", "DATE")["id"])
    ann.relabel("a.txt", ann.span("a.txt", "3. April 1970", "DATE"), "PUB")
    ann.comment("a.txt", "Wer sagt das? 😀")
    ann.toggle_confirmed("a.txt")
    bob.toggle_confirmed("b.txt")


def copy_of(made: Campaign, name: str) -> Study:
    """The same study in another folder, as a colleague's clone has it."""
    target = made.study.root.parent / f"{made.study.root.name}-{name}"
    shutil.copytree(made.study.root, target)
    return Study(target)


def events(study: Study) -> list[tuple[str, dict[str, Any]]]:
    return [(line.event, line.data) for line in read_ledger(study)]


def snapshots(study: Study) -> dict[str, bytes]:
    folder = study.snapshots_dir
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.jsonl")}


def test_http_and_database_give_the_same_ledger_and_snapshot(campaign):
    made = campaign()
    push(made.study)
    by_http, by_database = copy_of(made, "http"), copy_of(made, "database")
    work(made)
    for route in ({}, {"full": True}):
        one = pull(by_http, **route)
        two = pull(by_database, database=str(made.database), **route)
        assert (one.events, one.warnings) == (two.events, two.warnings)
    assert one.events == {"label_dated": 4}
    made.project(made.ann).toggle_confirmed("a.txt")
    made.project(made.bob).draw("b.txt", "2018", "CLAIM")
    assert pull(by_http).events == pull(by_database, database="embedded").events
    assert events(by_http) == events(by_database)
    assert snapshots(by_http) == snapshots(by_database)
    assert pull(by_http).pull is pull(by_database, database="embedded").pull is None


def test_details_are_asked_for_only_where_something_happened(campaign, monkeypatch):
    made = campaign()
    push(made.study)
    pull(made.study)
    made.project(made.bob).draw("b.txt", "2018", "CLAIM")
    asked: list[str] = []
    send = Transport.raw

    def listening(self: Transport, method: str, path: str, **options: Any) -> Any:
        asked.append(path)
        return send(self, method, path, **options)

    monkeypatch.setattr(Transport, "raw", listening)
    assert pull(made.study).events == {"label_appeared": 1, "label_dated": 2}
    details = [path for path in asked if path.endswith("/spans")]
    assert len(details) == 1
    asked.clear()
    assert pull(made.study).pull is None
    assert not [path for path in asked if path.endswith(("/spans", "/relations", "/states"))]


def test_what_leaves_no_trace_in_an_export_is_found_by_a_full_pull(campaign):
    made = campaign()
    push(made.study)
    ann = made.project(made.ann)
    ann.toggle_confirmed("a.txt")
    pull(made.study)
    ann.toggle_confirmed("a.txt")
    ann.toggle_confirmed("a.txt")
    assert pull(made.study).pull is None
    assert pull(made.study, full=True).events["confirmed"] == 1


@pytest.mark.parametrize(
    ("location", "error", "said"),
    [
        ("nowhere.sqlite3", ConfigError, "no database file"),
        ("README.md", ConfigError, "holds no Doccano"),
        ("postgresql://me:secret@127.0.0.1:9/x", ConfigError, "does not belong into a command line"),
        ("postgresql://me@127.0.0.1:9/x", ServerFailure, "127.0.0.1"),
    ],
)
def test_a_database_that_cannot_be_read_is_named(campaign, location, error, said):
    made = campaign()
    push(made.study)
    with pytest.raises(error, match=said) as caught:
        pull(made.study, database=location)
    assert "secret" not in str(caught.value)


def test_another_version_of_the_database_is_refused(campaign, tmp_path):
    import sqlite3

    made = campaign()
    push(made.study)
    copy = tmp_path / "newer.sqlite3"
    with sqlite3.connect(made.database) as source, sqlite3.connect(copy) as target:
        source.backup(target)
        target.execute("insert into django_migrations (app, name, applied) values ('labels', '0099_new', '')")
    for connection in (source, target):
        connection.close()
    with pytest.raises(ConfigError, match="0099_new"):
        pull(made.study, database=str(copy))
