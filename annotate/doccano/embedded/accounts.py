"""Accounts of the embedded server, and its database's schema: through Django, in the server's own Python."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from annotate.core.errors import BadInput, ConfigError, Conflict, ServerFailure, StorageFailure, UsageError
from annotate.doccano.embedded.deployment import (
    PASSWORD_VARIABLE,
    Deployment,
    keep_password,
    read_deployment,
    write_deployment,
)
from annotate.doccano.embedded.environment import LOCK_FILE, ensure_environment, ensure_postgresql
from annotate.doccano.embedded.home import (
    SERVICE_USER,
    Home,
    home_at,
    open_home,
    read_secret,
    write_atomically,
)
from annotate.doccano.embedded.launch import SITE, server_environment
from annotate.doccano.embedded.process import exclusive, is_locked

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the server; times are RFC 3339 UTC, empty when unknown."""

    name: str
    superuser: bool
    active: bool
    joined: str
    last_login: str


def add_user(root: Path, name: str, password: str, *, progress: Progress) -> Literal["created", "updated"]:
    """Make an annotator's account, or give an existing one a new password. Works while the server runs.

    The password goes over a pipe, never over a command line. Raises UsageError for the name of the service
    account and BadInput with Django's own sentences when name or password are refused.
    """
    if name == SERVICE_USER:
        raise UsageError(f"{SERVICE_USER} is the server's own account", hint="choose another name")
    home = open_home(root)
    python = ensure_environment(progress)
    with exclusive(home.control_lock, seconds=300, what="working on this server"):
        if not is_locked(home.life_lock):  # a running server has its database in order
            ensure_database(home, python, progress)
    answer = run_order(home, python, {"do": "user", "name": name, "password": password})
    if refused := answer.get("refused"):
        assert isinstance(refused, list)
        raise BadInput(f"the server refuses the account {name!r}: {' '.join(map(str, refused))}")
    return "created" if answer["done"] == "created" else "updated"


def list_users(root: Path) -> tuple[Account, ...]:
    """All accounts by name; empty when the server was never started."""
    home = home_at(root)
    database = home.database
    if read_deployment(home).claimed:
        rows = _rows_from_postgresql(home)
        return tuple(Account(row[0], bool(row[1]), bool(row[2]), _utc(row[3]), _utc(row[4])) for row in rows)
    if not database.exists():
        return ()
    try:
        with contextlib.closing(
            sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=30)
        ) as connection:
            rows = connection.execute(
                "SELECT username, is_superuser, is_active, date_joined, last_login "
                "FROM auth_user ORDER BY username"
            ).fetchall()
    except sqlite3.Error as error:
        raise StorageFailure(f"{database} cannot be read: {error}") from error
    return tuple(
        Account(name, bool(superuser), bool(active), _utc(joined), _utc(login))
        for name, superuser, active, joined, login in rows
    )


def _rows_from_postgresql(home: Home) -> list[list[Any]]:
    answer = run_order(home, ensure_environment(lambda text: None), {"do": "users"})
    rows = answer["users"]
    assert isinstance(rows, list)
    return rows


def claim_database(
    home: Home, python: Path, chosen: Deployment, progress: Progress, *, may_be_empty: bool = False
) -> None:
    """Remember how this server is deployed, once its PostgreSQL database is known to be its own.

    Raises Conflict for a database that holds anything else, and for another one than was used before;
    ServerFailure when it cannot be reached; ConfigError when it is not fit. Nothing is remembered then.
    ``may_be_empty``: an empty one may take the place of the one used before (a restore fills it).
    """
    known = read_deployment(home)
    if chosen.database is None:
        if chosen != known:
            write_deployment(home, chosen)
        return
    ensure_postgresql(python, progress)
    chosen = replace(chosen, identity=known.identity or secrets.token_hex(16))
    kept = home.database_password.read_text("utf-8") if home.database_password.exists() else None
    keep_password(home)
    # Before the mark is made: a mark that no home knows would lock everybody out.
    write_deployment(home, chosen)
    fresh = may_be_empty or not known.claimed
    answer = run_order(home, python, {"do": "claim", "identity": chosen.identity, "fresh": fresh})
    if "refused" in answer:
        write_deployment(home, known)
        if kept is not None:
            write_atomically(home.database_password, kept)
        else:
            home.database_password.unlink(missing_ok=True)
        raise _refusal(answer, chosen)
    if answer["done"] == "claimed":
        home.schema.unlink(missing_ok=True)  # it has no tables yet
    write_deployment(home, replace(chosen, claimed=True))


