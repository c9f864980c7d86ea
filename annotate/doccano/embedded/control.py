"""Start, stop and look at the embedded server of one home."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import annotate
from annotate.core.errors import Conflict, ServerFailure
from annotate.doccano.embedded.accounts import claim_database, ensure_database
from annotate.doccano.embedded.deployment import Deployment, choose, read_deployment
from annotate.doccano.embedded.environment import ensure_environment
from annotate.doccano.embedded.home import (
    SERVICE_USER,
    Home,
    default_home,
    home_at,
    open_home,
    service_credentials,
    write_atomically,
)
from annotate.doccano.embedded.logfiles import log_paths, tail
from annotate.doccano.embedded.probe import Answers, ask, web_answers
from annotate.doccano.embedded.process import end, exclusive, is_locked
from annotate.doccano.embedded.state import CHILDREN, ServerState, read_state
from annotate.doccano.embedded.supervisor import bind

__all__ = [
    "ServerInfo",
    "ServerStatus",
    "StopResult",
    "database_location",
    "database_path",
    "default_home",
    "running_url",
    "service_credentials",
    "start",
    "status",
    "stop",
]

DEFAULT_PORT = 8765
START_TIME = 180.0  # seconds within which web server and worker must answer
_STOP_TIME = 30.0

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """A running server. ``pids``: supervisor, web, worker. ``already_running``: not by this call."""

    url: str
    port: int
    service_user: str
    home: Path
    pids: dict[str, int]
    already_running: bool


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What is there right now; ``worker`` is 'answers', 'busy' (with an import or export) or 'silent'."""

    running: bool
    web: bool
    worker: str
    url: str
    home: Path
    pids: dict[str, int] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)
    database_bytes: int = 0
    logs: dict[str, Path] = field(default_factory=dict)
    failure: str = ""
    deployment: Deployment = field(default_factory=Deployment)

    @property
    def ready(self) -> bool:
        """Web server and worker are both at work."""
        return self.running and self.web and self.worker in ("answers", "busy")


@dataclass(frozen=True, slots=True)
class StopResult:
    """``was_running``: there was a server. ``ended``: pids that belonged to it."""

    was_running: bool
    ended: tuple[int, ...] = ()


def database_path(root: Path) -> Path:
    """The SQLite file of the server at ``root``."""
    return home_at(root).database


def database_location(root: Path) -> tuple[str, str | None]:
    """The SQLite file or PostgreSQL address of the server at ``root``; the password kept for the latter."""
    home = home_at(root)
    found = read_deployment(home)
    if found.database is None:
        return str(home.database), None
    kept = home.database_password
    return found.database.url, kept.read_text("utf-8").rstrip("\n") if kept.exists() else None


def running_url(root: Path) -> str | None:
    """Address of this home's server when it runs, without asking it anything; else None."""
    home = home_at(root)
    state = read_state(home)
    runs = state is not None and is_locked(home.life_lock) and state.supervisor.alive
    return state.url if state is not None and runs else None


def start(
    root: Path,
    *,
    port: int | None = None,
    database: str | None = None,
    workers: int | None = None,
    public_url: str | None = None,
    progress: Progress,
) -> ServerInfo:
    """Start this home's server and wait until web server and worker answer, or find the running one.

    ``port`` None takes the one used last, or 8765, or a free one. The other three are remembered by the
    home: a PostgreSQL address, the number of web workers, the address behind a reverse proxy (see
    ``deployment.choose``). Raises Conflict when the given port is taken, the server runs with other
    settings, or the database is not its own; ServerFailure when it does not come up.
    """
    home = open_home(root)
    known = read_deployment(home)
    wanted = choose(
        known,
        database=database,
        workers=workers,
        public_url=public_url,
        holds_sqlite=home.database.exists() and known.database is None,
    )
    python = ensure_environment(progress)
    with exclusive(home.control_lock, seconds=300, what="starting or stopping this server"):
        running = _running_state(home)
        if running is not None:
            if wanted != known:
                raise Conflict(
                    f"the server of {home.root} already runs with other settings",
                    hint="run `annotate server stop` first",
                )
            return _join(home, running, port, progress)
        _clear_leftovers(home)
        if port is not None:
            _choose_port(home, port)  # said before anything slow
        claim_database(home, python, wanted, progress)
        ensure_database(home, python, progress)
        with _listen(home, port) as listener:
            _launch(home, python, listener)
        state = _wait_ready(home, progress)
        write_atomically(home.port, f"{state.port}\n")
        progress(f"the server answers at {state.url}")
        return _info(home, state, already_running=False)


