"""One example's share of the state, so that a command need not hold the whole of it.

The fold stays the only definition of what ledger lines mean: what is kept by example is cut out of a
folded state here and put back into one, unchanged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from annotate.core.ledger import Line
from annotate.core.state import (
    CommentSeen,
    Confirmation,
    Key,
    LabelSeen,
    Placed,
    PlacedRelation,
    PushedPassage,
    RelationSeen,
    State,
)

KINDS: dict[str, str] = {
    "placed": "label_id",
    "labels": "label_id",
    "relations": "relation_id",
    "comments": "comment_id",
    "placed_relations": "relation_id",
}
"""Fields of ``State`` that are keyed by an id of their own, with the name of that id in events."""


@dataclass(frozen=True, slots=True)
class ExampleState:
    """What the ledger knows of one example. ``confirmations`` None: nothing was ever said of them."""

    pushed: PushedPassage | None = None
    placed: tuple[Placed, ...] = ()
    labels: tuple[LabelSeen, ...] = ()
    relations: tuple[RelationSeen, ...] = ()
    confirmations: tuple[Confirmation, ...] | None = None
    comments: tuple[CommentSeen, ...] = ()
    placed_relations: tuple[PlacedRelation, ...] = ()


def example_states(state: State, examples: Iterable[Key]) -> dict[Key, ExampleState]:
    """The shares of these examples, keyed by (project, example)."""
    placed: dict[Key, list[Placed]] = defaultdict(list)
    labels: dict[Key, list[LabelSeen]] = defaultdict(list)
    relations: dict[Key, list[RelationSeen]] = defaultdict(list)
    comments: dict[Key, list[CommentSeen]] = defaultdict(list)
    drawn: dict[Key, list[PlacedRelation]] = defaultdict(list)
    for one in state.placed.values():
        placed[one.project, one.example].append(one)
    for label in state.labels.values():
        labels[label.project, label.example].append(label)
    for relation in state.relations.values():
        relations[relation.project, relation.example].append(relation)
    for comment in state.comments.values():
        comments[comment.project, comment.example].append(comment)
    for placed_relation in state.placed_relations.values():
        drawn[placed_relation.project, placed_relation.example].append(placed_relation)
    return {
        key: ExampleState(
            state.passages.get(key),
            tuple(placed.get(key, ())),
            tuple(labels.get(key, ())),
            tuple(relations.get(key, ())),
            state.confirmations.get(key),
            tuple(comments.get(key, ())),
            tuple(drawn.get(key, ())),
        )
        for key in examples
    }


def put_back(state: State, key: Key, share: ExampleState) -> None:
    """Put one example's share into a state."""
    project, _ = key
    if share.pushed is not None:
        state.passages[key] = share.pushed
    if share.confirmations is not None:
        state.confirmations[key] = share.confirmations
    state.placed.update({(project, one.label_id): one for one in share.placed})
    state.labels.update({(project, one.label_id): one for one in share.labels})
    state.relations.update({(project, one.relation_id): one for one in share.relations})
    state.comments.update({(project, one.comment_id): one for one in share.comments})
    state.placed_relations.update({(project, one.relation_id): one for one in share.placed_relations})


def example_of(line: Line) -> Key | None:
    """The example that a line speaks of, where it names one."""
    project, example = line.data.get("project"), line.data.get("example")
    return (project, example) if isinstance(project, str) and isinstance(example, int) else None


def thing_of(line: Line) -> tuple[str, str, int] | None:
    """(kind, project, id) of what a line speaks of, if that has an id of its own: see ``KINDS``.

    The server gives ids out again after a backup was restored: the thing may stand on another example.
    """
    kind = _KIND_OF.get(line.event)
    if kind is None:
        return None
    return kind, line.data["project"], line.data[KINDS[kind]]


_KIND_OF = {
    "suggestion_placed": "placed",
    "relation_placed": "placed_relations",
    **{
        f"{what}_{how}": f"{what}s"
        for what in ("label", "relation", "comment")
        for how in ("appeared", "changed", "vanished", "dated")
    },
}
