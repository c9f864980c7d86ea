"""Where an embedded server keeps its things: one private directory, and the secrets in it."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from annotate.core.errors import ConfigError, StorageFailure

SERVICE_USER = "annotate-service"


def default_home(study_root: Path) -> Path:
    """The home of a study's server: ``DOCCANO_HOME``, else ``corpus/.state/doccano`` in the study."""
    configured = os.environ.get("DOCCANO_HOME", "").strip()
    if configured:
        return Path(configured).expanduser().absolute()
    return study_root.absolute() / "corpus" / ".state" / "doccano"


@dataclass(frozen=True, slots=True)
class Home:
    """The paths inside one server's home; ``root`` is absolute."""

    root: Path

    @property
    def database(self) -> Path:
        """Everything people made: accounts, projects, texts, labels (SQLite)."""
        return self.root / "db.sqlite3"

    @property
    def broker(self) -> Path:
        """The queue between web server and task worker: a file of its own, so that it locks nobody out."""
        return self.root / "broker.sqlite3"

    @property
    def schema(self) -> Path:
        """Which schema the database has been brought to."""
        return self.root / "schema"

    @property
    def secret_key(self) -> Path:
        """Signs sessions."""
        return self.root / "secret-key"

    @property
    def service_password(self) -> Path:
        """Password of the service account."""
        return self.root / "service-password"

    @property
    def control_key(self) -> Path:
        """Opens the readiness check, and proves that the server on the port is this one."""
        return self.root / "control-key"

    @property
    def deployment(self) -> Path:
        """Which database, how many web workers, which public address."""
        return self.root / "deployment.json"

    @property
    def database_password(self) -> Path:
        """Password of a PostgreSQL database, when it was given in the environment."""
        return self.root / "database-password"

    @property
    def media(self) -> Path:
        """Uploaded files and finished exports."""
        return self.root / "media"

    @property
    def port(self) -> Path:
        """The port used last."""
        return self.root / "port"

    @property
    def run(self) -> Path:
        """Locks and the record of what is running."""
        return self.root / "run"

    @property
    def state(self) -> Path:
        """What the supervisor says about itself and its children."""
        return self.run / "server.json"

    @property
    def life_lock(self) -> Path:
        """Held by the supervisor as long as it lives."""
        return self.run / "supervisor.lock"

    @property
    def control_lock(self) -> Path:
        """Held by a command that starts or stops the server."""
        return self.run / "control.lock"

    @property
    def logs(self) -> Path:
        """Log files of web server, task worker and supervisor."""
        return self.root / "logs"

    def log(self, name: str) -> Path:
        """The log file of ``web``, ``worker`` or ``supervisor``."""
        return self.logs / f"{name}.log"

    @property
    def identity(self) -> str:
        """Eight hex digits that tell this home from others (a cookie name is made of it)."""
        return hashlib.sha256(os.fsencode(self.root)).hexdigest()[:8]


def home_at(root: Path) -> Home:
    """The home at ``root``, spelt in one way (absolute, links followed); nothing is made."""
    return Home(Path(root).expanduser().resolve())


def open_home(root: Path) -> Home:
    """Make the home and its secrets where they are missing; everything readable by its owner only.

    Raises StorageFailure when a directory or file cannot be made.
    """
    home = home_at(root)
    try:
        # media and uploads-tmp, too: web server and worker would race to make them
        for directory in (home.root, home.run, home.logs, home.media, home.root / "uploads-tmp"):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory.chmod(0o700)
        for path in (home.secret_key, home.service_password, home.control_key):
            _make_secret(path)
    except OSError as error:
        raise StorageFailure(
            f"cannot make the server's home {home.root}: {error.strerror or error}",
            hint="set DOCCANO_HOME to a directory of yours",
        ) from error
    return home


def read_secret(path: Path) -> str:
    """Read a secret file of the home.

    Raises ConfigError when it is missing, empty, or readable by others.
    """
    try:
        mode = path.stat().st_mode
        value = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise ConfigError(
            f"{path} is missing: this server was never started", hint="run `annotate server start`"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"{path} can be read by other users of this machine", hint=f"chmod 600 {path}")
    if not value:
        raise ConfigError(f"{path} is empty", hint="delete it and run `annotate server start`")
    return value


def service_credentials(root: Path) -> tuple[str, str]:
    """Name and password of the service account of the server at ``root``."""
    return SERVICE_USER, read_secret(home_at(root).service_password)


def write_atomically(path: Path, text: str) -> None:
    """Replace a small private file (mode 0600) in one step."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(path)


def _make_secret(path: Path) -> None:
    if path.exists() and path.stat().st_size:
        return
    write_atomically(path, secrets.token_urlsafe(48) + "\n")
