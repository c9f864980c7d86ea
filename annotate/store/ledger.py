"""corpus/ledger: one file a transaction, appeared by one rename, chained to the one before.

``HEAD`` repeats the end of the chain, so that a last file that was cut off or deleted is noticed.
A crash between the rename and ``HEAD`` leaves a complete file behind HEAD, which is then followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from annotate.core.errors import IntegrityFailure, Problem
from annotate.core.ledger import Event, Head, Line, chain, chain_faults, head_of
from annotate.core.state import State, fold
from annotate.store.files import replace_file
from annotate.store.jsonl import encode_lines, encode_pretty
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


def read_state(study: Study) -> State:
    """What the ledger says is true now: checked as ``read_ledger`` does, but never all in memory.

    Raises IntegrityFailure that names every break.
    """
    state = State()
    ends: list[Line] = []
    for number, path in enumerate(ledger_files(study), 1):
        found, faults = _read_file(study, path)
        lines = [one.line for one in found]
        if faults or path.name != f"{number:06d}.jsonl" or chain_faults(lines, state.head):
            break
        fold(lines, state)
        ends.append(lines[-1])
    else:
        if not any(_head_faults(study, ends)):
            return state
    return fold(read_ledger(study))


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
    problems.extend(_head_faults(study, [one.line for one in found]))
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


def _head_faults(study: Study, lines: Sequence[Line]) -> Iterator[Problem]:
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
    number = len(ledger_files(study)) + 1
    transaction = f"{verb}-{number:06d}"
    _catch_up(study, head)
    begin = Event("begin", {"verb": verb})
    end = Event("end", {"events": len(events)})
    placed = chain([begin, *events, end], head, transaction=transaction, at=at or utc_now())
    replace_file(study.ledger_dir / f"{number:06d}.jsonl", encode_lines(placed))
    replace_file(study.ledger_dir / "HEAD", encode_pretty(head_of(placed)))
    return placed


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
