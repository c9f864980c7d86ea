"""The embedded server on PostgreSQL: its own database and no other, several web workers, a whole campaign."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator

import pytest
from deployed import Deployed, deeds, start_deployed
from embedded_api import Api, eventually
from postgres_cluster import Cluster, running_cluster
from small_studies import TOLD, Tied, Told, campaigns

from annotate.core.errors import ConfigError, Conflict, ServerFailure, UsageError
from annotate.doccano import embedded as server
from annotate.flows.pull import pull
from annotate.flows.push import plan, push
from annotate.flows.status import status

pytestmark = pytest.mark.server


def ignore(text: str) -> None:
    pass


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as made:
        yield made


@pytest.fixture
def password(cluster, monkeypatch):
    monkeypatch.setenv("ANNOTATE_DATABASE_PASSWORD", cluster.password)
    return cluster.password


@pytest.fixture(scope="module")
def on_postgresql(cluster, tmp_path_factory) -> Iterator[tuple[Deployed, str]]:
    """A server with two web workers, and the address of its database."""
    home = tmp_path_factory.mktemp("pg") / "home"
    url = cluster.make()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANNOTATE_DATABASE_PASSWORD", cluster.password)
        found = start_deployed(home, database=url)
    try:
        yield found, url
    finally:
        server.stop(home)


def test_push_labels_and_pull(on_postgresql, tmp_path, monkeypatch):
    claim = "nothing since 1999"
    told, tied = (*TOLD, Told("b.txt", claim, "CLAIM")), [Tied("b.txt", "dates", "1999", claim)]
    made = campaigns(on_postgresql[0], tmp_path, monkeypatch)(told=told, tied=tied)
    report = push(made.study)
    assert report.suggestions_placed == {made.ann.user: 5, made.bob.user: 5}
    assert report.relations_placed == {made.ann.user: 1, made.bob.user: 1}
    pull(made.study)
    own = made.project(made.ann)
    drawn = own.draw("b.txt", "Second", "DATE")
    gone = own.span("a.txt", "5. Mai 1971", "DATE")["id"]
    own.delete("a.txt", "spans", gone)
    own.toggle_confirmed("a.txt")
    assert deeds(pull(made.study)) == {"label_appeared": 1, "label_vanished": 1, "confirmed": 1}
    labels = {one.label_id: one for one in made.state().labels.values()}
    assert labels[drawn["id"]].user == made.ann.user
    assert labels[gone].vanished_in is not None
    assert pull(made.study).pull is None
    assert deeds(pull(made.study, full=True, database="embedded")) == {}  # the database says the same
    made.project(made.bob).draw("b.txt", "Second", "DATE")
    assert deeds(pull(made.study, database="embedded")) == {"label_appeared": 1}
    assert pull(made.study).pull is None
    assert plan(made.study).is_empty
    found = [(one.labels, one.suggestions_left, one.confirmed) for one in status(made.study).annotators]
    assert found == [(1, 4, 1), (1, 5, 0)]


def test_no_change_is_lost_with_two_web_workers(on_postgresql):
    """Writers at the same time, over both processes: every span is there once."""
    found = on_postgresql[0]
    admin = Api(found.url, found.service)
    body = {"project_type": "SequenceLabeling", "resourcetype": "SequenceLabelingProject"}
    project = admin.made("projects", {**body, "name": "many", "description": "d", "guideline": ""})["id"]
    label = admin.made(f"projects/{project}/span-types", {"text": "X", "background_color": "#000000"})["id"]
    example = admin.made(f"projects/{project}/examples", {"text": "word " * 100, "meta": {}})["id"]
    path = f"projects/{project}/examples/{example}/spans"

    def write(first: int) -> None:
        api = Api(found.url, found.service)
        for number in range(first, first + 10):
            api.made(path, {"label": label, "start_offset": number * 5, "end_offset": number * 5 + 4})

    writers = [threading.Thread(target=write, args=(10 * number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    spans = admin.got(path)
    assert sorted(one["start_offset"] for one in spans) == [5 * number for number in range(40)]
    web = server.status(found.home).pids["web"]
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(web)], capture_output=True, text=True, check=True
    )
    assert len(children.stdout.split()) == 2


def test_the_guard_stands_there_too(on_postgresql):
    found = on_postgresql[0]
    admin = Api(found.url, found.service)
    body = {"project_type": "SequenceLabeling", "resourcetype": "SequenceLabelingProject", "guideline": ""}
    one, other = (
        admin.made("projects", {**body, "name": name, "description": "d"})["id"] for name in ("one", "other")
    )
    foreign = admin.made(f"projects/{other}/examples", {"text": "secret", "meta": {}})["id"]
    assert admin.call("GET", f"projects/{other}/examples/{foreign}").status_code == 200
    assert admin.call("GET", f"projects/{one}/examples/{foreign}").status_code == 404


def test_accounts(on_postgresql):
    found = on_postgresql[0]
    assert found.add_user("pia", "Grüne-Wiese-99") == "created"
    account = {one.name: one for one in server.list_users(found.home)}["pia"]
    assert account.active
    assert not account.superuser
    assert account.joined.endswith("Z")
    assert Api(found.url, ("pia", "Grüne-Wiese-99")).got("me")["username"] == "pia"


def test_the_password_is_in_one_private_file_and_nowhere_else(on_postgresql, cluster):
    home = on_postgresql[0].home
    holding = [
        path.relative_to(home).as_posix()
        for path in home.rglob("*")
        if path.is_file() and cluster.password.encode() in path.read_bytes()
    ]
    assert holding == ["database-password"]
    assert (home / "database-password").stat().st_mode & 0o777 == 0o600
    commands = subprocess.run(["ps", "axeww"], capture_output=True, text=True, check=True).stdout
    assert cluster.password not in commands


def test_a_database_of_somebody_else_is_left_alone(cluster, password, tmp_path, on_postgresql):
    foreign = cluster.make()
    cluster.sql("CREATE TABLE accounts (name text)", foreign)
    with pytest.raises(Conflict, match="holds something else"):
        server.start(tmp_path / "a", database=foreign, progress=ignore)
    assert cluster.sql("SELECT relname FROM pg_stat_user_tables", foreign) == "accounts"
    with pytest.raises(Conflict, match="another annotate server"):
        server.start(tmp_path / "a", database=on_postgresql[1], progress=ignore)
    with pytest.raises(ConfigError, match="encoding is SQL_ASCII"):
        server.start(tmp_path / "a", database=cluster.make(encoding="SQL_ASCII"), progress=ignore)
    # Nothing of it is remembered: the same home may take another database, or SQLite.
    assert server.status(tmp_path / "a").deployment.database is None
    assert not (tmp_path / "a" / "database-password").exists()


def test_a_wrong_password_says_where_the_right_one_belongs(cluster, tmp_path, monkeypatch):
    foreign = cluster.make()
    cluster.sql("CREATE TABLE accounts (name text)", foreign)
    monkeypatch.setenv("ANNOTATE_DATABASE_PASSWORD", "Falsch-Falsch-1")
    with pytest.raises(ServerFailure, match="password authentication failed") as caught:
        server.start(tmp_path / "home", database=foreign, progress=ignore)
    assert "ANNOTATE_DATABASE_PASSWORD" in caught.value.hint
    assert "Falsch-Falsch-1" not in str(caught.value)
    # libpq's own file opens it: far enough to see that somebody lives there.
    passwords = tmp_path / "pgpass"
    passwords.write_text(f"127.0.0.1:{cluster.port}:*:doccano:{cluster.password}\n")
    passwords.chmod(0o600)
    monkeypatch.delenv("ANNOTATE_DATABASE_PASSWORD")
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    with pytest.raises(Conflict, match="holds something else"):
        server.start(tmp_path / "home", database=foreign, progress=ignore)


def test_sqlite_stays_sqlite(cluster, password, embedded, tmp_path):
    with pytest.raises(Conflict, match="keeps its data in SQLite"):
        server.start(embedded.home, database=cluster.make(), progress=ignore)
    with pytest.raises(UsageError, match="several web workers"):
        server.start(tmp_path / "home", workers=2, progress=ignore)


def test_the_database_used_before_is_the_only_right_one(cluster, on_postgresql):
    found, url = on_postgresql
    with pytest.raises(Conflict, match="other settings"):
        server.start(found.home, workers=3, progress=ignore)
    server.stop(found.home)
    with pytest.raises(Conflict, match="it is empty, and this server has worked with another"):
        server.start(found.home, database=cluster.make(), progress=ignore)
    # It moved: another address, the same database. The kept password will do.
    moved = url.replace("127.0.0.1", "localhost")
    assert server.start(found.home, database=moved, workers=1, progress=ignore).url == found.url
    assert server.status(found.home).deployment.database.url == moved
    # Cut connections are made anew.
    admin = Api(found.url, found.service)
    ended = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'annotate'"
    )
    assert int(cluster.sql(ended, url)) > 0
    assert admin.got("me")["username"] == found.service[0]
    assert eventually(lambda: server.status(found.home).ready, 30)