def stop(root: Path) -> StopResult:
    """End this home's server and what a killed one left behind; nothing else. No error when none runs."""
    home = home_at(root)
    if not home.run.is_dir():
        return StopResult(False)
    with exclusive(home.control_lock, seconds=300, what="starting or stopping this server"):
        state = read_state(home)
        if not is_locked(home.life_lock):
            ended = _clear_leftovers(home)
            return StopResult(bool(ended), ended)
        state = state or _wait_for_record(home)
        family = (state.supervisor.pid, *(child.pid for child in state.children.values()))
        end([state.supervisor], patience=_STOP_TIME)
        end(list(state.children.values()), patience=2.0)
        home.state.unlink(missing_ok=True)
        return StopResult(True, family)


def status(root: Path) -> ServerStatus:
    """Look at the server: what runs, what answers, where things are. Changes nothing."""
    home = home_at(root)
    state = read_state(home)
    size = sum(path.stat().st_size for path in home.root.glob("db.sqlite3*")) if home.root.is_dir() else 0
    deployment = read_deployment(home)
    found = ServerStatus(
        False,
        False,
        "silent",
        "",
        home.root,
        database_bytes=size,
        logs=log_paths(root),
        deployment=deployment,
    )
    if state is None:
        return found
    running = is_locked(home.life_lock) and state.supervisor.alive
    answers = ask(home, state.port) if running else Answers()
    return ServerStatus(
        running=running,
        web=answers.web,
        worker=answers.worker,
        url=state.url if running else "",
        home=home.root,
        pids=_pids(state) if running else {},
        restarts=state.restarts,
        database_bytes=size,
        logs=found.logs,
        failure=state.failure,
        deployment=deployment,
    )


def _pids(state: ServerState) -> dict[str, int]:
    return {"supervisor": state.supervisor.pid, **{name: found.pid for name, found in state.children.items()}}


def _info(home: Home, state: ServerState, *, already_running: bool) -> ServerInfo:
    return ServerInfo(state.url, state.port, SERVICE_USER, home.root, _pids(state), already_running)


def _running_state(home: Home) -> ServerState | None:
    return _wait_for_record(home) if is_locked(home.life_lock) else None


