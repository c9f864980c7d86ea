"""Addresses of databases, what a home remembers, and archives that mean harm."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from annotate.core.errors import BadInput, ConfigError, Conflict, IntegrityFailure, StorageFailure, UsageError
from annotate.doccano.embedded.archive import is_safe, pack, unpack
from annotate.doccano.embedded.deployment import (
    Deployment,
    PostgreSQL,
    check_public_url,
    choose,
    keep_password,
    parse_database,
    read_deployment,
    write_deployment,
)
from annotate.doccano.embedded.home import open_home
from annotate.doccano.embedded.launch import web_command

# --- addresses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://anna@db.example.org/study", PostgreSQL("study", "anna", "db.example.org", 5432)),
        ("postgres://anna@10.0.0.7:6543/study", PostgreSQL("study", "anna", "10.0.0.7", 6543)),
        ("postgresql://a%40b@[::1]:5433/my%20db", PostgreSQL("my db", "a@b", "::1", 5433)),
        ("postgresql://anna@/study?host=/run/postgresql", PostgreSQL("study", "anna", "/run/postgresql")),
        (
            "postgresql://anna@db/study?sslmode=verify-full&sslrootcert=/etc/ca.pem",
            PostgreSQL("study", "anna", "db", 5432, {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"}),
        ),
    ],
)
def test_database_addresses_there_and_back(url, expected):
    assert parse_database(url) == expected
    assert parse_database(expected.url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://anna:geheim@db/study",
        "postgresql://anna:@db/study",
        "postgresql://anna@db/study?password=geheim",
        "mysql://anna:geheim@db/study",
    ],
)
def test_a_password_in_the_address_is_refused_and_not_repeated(url):
    with pytest.raises(UsageError) as caught:
        parse_database(url)
    assert "geheim" not in caught.value.message + caught.value.hint
    for place in ("ANNOTATE_DATABASE_PASSWORD", "~/.pgpass", "PGPASSFILE"):
        assert place in caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "",
        "study",
        "sqlite:///x",
        "mysql://anna@db/study",
        "postgresql://db/study",
        "postgresql://anna@/study",
        "postgresql://anna@db",
        "postgresql://anna@db/a/b",
        "postgresql://anna@db:x/study",
        "postgresql://anna@db/study?options=-csearch_path",
    ],
)
def test_what_is_no_database(url):
    with pytest.raises(UsageError):
        parse_database(url)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://annotate.example.org", "https://annotate.example.org"),
        ("https://localhost:8443/a/doccano/", "https://localhost:8443/a/doccano"),
        ("https://example.org/a?b=c", None),
        ("https://user@example.org/", None),
        ('https://example.org/"><script>', None),
        ("https://example.org//x", None),
        ("example.org/doccano", None),
    ],
)
def test_public_addresses(url, found):
    if found is None:
        with pytest.raises(UsageError):
            check_public_url(url)
    else:
        assert check_public_url(url) == found


# --- what a home remembers ----------------------------------------------------------------------------------

NOTHING: dict[str, object] = {"database": None, "workers": None, "public_url": None, "holds_sqlite": False}
URL = "postgresql://anna@db/study"


def test_choices_are_remembered_and_changed_one_by_one(tmp_path):
    home = open_home(tmp_path)
    assert read_deployment(home) == Deployment()
    first = choose(Deployment(), **{**NOTHING, "database": URL, "public_url": "https://example.org/d"})
    assert (first.workers, first.database.url) == (2, "postgresql://anna@db:5432/study")
    write_deployment(home, first)
    assert home.deployment.stat().st_mode & 0o777 == 0o600
    assert read_deployment(home) == first
    assert choose(first, **NOTHING) == first
    assert choose(first, **{**NOTHING, "workers": 4}).workers == 4
    assert choose(first, **{**NOTHING, "public_url": ""}).public_url == ""
    again = choose(choose(first, **{**NOTHING, "workers": 4}), **{**NOTHING, "database": URL})
    assert again.workers == 4
    home.deployment.write_text("{}")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_deployment(home)


def test_choices_that_do_not_fit():
    with pytest.raises(UsageError, match="SQLite"):
        choose(Deployment(), **{**NOTHING, "workers": 2})
    for number in (0, -1, 33):
        with pytest.raises(UsageError, match="web workers"):
            choose(Deployment(), **{**NOTHING, "database": URL, "workers": number})
    with pytest.raises(Conflict, match="do not move"):
        choose(Deployment(), **{**NOTHING, "database": URL, "holds_sqlite": True})
    assert choose(Deployment(), **{**NOTHING, "workers": 1}) == Deployment()


def test_the_password_is_kept_privately_and_in_no_record(tmp_path, monkeypatch):
    home = open_home(tmp_path)
    monkeypatch.delenv("ANNOTATE_DATABASE_PASSWORD", raising=False)
    keep_password(home)
    assert not home.database_password.exists()
    monkeypatch.setenv("ANNOTATE_DATABASE_PASSWORD", "streng geheim ")
    keep_password(home)
    assert home.database_password.read_text() == "streng geheim \n"
    assert home.database_password.stat().st_mode & 0o777 == 0o600
    write_deployment(home, choose(Deployment(), **{**NOTHING, "database": URL}))
    assert "geheim" not in home.deployment.read_text()


def test_the_number_of_workers_reaches_gunicorn(tmp_path):
    command = web_command(tmp_path / "python", 7, 3)
    assert command[command.index("--workers") + 1] == "3"


# --- archives -----------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path) -> Path:
    made = tmp_path / "in"
    for name, data in FILES.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_bytes(data)
    return made


FILES = {
    "db.sqlite3": b"data" * 5000,
    "secrets/secret-key": b"k\n",
    "media/abc/Bild é.txt": b"",
    f"media/{'x' * 200}/{'y' * 200}.zip": b"zip",
}


def test_there_and_back_and_the_same_bytes_each_time(folder, tmp_path):
    one, two, out = tmp_path / "one.tar", tmp_path / "two.tar", tmp_path / "out"
    assert pack(folder, one, {"engine": "sqlite"}) == one.stat().st_size
    for path in reversed(sorted(folder.rglob("*"))):
        path.touch()
        path.chmod(0o700)
    pack(folder, two, {"engine": "sqlite"})
    assert one.read_bytes() == two.read_bytes()
    assert one.stat().st_mode & 0o777 == 0o600
    out.mkdir()
    assert unpack(one, out)["engine"] == "sqlite"
    found = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_file()}
    assert {name: path.read_bytes() for name, path in found.items()} == FILES
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in found.values())
    with pytest.raises(StorageFailure):
        pack(folder, tmp_path / "no" / "where.tar", {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "one.tar", "out", "two.tar"]


@pytest.mark.parametrize(
    "name",
    [
        "../db.sqlite3",
        "/etc/passwd",
        "media/../../x",
        "media/./x",
        "media//x",
        "media/",
        "media",
        "media/a\nb",
        "media/a\\b",
        "media/" + "a/" * 20 + "b",
        "media/" + "a" * 300,
        "db.sqlite3\n",
        "secrets/authorized_keys",
        "tables/../x.copy",
        "tables/A.copy",
        "deployment.json",
    ],
)
def test_names_that_no_backup_holds(name, tmp_path):
    assert not is_safe(name)
    with pytest.raises(BadInput, match="holds a file that no backup holds"):
        opened(tmp_path, [(plain(name, 1), b"x")], {name: b"x"})


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
)
def test_links_and_devices(kind, tmp_path):
    member = tarfile.TarInfo("media/x")
    member.type, member.linkname = kind, "/etc/passwd"
    with pytest.raises(BadInput, match="no plain file"):
        opened(tmp_path, [(member, b"")], {"media/x": b""})


def test_more_less_other_twice(tmp_path):
    told = {"media/x": b"abc"}
    with pytest.raises(BadInput, match="or twice"):
        opened(tmp_path, [(plain("media/x", 3), b"abc")] * 2, told)
    with pytest.raises(BadInput, match="does not name"):
        opened(tmp_path, [(plain("media/x", 3), b"abc"), (plain("media/y", 1), b"y")], told)
    with pytest.raises(IntegrityFailure, match="incomplete"):
        opened(tmp_path, [], told)
    with pytest.raises(IntegrityFailure, match="has changed"):
        opened(tmp_path, [(plain("media/x", 3), b"abd")], told)
    with pytest.raises(IntegrityFailure, match="size"):
        opened(tmp_path, [(plain("media/x", 4), b"abcd")], told)


def test_a_small_file_that_would_become_a_large_one(tmp_path):
    archive, out = tmp_path / "bomb.tar", tmp_path / "out"
    out.mkdir()
    with tarfile.open(archive, "w:gz") as tar:  # compressed
        tar.addfile(plain("manifest.json", 10_000_000), io.BytesIO(bytes(10_000_000)))
    with pytest.raises(BadInput, match="no backup"):
        unpack(archive, out)
    member = tarfile.TarInfo("media/x")  # with holes
    member.pax_headers = {
        "GNU.sparse.major": "0",
        "GNU.sparse.minor": "1",
        "GNU.sparse.size": "1000000000",
        "GNU.sparse.map": "999999999,1",
    }
    member.size = 1
    with pytest.raises((BadInput, IntegrityFailure)):
        opened(tmp_path, [(member, b"x")], {"media/x": b"x"})
    assert list(out.rglob("*")) == []


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"{}", b'{"files": 3, "format": 1}', b'{"files": {}, "format": 2}', b"[" * 100_000,
     b'{"files": {"media/x": {"bytes": "1", "sha256": ""}}, "format": 1}'],
)  # fmt: skip
def test_manifests(manifest, tmp_path):
    with pytest.raises(BadInput):
        opened(tmp_path, [], {}, manifest)


def test_what_is_no_archive(tmp_path):
    for number, data in enumerate((b"", b"no tar" * 1000, bytes(10240))):
        path = tmp_path / f"{number}.tar"
        path.write_bytes(data)
        with pytest.raises(BadInput, match="no backup"):
            unpack(path, tmp_path)
    with pytest.raises(StorageFailure):
        unpack(tmp_path / "missing.tar", tmp_path)


def plain(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    return member


def opened(
    tmp_path: Path,
    members: list[tuple[tarfile.TarInfo, bytes]],
    told: dict[str, bytes],
    manifest: bytes | None = None,
) -> dict:
    """Unpack an archive with these members, and a list that tells of those files."""
    files = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in told.items()
    }
    if manifest is None:
        manifest = json.dumps({"format": 1, "files": files}).encode()
    archive, out = tmp_path / "made.tar", tmp_path / "unpacked"
    out.mkdir(exist_ok=True)
    for path in out.rglob("*"):
        if path.is_file():
            path.unlink()
    with tarfile.open(archive, "w") as tar:
        tar.addfile(plain("manifest.json", len(manifest)), io.BytesIO(manifest))
        for member, data in members:
            tar.addfile(member, io.BytesIO(data))
    return unpack(archive, out)
