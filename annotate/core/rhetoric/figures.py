"""A find of rhetoric, and which of two finds at one place stays: the tie-breakers of the scheme."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

LABELS = (
    "SLOGAN",
    "ENEMY",
    "GLORIFY",
    "DEFLECT",
    "VALUES",
    "FORMULA",
    "AUTHORITY",
    "FEAR",
    "VAGUE",
    "EXAGGERATE",
    "LOADED",
    "SIMPLIFY",
)
"""By the right to a place: a watchword is a SLOGAN first; for friendship FORMULA beats LOADED; VALUES beats
FORMULA; where nothing can be checked VAGUE beats LOADED. SIMPLIFY and other finds of six words and more cover
a clause and stand beside short ones."""

_RANK = {label: rank for rank, label in enumerate(LABELS)}
_BETWEEN = re.compile(r"\s*,?\s*(?:\b(?:and|und)\b\s*)?\Z")
_OF = re.compile(r" (?:of (?:the )?|der |des |von )\Z")
"""Praise of what praised people did is one wording: "glorious deeds of the matchless heroes"."""
_JOINED = frozenset({"LOADED", "EXAGGERATE", "ENEMY", "GLORIFY"})
_CLAUSES = frozenset({"DEFLECT", "FEAR", "AUTHORITY", "VALUES"})
_CLAUSE_SPACES = 5
_MORE = 0.05
_MOST = 0.95


@dataclass(frozen=True, slots=True, order=True)
class Figure:
    """A label on a range (code points, half-open), how often such a find is right (0 to 1), and why."""

    start: int
    end: int
    label: str
    score: float
    why: str


def settled(text: str, found: Iterable[Figure]) -> list[Figure]:
    """Finds of one passage, in order, without two in one place: neighbours joined, ties broken."""
    joined = _joined(text, sorted(found))
    kept: list[tuple[int, int, Figure]] = []
    clauses = []
    for one in sorted(
        _named(text, joined), key=lambda one: (_RANK[one.label], one.start - one.end, one.start)
    ):
        if _is_clause(text, one):
            clauses.append(one)
        elif not _taken(kept, one):
            insort(kept, (one.start, one.end, one))
    # In a clause an insult keeps its own label; in a watchword nothing else is marked.
    taken = [place for place in kept if place[2].label == "SLOGAN"]
    stay = []
    for one in clauses:
        if not _taken(taken, one):
            insort(taken, (one.start, one.end, one))
            stay.append(one)
    return sorted([*(place[2] for place in kept), *stay])


def _is_clause(text: str, one: Figure) -> bool:
    """Whether a find is so long that a word in it may be rhetoric of another kind."""
    long = one.label in _CLAUSES and text.count(" ", one.start, one.end) >= _CLAUSE_SPACES
    return long or one.label == "SIMPLIFY"


def _taken(kept: Sequence[tuple[int, int, Figure]], one: Figure) -> bool:
    at = bisect_left(kept, (one.end,))
    return at > 0 and kept[at - 1][1] > one.start


def _joined(text: str, found: Sequence[Figure]) -> Iterator[Figure]:
    """Overlapping finds of one label, and neighbours ("cruel and unjust"), as one."""
    last: dict[str, Figure] = {}
    for one in found:
        before = last.get(one.label)
        if before is None:
            last[one.label] = one
        elif one.start <= before.end or (one.label in _JOINED and _adjoin(text, before, one)):
            score = max(before.score, one.score) + (_MORE if one.start > before.start else 0)
            why = before.why if before.score >= one.score else one.why
            last[one.label] = replace(before, end=max(before.end, one.end), score=min(_MOST, score), why=why)
        else:
            yield before
            last[one.label] = one
    yield from last.values()


def _adjoin(text: str, before: Figure, one: Figure) -> bool:
    between = text[before.end : one.start]
    if one.label == "GLORIFY" and _OF.match(between):
        return True
    if not _BETWEEN.match(between):
        return False
    # "with noble duty and wisely led": an adverb of manner begins another clause.
    adverb = text[one.start : one.end].partition(" ")[0].endswith("ly")
    return not adverb or text[before.start : before.end].endswith("ly")


def _named(text: str, found: Iterable[Figure]) -> Iterator[Figure]:
    """Loaded words in front of a degrading name belong to the name."""
    ordered = sorted(found)
    enemies = {one.start: one for one in ordered if one.label == "ENEMY"}
    grown: dict[int, int] = {}
    for one in ordered:
        if one.label == "LOADED" and text[one.end : one.end + 1] == " " and one.end + 1 in enemies:
            grown[one.end + 1] = one.start
        elif one.label == "LOADED":
            yield one
    for one in ordered:
        if one.label != "LOADED":
            mine = one.label == "ENEMY" and one.start in grown
            yield replace(one, start=grown[one.start]) if mine else one
