"""The ledger: an append-only, hash-chained history of what was pushed and what was seen.

One transaction is one file of lines; each line carries the hash of the one before, so a changed,
dropped or reordered line is found. ``annotate.core.state`` folds the lines into the state of a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from annotate.core.ids import canonical_json, sha256_hex

GENESIS = "0" * 64
"""What the first line of a ledger names as the hash before it."""

EVENTS: frozenset[str] = frozenset(
    {
        "begin",
        "end",
        # push
        "project_opened",
        "scheme_pushed",
        "queue_planned",
        "passage_pushed",
        "suggestion_placed",
        "relation_placed",
        # pull
        "label_appeared",
        "label_dated",
        "label_changed",
        "label_vanished",
        "relation_appeared",
        "relation_dated",
        "relation_changed",
        "relation_vanished",
        "confirmed",
        "unconfirmed",
        "comment_appeared",
        "comment_changed",
        "comment_vanished",
        "passage_edited",
        "passage_vanished",
        "pulled",
        # import
        "labels_imported",
        "label_imported",
        "relation_imported",
        # adjudicate
        "passage_decided",
        "imported_label_vanished",
        "imported_relation_vanished",
        # restore: each follows the event that says what is there now
        "label_restored",
        "relation_restored",
        "passage_restored",
        "confirmation_restored",
    }
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, before it has a place in the chain. ``data`` is plain JSON."""

    event: str
    data: dict[str, Any]


def record_of(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass of ours
    """The fields of a dataclass with slots and plain values: what an event's data is made of.

    ``dataclasses.asdict`` copies every value, which is half the time of recording a push.
    """
    return {name: getattr(value, name) for name in value.__slots__}


@dataclass(frozen=True, slots=True)
class Line:
    """One event at its place: sequence number from 1, transaction, recorded time, chain hashes."""

    seq: int
    transaction: str
    at: str
    event: str
    data: dict[str, Any]
    prev: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: the last sequence number and its hash."""

    seq: int = 0
    hash: str = GENESIS


def line_hash(*, seq: int, transaction: str, at: str, event: str, data: dict[str, Any], prev: str) -> str:
    """SHA-256 over the canonical JSON of a line without its own hash."""
    return sha256_hex(canonical_json([seq, transaction, at, event, data, prev]))


def chain(events: Iterable[Event], head: Head, *, transaction: str, at: str) -> tuple[Line, ...]:
    """Place events behind ``head``; ``at`` is the recorded time (RFC 3339 UTC)."""
    return tuple(chained(events, head, transaction=transaction, at=at))


def chained(events: Iterable[Event], head: Head, *, transaction: str, at: str) -> Iterator[Line]:
    """``chain``, one line after the other: a transaction may be larger than memory."""
    seq, prev = head.seq, head.hash
    for event in events:
        if event.event not in EVENTS:
            raise ValueError(f"unknown ledger event {event.event!r}")
        seq += 1
        digest = line_hash(
            seq=seq, transaction=transaction, at=at, event=event.event, data=event.data, prev=prev
        )
        yield Line(seq, transaction, at, event.event, event.data, prev, digest)
        prev = digest


def head_of(lines: Sequence[Line], start: Head | None = None) -> Head:
    """The head after these lines."""
    return Head(lines[-1].seq, lines[-1].hash) if lines else start or Head()


def chain_faults(lines: Iterable[Line], start: Head | None = None) -> list[tuple[int, str]]:
    """Every break of the chain as (index of the line, what is wrong). Empty when it holds."""
    faults: list[tuple[int, str]] = []
    before = start or Head()
    for index, line in enumerate(lines):
        if line.seq != before.seq + 1:
            faults.append((index, f"sequence number {line.seq} follows {before.seq}"))
        if line.prev != before.hash:
            faults.append((index, "does not follow the line before it: a line was changed, dropped or added"))
        expected = line_hash(
            seq=line.seq,
            transaction=line.transaction,
            at=line.at,
            event=line.event,
            data=line.data,
            prev=line.prev,
        )
        if line.hash != expected:
            faults.append((index, "its content does not match its hash: the line was edited"))
        if line.event not in EVENTS:
            faults.append((index, f"unknown event {line.event!r}"))
        before = Head(line.seq, line.hash)
    return faults
