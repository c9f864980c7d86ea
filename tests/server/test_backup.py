"""Backup and restore for real: nothing lost, nothing doubled, nothing of the old numbers handed out again."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
from contextlib import closing

import pytest
from deployed import Deployed, deeds, start_deployed
from embedded_api import Api
from postgres_cluster import running_cluster
from small_studies import Campaign, campaigns

from annotate.core.errors import BadInput, Conflict, IntegrityFailure, ServerFailure, UsageError
from annotate.doccano import embedded as server
from annotate.flows.pull import pull
from annotate.flows.push import plan, push

pytestmark = pytest.mark.server


def ignore(text: str) -> None:
    pass


def annotated(found: Deployed, tmp_path, monkeypatch) -> Campaign:
    """A campaign on this server with work of both people in it, pulled."""
    made = campaigns(found, tmp_path, monkeypatch)()
    push(made.study)
    own = made.project(made.ann)
    own.relate(
        "a.txt",
        "restates",
        own.draw("a.txt", "Berlin", "DATE"),
        own.span("a.txt", "5. Mai 1971", "DATE"),
    )
    own.comment("b.txt", "doubtful \\N\t\\.")
    own.toggle_confirmed("b.txt")
    made.project(made.bob).draw("b.txt", "Ko\u0308hler", "DATE")
    pull(made.study)
    return made


def told_again(made: Campaign, found: Deployed) -> None:
    """The restored server says what the ledger knows, lets people in, and goes on with fresh numbers."""
    assert pull(made.study).pull is None
    assert plan(made.study).is_empty
    Api(found.url, (made.ann.user, made.ann.password))
    known = {one.label_id for one in made.state().labels.values()}
    made.__dict__.pop("admin", None)  # it knows the old port
    own = made.project(made.ann)
    assert own.draw("c.txt", "words", "DATE")["id"] > max(known) + 900_000
    assert deeds(pull(made.study)) == {"label_appeared": 1}


def test_sqlite_there_and_back(scratch_server, tmp_path, monkeypatch):
    found = scratch_server()
    made = annotated(found, tmp_path, monkeypatch)
    (found.home / "media" / "up").mkdir()
    (found.home / "media" / "up" / "Bild é.txt").write_bytes(b"media")
    one, two = tmp_path / "one.tar", tmp_path / "two.tar"
    report = server.backup(found.home, one, progress=ignore)  # the server runs
    assert (report.engine, report.path) == ("sqlite", one)
    assert one.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="exists"):
        server.backup(found.home, one, progress=ignore)
    with pytest.raises(Conflict, match="runs"):
        server.restore(found.home, one, force=True, progress=ignore)
    server.stop(found.home)
    server.backup(found.home, two, progress=ignore)
    first, second = (members(path) for path in (one, two))
    assert first.keys() == second.keys()
    assert {name for name in first if first[name] != second[name]} <= {"db.sqlite3", "manifest.json"}
    third = tmp_path / "three.tar"
    server.backup(found.home, third, progress=ignore)
    assert third.read_bytes() == two.read_bytes()

    with pytest.raises(Conflict, match="holds data"):
        server.restore(found.home, one, progress=ignore)
    shutil.rmtree(found.home)
    server.restore(found.home, one, progress=ignore)
    back = start_deployed(found.home)
    assert back.service == found.service
    assert (found.home / "media" / "up" / "Bild é.txt").read_bytes() == b"media"
    told_again(made, back)
    server.stop(found.home)

    # Over a server with data: only by force, and what it held is kept.
    server.restore(found.home, one, force=True, progress=ignore)
    with closing(sqlite3.connect(found.home / "before-restore-1" / "db.sqlite3")) as kept:
        before = kept.execute("SELECT count(*) FROM labels_span").fetchone()[0]
    with closing(sqlite3.connect(found.database)) as now:
        assert now.execute("SELECT count(*) FROM labels_span").fetchone()[0] == before - 1
    assert (found.home / "before-restore-1" / "media" / "up" / "Bild é.txt").exists()
    for path in found.home.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_postgresql_there_and_back(tmp_path, monkeypatch):
    with running_cluster() as cluster:
        monkeypatch.setenv("ANNOTATE_DATABASE_PASSWORD", cluster.password)
        home, url, archive = tmp_path / "home", cluster.make(), tmp_path / "backup.tar"
        try:
            found = start_deployed(home, database=url)
            made = annotated(found, tmp_path, monkeypatch)
            report = server.backup(home, archive, progress=ignore)  # the server runs
            assert report.engine == "postgresql"
            assert cluster.password.encode() not in archive.read_bytes()
            server.stop(home)
            same = tmp_path / "same.tar"
            server.backup(home, same, progress=ignore)
            assert not differing(archive, same) - {
                "tables/django_celery_results_taskresult.copy",
                "manifest.json",
            }

            # The database is lost; an empty one takes its place, without the home as well.
            cluster.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public", url)
            with pytest.raises(Conflict, match="it is empty"):
                server.start(home, progress=ignore)
            shutil.rmtree(home)
            with pytest.raises(UsageError, match="with PostgreSQL"):
                server.restore(home, archive, progress=ignore)
            server.restore(home, archive, database=url, progress=ignore)
            told_again(made, start_deployed(home))
            server.stop(home)
            with pytest.raises(Conflict, match="holds data"):
                server.restore(home, archive, progress=ignore)
            spans = int(cluster.sql("SELECT count(*) FROM labels_span", url))
            server.restore(home, archive, force=True, progress=ignore)
            assert int(cluster.sql("SELECT count(*) FROM labels_span", url)) == spans - 1
            kept = members(home / "before-restore-1.tar")["tables/labels_span.copy"]
            assert kept.count(b"\n") == spans

            # One row too many, or of the wrong kind: all of it is refused, and what was there stays.
            broken = tmp_path / "broken"
            server.stop(home)
            rewrite(archive, broken, "tables/labels_span.copy", lambda data: data + b"nonsense\n")
            with pytest.raises(ServerFailure, match="could not be prepared"):
                server.restore(home, broken, force=True, progress=ignore)
            assert int(cluster.sql("SELECT count(*) FROM labels_span", url)) == spans - 1
        finally:
            server.stop(home)


def test_what_is_no_backup_changes_nothing(scratch_server, tmp_path):
    found = scratch_server()
    archive, bad = tmp_path / "good.tar", tmp_path / "bad.tar"
    found.add_user("anna", "Grüne-Wiese-99")
    server.backup(found.home, archive, progress=ignore)
    server.stop(found.home)
    before = tree(found.home)

    def refused(kind: type[Exception], words: str) -> None:
        with pytest.raises(kind, match=words):
            server.restore(found.home, bad, force=True, progress=ignore)
        assert tree(found.home) == before

    bad.write_bytes(archive.read_bytes()[:200_000])
    refused((BadInput, IntegrityFailure), "bad.tar")
    changed = bytearray(archive.read_bytes())
    changed[len(changed) // 2] ^= 1
    bad.write_bytes(changed)
    refused(IntegrityFailure, "has changed")
    rewrite(archive, bad, "db.sqlite3", lambda data: b"SQLite format 3\0" + data[16:100])
    refused((BadInput, IntegrityFailure), "database")

    def with_trigger(data: bytes) -> bytes:
        path = tmp_path / "t.sqlite3"
        path.write_bytes(data)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TRIGGER t AFTER INSERT ON auth_user BEGIN DELETE FROM auth_user; END")
            connection.commit()
        return path.read_bytes()

    rewrite(archive, bad, "db.sqlite3", with_trigger)
    refused(BadInput, "programs in it")


# --- archives by hand ---------------------------------------------------------------------------------------


def members(path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar}


def differing(one, two) -> set[str]:
    first, second = members(one), members(two)
    return {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)}


def rewrite(source, target, name: str, change) -> None:
    """The same archive with one file changed and the list made to fit."""
    found = members(source)
    found[name] = change(found[name])
    manifest = json.loads(found.pop("manifest.json"))
    manifest["files"][name] = {
        "bytes": len(found[name]),
        "sha256": hashlib.sha256(found[name]).hexdigest(),
    }
    with tarfile.open(target, "w") as tar:
        for one, data in {"manifest.json": json.dumps(manifest).encode(), **found}.items():
            member = tarfile.TarInfo(one)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def tree(folder) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != "logs" and path.suffix != ".lock"
    }
