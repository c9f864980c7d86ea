"""Read a campaign from Doccano's own database: SQLite file or PostgreSQL, read-only, one moment.

For people who run their own server. The rows are given the form that the HTTP interface gives them,
so that both ways of pulling lead to the same observation and the same snapshot.
"""

# ruff: noqa: S608 - whatever is put into a statement is an int, a table of ours or a list of ints
from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from annotate.core.errors import ConfigError, ServerFailure
from annotate.core.sketch import Sketch
from annotate.doccano.campaign import marker_in
from annotate.doccano.reading import Details, Record, details_of

SCHEMA = {
    "examples": "0007_example_score",
    "label_types": "0007_delete_relationtypeold",
    "labels": "0016_segmentation",
    "projects": "0008_project_allow_member_to_create_label_type_and_more",
    "roles": "0003_delete_member",
}
"""The last migration of each of Doccano 1.8.4's applications whose tables are read here."""

PAGE = 1000
"""Examples sketched at a time."""

CHUNK = 500
"""Examples whose details are in memory at a time."""

Rows = tuple[tuple[int, str, int, int], ...]


class Connection(Protocol):
    """What of Python's database interface is used."""

    def execute(self, sql: str) -> Any:  # noqa: ANN401 - a cursor
        """Run one statement."""


class Database:
    """An open database, inside one read transaction. Raises ConfigError for a schema we do not know."""

    def __init__(self, connection: Connection, shown: str) -> None:
        self._connection = connection
        self._shown = shown
        self._check_schema()
        self._names: dict[int, str] = dict(self._rows("select id, username from auth_user"))

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._connection.execute(sql)]

    def _check_schema(self) -> None:
        try:
            found = dict(self._rows("select app, max(name) from django_migrations group by app"))
        except Exception as error:
            raise ConfigError(f"{self._shown} holds no Doccano: {error}") from error
        unknown = [
            f"{app} at {found.get(app, 'nothing')}" for app, last in SCHEMA.items() if found.get(app) != last
        ]
        if unknown:
            raise ConfigError(
                f"{self._shown} has another schema than Doccano 1.8.4: {', '.join(unknown)}",
                hint="pull over HTTP instead: leave --database away",
            )

    def projects(self, study: str, pass_name: str) -> dict[str, int]:
        """Our projects of a pass: key to id."""
        found = {}
        for project_id, description in self._rows("select id, description from projects_project"):
            marker = marker_in(description or "")
            if marker and (marker.study, marker.pass_name) == (study, pass_name):
                found[marker.key] = int(project_id)
        return found

    def name(self, user: object) -> str:
        """The user's name; "" for an account that is gone."""
        return self._names.get(user, "") if isinstance(user, int) else ""

    def imported(self, project_id: int, uuids: Sequence[str]) -> list[tuple[str, int, Rows, Rows]]:
        """Of the examples with these UUIDs (32 hex digits) those that are there, by id.

        Each as (UUID, example, labels and relations as a sketch has them).
        """
        among = ", ".join(f"'{UUID(one).hex}'" for one in uuids)
        here = f"where e.project_id = {int(project_id)} and e.uuid in ({among})"
        labels = self._grouped(
            "select s.example_id, s.id, t.text, s.start_offset, s.end_offset from labels_span s "
            "join label_types_spantype t on t.id = s.label_id "
            f"join examples_example e on e.id = s.example_id {here} order by s.id"
        )
        relations = self._grouped(
            "select r.example_id, r.id, t.text, r.from_id_id, r.to_id_id from labels_relation r "
            "join label_types_relationtype t on t.id = r.type_id "
            f"join examples_example e on e.id = r.example_id {here} order by r.id"
        )
        return [
            (
                str(uuid).replace("-", ""),
                example,
                tuple(labels.get(example, ())),
                tuple(relations.get(example, ())),
            )
            for uuid, example in self._rows(
                f"select e.uuid, e.id from examples_example e {here} order by e.id"
            )
        ]

    def open_project(self, project_id: int, key: str) -> DatabaseProject:
        """One of them."""
        return DatabaseProject(self, project_id, key)

    def types(self, project_id: int) -> dict[str, list[Record]]:
        """Records of what a project itself has."""
        return {
            "span_types": self._types("label_types_spantype", project_id),
            "relation_types": self._types("label_types_relationtype", project_id),
            "members": self._members(project_id),
        }

    def _types(self, table: str, project_id: int) -> list[Record]:
        fields = ("id", "text", "prefix_key", "suffix_key", "background_color", "text_color")
        rows = self._rows(
            f"select {', '.join(fields)} from {table} where project_id = {int(project_id)} order by id"
        )
        return [dict(zip(fields, row, strict=True)) for row in rows]

    def _members(self, project_id: int) -> list[Record]:
        rows = self._rows(
            "select m.id, m.user_id, m.role_id, r.name from projects_member m join roles_role r "
            f"on r.id = m.role_id where m.project_id = {int(project_id)} order by m.id"
        )
        return [
            {"id": one, "user": user, "role": role, "username": self.name(user), "rolename": name}
            for one, user, role, name in rows
        ]

    def sketches(self, project_id: int) -> Iterator[Sketch]:
        """Every example of a project, by id, as ``archive.sketches`` reads them, some at a time in memory."""
        last = 0
        while page := self._rows(
            f"select id, text, meta from examples_example where project_id = {int(project_id)} "
            f"and id > {last} order by id limit {PAGE}"
        ):
            first, last = int(page[0][0]), int(page[-1][0])
            labels = self._by_example(
                "select s.example_id, s.id, t.text, s.start_offset, s.end_offset from labels_span s "
                "join label_types_spantype t on t.id = s.label_id", "s", first, last
            )  # fmt: skip
            relations = self._by_example(
                "select r.example_id, r.id, t.text, r.from_id_id, r.to_id_id from labels_relation r "
                "join label_types_relationtype t on t.id = r.type_id", "r", first, last
            )  # fmt: skip
            comments = self._by_example(
                "select c.example_id, c.id, c.text from examples_comment c", "c", first, last
            )
            confirmed = self._by_example(
                "select s.example_id, s.id from examples_examplestate s", "s", first, last
            )
            for example, text, meta in page:
                yield Sketch(
                    example=example,
                    passage_id=_passage_id(meta),
                    text=text,
                    labels=tuple(labels.get(example, ())),
                    relations=tuple(relations.get(example, ())),
                    comments=tuple(comments.get(example, ())),
                    confirmed=example in confirmed,
                )

    def _by_example(self, select: str, table: str, first: int, last: int) -> dict[int, list[Any]]:
        """Rows (example, …) of examples from ``first`` to ``last``, by id below each example."""
        where = f"where {table}.example_id between {first} and {last}"
        return self._grouped(f"{select} {where} order by {table}.example_id, {table}.id")

    def _grouped(self, sql: str) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = defaultdict(list)
        for example, *row in self._rows(sql):
            found[example].append(tuple(row))
        return found

    def details(self, examples: Sequence[int]) -> dict[str, list[Record]]:
        """Records of what stands on these examples."""
        among = (
            f"where example_id in ({', '.join(str(int(one)) for one in examples)}) order by example_id, id"
        )
        label = ("id", "prob", "user", "example", "created_at", "updated_at")
        columns = "id, prob, user_id, example_id, created_at, updated_at"
        return {
            "spans": self._records(
                (*label, "label", "start_offset", "end_offset"),
                f"select {columns}, label_id, start_offset, end_offset from labels_span {among}",
            ),
            "relations": self._records(
                (*label, "from_id", "to_id", "type"),
                f"select {columns}, from_id_id, to_id_id, type_id from labels_relation {among}",
            ),
            "states": self._records(
                ("id", "example", "confirmed_by", "confirmed_at"),
                f"select id, example_id, confirmed_by_id, confirmed_at from examples_examplestate {among}",
            ),
            "comments": [
                {
                    "id": one["id"],
                    "user": one["user"],
                    "username": self.name(one["user"]) or None,
                    "example": one["example"],
                    "text": one["text"],
                    "created_at": one["created_at"],
                }
                for one in self._records(
                    ("id", "user", "example", "text", "created_at"),
                    f"select id, user_id, example_id, text, created_at from examples_comment {among}",
                )
            ],
        }

    def _records(self, fields: Sequence[str], sql: str) -> list[Record]:
        return [
            {
                name: _time(value) if name.endswith("_at") else value
                for name, value in zip(fields, row, strict=True)
            }
            for row in self._rows(sql)
        ]


