"""The process that keeps web server and task worker alive; runs detached, one for each home.

Run as ``python -m annotate.doccano.embedded.supervisor HOME SERVER_PYTHON DESCRIPTOR``; the descriptor is a
listening socket that it inherits. It ends on SIGTERM, when its record disappears, or when a child dies again
and again; its children end with it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType

from annotate.doccano.embedded.deployment import read_deployment
from annotate.doccano.embedded.home import Home
from annotate.doccano.embedded.launch import server_environment, web_command, worker_command
from annotate.doccano.embedded.process import die_with_parent, take_lock, this_process
from annotate.doccano.embedded.state import CHILDREN, ServerState, read_state, write_state

LOG_LIMIT = 5_000_000  # bytes; the file before it is kept as NAME.log.1
_TICK = 0.25  # seconds between looks at the children
_STOP_PATIENCE = 10.0  # seconds for a running import to finish


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """When a child that died is started again, and when that is given up."""

    quick: float = 20.0  # seconds of life below which a death counts as quick
    limit: int = 5  # quick deaths in a row
    longest: float = 10.0  # seconds between two starts at most

    def deaths_after(self, deaths: int, lived: float) -> int:
        """Quick deaths in a row, counting one after ``lived`` seconds of life."""
        return deaths + 1 if lived < self.quick else 1

    def gives_up(self, deaths: int) -> bool:
        """Whether that many quick deaths are enough."""
        return deaths >= self.limit

    def delay(self, deaths: int) -> float:
        """Seconds to wait before the next start."""
        return float(min(0.25 * 2 ** (deaths - 1), self.longest))


@dataclass(slots=True)
class Child:
    """One program under supervision."""

    name: str
    command: list[str]
    pass_fds: tuple[int, ...] = ()
    running: subprocess.Popen[bytes] | None = None
    born: float = 0.0
    due: float = 0.0
    deaths: int = 0
    starts: int = 0


@dataclass(slots=True)
class Supervisor:
    """The loop: look at the children, restart, watch the logs' size and our own record."""

    home: Home
    environment: dict[str, str]
    state: ServerState
    children: list[Child]
    policy: RestartPolicy = field(default_factory=RestartPolicy)
    stopping: bool = False

    def run(self) -> str:
        """Supervise until told to stop; returns why we gave up, or an empty text."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        failure, ticks = "", 0
        while not self.stopping and not failure:
            failure = self._look()
            if ticks % 40 == 0:
                self._shorten_logs()
            if not self.owns_record():
                self.say("the record in run/ is gone; ending")
                break
            ticks += 1
            time.sleep(_TICK)
        self._stop_children()
        return failure

    def say(self, text: str) -> None:
        """One line in the supervisor's log, with the time."""
        print(time.strftime("%Y-%m-%dT%H:%M:%S%z"), text, flush=True)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _look(self) -> str:
        now = time.monotonic()
        for child in self.children:
            if child.running is None:
                if now >= child.due:
                    self._start(child)
            elif (code := child.running.poll()) is not None:
                self._bury(child, code, now)
                if self.policy.gives_up(child.deaths):
                    return f"the {child.name} process died {child.deaths} times in a row soon after its start"
        return ""

    def _start(self, child: Child) -> None:
        with self.home.log(child.name).open("ab") as log:
            child.running = subprocess.Popen(
                child.command,
                cwd=self.home.root,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=child.pass_fds,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        child.born = time.monotonic()
        child.starts += 1
        self.state = self.state.with_child(child.name, this_process(child.running.pid), child.starts - 1)
        if self.owns_record():
            write_state(self.home, self.state)
        self.say(f"started the {child.name} process {child.running.pid}")

    def _bury(self, child: Child, code: int, now: float) -> None:
        assert child.running is not None
        _kill_group(child.running.pid)  # what the dead one may have left behind
        child.deaths = self.policy.deaths_after(child.deaths, now - child.born)
        child.due = now + self.policy.delay(child.deaths)
        self.say(f"the {child.name} process {child.running.pid} ended with code {code}")
        child.running = None

    def _stop_children(self) -> None:
        running = [child.running for child in self.children if child.running is not None]
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + _STOP_PATIENCE
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            if process.poll() is None:
                self.say(f"process {process.pid} did not end in time; killed")
                process.kill()
                process.wait()
            _kill_group(process.pid)

    def owns_record(self) -> bool:
        """Whether the record in the home is (still) about this supervisor."""
        found = read_state(self.home)
        return found is not None and found.supervisor == self.state.supervisor

    def _shorten_logs(self) -> None:
        for name in (*CHILDREN, "supervisor"):
            shorten_log(self.home.log(name), LOG_LIMIT)


def shorten_log(path: Path, limit: int) -> bool:
    """Move a log longer than ``limit`` bytes to ``NAME.1``; writers append, so they need not reopen it."""
    with contextlib.suppress(OSError):
        if path.stat().st_size > limit:
            shutil.copyfile(path, path.with_name(path.name + ".1"))
            os.truncate(path, 0)
            return True
    return False


def sweep_broker(path: Path) -> None:
    """Forget messages that were delivered; the broker keeps them for ever."""
    if path.exists():
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path)) as broker:
            broker.execute("DELETE FROM kombu_message WHERE visible = 0")
            broker.commit()


def bind(port: int) -> socket.socket:
    """A socket bound to the loopback address only; OSError when the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        # Two sockets may be bound to one port until one of them listens.
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _detach(log: Path) -> None:
    """Leave the caller's session and terminal; our output goes to the log."""
    if os.fork():
        os._exit(0)
    os.setsid()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)


def _wait_for_lock(home: Home) -> int | None:
    for _ in range(40):
        if (descriptor := take_lock(home.life_lock)) is not None:
            return descriptor
        time.sleep(0.1)
    return None


def main(arguments: list[str]) -> int:
    """Detach, take the life lock, supervise. The lock is held until the process is gone."""
    home, python, descriptor = Home(Path(arguments[0])), Path(arguments[1]), int(arguments[2])
    os.umask(0o077)
    _detach(home.log("supervisor"))
    if _wait_for_lock(home) is None:
        return 1
    listener = socket.socket(fileno=descriptor)
    port = listener.getsockname()[1]
    me = ServerState(this_process(os.getpid()), port)
    write_state(home, me)
    sweep_broker(home.broker)
    workers = read_deployment(home).workers
    web = Child("web", web_command(python, descriptor, workers), (descriptor,))
    supervisor = Supervisor(
        home, server_environment(home, python), me, [web, Child("worker", worker_command(python))]
    )
    supervisor.say(f"supervisor {os.getpid()} started, port {port}")
    failure = supervisor.run()
    if failure:
        supervisor.say(f"giving up: {failure}")
        write_state(home, replace(supervisor.state, children={}, failure=failure))
        return 1
    if supervisor.owns_record():
        home.state.unlink(missing_ok=True)
    supervisor.say("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
