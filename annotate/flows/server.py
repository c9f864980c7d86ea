"""The embedded server of a study: start, stop, look, accounts. Thin on purpose."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from annotate.core.errors import ServerFailure, UsageError
from annotate.doccano import embedded
from annotate.doccano.embedded import Account, Backup, ServerInfo, ServerStatus, StopResult

Progress = Callable[[str], None]
LONGEST_PASSWORD = 30  # characters that Doccano's login page takes; its interface takes more
LOG_NAMES = ("all", "web", "worker", "supervisor")


def home_of(study_root: Path) -> Path:
    """Where the study's server keeps its data: ``DOCCANO_HOME``, else under ``corpus/.state``."""
    return embedded.default_home(study_root)


def start(
    study_root: Path,
    *,
    port: int | None,
    database: str | None = None,
    workers: int | None = None,
    public_url: str | None = None,
    progress: Progress,
) -> ServerInfo:
    """Start the study's server, or find it running. Raises UsageError and what the start raises."""
    if port is not None and not 1024 <= port <= 65535:
        raise UsageError(f"port {port} is not between 1024 and 65535")
    return embedded.start(
        home_of(study_root),
        port=port,
        database=database,
        workers=workers,
        public_url=public_url,
        progress=progress,
    )


def prepare(*, progress: Progress) -> Path:
    """Make the server's environment beforehand; its interpreter."""
    return embedded.prepare(progress)


def stay(study_root: Path) -> None:
    """Wait as long as the study's server runs, and end it on SIGTERM or SIGINT.

    For systemd and containers, which expect the program that they start to stay. Raises ServerFailure when
    the server ends by itself.
    """
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: told.append(number))
    home = home_of(study_root)
    while not told:
        if embedded.running_url(home) is None:
            failure = embedded.status(home).failure or "its supervisor is gone"
            raise ServerFailure(f"the server ended: {failure}", hint="`annotate server logs` shows more")
        time.sleep(0.5)
    embedded.stop(home)


def stop(study_root: Path) -> StopResult:
    """End the study's server and nothing else."""
    return embedded.stop(home_of(study_root))


def status(study_root: Path) -> ServerStatus:
    """What runs, what answers, where things are."""
    return embedded.status(home_of(study_root))


def status_record(found: ServerStatus) -> dict[str, Any]:
    """The status as plain values for ``--json``."""
    return {
        "running": found.running,
        "web": found.web,
        "worker": found.worker,
        "ready": found.ready,
        "url": found.url,
        "home": str(found.home),
        "pids": found.pids,
        "restarts": found.restarts,
        "database": found.deployment.database.url if found.deployment.database else "sqlite",
        "database_bytes": found.database_bytes,
        "workers": found.deployment.workers,
        "public_url": found.deployment.public_url,
        "logs": {name: str(path) for name, path in found.logs.items()},
        "failure": found.failure,
    }


def status_lines(found: ServerStatus) -> list[tuple[str, str]]:
    """The status as (name, value) pairs for people; values that say nothing are left out."""
    web = "answers" if found.web else "does not answer"
    pids = ", ".join(f"{name} {pid}" for name, pid in found.pids.items())
    restarts = ", ".join(f"{name} {count}" for name, count in found.restarts.items() if count)
    pairs = [
        ("server", "runs" if found.running else "does not run"),
        ("failure", found.failure),
        ("address", found.url),
        ("public", found.deployment.public_url),
        ("web", web if found.running else ""),
        ("worker", {"silent": "does not answer"}.get(found.worker, found.worker) if found.running else ""),
        ("processes", pids),
        ("restarts", restarts),
        ("data", _data(found)),
        ("logs", str(next(iter(found.logs.values())).parent)),
    ]
    return [(name, value) for name, value in pairs if value]


def _data(found: ServerStatus) -> str:
    database = found.deployment.database
    if database is None:
        return f"{found.home} ({found.database_bytes / 1e6:.1f} MB)"
    return f"{database.url}; files in {found.home}"


def log_lines(study_root: Path, *, lines: int, which: str, follow: bool) -> Iterator[str]:
    """The last lines of the logs, and with ``follow`` those to come. UsageError for an unknown log."""
    match which:
        case "all" | "web" | "worker" | "supervisor":
            chosen: embedded.Which = which
        case _:
            raise UsageError(f"no log is called {which!r}", hint=f"one of {', '.join(LOG_NAMES)}")
    home = home_of(study_root)
    yield from embedded.logs(home, lines=lines, which=chosen)
    if follow:
        yield from embedded.follow(home, which=chosen)


def add_user(
    study_root: Path, name: str, password: str, *, progress: Progress
) -> Literal["created", "updated"]:
    """Make an annotator's account or renew its password. Raises BadInput with the server's own sentences."""
    if len(password) > LONGEST_PASSWORD:
        progress(
            f"Doccano's login page takes {LONGEST_PASSWORD} characters at most: this one is for programs only"
        )
    return embedded.add_user(home_of(study_root), name, password, progress=progress)


def users(study_root: Path) -> tuple[Account, ...]:
    """All accounts of the study's server."""
    return embedded.list_users(home_of(study_root))


def backup(study_root: Path, target: Path, *, progress: Progress) -> Backup:
    """Write the study's whole server into one file, while it runs or not."""
    return embedded.backup(home_of(study_root), target, progress=progress)


def restore(
    study_root: Path, source: Path, *, database: str | None, force: bool, progress: Progress
) -> Backup:
    """Put a backup in the place of the study's stopped server; see ``embedded.restore`` for what is kept."""
    if not source.is_file():
        raise UsageError(f"{source} is no file")
    return embedded.restore(home_of(study_root), source, database=database, force=force, progress=progress)
