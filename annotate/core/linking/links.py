"""Rules for ``stated_by``, ``dates`` and ``targets``. Offsets are code points, half-open.

They look at where spans stand and at what attribution found, never at words, so they serve any language.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from annotate.core.prose.grammar import phrase
from annotate.core.prose.syntax import NOMINAL, Syntax

STATED_BY, DATES, TARGETS = "stated_by", "dates", "targets"
CONTENT = frozenset({"CLAIM", "PLEDGE"})
FRAME = frozenset({"ACTOR", "CUE", "DATE", "PUB"})
AIMED = frozenset({"GLORIFY", "ENEMY", "DEFLECT", "LOADED"})
_SLACK = 2
"""Characters that a span may stick out of the content it belongs to: a quotation mark, a stop."""
_NEAR = 3
_CLIMBED = 4
"""Heads above a word of praise or blame that are looked at for a name."""
_LOOKED_AT = 8
"""Claims before and after a date among which the nearest is looked for: time stays linear."""
_SURE = {STATED_BY: 0.9, DATES: 0.85, TARGETS: 0.7}
_NAME = re.compile(r"[ \u00a0](?P<name>[^\W\d_a-z][\w’'-]*(?:[ \u00a0][^\W\d_a-z][\w’'-]*){0,5})")


class Spot(NamedTuple):
    """A span: its place, its label, and how sure its suggester is."""

    start: int
    end: int
    label: str
    score: float


class Found(NamedTuple):
    """What attribution found: the source and the content of one act of saying."""

    source: tuple[int, int] | None
    content: tuple[int, int]


class Link(NamedTuple):
    """A relation from one span to another, and why."""

    relation: str
    tail: Spot
    head: Spot
    score: float
    note: str


def find_links(
    spots: Sequence[Spot],
    sayings: Iterable[Found],
    sentences: Sequence[tuple[int, int]],
    aimed: Mapping[Spot, Spot] | None = None,
) -> list[Link]:
    """Every relation that a rule finds, by place of its first span. ``sentences`` are in order of place.

    ``aimed``: actors that the grammar says are praised or blamed, for words that touch none.
    """
    actors = sorted(one for one in spots if one.label == "ACTOR")
    links = [*_stated_by(spots, actors, sayings), *_dates(spots, sentences)]
    speakers = {(link.tail, link.head) for link in links if link.relation == STATED_BY}
    links.extend(_targets(spots, actors, speakers, aimed or {}))
    return sorted(links)


def _link(relation: str, tail: Spot, head: Spot, note: str, weight: float = 1.0) -> Link:
    return Link(relation, tail, head, round(min(tail.score, head.score) * _SURE[relation] * weight, 3), note)


def _stated_by(spots: Sequence[Spot], actors: Sequence[Spot], sayings: Iterable[Found]) -> Iterator[Link]:
    """The innermost speaker in whose content a span stands; none where that speaker is not named."""
    by_place = {(one.start, one.end): one for one in actors}
    ordered = sorted(sayings, key=lambda one: (one.content[0], -one.content[1]))
    opened: list[Found] = []
    at = 0
    for spot in sorted(one for one in spots if one.label not in FRAME):
        while at < len(ordered) and ordered[at].content[0] <= spot.start + _SLACK:
            opened.append(ordered[at])
            at += 1
        opened = [one for one in opened if one.content[1] > spot.start]
        holding = [one for one in opened if spot.end <= one.content[1] + _SLACK]
        inner = min(holding, key=lambda one: one.content[1] - one.content[0], default=None)
        actor = by_place.get(inner.source) if inner is not None and inner.source is not None else None
        if actor is not None and not (
            spot.start <= actor.start and actor.end <= spot.end and spot.label not in CONTENT
        ):
            yield _link(STATED_BY, spot, actor, "stands in what this speaker says")


def _dates(spots: Sequence[Spot], sentences: Sequence[tuple[int, int]]) -> Iterator[Link]:
    """A date and the claim that it stands in, or the nearest one of its sentence."""
    starts = [start for start, _ in sentences]
    claims: dict[int, list[Spot]] = {}
    issued = sorted((one.start, one.end) for one in spots if one.label == "PUB")
    for one in sorted(spots):
        if one.label in CONTENT:
            claims.setdefault(bisect_right(starts, one.start) - 1, []).append(one)
    for date in spots:
        if date.label != "DATE" or _in_one(issued, date):
            continue
        mine = claims.get(bisect_right(starts, date.start) - 1, [])
        at = bisect_left(mine, (date.start,))
        around = mine[max(0, at - _LOOKED_AT) : at + _LOOKED_AT]
        claim = min(around, key=lambda one: (_distance(date, one), one.end - one.start, one), default=None)
        if claim is not None:
            inside = _distance(date, claim) == 0
            note = "stands in the claim" if inside else "nearest claim of the sentence"
            yield _link(DATES, date, claim, note, 1.0 if inside else 0.7)


def _in_one(places: Sequence[tuple[int, int]], spot: Spot) -> bool:
    at = bisect_left(places, (spot.start + 1,)) - 1
    return at >= 0 and spot.end <= places[at][1] + _SLACK


def _targets(
    spots: Sequence[Spot],
    actors: Sequence[Spot],
    speakers: set[tuple[Spot, Spot]],
    aimed: Mapping[Spot, Spot],
) -> Iterator[Link]:
    """The actor that a word of praise or blame touches or stands right before."""
    starts = [one.start for one in actors]
    for spot in spots:
        if spot.label not in AIMED:
            continue
        low = max(0, bisect_left(starts, spot.start) - 2)
        near = [one for one in actors[low : low + 6] if _distance(spot, one) <= _NEAR]
        near = [one for one in near if (spot, one) not in speakers or _distance(spot, one) == 0]
        actor = min(near, key=lambda one: (_distance(spot, one), one), default=None)
        if actor is not None:
            yield _link(
                TARGETS, spot, actor, "touches the actor" if _distance(spot, actor) == 0 else "next to it"
            )
        elif spot in aimed:
            yield _link(TARGETS, spot, aimed[spot], "named in the same noun phrase", 0.9)


def _distance(one: Spot, other: Spot) -> int:
    """Characters between two spans; 0 where they overlap."""
    return max(0, other.start - one.end, one.start - other.end)


def named_after(text: str, spots: Sequence[Spot], syntax: Syntax | None = None) -> list[Spot]:
    """The names that stand right behind a word of praise: actors that nobody needed as speakers.

    Where a trained pipeline found names, one is as long as it says, and none where it says "a day".
    """
    there = {(one.start, one.end) for one in spots if one.label == "ACTOR"}
    found: dict[tuple[int, int], Spot] = {}
    for spot in spots:
        name = _NAME.match(text, spot.end) if spot.label == "GLORIFY" else None
        if name is None:
            continue
        place = _named(syntax, *name.span("name"))
        if place is None:
            continue
        if place not in there and not any(a < place[1] and place[0] < b for a, b in there):
            found.setdefault(place, Spot(*place, "ACTOR", round(spot.score * _SURE[TARGETS], 3)))
    return [found[place] for place in sorted(found)]


def _named(syntax: Syntax | None, start: int, end: int) -> tuple[int, int] | None:
    entity = syntax.named_at(start, end) if syntax is not None and syntax.named else None
    if entity is None:
        return start, end
    return None if entity.kind == "other" else (min(start, entity.start), max(end, entity.end))


def aimed_at(spots: Sequence[Spot], syntax: Syntax) -> dict[Spot, Spot]:
    """For words of praise or blame without an actor beside them: the name in the same noun phrase.

    "the puppet regime of Norland": the innermost noun phrase that holds the words and a name outside of them.
    """
    if not (syntax.parsed and syntax.named):
        return {}
    actors = sorted(one for one in spots if one.label == "ACTOR")
    found: dict[Spot, Spot] = {}
    for spot in spots:
        if spot.label in AIMED and (place := _name_beside(spot, syntax)) is not None:
            there = [one for one in actors if one.start < place[1] and place[0] < one.end]
            score = round(spot.score * _SURE[TARGETS], 3)
            found[spot] = there[0] if there else Spot(*place, "ACTOR", score)
    return found


def _name_beside(spot: Spot, syntax: Syntax) -> tuple[int, int] | None:
    at = syntax.at(spot.end - 1)
    for _ in range(_CLIMBED):
        token = syntax.tokens[at]
        place = phrase(syntax, at) if token.kind in NOMINAL else None
        if place is not None and place[0] <= spot.start and spot.end <= place[1]:
            for number in syntax.within(*place):
                named = syntax.named_at(syntax.tokens[number].start, syntax.tokens[number].end)
                if named is None or named.kind == "other" or named.end > place[1]:
                    continue
                if named.start >= spot.end or named.end <= spot.start:
                    return named.start, named.end
        if token.head == at or token.kind == "verb":
            return None
        at = token.head
    return None
