"""The server's own Python environment, made once from the lock file that we ship.

Doccano's pins clash with ours, so it never shares an environment with us. A virtual environment cannot be
moved, so it is built in place: a marker file says "half-built" from the first step, a lock keeps a second
builder waiting, and a sentinel file written last says that it may be used.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from filelock import FileLock, Timeout

from annotate.core.errors import AnnotateError, ConfigError, ServerFailure, StorageFailure

DOCCANO_VERSION = "1.8.4"
LOCK_FILE = Path(__file__).parent / "server-lock.txt"
POSTGRESQL_LOCK = Path(__file__).parent / "server-lock-postgresql.txt"
SUPPORTED = ((3, 11), (3, 13))
_READY = "annotate-ready"
_BUILDING = "annotate-building"
_BUILD_TIME = 3600.0  # seconds that a second builder waits for the first

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Environment:
    """A directory for the server's environment, and the lock file that it must hold."""

    root: Path
    lock: Path = LOCK_FILE

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.root / "bin" / "python"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the lock file."""
        return hashlib.sha256(self.lock.read_bytes()).hexdigest()

    def usable(self) -> bool:
        """Whether it was built completely from this lock, or made by somebody else and holds Doccano."""
        sentinel = self.root / _READY
        if sentinel.is_file():
            return sentinel.read_text(encoding="ascii").strip() == self.fingerprint
        return not (self.root / _BUILDING).exists() and self.python.exists() and self._holds_doccano()

    def _holds_doccano(self) -> bool:
        return any(self.root.glob(f"lib/python3*/site-packages/doccano-{DOCCANO_VERSION}.dist-info"))

    def ours(self) -> bool:
        """Whether we may remove it: missing, empty, or carrying one of our marks."""
        if not self.root.exists():
            return True
        marked = (self.root / _READY).exists() or (self.root / _BUILDING).exists()
        return marked or (self.root.is_dir() and not any(self.root.iterdir()))


def environment_directory() -> Path:
    """``ANNOTATE_SERVER_ENV``, else a directory in the user's cache that is named after the lock."""
    configured = os.environ.get("ANNOTATE_SERVER_ENV", "").strip()
    if configured:
        return Path(configured).expanduser().absolute()
    cache = Path(os.environ.get("XDG_CACHE_HOME", "").strip() or "~/.cache").expanduser().absolute()
    digest = Environment(cache).fingerprint[:12]
    return cache / "annotate" / f"doccano-{DOCCANO_VERSION}-{digest}-py3{sys.version_info.minor}"


def ensure_environment(progress: Progress) -> Path:
    """The interpreter of the server's environment, which is made first where it is missing (minutes).

    Raises ConfigError (unsuitable Python), ServerFailure (pip failed) or StorageFailure (disk).
    """
    return build(Environment(environment_directory()), progress)


def prepare(progress: Progress) -> Path:
    """Make the environment with everything that any server may need, PostgreSQL's driver too."""
    python = ensure_environment(progress)
    ensure_postgresql(python, progress)
    return python


def build(environment: Environment, progress: Progress) -> Path:
    """Make the environment unless it can be used as it is; one builder at a time."""
    if environment.usable():
        return environment.python
    if not environment.ours():
        raise ConfigError(
            f"{environment.root} is neither empty nor a Doccano {DOCCANO_VERSION} environment",
            hint="remove it, or point ANNOTATE_SERVER_ENV elsewhere",
        )
    check_python(sys.version_info[:2])
    try:
        environment.root.parent.mkdir(parents=True, exist_ok=True)
        with _only_builder(environment.root, progress):
            if not environment.usable():
                _build(environment, progress)
    except OSError as error:
        if isinstance(error, AnnotateError):
            raise
        raise StorageFailure(
            f"cannot make the server's environment in {environment.root}: {error.strerror or error}",
            hint="free space, or point ANNOTATE_SERVER_ENV to another disk",
        ) from error
    return environment.python


def ensure_postgresql(python: Path, progress: Progress) -> None:
    """Add PostgreSQL's driver to the server's environment where it is missing (a second or two).

    Raises ConfigError for an environment that is not ours to change, ServerFailure when pip fails.
    """
    environment = Environment(python.parent.parent)
    pins = [line for line in POSTGRESQL_LOCK.read_text("utf-8").splitlines() if not line.startswith("#")]
    if _holds(environment.root, pins):
        return
    if not (environment.root / _READY).is_file():
        raise ConfigError(
            f"{environment.root} has no PostgreSQL driver, and we did not make it",
            hint=f"{python} -m pip install --no-deps {' '.join(pins)}",
        )
    with _only_builder(environment.root, progress):
        if not _holds(environment.root, pins):
            progress("adding the PostgreSQL driver to the server's environment")
            _pip_install(python, POSTGRESQL_LOCK, lambda line: None)


