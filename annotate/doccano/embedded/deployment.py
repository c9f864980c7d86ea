"""How one home's server is deployed: its database, its web workers, its address for people.

Chosen with options of ``annotate server start`` and remembered in the home, since the supervisor, later
starts and the server's own settings need them. No password is in it: see :func:`keep_password`.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from annotate.core.errors import ConfigError, Conflict, UsageError
from annotate.doccano.embedded.home import Home, write_atomically

PASSWORD_VARIABLE = "ANNOTATE_DATABASE_PASSWORD"  # noqa: S105 - the name of a variable
MOST_WORKERS = 32
_OPTIONS = ("host", "sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout")
_DEFAULT_WORKERS = 2
_SHAPE = "postgresql://USER@HOST:PORT/DATABASE"


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """A database and how to reach it; ``host`` may be the directory of a Unix socket. No password."""

    name: str
    user: str
    host: str
    port: int = 5432
    options: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The address without a password."""
        options = dict(self.options)
        place = f"[{self.host}]" if ":" in self.host else self.host
        if self.host.startswith("/"):
            place, options["host"] = "", self.host
        query = f"?{urlencode(sorted(options.items()), safe='/')}" if options else ""
        return f"postgresql://{quote(self.user)}@{place}:{self.port}/{quote(self.name)}{query}"


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a home remembers. ``database`` None is SQLite.

    ``identity`` is written into a PostgreSQL database, which so is known again wherever it moves;
    ``claimed``: that has been done. ``public_url`` is empty without a reverse proxy.
    """

    database: PostgreSQL | None = None
    identity: str = ""
    claimed: bool = False
    workers: int = 1
    public_url: str = ""


def parse_database(url: str) -> PostgreSQL:
    """Read a PostgreSQL address. Raises UsageError for anything else, and for a password in it."""
    try:
        parts = urlsplit(url)
        port, host = parts.port or 5432, unquote(parts.hostname or "")
    except ValueError as error:
        raise UsageError(f"this is no database address ({error})", hint=f"write {_SHAPE}") from None
    options = dict(parse_qsl(parts.query))
    if parts.password is not None or "password" in options:
        raise UsageError(
            "a password in the database's address could be read by every user of this machine",
            hint=f"leave it out and set {PASSWORD_VARIABLE}, or write it into ~/.pgpass (mode 600) or the "
            "file that PGPASSFILE names",
        )
    if parts.scheme not in ("postgresql", "postgres"):
        raise UsageError(f"only PostgreSQL can be named, not {parts.scheme!r}", hint=f"write {_SHAPE}")
    if unknown := sorted(set(options) - set(_OPTIONS)):
        raise UsageError(
            f"the database's address has options we do not know: {', '.join(unknown)}",
            hint=f"known: {', '.join(_OPTIONS)}",
        )
    host, name, user = (
        options.pop("host", host),
        unquote(parts.path.lstrip("/")),
        unquote(parts.username or ""),
    )
    if not (host and name and user) or "/" in name:
        raise UsageError("user, host or name of the database is missing", hint=f"write {_SHAPE}")
    return PostgreSQL(name, user, host, port, options)


def check_public_url(url: str) -> str:
    """The address without a slash at its end. Raises UsageError when it is none that people could type."""
    found = url.rstrip("/")
    if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~-]+)*", found):
        raise UsageError(
            "this is no address of a web site", hint="for example https://annotate.example.org/doccano"
        )
    return found


def choose(
    known: Deployment,
    *,
    database: str | None,
    workers: int | None,
    public_url: str | None,
    holds_sqlite: bool,
) -> Deployment:
    """What is remembered, changed by what was asked for. An empty ``public_url`` forgets it.

    Raises UsageError (nonsense) and Conflict (data of this home are in another kind of database).
    """
    chosen = known
    if database is not None:
        if holds_sqlite:
            raise Conflict(
                "this server keeps its data in SQLite; they do not move to PostgreSQL by themselves",
                hint="finish the campaign where it is, or use another home: DOCCANO_HOME=DIRECTORY",
            )
        chosen = replace(chosen, database=parse_database(database))
        if known.database is None and workers is None:
            chosen = replace(chosen, workers=_DEFAULT_WORKERS)
    if workers is not None:
        if not 1 <= workers <= MOST_WORKERS:
            raise UsageError(f"{workers} web workers: choose 1 to {MOST_WORKERS}")
        if workers > 1 and chosen.database is None:
            raise UsageError(
                "several web workers would lock each other out of a SQLite file",
                hint="add --database postgresql://…, or leave --workers out",
            )
        chosen = replace(chosen, workers=workers)
    if public_url is not None:
        chosen = replace(chosen, public_url=check_public_url(public_url) if public_url else "")
    return chosen


def read_deployment(home: Home) -> Deployment:
    """What the home remembers; SQLite and nothing else for a fresh one. Raises ConfigError."""
    try:
        record = json.loads(home.deployment.read_text(encoding="utf-8"))
        database = record["database"]
        return Deployment(
            PostgreSQL(**database) if database else None,
            str(record["identity"]),
            bool(record["claimed"]),
            int(record["workers"]),
            str(record["public_url"]),
        )
    except FileNotFoundError:
        return Deployment()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{home.deployment} cannot be read: {error}", hint="restore it from a backup of the home"
        ) from error


def write_deployment(home: Home, deployment: Deployment) -> None:
    """Remember it, for our own eyes only."""
    database = deployment.database
    record = {
        "database": None
        if database is None
        else {
            "name": database.name,
            "user": database.user,
            "host": database.host,
            "port": database.port,
            "options": dict(sorted(database.options.items())),
        },
        "identity": deployment.identity,
        "claimed": deployment.claimed,
        "workers": deployment.workers,
        "public_url": deployment.public_url,
    }
    write_atomically(home.deployment, json.dumps(record, indent=1) + "\n")


def keep_password(home: Home) -> None:
    """Keep the database's password from the environment in the home (mode 0600).

    The supervisor outlives the shell, and an environment variable of its children would be readable with
    ``ps``. Without the variable the kept one is used, else libpq looks into its password file.
    """
    if password := os.environ.get(PASSWORD_VARIABLE):
        write_atomically(home.database_password, password + "\n")
