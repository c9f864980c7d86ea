"""Relations as ``fate`` has labels: the origin of each, and what became of each suggested one.

Doccano deletes a relation together with either of its labels, and its web page changes neither end. So a
relation whose label was moved, or that was to go elsewhere, is deleted and drawn anew: it lives on in the
one that was drawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from annotate.core.fate import Fate, Origin, Status, SuggestionFate, confirmation_of
from annotate.core.restored import standing
from annotate.core.state import Confirmation, Key, PlacedRelation, Project, RelationSeen, State


@dataclass(frozen=True, slots=True)
class RelationFate:
    """A relation that a person stands behind. ``annotator`` is the Doccano user."""

    seen: RelationSeen
    origin: Origin
    status: Status
    annotator: str
    confirmed: Confirmation | None
    placed: PlacedRelation | None


@dataclass(frozen=True, slots=True)
class SuggestedRelationFate:
    """What became of one placed relation; ``relation_id`` is the relation it lives on in, if any."""

    placed: PlacedRelation
    fate: Fate
    annotator: str | None
    decided_at: str | None
    relation_id: int | None


@dataclass(frozen=True, slots=True)
class RelationFates:
    """All relations and suggested relations of a state, in the order of project and id."""

    relations: tuple[RelationFate, ...]
    suggestions: tuple[SuggestedRelationFate, ...]


def relation_fates(state: State, labels: Iterable[SuggestionFate]) -> RelationFates:
    """Origin and fate of relations; ``labels`` are the fates of suggested labels at the same state."""
    state = standing(state)
    living = {
        (one.placed.project, one.placed.label_id): one.label_id for one in labels if one.label_id is not None
    }
    seen: dict[Key, list[RelationSeen]] = defaultdict(list)
    placed: dict[Key, list[PlacedRelation]] = defaultdict(list)
    for relation in state.relations.values():
        seen[relation.project, relation.example].append(relation)
    for one in state.placed_relations.values():
        placed[one.project, one.example].append(one)
    relations: list[RelationFate] = []
    suggestions: list[SuggestedRelationFate] = []
    for key in {*seen, *placed}:
        example = _Example(state.projects[key[0]], confirmation_of(state, key), living)
        found = example.fates(seen[key], placed[key])
        relations.extend(found.relations)
        suggestions.extend(found.suggestions)
    return RelationFates(
        tuple(sorted(relations, key=lambda one: (one.seen.project, one.seen.relation_id))),
        tuple(sorted(suggestions, key=lambda one: (one.placed.project, one.placed.relation_id))),
    )


def match_redrawn(
    gone: Sequence[PlacedRelation], drawn: Sequence[RelationSeen], living: Mapping[Key, int]
) -> dict[int, int]:
    """Deleted suggested relations that live on in a drawn one: id of the one to id of the other.

    ``living`` tells in which label a suggested label lives on. The same relation between the same labels
    (drawn again because a label was moved) comes first; then another relation between them (a changed
    mind about the type); then the same relation from the same label to another one (a changed mind about
    where it goes). One to one. Anything else is a rejection beside a relation of the person's own.
    """
    pairs = []
    for one in gone:
        start, end = (living.get((one.project, number), number) for number in (one.from_label, one.to_label))
        for other in drawn:
            same_name = other.relation == one.suggestion.relation
            same_ends = (other.from_label, other.to_label) == (start, end)
            if other.from_label == start and (same_name or same_ends):
                rank = 0 if same_name and same_ends else 1 if same_ends else 2
                pairs.append((rank, other.relation_id, one.relation_id))
    redrawn: dict[int, int] = {}
    for _, number, placed in sorted(pairs):
        if placed not in redrawn and number not in redrawn.values():
            redrawn[placed] = number
    return redrawn


def is_untouched(seen: RelationSeen, placed: PlacedRelation) -> bool:
    """Whether a relation is still exactly the suggestion that was imported."""
    return (seen.relation, seen.from_label, seen.to_label) == (
        placed.suggestion.relation,
        placed.from_label,
        placed.to_label,
    )


@dataclass(frozen=True, slots=True)
class _Example:
    project: Project
    done: Confirmation | None
    living: Mapping[Key, int]

    def fates(self, seen: Sequence[RelationSeen], placed: Sequence[PlacedRelation]) -> RelationFates:
        origins = {one.relation_id: one for one in placed}
        present = {one.relation_id: one for one in seen if not one.vanished_in}
        gone = [
            one for one in placed if any(s.relation_id == one.relation_id and s.vanished_in for s in seen)
        ]
        drawn = [
            one
            for number, one in present.items()
            if number not in origins and one.user != self.project.service_user
        ]
        redrawn = match_redrawn(gone, drawn, self.living)
        successors = {redrawn[one.relation_id]: one for one in gone if one.relation_id in redrawn}
        relations = (
            self._relation(one, origins.get(number), successors.get(number))
            for number, one in present.items()
        )
        rejected = {one.relation_id for one in gone} - redrawn.keys()
        return RelationFates(
            tuple(one for one in relations if one),
            tuple(
                self._suggestion(one, present.get(redrawn.get(one.relation_id, one.relation_id)), rejected)
                for one in placed
            ),
        )

    def _relation(
        self, seen: RelationSeen, placed: PlacedRelation | None, before: PlacedRelation | None
    ) -> RelationFate | None:
        status: Status = "confirmed" if self.done else "draft"
        if placed is None:
            # In a project of one's own, what the service account seems to have drawn is its annotator's.
            who = self.project.user if seen.user == self.project.service_user else seen.user
            return RelationFate(seen, "edited" if before else "manual", status, who, self.done, before)
        if not is_untouched(seen, placed):
            who = self.done.user if self.done else self.project.user
            return RelationFate(seen, "edited", status, who, self.done, placed)
        # Nobody has vouched for an untouched suggestion until the passage is confirmed.
        return (
            RelationFate(seen, "accepted", status, self.done.user, self.done, placed) if self.done else None
        )

    def _suggestion(
        self, placed: PlacedRelation, seen: RelationSeen | None, rejected: set[int]
    ) -> SuggestedRelationFate:
        who = self.done.user if self.done else self.project.user
        when = self.done.confirmed_at if self.done else None
        if placed.relation_id in rejected:
            return SuggestedRelationFate(placed, "rejected", who, when, None)
        if seen is None:
            # Placed by a push whose relations no pull has looked at yet.
            return SuggestedRelationFate(placed, "untouched", None, None, placed.relation_id)
        if seen.relation_id != placed.relation_id:
            return SuggestedRelationFate(placed, "edited", who, when, seen.relation_id)
        if not is_untouched(seen, placed):
            return SuggestedRelationFate(placed, "edited", who, seen.updated_at, seen.relation_id)
        if self.done:
            return SuggestedRelationFate(placed, "accepted", who, when, seen.relation_id)
        return SuggestedRelationFate(placed, "untouched", None, None, seen.relation_id)
