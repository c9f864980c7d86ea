"""Relations between the rows that something outside sends.

A row may have a name of its own (``key``), and others of the same passage may point to it (``relations``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from annotate.core.ids import content_id
from annotate.core.model import SuggestedRelation, Suggestion

FIELDS: Final = ("relation", "to", "score", "note")
Allows = Callable[[str, str, str], bool]
"""Whether a relation may go from one label to another."""


@dataclass(frozen=True, slots=True)
class Told:
    """A row that was taken: where it stands (line of a file, number in an answer), and what it became."""

    place: int
    row: Mapping[str, Any]
    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the relations of a row."""

    place: int
    what: str


def related(told: Sequence[Told], allows: Allows) -> tuple[tuple[SuggestedRelation, ...], tuple[Fault, ...]]:
    """The relations between the rows of one passage, in order, and those that cannot be taken."""
    keys: dict[str, Suggestion] = {}
    faults: list[Fault] = []
    for one in told:
        key = one.row.get("key")
        if key is not None and keys.setdefault(key, one.suggestion) != one.suggestion:
            faults.append(Fault(one.place, f"two rows of the passage have the key {_short(key)}"))
    found: dict[str, SuggestedRelation] = {}
    for one in told:
        for wanted in one.row.get("relations") or ():
            made = _relation(one.suggestion, wanted, keys, allows)
            if isinstance(made, str):
                faults.append(Fault(one.place, made))
            else:
                found.setdefault(made.relation_id, made)
    ordered = sorted(found.values(), key=lambda one: (one.relation, one.from_id, one.to_id))
    return tuple(ordered), tuple(faults)


def relation_faults(row: Mapping[str, Any]) -> Iterator[str]:
    """What of ``key`` and ``relations`` is no such thing at all. The row may hold anything."""
    key, relations = row.get("key"), row.get("relations")
    if key is not None and (not isinstance(key, str) or not 0 < len(key) <= 100):
        yield "key is no text of 1 to 100 characters"
    if relations is None:
        return
    if not isinstance(relations, list) or not all(isinstance(one, dict) for one in relations):
        yield "relations is no list of objects"
        return
    for one in relations:
        odd = sorted(_short(name) for name in one.keys() - set(FIELDS))
        if odd:
            yield f"a relation has an unknown field {', '.join(odd[:5])}"
        if not isinstance(one.get("relation"), str) or not isinstance(one.get("to"), str):
            yield "a relation needs `relation` (its name) and `to` (the key of a row)"
        yield from _value_faults(one)


def _value_faults(relation: Mapping[str, Any]) -> Iterator[str]:
    score, note = relation.get("score"), relation.get("note")
    number = isinstance(score, int | float) and not isinstance(score, bool)
    if score is not None and not (number and 0 <= score <= 1):
        yield "the score of a relation is no number from 0 to 1"
    if note is not None and (not isinstance(note, str) or len(note) > 2000 or _is_broken(note)):
        yield "the note of a relation is no text of at most 2000 characters"


def _relation(
    tail: Suggestion, wanted: Mapping[str, Any], keys: Mapping[str, Suggestion], allows: Allows
) -> SuggestedRelation | str:
    name, head = wanted["relation"], keys.get(wanted["to"])
    if head is None:
        return f"no row of the passage has the key {_short(wanted['to'])}"
    if not allows(name, tail.label, head.label):
        return f"the scheme has no relation {_short(name)} from {tail.label} to {head.label}"
    score = wanted.get("score")
    return SuggestedRelation(
        relation_id=content_id("rel", [name, tail.suggestion_id, head.suggestion_id]),
        run_id="",
        passage_id=tail.passage_id,
        relation=name,
        from_id=tail.suggestion_id,
        to_id=head.suggestion_id,
        score=None if score is None else round(float(score), 6),
        note=wanted.get("note") or "",
    )


def _is_broken(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def _short(text: str) -> str:
    one = " ".join(text.split()).encode("ascii", "backslashreplace").decode("ascii")
    return repr(one if len(one) <= 60 else one[:57] + "...")
