"""Who is alive: locks that die with their holder, and processes known by pid and start time.

A pid alone proves nothing: the system hands it out again. A process here is its pid together with its
start time; a supervisor is alive exactly as long as its lock is held, which no recycled pid can fake.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from annotate.core.errors import ConfigError, StorageFailure

try:
    import fcntl
except ImportError as error:  # Windows: gunicorn does not run there either
    raise ConfigError(
        "the embedded server runs on Linux and macOS only",
        hint="use an existing Doccano: annotate.toml [server]",
    ) from error

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Process:
    """One process: its pid, and when it started (opaque text, comparable on this machine only)."""

    pid: int
    started: str

    @property
    def alive(self) -> bool:
        """Whether this very process still runs (a later holder of the pid does not count)."""
        return bool(self.started) and process_start(self.pid) == self.started


def this_process(pid: int) -> Process:
    """Describe a process that runs now."""
    return Process(pid, process_start(pid) or "")


def process_start(pid: int) -> str | None:
    """When ``pid`` started; None when there is no such process or it is a zombie."""
    if sys.platform == "linux":
        return _start_from_proc(pid)
    found = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    state, _, started = found.partition(" ")
    return None if not started or state.startswith("Z") else started.strip()


def _start_from_proc(pid: int) -> str | None:
    try:
        record = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    fields = record.rpartition(")")[2].split()  # the command name may hold spaces and brackets
    return None if fields[0] in "ZX" else fields[19]


def end(processes: list[Process], *, patience: float) -> list[Process]:
    """End exactly these: SIGTERM, ``patience`` seconds, then SIGKILL. Returns those that were alive."""
    living = [process for process in processes if process.alive]
    for process in living:
        _signal(process, signal.SIGTERM)
    if not wait_gone(living, patience):
        for process in living:
            _signal(process, signal.SIGKILL)
        wait_gone(living, 5.0)
    return living


def wait_gone(processes: list[Process], seconds: float) -> bool:
    """Wait until none of these runs any more; False when some still do after ``seconds``."""
    deadline = time.monotonic() + seconds
    while any(process.alive for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _signal(process: Process, number: signal.Signals) -> None:
    if process.alive:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent dies; Linux only, elsewhere nothing happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def take_lock(path: Path) -> int | None:
    """Take the lock file for the life of this process; its descriptor, or None when somebody holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def is_locked(path: Path) -> bool:
    """Whether a living process holds this lock."""
    if not path.exists():
        return False
    descriptor = take_lock(path)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


@contextlib.contextmanager
def exclusive(path: Path, *, seconds: float, what: str) -> Iterator[None]:
    """Hold a lock for a block of work; StorageFailure when another process keeps it for ``seconds``."""
    deadline = time.monotonic() + seconds
    while (descriptor := take_lock(path)) is None:
        if time.monotonic() > deadline:
            raise StorageFailure(
                f"another process has been {what} for {seconds:.0f} s", hint="try again later"
            )
        time.sleep(0.1)
    try:
        yield
    finally:
        os.close(descriptor)
