"""corpus/.state/index.sqlite3: the state of the ledger on disk, so that no command need replay it all.

The ledger stays the truth and the index can be deleted at any time. It names the ledger files that
are in it by the SHA-256 of their bytes: at each use every file is hashed again, so that an edited
ledger is noticed as surely as if its chain were checked. Files that came later are checked and
folded in. An index that is missing, damaged, of another format, or of another history is made anew.

Only the holder of the study's lock writes the shared file; a command without it that finds the
index behind works on a private copy.
"""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import msgspec

from annotate.core.errors import IntegrityFailure, StorageFailure
from annotate.core.ledger import Event, Head
from annotate.core.state import Key, Project, State
from annotate.store.files import storage_errors
from annotate.store.index_tables import IndexedFile, Tables
from annotate.store.ledger import (
    BrokenTransaction,
    Transaction,
    commit,
    head_faults,
    ledger_files,
    read_ledger,
    read_transaction,
)
from annotate.store.study import Study

NAME = "index.sqlite3"
_DAMAGE = (sqlite3.Error, zlib.error, msgspec.MsgspecError)


class Index:
    """What the ledger says is true now, example by example. Ids are the server's.

    It has what is by project and by example, nothing else: labels of other tools (``annotate import``) are
    not in it. Who needs those folds the ledger.
    """

    def __init__(self, study: Study, tables: Tables) -> None:
        self._study = study
        self._tables = tables
        self._head = tables.head()

    @property
    def head(self) -> Head:
        """The end of the ledger's chain."""
        return self._head

    @property
    def projects(self) -> dict[str, Project]:
        """Every project that was pushed, by its key."""
        return self._tables.projects

    @property
    def pulls(self) -> tuple[str, ...]:
        """Every pull, oldest first."""
        return self._tables.pulls

    def known(self, project: str) -> Iterator[tuple[int, str, bytes]]:
        """(example, passage id, digest) of each example pushed to a project, by example.

        The digest is that of ``annotate.core.sketch.known_digest``.
        """
        with self._damage_named():
            yield from self._tables.known(project)

    def count(self, project: str) -> int:
        """How many examples were pushed to a project."""
        with self._damage_named():
            return self._tables.count(project)

    def part(
        self,
        project: str,
        examples: Iterable[int],
        *,
        labels: Iterable[int] = (),
        relations: Iterable[int] = (),
        comments: Iterable[int] = (),
    ) -> State:
        """A state of some examples of a project, and of those that the things with these ids stand on.

        ``projects``, ``pulls`` and ``head`` are those of the whole ledger.
        """
        keys: set[Key] = {(project, example) for example in examples}
        with self._damage_named():
            for kind, ids in (("labels", labels), ("relations", relations), ("comments", comments)):
                keys.update(home for one in ids if (home := self._tables.home(kind, project, one)))
            return self._tables.load(sorted(keys))

    def state(self) -> State:
        """Everything, in memory: for studies and commands where that is little. Without imports."""
        with self._damage_named():
            return self._tables.load(self._tables.keys())

    def append(self, verb: str, events: Iterable[Event], *, at: str | None = None) -> Transaction:
        """Commit one transaction to the ledger, then fold it in. The caller holds the study's lock.

        ``events`` may be larger than memory. Raises StorageFailure.
        """
        done = commit(self._study, verb, events, after=self._head, at=at)
        self._head = done.head
        try:
            with self._tables.transaction():
                _take_file(self._study, self._tables, done.number, known=done.sha256)
        except _DAMAGE as error:
            raise StorageFailure(
                f"the ledger was written, the index beside it was not: {error}",
                hint="if the disk is full, free some space; then run the same command again",
            ) from error
        return done

    @contextmanager
    def _damage_named(self) -> Iterator[None]:
        try:
            yield
        except _DAMAGE as error:
            path = self._study.state_dir / NAME
            raise StorageFailure(
                f"the index of the ledger, {self._study.shown(path)}, is damaged: {error}",
                hint="delete it and run the same command again: it is made anew from the ledger",
            ) from error


@contextmanager
def open_index(study: Study, *, writing: bool = False) -> Iterator[Index]:
    """The index of a study, brought up to its ledger. ``writing``: the caller holds the study's lock.

    Without it the index stays what it was; be done quickly, a writer waits meanwhile.

    Raises IntegrityFailure that names every break of the ledger, StorageFailure.
    """
    shared = study.state_dir / NAME
    with ExitStack() as stack:
        tables = None
        if writing:
            tables = _shared(stack, study, shared)
        elif shared.is_file():
            tables = _as_it_is(stack, study, shared)
        tables = tables or _private(stack, study, shared)
        yield Index(study, tables)


