"""Suggested relations on their way to the server: which go along with a passage, which arrived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from annotate.core.ledger import Event, record_of
from annotate.core.model import SuggestedRelation, Suggestion
from annotate.core.observation import ObservedRelation
from annotate.core.sketch import Sketch


@dataclass(frozen=True, slots=True)
class SentRelation:
    """A suggested relation between two of the suggestions that a passage is sent with.

    ``start`` and ``end`` are their places among those, from 0.
    """

    suggested: SuggestedRelation
    start: int
    end: int
    agent: str
    agent_version: str
    config_sha256: str


def merge_relations(
    found: Iterable[SuggestedRelation], said: Iterable[Suggestion], sent: Sequence[Suggestion]
) -> tuple[SentRelation, ...]:
    """The relations of one passage whose two ends are sent; where two say the same, the first one.

    ``said`` are all suggestions on the passage, ``sent`` those that are left of them: an end that was left
    out because another agent said the same of the same words is that other's suggestion.
    """
    places = {(one.start, one.end, one.label): number for number, one in enumerate(sent)}
    by_id = {(one.run_id, one.suggestion_id): one for one in said}
    merged: dict[tuple[int, int, str], SentRelation] = {}
    for relation in found:
        ends = [by_id.get((relation.run_id, one)) for one in (relation.from_id, relation.to_id)]
        if ends[0] is None or ends[1] is None:
            continue
        start, end = (places.get((one.start, one.end, one.label)) for one in (ends[0], ends[1]))
        if start is None or end is None or start == end:
            continue
        by = ends[0]
        made = SentRelation(relation, start, end, by.agent, by.agent_version, by.config_sha256)
        merged.setdefault((start, end, relation.relation), made)
    return tuple(merged[key] for key in sorted(merged))


def relation_events(
    place: tuple[str, int],
    relations: Sequence[SentRelation],
    labels: Mapping[int, int],
    seen: Sketch,
    user: str,
    ours: AbstractSet[int] | None,
) -> tuple[list[Event], list[SentRelation]]:
    """What the ledger is told of the relations that arrived on an example, and those that did not.

    ``place`` is (project, example), ``labels`` the label id of each suggestion by its place, ``user`` the
    service account. ``ours`` are the relations that the server says it imported; with them, one whose type
    an annotator changed before we looked is recognised by its ends. A relation whose end did not arrive
    went with it and is not among the lost.
    """
    whole = [one for one in relations if one.start in labels and one.end in labels]
    there = [one for one in seen.relations if ours is None or one[0] in ours]
    pairs: dict[SentRelation, int] = {}
    for same_name in (True, False) if ours is not None else (True,):
        for one in whole:
            ends = (labels[one.start], labels[one.end])
            match = next(
                (
                    found
                    for found in there
                    if found[2:] == ends and (found[1] == one.suggested.relation or not same_name)
                ),
                None,
            )
            if match and one not in pairs:
                there.remove(match)
                pairs[one] = match[0]
    events: list[Event] = []
    for one, number in sorted(pairs.items(), key=lambda pair: pair[1]):
        events += _placing(place, one, number, (labels[one.start], labels[one.end]), user)
    return events, [one for one in whole if one not in pairs]


def _placing(
    place: tuple[str, int], one: SentRelation, number: int, ends: tuple[int, int], user: str
) -> list[Event]:
    project, example = place
    seen = ObservedRelation(
        project=project,
        example=example,
        relation_id=number,
        relation=one.suggested.relation,
        from_label=ends[0],
        to_label=ends[1],
        user=user,
        created_at="",
        updated_at="",
    )
    placed = {
        "project": project,
        "example": example,
        "relation_id": number,
        "from_label": ends[0],
        "to_label": ends[1],
        "suggestion": record_of(one.suggested),
        "agent": one.agent,
        "agent_version": one.agent_version,
        "config_sha256": one.config_sha256,
    }
    return [Event("relation_appeared", record_of(seen)), Event("relation_placed", placed)]