class DatabaseProject:
    """A project of a campaign, as ``reading.HttpProject`` is one."""

    def __init__(self, database: Database, project_id: int, key: str) -> None:
        self._database = database
        self._project_id = project_id
        self._key = key
        self.types = database.types(project_id)
        """Records of what the project itself has."""

    def close(self) -> None:
        """Nothing to end: the database is closed by who opened it."""

    def sketches(self) -> Iterator[list[Sketch]]:
        """Every example once, some at a time, by id."""
        left = self._database.sketches(self._project_id)
        while some := list(islice(left, PAGE)):
            yield some

    def expect(self, chosen: Iterable[Sketch]) -> None:
        """Nothing to prepare: details come fast."""

    def details(self, chosen: Iterable[Sketch]) -> Iterator[Details]:
        """What stands on the chosen examples, some at a time, in their order."""
        left = iter(chosen)
        while some := list(islice(left, CHUNK)):
            records = self._database.details([one.example for one in some])
            yield details_of(self._key, self.types, records, some, self._database)


@contextmanager
def open_database(location: str, password: str | None = None) -> Iterator[Database]:
    """Open ``location`` (a path, or postgresql://…) for reading, all of it at one moment.

    ``password`` None: libpq looks for PostgreSQL's in its own places.

    Raises ConfigError (no such database, a password in the address, a missing driver), ServerFailure.
    """
    if location.startswith(("postgresql://", "postgres://")):
        with _postgresql(location, password) as connection:
            yield Database(connection, _shown(location))
    else:
        with _sqlite(Path(location)) as connection:
            yield Database(connection, location)


