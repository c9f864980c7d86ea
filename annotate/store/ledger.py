"""corpus/ledger: one file a transaction, appeared by one rename, chained to the one before.

``HEAD`` repeats the end of the chain, so that a last file that was cut off or deleted is noticed.
A crash between the rename and ``HEAD`` leaves a complete file behind HEAD, which is then followed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec

from annotate.core.errors import IntegrityFailure, Problem
from annotate.core.ledger import Event, Head, Line, chain_faults, chained, head_of
from annotate.store.files import replace_file
from annotate.store.jsonl import encode_line, encode_pretty
from annotate.store.study import Study

_NAME = re.compile(r"(\d{6})\.jsonl\Z")


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A line with the file and line number it was read from."""

    file: str
    number: int
    line: Line


def ledger_files(study: Study) -> list[Path]:
    """The transaction files in order."""
    if not study.ledger_dir.is_dir():
        return []
    return sorted(path for path in study.ledger_dir.iterdir() if _NAME.match(path.name))


def read_ledger(study: Study) -> tuple[Line, ...]:
    """All lines, the chain checked. Raises IntegrityFailure that names every break."""
    found, problems = check_ledger(study)
    if problems:
        raise IntegrityFailure(
            f"the ledger does not hold: {len(problems)} break(s)",
            hint="restore corpus/ledger from your version control or backup; do not edit it",
            problems=problems,
        )
    return tuple(one.line for one in found)


def check_ledger(study: Study) -> tuple[tuple[LedgerLine, ...], tuple[Problem, ...]]:
    """Every line that can be read, and every fault of files, lines, chain and HEAD."""
    found: list[LedgerLine] = []
    problems: list[Problem] = []
    for number, path in enumerate(ledger_files(study), 1):
        if path.name != f"{number:06d}.jsonl":
            problems.append(
                Problem(study.shown(path), 0, f"expected {number:06d}.jsonl here: a file is missing")
            )
        lines, faults = _read_file(study, path)
        found.extend(lines)
        problems.extend(faults)
    for index, what in chain_faults(one.line for one in found):
        problems.append(Problem(found[index].file, found[index].number, what))
    problems.extend(head_faults(study, [one.line for one in found]))
    return tuple(found), tuple(problems)


def _read_file(study: Study, path: Path) -> tuple[list[LedgerLine], list[Problem]]:
    shown = study.shown(path)
    found: list[LedgerLine] = []
    problems: list[Problem] = []
    decoder = msgspec.json.Decoder(Line)
    for number, raw in enumerate(path.read_bytes().split(b"\n"), 1):
        if not raw:
            continue
        try:
            found.append(LedgerLine(shown, number, decoder.decode(raw)))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            problems.append(Problem(shown, number, f"not a ledger line: {error}"))
    events = [one.line.event for one in found]
    if not problems and (not events or events[0] != "begin" or events[-1] != "end"):
        problems.append(
            Problem(shown, len(events), "the transaction is not whole: it must run from begin to end")
        )
    return found, problems


class BrokenTransaction(Exception):
    """A ledger file does not hold; ``read_ledger`` says where."""


class TransactionReader:
    """The lines of one ledger file in chunks, the chain checked as they come.

    ``head``, ``name`` and ``sha256`` stand when it was read to its end. Raises BrokenTransaction.
    """

    def __init__(self, path: Path, head: Head, known: str | None) -> None:
        self._path = path
        self._known = known
        self.head = head
        self.name = ""
        self.sha256 = ""

    def __iter__(self) -> Iterator[list[Line]]:
        digest = hashlib.sha256()
        decoder = msgspec.json.Decoder(Line)
        first, last = "", ""
        with self._path.open("rb") as file:
            while raw := file.readlines(CHUNK_BYTES):
                digest.update(b"".join(raw))
                try:
                    lines = [decoder.decode(one) for one in raw if one != b"\n"]
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    raise BrokenTransaction from error
                if not lines:
                    continue
                if self._known is None and chain_faults(lines, self.head):
                    raise BrokenTransaction
                first, last = first or lines[0].event, lines[-1].event
                self.head, self.name = Head(lines[-1].seq, lines[-1].hash), lines[-1].transaction
                yield lines
        self.sha256 = digest.hexdigest()
        if (first, last) != ("begin", "end") or (self._known or self.sha256) != self.sha256:
            raise BrokenTransaction


CHUNK_BYTES = 2 * 1024 * 1024


