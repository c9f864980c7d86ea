"""The tables of the index: what the ledger says of each example, in one SQLite file.

One row an example holds everything about it, packed; a digest beside it says whether something
happened since; ``homes`` says on which example a label, relation or comment stands.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from annotate.core.ledger import Head, Line
from annotate.core.parts import KINDS, ExampleState, example_of, example_states, put_back, thing_of
from annotate.core.sketch import known_digest
from annotate.core.state import Key, Project, State, fold

FORMAT = "3"
"""Raised whenever the meaning of a row changes: an index of another format is made anew."""

_SCHEMA = """
create table meta (name text primary key, value blob) without rowid;
create table files (number integer primary key, sha256 text, transaction_name text, seq integer, hash text);
create table projects (number integer primary key, key text unique);
create table examples (
    project integer, example integer, passage text, digest blob, primary key (project, example)
) without rowid;
create table shares (project integer, example integer, share blob, unique (project, example));
create table homes (
    project integer, kind integer, id integer, example integer, primary key (project, kind, id)
) without rowid;
"""

_KINDS = {kind: number for number, kind in enumerate(KINDS)}
_SOME = 500
"""Examples asked for in one statement."""


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """A ledger file that is in the index: what its bytes were and where the chain stood after it."""

    number: int
    sha256: str
    transaction: str
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class _Study:
    """What is not by example; small, and kept in one piece."""

    projects: dict[str, Project]
    pulls: tuple[str, ...]


class Tables:
    """An open index file. Raises sqlite3.Error, and ValueError for what it cannot unpack."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._numbers: dict[str, int] = {}
        self._study = _Study({}, ())
        self._unpack = msgspec.msgpack.Decoder(ExampleState)

    def is_usable(self) -> bool:
        """Whether the file has our tables in our format; then it is loaded."""
        try:
            found = dict(self._db.execute("select name, value from meta"))
            if found.get("format") != FORMAT:
                return False
            self._study = msgspec.msgpack.decode(found["study"], type=_Study)
            self._numbers = {key: number for number, key in self._db.execute("select * from projects")}
        except (sqlite3.Error, KeyError, TypeError, msgspec.MsgspecError):
            return False
        return True

    def clear(self) -> None:
        """Empty tables of our format, whatever was there."""
        names = [name for (name,) in self._db.execute("select name from sqlite_master where type = 'table'")]
        for name in names:
            self._db.execute(f'drop table "{name}"')
        for statement in _SCHEMA.split(";"):
            self._db.execute(statement)
        self._numbers, self._study = {}, _Study({}, ())
        self._db.execute("insert into meta values ('format', ?)", (FORMAT,))
        self._put_study()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside, or nothing of it."""
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("rollback")
            self.is_usable()
            raise
        self._db.execute("commit")

    # --- reading ------------------------------------------------------------------------------------------

    def files(self) -> list[IndexedFile]:
        """The ledger files that are in here, in order."""
        return [IndexedFile(*row) for row in self._db.execute("select * from files order by number")]

    def head(self) -> Head:
        """The end of the chain that is in here."""
        row = self._db.execute("select seq, hash from files order by number desc limit 1").fetchone()
        return Head(*row) if row else Head()

    @property
    def projects(self) -> dict[str, Project]:
        """Every project by its key."""
        return self._study.projects

    @property
    def pulls(self) -> tuple[str, ...]:
        """Every pull so far."""
        return self._study.pulls

    def keys(self) -> list[Key]:
        """Every example that the ledger speaks of."""
        names = {number: key for key, number in self._numbers.items()}
        rows = self._db.execute("select project, example from examples order by project, example")
        return [(names[number], example) for number, example in rows]

    def known(self, project: str) -> Iterator[tuple[int, str, bytes]]:
        """(example, passage id, digest) of each example of a project that was pushed, by example."""
        yield from self._db.execute(
            "select example, passage, digest from examples "
            "where project = ? and passage is not null order by example",
            (self._numbers.get(project, 0),),
        )

    def count(self, project: str) -> int:
        """How many examples of a project were pushed."""
        sql = "select count(*) from examples where project = ? and passage is not null"
        return int(self._db.execute(sql, (self._numbers.get(project, 0),)).fetchone()[0])

    def home(self, kind: str, project: str, number: int) -> Key | None:
        """The example that a thing stands on."""
        row = self._db.execute(
            "select example from homes where project = ? and kind = ? and id = ?",
            (self._numbers.get(project, 0), _KINDS[kind], number),
        ).fetchone()
        return (project, row[0]) if row else None

    def load(self, examples: Iterable[Key]) -> State:
        """A state of these examples alone, beside all projects and pulls."""
        state = State(head=self.head(), projects=dict(self.projects), pulls=self.pulls)
        by_project: dict[str, list[int]] = {}
        for project, example in examples:
            by_project.setdefault(project, []).append(example)
        for project, several in by_project.items():
            for example, share in self._shares(project, several):
                put_back(state, (project, example), share)
        return state

    def _shares(self, project: str, examples: Sequence[int]) -> Iterator[tuple[int, ExampleState]]:
        number = self._numbers.get(project, 0)
        for at in range(0, len(examples), _SOME):
            some = examples[at : at + _SOME]
            marks = ", ".join("?" * len(some))
            for example, packed in self._db.execute(
                f"select example, share from shares where project = ? and example in ({marks})",  # noqa: S608
                (number, *some),
            ):
                yield example, self._unpack.decode(zlib.decompress(packed))

    # --- writing ------------------------------------------------------------------------------------------

    def take(self, lines: Sequence[Line]) -> None:
        """Fold lines into the examples that they speak of."""
        concerned = self._concerned(lines)
        state = fold(lines, self.load(sorted(concerned)))
        self._put(example_states(state, sorted(concerned)))
        if state.projects != self.projects or state.pulls != self.pulls:
            self._study = _Study(state.projects, state.pulls)
            self._put_study()

    def add_file(self, file: IndexedFile) -> None:
        """Note that all lines of a ledger file are in here."""
        row = (file.number, file.sha256, file.transaction, file.seq, file.hash)
        self._db.execute("insert into files values (?, ?, ?, ?, ?)", row)

    def _concerned(self, lines: Sequence[Line]) -> set[Key]:
        found: set[Key] = set()
        for line in lines:
            named = example_of(line)
            if named:
                found.add(named)
            thing = thing_of(line)
            # A line may tell of a thing without its place, or of one that stood somewhere else.
            home = self.home(*thing) if thing else None
            if home:
                found.add(home)
        return found

    def _put(self, shares: Mapping[Key, ExampleState]) -> None:
        examples, packed, homes = [], [], []
        for (project, example), share in shares.items():
            number = self._number(project)
            passage = share.pushed.passage.passage_id if share.pushed else None
            examples.append((number, example, passage, known_digest(share)))
            packed.append((number, example, zlib.compress(msgspec.msgpack.encode(share), 1)))
            for kind, name in KINDS.items():
                homes += [(number, _KINDS[kind], getattr(one, name), example) for one in getattr(share, kind)]
        self._db.executemany("insert or replace into examples values (?, ?, ?, ?)", examples)
        self._db.executemany(
            "insert into shares values (?, ?, ?) "
            "on conflict (project, example) do update set share = excluded.share",
            packed,
        )
        self._db.executemany("insert or replace into homes values (?, ?, ?, ?)", homes)

    def _number(self, project: str) -> int:
        if project not in self._numbers:
            self._numbers[project] = len(self._numbers) + 1
            self._db.execute("insert into projects values (?, ?)", (self._numbers[project], project))
        return self._numbers[project]

    def _put_study(self) -> None:
        packed = msgspec.msgpack.encode(self._study)
        self._db.execute("insert or replace into meta values ('study', ?)", (packed,))