def read_state(study: Study) -> State:
    """What the ledger says is true now, all of it in memory. Raises IntegrityFailure, StorageFailure."""
    with open_index(study) as index:
        return index.state()


def _shared(stack: ExitStack, study: Study, path: Path) -> Tables | None:
    """The study's own index, up to date; None where it cannot be written."""
    with storage_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    for attempt in ("as it is", "made anew"):
        if attempt == "made anew":
            _remove(path)
        with ExitStack() as opened:
            try:
                tables = Tables(opened.enter_context(_connected(path)))
                with tables.transaction():
                    _bring_up(study, tables)
            except _DAMAGE:
                continue  # not a database, damaged, or a full disk: then a private one is tried
            stack.push(opened.pop_all())
            return tables
    return None


def _as_it_is(stack: ExitStack, study: Study, path: Path) -> Tables | None:
    """The shared index if it needs nothing; one reading transaction, so that it stays what it is."""
    with ExitStack() as opened:
        try:
            connection = opened.enter_context(_connected(path, readonly=True))
            connection.execute("begin")
            tables = Tables(connection)
            if tables.is_usable() and _missing(study, tables) == 0 and not _faults(study, tables):
                stack.push(opened.pop_all())
                return tables
        except sqlite3.Error:
            pass
    return None


def _private(stack: ExitStack, study: Study, shared: Path) -> Tables:
    """A copy of one's own, gone afterwards."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="annotate-index-"))
    connection = stack.enter_context(_connected(Path(folder) / NAME))
    connection.execute("pragma synchronous = off")
    if shared.is_file():
        with suppress(sqlite3.Error), _connected(shared, readonly=True) as source:
            source.backup(connection)
    tables = Tables(connection)
    try:
        with tables.transaction():
            _bring_up(study, tables)
    except sqlite3.Error as error:
        raise StorageFailure(
            f"the index of the ledger cannot be written to {folder}: {error}",
            hint="free some space there, or point TMPDIR elsewhere, and run the same command again",
        ) from error
    return tables


def _bring_up(study: Study, tables: Tables) -> None:
    """Fold in what the ledger has more; begin anew where it is not what the index was made from."""
    if not tables.is_usable() or _missing(study, tables) is None:
        tables.clear()
    try:
        for number in range(len(tables.files()) + 1, len(ledger_files(study)) + 1):
            _take_file(study, tables, number)
        broken = _faults(study, tables)
    except BrokenTransaction:
        broken = True
    if broken:
        read_ledger(study)  # names every break
        raise IntegrityFailure(
            "the ledger changed while it was read", hint="run the same command again when nothing else writes"
        )


def _missing(study: Study, tables: Tables) -> int | None:
    """How many files the ledger has more than the index; None where the others are not the same."""
    paths = ledger_files(study)
    files = tables.files()
    if len(files) > len(paths):
        return None
    for number, path in enumerate(paths, 1):
        if path.name != f"{number:06d}.jsonl":
            read_ledger(study)
            return None
        if number <= len(files) and _sha256(path) != files[number - 1].sha256:
            return None
    return len(paths) - len(files)


def _faults(study: Study, tables: Tables) -> bool:
    return any(head_faults(study, tables.files()))


def _take_file(study: Study, tables: Tables, number: int, *, known: str | None = None) -> None:
    """Fold in one ledger file, its chain checked; ``known`` is the SHA-256 of bytes just written by us."""
    read = read_transaction(study, number, tables.head(), known=known)
    for lines in read:
        tables.take(lines)
    tables.add_file(IndexedFile(number, read.sha256, read.name, read.head.seq, read.head.hash))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remove(path: Path) -> None:
    for one in (path, path.with_name(f"{path.name}-journal")):
        with suppress(OSError):
            one.unlink(missing_ok=True)


@contextmanager
def _connected(path: Path, *, readonly: bool = False) -> Iterator[sqlite3.Connection]:
    # A rollback journal, not a write-ahead log: studies lie on network file systems, too.
    uri = f"{path.resolve().as_uri()}{'?mode=ro' if readonly else ''}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=30)
    try:
        connection.execute("pragma cache_size = -16000")
        yield connection
    finally:
        connection.close()
