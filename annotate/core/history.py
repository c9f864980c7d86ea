"""Who did what, between which pulls, in words: a pure reading of ledger lines.

The server tells times of labels and confirmations, not of deletions: what a pull noticed happened
after the transaction before it, which is as much as is known and as much as is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from annotate.core.history_told import Subject, Told, Words, looked_before
from annotate.core.history_words import TELLERS
from annotate.core.ledger import Line


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One thing that somebody did.

    ``who`` is an account, an agent, or empty where nobody can tell; ``project`` is whose project it
    happened in. ``happened_at`` is the time the server or file gives, empty where none; ``after`` is the
    transaction before which it had not happened, ``by`` the one that recorded it.
    """

    seq: int
    after: str
    by: str
    recorded_at: str
    happened_at: str
    who: str
    project: str
    what: str
    words: str
    about: Subject


def history(lines: Iterable[Line]) -> Iterator[HistoryEntry]:
    """The entries of a whole ledger, in its order. Words name accounts as the server has them."""
    lines = tuple(lines)
    told = Told(
        frozenset(
            (line.transaction, line.data["project"], line.data["label_id"])
            for line in lines
            if line.event == "suggestion_placed"
        ),
        frozenset(
            (line.transaction, line.data["project"], line.data["relation_id"])
            for line in lines
            if line.event == "relation_placed"
        ),
        frozenset(_restored_keys(lines)),
    )
    for line in lines:
        tell = TELLERS.get(line.event)
        found = tell(told, line, line.data) if tell else None
        if found:
            yield _entry(told, line, found)
        if line.event == "pulled":
            # The last line of a pull: it looked at these projects, also where it found nothing new.
            files = line.data.get("files", {})
            names = {str(name).partition("/")[0] for name in files} & told.users.keys()
            told.pulled.update(dict.fromkeys(names if files else told.users, (line.seq, line.transaction)))


_RESTORED: Final = {
    "label_restored": ("label", "label_id"),
    "relation_restored": ("relation", "relation_id"),
    "passage_restored": ("passage", "example"),
    "confirmation_restored": ("confirmation", "example"),
}


def _restored_keys(lines: Iterable[Line]) -> Iterator[tuple[str, str, str, int]]:
    """(transaction, what, project, id) of everything whose appearance a restore explains."""
    for line in lines:
        if line.event in _RESTORED:
            what, name = _RESTORED[line.event]
            yield line.transaction, what, line.data["project"], line.data[name]


def _entry(told: Told, line: Line, found: Words) -> HistoryEntry:
    who, what, words, when, about = found
    project = line.data.get("project", "")
    return HistoryEntry(
        seq=line.seq,
        after=looked_before(told, line.transaction, line.data),
        by=line.transaction,
        recorded_at=line.at,
        happened_at=when,
        who=who,
        project=told.users.get(project, ("", ""))[0],
        what=what,
        words=words,
        about=about,
    )
