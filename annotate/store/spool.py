"""What a pull has read and not yet recorded, on disk and in order: a campaign may be larger than memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import msgspec

from annotate.core.errors import StorageFailure
from annotate.core.ledger import Event
from annotate.core.observation import VANISHED, place_of
from annotate.core.sketch import Sketch, outline
from annotate.store.jsonl import encode_line


class SketchSpool:
    """The examples of one project, by id: an outline of each, the sketches of those that are chosen."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._db.execute("create table sketches (example integer primary key, outline blob, sketch blob)")

    def add(self, found: Iterable[tuple[Sketch, str, bool]]) -> None:
        """Sketches with the SHA-256 of their texts, and whether they are chosen."""
        rows = (
            (one.example, encode_line(outline(one, digest)), msgspec.msgpack.encode(one) if chosen else None)
            for one, digest, chosen in found
        )
        self._db.executemany("insert or replace into sketches values (?, ?, ?)", rows)

    def outlines(self) -> Iterator[bytes]:
        """The outline of every example as a line of a snapshot."""
        for (line,) in self._db.execute("select outline from sketches order by example"):
            yield line

    def count(self) -> int:
        """How many are chosen."""
        return int(self._db.execute("select count(sketch) from sketches").fetchone()[0])

    def chosen(self) -> Iterator[Sketch]:
        """The chosen sketches."""
        decoder = msgspec.msgpack.Decoder(Sketch)
        sql = "select sketch from sketches where sketch is not null order by example"
        for (packed,) in self._db.execute(sql):
            yield decoder.decode(packed)


class EventSpool:
    """Events of a pull in the order of the ledger, in whatever parts the projects are read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._db.execute(
            "create table events (project integer, rank integer, number integer, who text, "
            "event text, data blob, primary key (project, rank, number, who)) without rowid"
        )

    def add(self, project: int, events: Iterable[Event]) -> None:
        """Events of the ``project``-th project."""
        rows = ((project, *place_of(one), one.event, msgspec.json.encode(one.data)) for one in events)
        self._db.executemany("insert or replace into events values (?, ?, ?, ?, ?, ?)", rows)

    def settle(self) -> None:
        """Everything was read: what was found on another example has not vanished."""
        self._db.execute(
            f"delete from events where rank in ({', '.join(map(str, sorted(VANISHED)))}) and exists ("  # noqa: S608
            "select 1 from events seen where seen.project = events.project "
            "and seen.rank = events.rank - 1 and seen.number = events.number)"
        )

    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        return dict(self._db.execute("select event, count(*) from events group by event order by event"))

    def events(self) -> Iterator[Event]:
        """All of them."""
        for name, data in self._db.execute(
            "select event, data from events order by project, rank, number, who"
        ):
            yield Event(name, msgspec.json.decode(data))


@contextmanager
def temporary_tables() -> Iterator[sqlite3.Connection]:
    """A private database that is gone afterwards; small ones never reach the disk.

    Raises StorageFailure for whatever goes wrong with it.
    """
    connection = sqlite3.connect("", isolation_level=None)
    try:
        connection.execute("pragma synchronous = off")
        connection.execute("begin")
        yield connection
    except sqlite3.Error as error:
        raise StorageFailure(
            f"the temporary folder cannot take what was read: {error}",
            hint="free some space there, or point TMPDIR elsewhere, and run the same command again",
        ) from error
    finally:
        connection.close()
