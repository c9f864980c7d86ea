"""One description of the database for both settings modules."""

import os
from pathlib import Path

HOME = Path(os.environ["ANNOTATE_DOCCANO_HOME"])

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(HOME / "db.sqlite3"),
        "CONN_MAX_AGE": 500,
        # Writers wait this many seconds for each other. The default of 5 gave "database is locked" under an import.
        "OPTIONS": {"timeout": 30},
    }
}


def use_write_ahead_log(sender, connection, **kwargs):
    """Readers do not block writers. The journal mode stays in the file; the rest is per connection."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")
