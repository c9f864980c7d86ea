"""The whole server in one file, and back: database, secrets, uploaded files. Works while the server runs.

Not in it: the queue of background tasks (a task that had not run is started again by whoever started it),
logs, the port, and the password of a PostgreSQL database.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import annotate
from annotate.core.errors import BadInput, Conflict, IntegrityFailure, StorageFailure, UsageError
from annotate.doccano.embedded.accounts import claim_database, ensure_database, run_order, schema_key
from annotate.doccano.embedded.archive import pack, unpack
from annotate.doccano.embedded.deployment import choose, read_deployment
from annotate.doccano.embedded.environment import DOCCANO_VERSION, ensure_environment, ensure_postgresql
from annotate.doccano.embedded.home import Home, home_at, open_home, write_atomically
from annotate.doccano.embedded.process import exclusive, is_locked

SEQUENCE_GAP = 1_000_000
"""Numbers left out after a restore: what was lost since the backup had some of them; ledgers know them."""

_SECRETS = ("secret-key", "service-password")
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """An archive: where it is, its size in bytes, how many files it holds, which kind of database."""

    path: Path
    size: int
    files: int
    engine: str


def backup(root: Path, target: Path, *, progress: Progress) -> Backup:
    """Write the server at ``root`` into ``target`` as it is at one moment.

    Raises UsageError when the server was never started or ``target`` exists, StorageFailure (disk).
    """
    home = home_at(root)
    engine = "postgresql" if read_deployment(home).claimed else "sqlite"
    if engine == "sqlite" and not home.database.exists():
        raise UsageError(f"there is no server in {home.root}: nothing to back up")
    target = target.expanduser().absolute()
    if target.exists():
        raise UsageError(f"{target} exists; a backup never replaces a file", hint="choose another name")
    with exclusive(home.control_lock, seconds=300, what="working on this server"), _staging(home) as folder:
        progress("copying the database")
        if engine == "sqlite":
            _copy_sqlite(home.database, folder / "db.sqlite3")
        else:
            (folder / "tables").mkdir(mode=0o700)
            python = ensure_environment(progress)
            ensure_postgresql(python, progress)
            run_order(home, python, {"do": "dump", "folder": str(folder / "tables")})
        _stage_files(home, folder)
        about = {
            "annotate": annotate.__version__,
            "doccano": DOCCANO_VERSION,
            "engine": engine,
            "schema": home.schema.read_text("ascii").strip() if home.schema.exists() else "",
        }
        files = sum(1 for path in folder.rglob("*") if path.is_file())
        progress("packing")
        return Backup(target, pack(folder, target, about), files, engine)


def restore(
    root: Path, source: Path, *, database: str | None = None, force: bool = False, progress: Progress
) -> Backup:
    """Make the stopped server at ``root`` what it was when ``source`` was written.

    The archive is checked completely before anything is changed. A server that holds data is replaced only
    with ``force``; what it held is kept: SQLite's files in ``before-restore-N/``, PostgreSQL's content in
    ``before-restore-N.tar``. Raises BadInput, IntegrityFailure (the archive), Conflict (the server runs,
    holds data, or has the other kind of database).
    """
    home = open_home(root)
    python = ensure_environment(progress)
    with exclusive(home.control_lock, seconds=300, what="working on this server"), _staging(home) as folder:
        if is_locked(home.life_lock):
            raise Conflict(f"the server of {home.root} runs", hint="run `annotate server stop` first")
        progress("checking the backup")
        manifest = unpack(source, folder)
        engine = _checked(source, folder, manifest.get("engine"), manifest.get("doccano"))
        if engine == "sqlite":
            _restore_sqlite(home, folder, str(manifest.get("schema", "")), database, force=force)
        else:
            _restore_postgresql(home, python, folder, database, force=force, progress=progress)
        ensure_database(home, python, progress)
    return Backup(source, source.stat().st_size, len(manifest["files"]), engine)


@contextlib.contextmanager
def _staging(home: Home) -> Iterator[Path]:
    """A private directory on the home's own disk, gone afterwards; those of killed runs go, too."""
    for left in home.root.glob(".staging-*"):
        shutil.rmtree(left, ignore_errors=True)
    try:
        folder = Path(tempfile.mkdtemp(prefix=".staging-", dir=home.root))
    except OSError as error:
        raise StorageFailure(f"cannot write in {home.root}: {error.strerror}") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy_sqlite(source: Path, target: Path) -> None:
    """One consistent moment of a database that may be in use."""
    try:
        with (
            contextlib.closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True, timeout=30)) as old,
            contextlib.closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise StorageFailure(f"{source} cannot be copied: {error}") from error


def _stage_files(home: Home, folder: Path) -> None:
    """Secrets and uploads; a file that is deleted meanwhile is none."""
    (folder / "secrets").mkdir(mode=0o700)
    for name in _SECRETS:
        shutil.copy(home.root / name, folder / "secrets" / name)
    for path in sorted(home.media.rglob("*")):
        if path.is_file() and not path.is_symlink():
            target = folder / "media" / path.relative_to(home.media)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                shutil.copy(path, target)


