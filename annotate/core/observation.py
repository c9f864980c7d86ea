"""What one reading of a project saw, and how it differs from what the ledger knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from annotate.core.ledger import Event, record_of
from annotate.core.offsets import code_points
from annotate.core.sketch import text_sha256
from annotate.core.state import CommentSeen, LabelSeen, RelationSeen, State


@dataclass(frozen=True, slots=True)
class ObservedLabel:
    """A span label; passage offsets in code points beside the server's UTF-16 ones."""

    project: str
    example: int
    label_id: int
    label: str
    start: int
    end: int
    utf16_start: int
    utf16_end: int
    user: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class ObservedRelation:
    """A relation between two labels."""

    project: str
    example: int
    relation_id: int
    relation: str
    from_label: int
    to_label: int
    user: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class ObservedConfirmation:
    """A person's confirmation of an example."""

    project: str
    example: int
    user: str
    confirmed_at: str


@dataclass(frozen=True, slots=True)
class ObservedComment:
    """A person's remark on an example."""

    project: str
    example: int
    comment_id: int
    user: str
    text: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Observation:
    """Some examples of a project as they were read: their texts by id, and everything on them.

    ``gone`` are examples that were looked for and are not there. What the ledger knows of any other
    example still holds.
    """

    project: str
    texts: dict[int, str]
    looked_at: frozenset[int]
    labels: tuple[ObservedLabel, ...]
    relations: tuple[ObservedRelation, ...]
    confirmations: tuple[ObservedConfirmation, ...]
    comments: tuple[ObservedComment, ...]
    gone: frozenset[int] = frozenset()


def changes(state: State, seen: Observation) -> list[Event]:
    """Ledger events for everything that the observation adds to the state, in a fixed order.

    The state holds at least the examples that were observed, and those on which the ledger has the
    things that were observed. Only examples that push recorded count; what stands on others is not part
    of the study. What stood on an example that is gone keeps its last state: nobody decided anything
    about it.
    """
    return [
        *_passage_changes(state, seen),
        *_label_changes(state, seen),
        *_relation_changes(state, seen),
        *_confirmation_changes(state, seen),
        *_comment_changes(state, seen),
    ]


def _known(state: State, seen: Observation, example: int) -> bool:
    return (seen.project, example) in state.passages


def _passage_changes(state: State, seen: Observation) -> Iterator[Event]:
    project = seen.project
    for example in sorted(seen.looked_at | seen.gone):
        pushed = state.passages.get((project, example))
        if pushed is None:
            continue
        if example in seen.gone:
            if not pushed.vanished_in:
                yield Event("passage_vanished", {"project": project, "example": example})
            continue
        text = seen.texts[example]
        digest = text_sha256(text)
        # One that was gone and is there again (a restored backup) is told in the same way.
        if pushed.vanished_in or digest != (pushed.edited_sha256 or pushed.text_sha256):
            yield Event("passage_edited", {"project": project, "example": example, "text_sha256": digest})


def _label_changes(state: State, seen: Observation) -> Iterator[Event]:
    found = {
        one.label_id: record_of(_on_our_text(state, seen, one))
        for one in seen.labels
        if _known(state, seen, one.example)
    }
    return _differences("label", seen, found, state.labels)


def _on_our_text(state: State, seen: Observation, label: ObservedLabel) -> ObservedLabel:
    """The label with code points of the passage that was pushed, whatever its text on the server is now.

    A label does not change because somebody edited the text below it.
    """
    text = state.passages[label.project, label.example].passage.text
    if seen.texts.get(label.example) == text:
        return label
    start, end = code_points(text, label.utf16_start, label.utf16_end)
    return replace(label, start=start, end=end)


def _relation_changes(state: State, seen: Observation) -> Iterator[Event]:
    found = {one.relation_id: record_of(one) for one in seen.relations if _known(state, seen, one.example)}
    return _differences("relation", seen, found, state.relations)


def _comment_changes(state: State, seen: Observation) -> Iterator[Event]:
    found = {one.comment_id: record_of(one) for one in seen.comments if _known(state, seen, one.example)}
    return _differences("comment", seen, found, state.comments)


def _differences(
    what: str,
    seen: Observation,
    found: Mapping[int, dict[str, Any]],
    known: Mapping[tuple[str, int], LabelSeen | RelationSeen | CommentSeen],
) -> Iterator[Event]:
    for number, data in sorted(found.items()):
        before = known.get((seen.project, number))
        if before is None:
            yield Event(f"{what}_appeared", data)
        elif differing := _differing(before, data):
            # Push learns the ids of what it imported, not the server's times: those come later.
            dated = not before.created_at and differing <= {"created_at", "updated_at"}
            yield Event(f"{what}_dated" if dated else f"{what}_changed", data)
    for (project, number), before in sorted(known.items()):
        here = project == seen.project and before.example in seen.looked_at
        if here and not before.vanished_in and number not in found:
            yield Event(f"{what}_vanished", {"project": project, f"{what}_id": number})


def _differing(before: LabelSeen | RelationSeen | CommentSeen, data: Mapping[str, Any]) -> set[str]:
    differing = {name for name, value in data.items() if getattr(before, name) != value}
    return differing | {"vanished_in"} if before.vanished_in else differing


def _confirmation_changes(state: State, seen: Observation) -> Iterator[Event]:
    found = {(one.example, one.user): one for one in seen.confirmations if _known(state, seen, one.example)}
    before = {
        (example, one.user): one
        for (project, example), several in state.confirmations.items()
        if project == seen.project and example in seen.looked_at
        for one in several
    }
    for key in sorted(before.keys() - found.keys()):
        yield Event("unconfirmed", {"project": seen.project, "example": key[0], "user": key[1]})
    for key, one in sorted(found.items()):
        known = before.get(key)
        if known is None or known.confirmed_at != one.confirmed_at:
            yield Event("confirmed", record_of(one))


_ORDER = (
    ("passage_edited", "passage_vanished"),
    ("label_appeared", "label_changed", "label_dated"),
    ("label_vanished",),
    ("relation_appeared", "relation_changed", "relation_dated"),
    ("relation_vanished",),
    ("unconfirmed",),
    ("confirmed",),
    ("comment_appeared", "comment_changed", "comment_dated"),
    ("comment_vanished",),
)
_RANKS = {event: rank for rank, several in enumerate(_ORDER) for event in several}


def place_of(event: Event) -> tuple[int, int, str]:
    """Where an event of ``changes`` belongs among those of its project, however that was read in parts.

    What vanished from one example and was found on another did not vanish: of two events about one
    thing, at ranks r and r + 1 (``VANISHED``), the first counts.
    """
    what = event.event.partition("_")[0]
    number = event.data.get(f"{what}_id", event.data.get("example"))
    return (
        _RANKS[event.event],
        int(str(number)),
        str(event.data.get("user", "")) if what.endswith("confirmed") else "",
    )


VANISHED = frozenset(_RANKS[f"{what}_vanished"] for what in ("label", "relation", "comment"))
"""Ranks of events that say that a thing is gone; what was seen of the same kind is one rank before."""
