"""What a PostgreSQL database holds: whose it is, and everything in it, out and in again.

Out and in is PostgreSQL's own COPY through the driver that Doccano uses anyway. ``pg_dump`` would have to be
installed, at least as new as the server, and be given the password.
"""

import json
import os
from pathlib import Path

from django.db import DatabaseError, OperationalError, connection
from psycopg2 import sql

MARK = "annotate_home"  # the table that says whose database it is; no part of a backup
OLDEST = 120000  # Django 4.2
SEQUENCE_GAP = 1_000_000  # see load()
_OURS = "n.nspname = ANY (current_schemas(false))"


def claim(identity, fresh):
    """Make sure that the database is this home's, or empty and to become it. ``refused`` says why not.

    ``fresh``: this home has not yet had its database; then an empty one is marked, else it is a wrong one.
    """
    try:
        with connection.cursor() as cursor:
            if why := _unfit(cursor):
                return {"refused": why, "kind": "config"}
            return _claim(cursor, identity, fresh)
    except OperationalError as error:
        return {"refused": str(error).strip(), "kind": "connection"}


def _unfit(cursor):
    version = connection.pg_version
    if version < OLDEST:
        return f"PostgreSQL {version // 10000} is too old for Doccano: at least {OLDEST // 10000} is needed"
    cursor.execute("SHOW server_encoding")
    encoding = cursor.fetchone()[0]
    if encoding != "UTF8":
        return f"the database's encoding is {encoding}: texts need UTF8 (createdb --encoding=UTF8 --template=template0)"
    cursor.execute("SELECT current_schema()")
    if cursor.fetchone()[0] is None:
        return "the database user has no schema to make tables in"
    return ""


def _claim(cursor, identity, fresh):
    tables = _tables(cursor)
    if MARK in tables:
        cursor.execute(f"SELECT identity FROM {MARK}")
        if cursor.fetchall() == [(identity,)]:
            return {"done": "known"}
        return {"refused": "it belongs to another annotate server", "kind": "conflict"}
    if tables:
        some = ", ".join(sorted(tables)[:5]) + (", …" if len(tables) > 5 else "")
        return {"refused": f"it holds something else (tables {some})", "kind": "conflict"}
    if not fresh:
        return {"refused": "it is empty, and this server has worked with another one", "kind": "conflict"}
    try:
        cursor.execute(f"CREATE TABLE {MARK} AS SELECT %s::text AS identity", [identity])
    except DatabaseError as error:
        return {"refused": f"no table can be made in it: {str(error).strip()}", "kind": "config"}
    return {"done": "claimed"}


def _tables(cursor):
    """Tables, views and the like in the schemas that we would write to; what extensions made does not count."""
    cursor.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        f"WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_OURS} AND NOT EXISTS "
        "(SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"
    )
    return {row[0] for row in cursor.fetchall()}


def dump(folder):
    """Write every table into ``folder``/NAME.copy and a description into ``tables.json``: one moment's content."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        _settle(cursor)
        columns = _columns(cursor)
        for table, names in columns.items():
            query = sql.SQL("COPY (SELECT {names} FROM {table} ORDER BY 1) TO STDOUT").format(
                names=_names(names), table=sql.Identifier(table)
            )
            with open(Path(folder) / f"{table}.copy", "xb") as target:
                cursor.cursor.copy_expert(query, target)
                target.flush()
                os.fsync(target.fileno())
        found = {"tables": columns, "sequences": _sequences(cursor)}
        cursor.execute("COMMIT")
    text = json.dumps(found, indent=1, sort_keys=True) + "\n"
    (Path(folder) / "tables.json").write_text(text, encoding="utf-8")
    return {"done": "dumped"}


def load(folder):
    """Replace the content of all tables by what ``dump`` wrote, in one transaction.

    Sequences go on a million further than they were. What was made after the backup and is now lost had
    numbers too, and the ledger remembers them: they must never come back as somebody else's labels.
    """
    told = json.loads((Path(folder) / "tables.json").read_text(encoding="utf-8"))
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        _settle(cursor)
        if why := _differs(told["tables"], _columns(cursor)):
            cursor.execute("ROLLBACK")
            return {"refused": why}
        tables = [sql.Identifier(name) for name in told["tables"]]
        cursor.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(tables)))
        for table, names in told["tables"].items():
            query = sql.SQL("COPY {table} ({names}) FROM STDIN").format(
                table=sql.Identifier(table), names=_names(names)
            )
            with open(Path(folder) / f"{table}.copy", "rb") as source:
                cursor.cursor.copy_expert(query, source)
        for sequence in _sequences(cursor):
            last = int(told["sequences"].get(sequence, 0))
            cursor.execute("SELECT setval(%s::regclass, %s)", [f'"{sequence}"', last + SEQUENCE_GAP])
        cursor.execute("COMMIT")
    return {"done": "loaded"}


def holds_data():
    """Whether anybody has worked here: a project, or an account other than the service account."""
    with connection.cursor() as cursor:
        if "projects_project" not in _tables(cursor):
            return {"holds": False}
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM projects_project) OR (SELECT count(*) > 1 FROM auth_user)"
        )
        return {"holds": cursor.fetchone()[0]}


def _settle(cursor):
    """The same bytes whatever the server's and the role's own settings are."""
    for setting in ("timezone = 'UTC'", "datestyle = 'ISO, YMD'", "intervalstyle = 'postgres'",
                    "extra_float_digits = 3", "bytea_output = 'hex'", "client_encoding = 'UTF8'"):  # fmt: skip
        cursor.execute(f"SET LOCAL {setting}")


def _columns(cursor):
    """Column names by table, both in one fixed order; without our mark."""
    cursor.execute(
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        f"WHERE c.relkind = 'r' AND {_OURS} AND c.relname <> %s AND NOT EXISTS "
        "(SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') "
        'ORDER BY c.relname COLLATE "C", a.attnum',
        [MARK],
    )
    found = {}
    for table, column in cursor.fetchall():
        found.setdefault(table, []).append(column)
    return found


def _sequences(cursor):
    """Last value given out, by sequence; 0 when none was."""
    cursor.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        f"WHERE c.relkind = 'S' AND {_OURS} "
        'ORDER BY c.relname COLLATE "C"'
    )
    found = {}
    for (name,) in cursor.fetchall():
        cursor.execute(
            sql.SQL("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {}").format(sql.Identifier(name))
        )
        found[name] = cursor.fetchone()[0]
    return found


def _names(names):
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _differs(told, found):
    if set(told) != set(found):
        return f"its tables are not those of this version: {', '.join(sorted(set(told) ^ set(found))[:5])}"
    for table, names in told.items():
        if set(names) != set(found[table]):
            return f"its table {table} is not that of this version"
    return ""