def _checked(source: Path, folder: Path, engine: object, doccano: object) -> str:
    """The kind of database in an unpacked archive; errors when it is not one of ours, or damaged."""
    needed = {"sqlite": "db.sqlite3", "postgresql": "tables/tables.json"}.get(str(engine), "")
    files = (needed, *(f"secrets/{name}" for name in _SECRETS))
    if not needed or not all((folder / name).is_file() for name in files):
        raise BadInput(f"{source} is no backup of a server: {needed or 'its database'} is missing")
    if doccano != DOCCANO_VERSION:
        raise Conflict(
            f"{source} is of Doccano {str(doccano)[:20]}, this is {DOCCANO_VERSION}",
            hint="restore it with the version of annotate that made it",
        )
    if engine == "sqlite":
        _check_sqlite(source, folder / "db.sqlite3")
    return str(engine)


def _check_sqlite(source: Path, database: Path) -> None:
    try:
        with contextlib.closing(sqlite3.connect(database)) as connection:
            kinds = dict(connection.execute("SELECT type, count(*) FROM sqlite_master GROUP BY type"))
            sound = connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
            connection.execute("SELECT count(*) FROM projects_project")
    except sqlite3.Error as error:
        raise BadInput(f"{source} holds no database of a server: {error}") from error
    if not sound:
        raise IntegrityFailure(f"{source} holds a damaged database", hint="use another copy")
    if set(kinds) - {"table", "index"}:
        raise BadInput(f"{source} holds a database with programs in it (triggers, views): not one of ours")


def _restore_sqlite(home: Home, folder: Path, schema: str, database: str | None, *, force: bool) -> None:
    if database is not None or read_deployment(home).database is not None:
        raise Conflict(
            "this is the backup of a server with SQLite; it does not fit into PostgreSQL",
            hint="restore it into a home of its own: DOCCANO_HOME=DIRECTORY, without --database",
        )
    if not force and _sqlite_holds_data(home.database):
        raise _holds_data(home)
    _leave_gap(folder / "db.sqlite3")
    _keep_old(home)
    _put_files(home, folder)
    write_atomically(home.schema, schema + "\n")
    (folder / "db.sqlite3").replace(home.database)


def _sqlite_holds_data(database: Path) -> bool:
    """A project, or an account besides the service account; a file that cannot be read holds data, too."""
    if not database.exists():
        return False
    try:
        with contextlib.closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            question = (
                "SELECT EXISTS (SELECT 1 FROM projects_project) OR (SELECT count(*) > 1 FROM auth_user)"
            )
            return bool(connection.execute(question).fetchone()[0])
    except sqlite3.Error:
        return True


def _restore_postgresql(
    home: Home, python: Path, folder: Path, database: str | None, *, force: bool, progress: Progress
) -> None:
    known = read_deployment(home)
    chosen = choose(
        known, database=database, workers=None, public_url=None, holds_sqlite=home.database.exists()
    )
    if chosen.database is None:
        raise UsageError(
            "this is the backup of a server with PostgreSQL",
            hint="name an empty one: --database postgresql://…",
        )
    claim_database(home, python, chosen, progress, may_be_empty=True)
    if run_order(home, python, {"do": "holds_data"})["holds"]:
        if not force:
            raise _holds_data(home)
        progress("keeping what the database holds now")
        _keep_content(home, python)
    ensure_database(home, python, progress)
    progress("filling the database")
    answer = run_order(home, python, {"do": "load", "folder": str(folder / "tables")})
    if "refused" in answer:
        raise Conflict(
            f"the backup does not fit: {answer['refused']}",
            hint="restore it with the version of annotate that made it",
        )
    _put_files(home, folder)


def _holds_data(home: Home) -> Conflict:
    return Conflict(
        f"the server of {home.root} holds data; nothing was changed",
        hint="--force puts the backup in their place and keeps them beside it",
    )


def _leave_gap(database: Path) -> None:
    """New projects, examples and labels get numbers that nobody has ever seen (see SEQUENCE_GAP)."""
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%' ORDER BY name"
        ).fetchall()
        last = dict(connection.execute("SELECT name, seq FROM sqlite_sequence"))
        connection.execute("DELETE FROM sqlite_sequence")
        connection.executemany(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)",
            [(name, last.get(name, 0) + SEQUENCE_GAP) for (name,) in tables],
        )


def _keep_old(home: Home) -> None:
    """Move the present database, secrets and uploads aside: it also works when they are damaged."""
    if not home.database.exists():
        return
    kept = _free_name(home, "")
    kept.mkdir(mode=0o700)
    for name in _SECRETS:
        shutil.copy(home.root / name, kept / name)
    for path in (*sorted(home.root.glob("db.sqlite3*")), home.media):
        path.rename(kept / path.name)
    home.media.mkdir(mode=0o700)


def _keep_content(home: Home, python: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".staging-kept-", dir=home.root) as name:
        folder = Path(name)
        (folder / "tables").mkdir(mode=0o700)
        run_order(home, python, {"do": "dump", "folder": str(folder / "tables")})
        _stage_files(home, folder)
        about = {
            "annotate": annotate.__version__,
            "doccano": DOCCANO_VERSION,
            "engine": "postgresql",
            "schema": schema_key(),
        }
        pack(folder, _free_name(home, ".tar"), about)


def _free_name(home: Home, ending: str) -> Path:
    number = 1
    while (found := home.root / f"before-restore-{number}{ending}").exists():
        number += 1
    return found


def _put_files(home: Home, folder: Path) -> None:
    """Uploads of the backup beside those that are there (their names are random), then the secrets."""
    for path in sorted((folder / "media").rglob("*")):
        if path.is_file():
            target = home.media / path.relative_to(folder / "media")
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.replace(target)
    for name in _SECRETS:
        (folder / "secrets" / name).replace(home.root / name)