@contextmanager
def _sqlite(path: Path) -> Iterator[Connection]:
    if not path.is_file():
        raise ConfigError(f"there is no database file {path}")
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=30
    )
    try:
        connection.execute("begin")
        yield connection
    except sqlite3.Error as error:
        raise ServerFailure(f"{path} cannot be read: {error}") from error
    finally:
        connection.close()


@contextmanager
def _postgresql(location: str, password: str | None) -> Iterator[Connection]:
    if urlsplit(location).password:
        raise ConfigError(
            "a password does not belong into a command line",
            hint="put it into PGPASSWORD or ~/.pgpass and leave it out of the address",
        )
    try:
        import psycopg
    except ImportError as error:
        raise ConfigError(
            "reading PostgreSQL needs the driver psycopg", hint="pip install 'source-annotate[postgresql]'"
        ) from error
    try:
        with psycopg.connect(location, password=password, connect_timeout=10, autocommit=True) as connection:
            connection.execute("begin isolation level repeatable read read only")
            yield connection
    except psycopg.Error as error:
        raise ServerFailure(f"{_shown(location)}: {str(error).strip()}") from error


def _shown(location: str) -> str:
    parts = urlsplit(location)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


def _passage_id(meta: object) -> str | None:
    found = json.loads(meta) if isinstance(meta, str) else meta
    ours = found.get("ext") if isinstance(found, dict) else None
    name = ours.get("passage") if isinstance(ours, dict) else None
    return name if isinstance(name, str) else None


def _time(value: object) -> object:
    """A stored time as the HTTP interface writes it: UTC, microseconds only where there are some."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        return value
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z")
