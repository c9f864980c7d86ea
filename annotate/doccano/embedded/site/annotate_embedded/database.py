"""One description of the database for both settings modules, from what the home remembers."""

import json
import os
from pathlib import Path

HOME = Path(os.environ["ANNOTATE_DOCCANO_HOME"])


def deployment():
    """The home's ``deployment.json``; an empty one means SQLite and no reverse proxy."""
    path = HOME / "deployment.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _sqlite():
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(HOME / "db.sqlite3"),
        "CONN_MAX_AGE": 500,
        # Writers wait this many seconds for each other. The default of 5 gave "database is locked" under an import.
        "OPTIONS": {"timeout": 30},
    }


def _postgresql(found):
    kept = HOME / "database-password"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": found["name"],
        "USER": found["user"],
        "HOST": found["host"],
        "PORT": str(found["port"]),
        # Without one libpq looks into its password file.
        "PASSWORD": kept.read_text(encoding="utf-8").rstrip("\n") if kept.exists() else "",
        "CONN_MAX_AGE": 500,
        "CONN_HEALTH_CHECKS": True,  # a restarted database is found again
        "OPTIONS": {"connect_timeout": "10", "application_name": "annotate", **found["options"]},
    }


_found = deployment().get("database")
DATABASES = {"default": _postgresql(_found) if _found else _sqlite()}


def use_write_ahead_log(sender, connection, **kwargs):
    """Readers do not block writers. The journal mode stays in the file; the rest is per connection."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")