def _holds(root: Path, pins: list[str]) -> bool:
    names = [pin.replace("-", "_").replace("==", "-") for pin in pins]
    return all(any(root.glob(f"lib/python3*/site-packages/{name}.dist-info")) for name in names)


def check_python(version: Sequence[int]) -> None:
    """ConfigError unless Doccano's lock works on this Python and it can make environments."""
    oldest, newest = SUPPORTED
    if not oldest <= tuple(version[:2]) <= newest:
        raise ConfigError(
            f"Doccano needs Python {_dotted(oldest)} to {_dotted(newest)}; this is {_dotted(version)}",
            hint="run annotate with such a Python",
        )
    for module in ("venv", "ensurepip"):
        if find_spec(module) is None:
            raise _no_venv(module)


def _no_venv(module: str) -> ConfigError:
    return ConfigError(
        f"this Python ({sys.executable}) has no {module} module, so it cannot make environments",
        hint=f"on Debian or Ubuntu: apt-get install python{_dotted(sys.version_info[:2])}-venv",
    )


def _dotted(version: Sequence[int]) -> str:
    return f"{version[0]}.{version[1]}"


@contextmanager
def _only_builder(root: Path, progress: Progress) -> Iterator[None]:
    lock = FileLock(root.with_name(root.name + ".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress("another process is making the server's environment; waiting for it")
        try:
            lock.acquire(timeout=_BUILD_TIME)
        except Timeout:
            raise StorageFailure(
                f"another process has been making {root} for an hour", hint="end it"
            ) from None
    try:
        yield
    finally:
        lock.release()


def _build(environment: Environment, progress: Progress) -> None:
    if environment.root.exists():
        progress("removing a half-built server environment")
        shutil.rmtree(environment.root)
    environment.root.mkdir()
    (environment.root / _BUILDING).touch()
    progress(f"making the server's environment in {environment.root} (first time only, some minutes)")
    _run([sys.executable, "-m", "venv", str(environment.root)], progress=lambda line: None)
    total = count_packages(environment.lock.read_text(encoding="utf-8"))
    counter = _PackageCounter(progress, total)
    _pip_install(environment.python, environment.lock, counter.see)
    (environment.root / _READY).write_text(environment.fingerprint + "\n", encoding="ascii")
    (environment.root / _BUILDING).unlink()
    progress("the server's environment is ready")


def _pip_install(python: Path, lock: Path, progress: Progress) -> None:
    command = [
        str(python), "-m", "pip", "install", "--no-deps", "--no-input", "--progress-bar", "off",
        "--disable-pip-version-check", "-r", str(lock),
    ]  # fmt: skip
    _run(command, progress=progress)


def count_packages(lock_text: str) -> int:
    """How many packages a lock file names."""
    return sum(1 for line in lock_text.splitlines() if line.strip() and not line.lstrip().startswith("#"))


@dataclass(slots=True)
class _PackageCounter:
    """Turns pip's output into a few lines of progress."""

    progress: Progress
    total: int
    seen: int = 0

    def see(self, line: str) -> None:
        if line.startswith("Collecting "):
            self.seen += 1
            if self.seen % 20 == 0:
                self.progress(f"fetched {self.seen} of {self.total} packages")
        elif line.startswith("Installing collected packages"):
            self.progress(f"installing {self.total} packages")


def _run(command: list[str], *, progress: Progress) -> None:
    tail: deque[str] = deque(maxlen=12)
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            tail.append(line.rstrip())
            progress(line.rstrip())
    if running.returncode:
        raise explain_failure("\n".join(tail))


def explain_failure(output: str) -> AnnotateError:
    """The error for a failed ``venv`` or ``pip`` run, from the last lines of its output."""
    lower = output.lower()
    if "ensurepip is not available" in lower or "no module named ensurepip" in lower:
        return _no_venv("ensurepip")
    if "no space left on device" in lower or "errno 28" in lower:
        return StorageFailure(
            "the disk is full: the server's environment needs about 800 MB",
            hint="free space, or point ANNOTATE_SERVER_ENV to another disk",
        )
    if any(sign in lower for sign in ("gcc", "no such file or directory: 'cc'", "compiler", "python.h")):
        cause = "a package had to be compiled: install a C compiler (Debian: apt-get install build-essential)"
    elif any(
        sign in lower for sign in ("resolution", "connection", "timed out", "network", "no matching distrib")
    ):
        cause = "no network, or the package index does not have it: check the connection and pip's settings"
    else:
        cause = "see pip's last lines"
    return ServerFailure(f"the server's packages could not be installed; pip said:\n{output}", hint=cause)