def read_transaction(study: Study, number: int, head: Head, *, known: str | None = None) -> TransactionReader:
    """Ledger file ``number``, which follows ``head``. ``known``: SHA-256 of a file whose chain holds."""
    return TransactionReader(study.ledger_dir / f"{number:06d}.jsonl", head, known)


class End(Protocol):
    """A line, or as much of one as HEAD is compared with."""

    @property
    def seq(self) -> int:
        """Its number."""

    @property
    def hash(self) -> str:
        """Its hash."""

    @property
    def transaction(self) -> str:
        """The transaction it belongs to."""


def head_faults(study: Study, lines: Sequence[End]) -> Iterator[Problem]:
    """How HEAD contradicts these lines; the last line of each transaction is enough."""
    path = study.ledger_dir / "HEAD"
    shown = study.shown(path)
    if not path.is_file():
        if lines and lines[-1].transaction != lines[0].transaction:
            yield Problem(shown, 0, "HEAD is missing")
        return
    try:
        head = msgspec.json.decode(path.read_bytes(), type=Head)
    except msgspec.DecodeError as error:
        yield Problem(shown, 0, f"HEAD is damaged: {error}")
        return
    if head.seq == 0 and not lines:
        return
    named = next((line for line in lines if line.seq == head.seq), None)
    if named is None:
        yield Problem(
            shown, 0, f"HEAD names line {head.seq}, which is not there: lines are missing at the end"
        )
    elif named.hash != head.hash:
        yield Problem(shown, 0, f"HEAD and line {head.seq} have different hashes")
    elif len({line.transaction for line in lines if line.seq > head.seq}) > 1:
        yield Problem(shown, 0, "more than one transaction follows HEAD")


def append(
    study: Study, verb: str, events: Sequence[Event], *, after: Head | None = None, at: str | None = None
) -> tuple[Line, ...]:
    """Commit one transaction and return its lines. The caller holds the study's lock.

    ``after`` is the head of the ledger as the caller read it under that lock; without it the whole
    ledger is read and checked first. ``at`` is the recorded time, RFC 3339 UTC; now when not given.
    Raises IntegrityFailure, StorageFailure.
    """
    head = head_of(read_ledger(study)) if after is None else after
    done = commit(study, verb, events, after=head, at=at)
    found, _ = _read_file(study, study.ledger_dir / f"{done.number:06d}.jsonl")
    return tuple(one.line for one in found)


@dataclass(frozen=True, slots=True)
class Transaction:
    """A committed ledger file: its number, SHA-256 of its bytes, and where the chain ends after it."""

    number: int
    name: str
    sha256: str
    head: Head


def commit(
    study: Study, verb: str, events: Iterable[Event], *, after: Head, at: str | None = None
) -> Transaction:
    """Commit one transaction behind ``after``, event by event. The caller holds the study's lock.

    Raises StorageFailure; whatever ``events`` raises leaves the ledger as it was.
    """
    number = len(ledger_files(study)) + 1
    name = f"{verb}-{number:06d}"
    _catch_up(study, after)
    digest, head = hashlib.sha256(), after

    def encoded() -> Iterator[bytes]:
        nonlocal head
        for line in chained(_bracketed(verb, events), after, transaction=name, at=at or utc_now()):
            head = Head(line.seq, line.hash)
            data = encode_line(line)
            digest.update(data)
            yield data

    replace_file(study.ledger_dir / f"{number:06d}.jsonl", encoded())
    replace_file(study.ledger_dir / "HEAD", encode_pretty(head))
    return Transaction(number, name, digest.hexdigest(), head)


def _bracketed(verb: str, events: Iterable[Event]) -> Iterator[Event]:
    yield Event("begin", {"verb": verb})
    count = 0
    for count, event in enumerate(events, 1):  # noqa: B007 - the last one counts
        yield event
    yield Event("end", {"events": count})


def _catch_up(study: Study, head: Head) -> None:
    """Bring HEAD up to the chain when a run died between the two: one transaction may follow it, not two."""
    path = study.ledger_dir / "HEAD"
    wanted = encode_pretty(head)
    if head.seq and not (path.is_file() and path.read_bytes() == wanted):
        replace_file(path, wanted)


def next_transaction(study: Study, verb: str) -> str:
    """The name that the next transaction will have."""
    return f"{verb}-{len(ledger_files(study)) + 1:06d}"


def utc_now() -> str:
    """The time of this moment as the ledger records it: RFC 3339, UTC, whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
