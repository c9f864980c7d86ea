"""A private PostgreSQL for tests, from Debian's package: own data directory, own port, gone afterwards."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ports import free_port

FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda found: int(found.parent.name))


def program(name: str) -> str:
    """Path of one of PostgreSQL's programs; Debian keeps them out of PATH."""
    for folder in reversed(FOLDERS):
        if (folder / name).exists():
            return str(folder / name)
    found = shutil.which(name)
    assert found, "PostgreSQL is missing (Debian and Ubuntu: apt install postgresql)"
    return found


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL on 127.0.0.1, with one ordinary role that may make databases."""

    port: int
    socket_folder: Path
    password: str = field(repr=False)
    role: str = "doccano"

    def make(self, *, encoding: str = "UTF8") -> str:
        """A new empty database; its address without a password."""
        name = f"d{secrets.token_hex(6)}"
        self.sql(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0", "postgres")
        return f"postgresql://{self.role}@127.0.0.1:{self.port}/{name}"

    def sql(self, query: str, database: str) -> str:
        """The answer of a query, one row a line, columns parted by |. ``database``: a name or an address."""
        done = subprocess.run(
            [program("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port),
             "-U", self.role, "-d", database.rpartition("/")[2], "-c", query],
            env={**os.environ, "PGPASSWORD": self.password},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def _as_nobody_special() -> dict[str, object]:
    """PostgreSQL refuses to run as root: the package's own user runs it then."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Make, start, and in the end remove a cluster. Its folder is short: socket paths have few bytes."""
    identity = _as_nobody_special()
    folder = Path(tempfile.mkdtemp(prefix="annotate-pg-"))
    if identity:
        os.chown(folder, identity["user"], identity["group"])
    password = f"Pg-{secrets.token_hex(16)}"
    with tempfile.NamedTemporaryFile("w") as told:
        told.write(password + "\n")
        told.flush()
        Path(told.name).chmod(0o644)
        subprocess.run(
            [program("initdb"), "-D", str(folder / "data"), "-U", "doccano", "-E", "UTF8", "--locale=C",
             "--auth=scram-sha-256", f"--pwfile={told.name}", "--no-sync"],
            cwd="/", check=True, capture_output=True, **identity,
        )  # fmt: skip
    cluster = Cluster(free_port(), folder, password)
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [program("postgres"), "-D", str(folder / "data"), "-p", str(cluster.port), "-k", str(folder),
             "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "full_page_writes=off"],
            cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, **identity,
        )  # fmt: skip
    try:
        _wait_for(cluster, server)
        yield cluster
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        shutil.rmtree(folder)


def _wait_for(cluster: Cluster, server: subprocess.Popen[bytes]) -> None:
    command = [program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(cluster.port)]
    for _ in range(300):
        assert server.poll() is None, (cluster.socket_folder / "log").read_text()
        if subprocess.run(command, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise AssertionError("PostgreSQL did not start")
