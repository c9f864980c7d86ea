"""How the programs of the server are started: command lines, and an environment made from nothing.

The server's programs get a fresh environment. A stray ``STANDALONE``, ``HEADER_AUTH_USER_NAME`` or
``DATABASE_URL`` of the caller's shell would open files, logins or a foreign database.
"""

from __future__ import annotations

import os
from pathlib import Path

from annotate.core.errors import ConfigError
from annotate.doccano.embedded.home import Home

SITE = Path(__file__).parent / "site"
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "LD_LIBRARY_PATH", "PGPASSFILE")


def backend_path(python: Path) -> Path:
    """Where Doccano's Django project lies inside the server environment that ``python`` belongs to."""
    for backend in sorted((python.parent.parent / "lib").glob("python3*/site-packages/backend")):
        if (backend / "config" / "settings" / "production.py").is_file():
            return backend
    raise ConfigError(
        f"{python.parent.parent} holds no Doccano server",
        hint="remove it, or point ANNOTATE_SERVER_ENV elsewhere, and run `annotate server start`",
    )


def server_environment(home: Home, python: Path, *, settings: str = "settings") -> dict[str, str]:
    """The complete environment of a server program; ``settings`` is a module of annotate_embedded."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {
        **kept,
        "ANNOTATE_DOCCANO_HOME": str(home.root),
        "DJANGO_SETTINGS_MODULE": f"annotate_embedded.{settings}",
        "PYTHONPATH": os.pathsep.join((str(backend_path(python)), str(SITE))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
        "DEBUG": "False",
        "MEDIA_ROOT": str(home.media),
    }


def web_command(python: Path, socket: int, workers: int = 1) -> list[str]:
    """The web server on an already bound socket. One process with threads: measured best with SQLite."""
    return [
        str(python), "-m", "gunicorn", "config.wsgi:application",
        "--bind", f"fd://{socket}", "--workers", str(workers), "--worker-class", "gthread", "--threads", "8",
        "--timeout", "300", "--graceful-timeout", "5", "--log-level", "info",
    ]  # fmt: skip


def worker_command(python: Path) -> list[str]:
    """The task worker. ``solo``: one process, so that killing it leaves nothing behind.

    INFO of Celery would write task results, and with them texts, into the log.
    """
    return [
        str(python), "-m", "celery", "--app", "config", "worker", "--pool", "solo", "--loglevel", "WARNING",
        "--without-gossip", "--without-mingle", "--without-heartbeat", "--hostname", "annotate@localhost",
    ]  # fmt: skip