def _wait_for_record(home: Home) -> ServerState:
    """The record of a supervisor that holds its lock; it writes it right after taking the lock."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        state = read_state(home)
        if state is not None and state.supervisor.alive:
            return state
        time.sleep(0.1)
    raise ServerFailure(
        f"a server seems to run in {home.root}, but its record {home.state} is gone",
        hint="try again in a moment",
    )


def _join(home: Home, state: ServerState, port: int | None, progress: Progress) -> ServerInfo:
    if port is not None and port != state.port:
        raise Conflict(
            f"the server of {home.root} already runs on port {state.port}, not on {port}",
            hint="run `annotate server stop` first",
        )
    state = _wait_ready(home, progress)
    progress(f"the server was already running at {state.url}")
    return _info(home, state, already_running=True)


def _clear_leftovers(home: Home) -> tuple[int, ...]:
    """End the children of a supervisor that was killed, known by pid and start time; drop its record."""
    state = read_state(home)
    ended = end([state.supervisor, *state.children.values()], patience=6.0) if state else []
    home.state.unlink(missing_ok=True)
    return tuple(process.pid for process in ended)


def _choose_port(home: Home, wanted: int | None) -> int:
    if wanted is not None:
        if not _is_free(wanted):
            raise Conflict(
                f"port {wanted} on 127.0.0.1 is taken by another program", hint="choose another with --port"
            )
        return wanted
    remembered = home.port.read_text(encoding="ascii").strip() if home.port.exists() else ""
    for port in ([int(remembered)] if remembered.isdecimal() else []) + [DEFAULT_PORT]:
        if 0 < port < 65536 and _is_free(port):
            return port
    with bind(0) as listener:
        return int(listener.getsockname()[1])


def _listen(home: Home, wanted: int | None) -> socket.socket:
    """A socket on the chosen port. It is taken at once: others start servers at the same time, too."""
    while True:
        port = _choose_port(home, wanted)
        with contextlib.suppress(OSError):  # taken just now: choose again
            return bind(port)


def _is_free(port: int) -> bool:
    """Nobody accepts connections there and we may bind it. A server on all addresses takes the port, too."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.settimeout(1.0)
        if client.connect_ex(("127.0.0.1", port)) == 0:
            return False
    try:
        bind(port).close()
    except OSError:
        return False
    return True


def _launch(home: Home, python: Path, listener: socket.socket) -> None:
    """Start the supervisor, which inherits the socket and detaches itself."""
    home.state.unlink(missing_ok=True)
    package = str(Path(annotate.__file__).parent.parent)
    # The supervisor lives for months: no password may lie in its environment all that time.
    environment = {name: value for name, value in os.environ.items() if not name.endswith("PASSWORD")}
    subprocess.run(
        [
            sys.executable,
            "-m",
            "annotate.doccano.embedded.supervisor",
            str(home.root),
            str(python),
            str(listener.fileno()),
        ],
        pass_fds=[listener.fileno()],
        cwd=home.root,
        env={
            **environment,
            "PYTHONPATH": os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH")))),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )


def _wait_ready(home: Home, progress: Progress) -> ServerState:
    """Wait for both to answer; whatever was started is ended again when they do not."""
    deadline = time.monotonic() + START_TIME
    said: set[str] = set()
    while time.monotonic() < deadline:
        state = read_state(home)
        if why := _death(home, state):
            raise _failed(home, why)
        waiting_for = _missing(home, state)
        if state is not None and not waiting_for:
            return state
        if waiting_for not in said:
            said.add(waiting_for)
            progress(f"waiting for the {waiting_for}")
        time.sleep(0.15)
    _end_failed_start(home)
    raise _failed(home, f"it did not answer within {START_TIME:.0f} s")


def _death(home: Home, state: ServerState | None) -> str:
    """Why the supervisor is no more; empty while it lives or has not yet written its record."""
    if state is None:
        return ""
    if state.failure:
        return state.failure
    return "" if state.supervisor.alive else "its supervisor ended"


def _missing(home: Home, state: ServerState | None) -> str:
    if state is None or not all(name in state.children for name in CHILDREN):
        return "supervisor"
    if not web_answers(state.port, seconds=5.0):
        return "web server"
    return "" if ask(home, state.port).worker in ("answers", "busy") else "task worker"


def _end_failed_start(home: Home) -> None:
    state = read_state(home)
    if state is not None:
        end([state.supervisor], patience=_STOP_TIME)
        end(list(state.children.values()), patience=2.0)
        home.state.unlink(missing_ok=True)


def _failed(home: Home, why: str) -> ServerFailure:
    last = [f"  {name}: {line}" for name in ("supervisor", *CHILDREN) for line in tail(home.log(name), 3)]
    return ServerFailure(
        "\n".join([f"the Doccano server did not start: {why}", *last]),
        hint="`annotate server logs` shows more",
    )