def _refusal(answer: dict[str, Any], chosen: Deployment) -> ServerFailure | Conflict | ConfigError:
    assert chosen.database is not None
    where, why = chosen.database.url, " ".join(str(answer["refused"]).split())
    if answer["kind"] == "connection":
        return ServerFailure(
            f"the database {where} cannot be used: {why}",
            hint=f"is it running? Its password comes from {PASSWORD_VARIABLE} or from ~/.pgpass (mode 600)",
        )
    if answer["kind"] == "config":
        return ConfigError(f"the database {where} cannot be used: {why}")
    return Conflict(
        f"the database {where} is not this server's: {why}",
        hint="name an empty database, the one used before, or see docs/deploying.md for moving and restoring",
    )


def ensure_database(home: Home, python: Path, progress: Progress) -> None:
    """Bring the database to this version's schema and the service account to the home's password."""
    key = schema_key()
    stored = home.schema.read_text(encoding="ascii").strip() if home.schema.exists() else ""
    if read_deployment(home).claimed:
        ensure_postgresql(python, progress)
        if stored != key:
            progress("making the tables in PostgreSQL" if not stored else "bringing the database up to date")
            run_order(home, python, {"do": "migrate"}, settings="settings")
    elif not home.database.exists():
        progress("making the database")
        _from_template(home, python, key, progress)
    elif stored != key:
        progress("bringing the database to the present version; a copy of the old one is kept beside it")
        _keep_copy(home, key)
        run_order(home, python, {"do": "migrate"}, settings="settings")
    write_atomically(home.schema, key + "\n")
    order = {"do": "service", "name": SERVICE_USER, "password": read_secret(home.service_password)}
    run_order(home, python, order)


def schema_key() -> str:
    """Names a schema: Doccano's, given by the lock file, and ours, given by our migrations."""
    digest = hashlib.sha256(LOCK_FILE.read_bytes())
    for migration in sorted((SITE / "annotate_embedded" / "migrations").glob("*.py")):
        digest.update(migration.read_bytes())
    return digest.hexdigest()[:16]


def _from_template(home: Home, python: Path, key: str, progress: Progress) -> None:
    """Copy the empty migrated database that lies beside the server's environment; make that one first."""
    template = python.parent.parent / f"annotate-empty-{key}.sqlite3"
    if not template.exists():
        progress("preparing an empty database (first time only)")
        made = _make_template(template, python)
        if made is not None:
            _copy_in(made, home.database)
            shutil.rmtree(made.parent)
            return
    _copy_in(template, home.database)


def _make_template(template: Path, python: Path) -> Path | None:
    """Migrate a throw-away home; its database is the template, or is returned where that cannot be stored."""
    folder = Path(tempfile.mkdtemp(prefix="annotate-doccano-"))
    scratch = open_home(folder)
    try:
        run_order(scratch, python, {"do": "migrate"}, settings="settings")
        _copy_in(scratch.database, template)
    except OSError as error:
        if isinstance(error, (ServerFailure, StorageFailure)) or not scratch.database.exists():
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return scratch.database  # an environment that is not ours to write to
    shutil.rmtree(folder)
    return None


def _copy_in(source: Path, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    shutil.copyfile(source, temporary)
    temporary.chmod(0o600)
    temporary.replace(target)


def _keep_copy(home: Home, key: str) -> None:
    target = home.root / f"db.before-{key}.sqlite3"
    with (
        contextlib.closing(sqlite3.connect(home.database, timeout=30)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
    target.chmod(0o600)


def run_order(
    home: Home, python: Path, order: dict[str, Any], *, settings: str = "light_settings"
) -> dict[str, Any]:
    """Run one command of ``annotate_embedded`` in the server's environment; its answer."""
    done = subprocess.run(
        [str(python), "-m", "annotate_embedded"],
        input=json.dumps(order),
        cwd=home.root,
        env=server_environment(home, python, settings=settings),
        capture_output=True,
        text=True,
        check=False,
        umask=0o077,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        if "No module named" in last[0]:
            raise ConfigError(
                f"the server's environment is damaged: {last[0]}",
                hint=f"remove {python.parent.parent} and run `annotate server start`",
            )
        raise ServerFailure(f"the server's database could not be prepared ({order['do']}): {last[0]}")
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    assert isinstance(answer, dict)
    return answer


def _utc(stored: str | None) -> str:
    return stored.replace(" ", "T") + "Z" if stored else ""
