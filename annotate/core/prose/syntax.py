"""What a trained pipeline read in a text, as plain values: words with their heads, and names.

Labels of treebanks are folded to a few roles, so that rules hold for Universal Dependencies (de Marneffe et
al. 2021), the English labels of ClearNLP (Choi and Palmer 2012) and the German ones of TIGER (Brants et al.
2004). Offsets are code points, half-open. A pipeline may bring some of it only: ``parsed``, ``tagged``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Role = Literal[
    "root",
    "subject",
    "passive subject",
    "agent",
    "object",
    "clause",
    "open clause",
    "cluster",
    "passive cluster",
    "adverbial clause",
    "relative clause",
    "noun clause",
    "conjunct",
    "coordinator",
    "marker",
    "case",
    "genitive",
    "apposition",
    "aside",
    "auxiliary",
    "passive auxiliary",
    "attribute",
    "punctuation",
    "other",
]
"""``clause``: what a verb says or knows; ``open clause``: one without a subject of its own; ``cluster``: the
main verb below a German auxiliary, ``passive cluster`` below "werden"; ``noun clause``: a participle or
clause behind a noun; ``attribute``: an adjective or participle before one."""

Kind = Literal["verb", "auxiliary", "noun", "name", "pronoun", "adjective", "punctuation", "other", ""]
Form = Literal["finite", "infinitive", "participle", ""]
Mood = Literal["subjunctive", "second subjunctive", "other", ""]
EntityKind = Literal["person", "group", "place", "other"]
NOMINAL = frozenset({"noun", "name", "pronoun"})
VERBAL = frozenset({"verb", "auxiliary"})


class Token(NamedTuple):
    """A word or sign; ``head`` is the number of the token that it hangs on, its own for a root."""

    start: int
    end: int
    head: int = 0
    role: Role = "other"
    kind: Kind = ""
    form: Form = ""
    mood: Mood = ""


class Entity(NamedTuple):
    """A name and what it names."""

    start: int
    end: int
    kind: EntityKind


@dataclass(frozen=True, slots=True)
class Syntax:
    """The tokens of a text in order, with the first and last token below each, and its names.

    ``parsed``: heads and roles are there; ``tagged``: kinds are; ``moods``: moods of verbs are; ``named``:
    names were looked for.
    """

    tokens: tuple[Token, ...]
    entities: tuple[Entity, ...]
    parsed: bool
    tagged: bool
    moods: bool
    named: bool
    below: tuple[tuple[int, ...], ...]
    edges: tuple[tuple[int, int], ...]
    starts: tuple[int, ...]

    @classmethod
    def of(
        cls,
        tokens: Sequence[Token],
        entities: Sequence[Entity] = (),
        *,
        parsed: bool = True,
        tagged: bool = True,
        moods: bool = True,
        named: bool = True,
    ) -> Syntax:
        """From tokens in order. Heads must make trees: spaCy sees to that."""
        below: list[list[int]] = [[] for _ in tokens]
        if parsed:
            for number, token in enumerate(tokens):
                if token.head != number:
                    below[token.head].append(number)
        return cls(
            tuple(tokens),
            tuple(sorted(entities)),
            parsed,
            tagged,
            moods,
            named,
            tuple(tuple(one) for one in below),
            _edges(tokens, parsed=parsed),
            tuple(token.start for token in tokens),
        )

    def at(self, place: int) -> int:
        """Number of the token that holds a code point, or of the last one before it."""
        return max(0, bisect_right(self.starts, place) - 1)

    def within(self, start: int, end: int) -> range:
        """Numbers of the tokens that begin in a range."""
        return range(bisect_right(self.starts, start - 1), bisect_right(self.starts, end - 1))

    def named_at(self, start: int, end: int) -> Entity | None:
        """The first name that shares a character with a range."""
        at = max(0, bisect_right(self.entities, (start,)) - 1)
        for one in self.entities[at : at + 3]:
            if one.start < end and one.end > start:
                return one
        return None


def _edges(tokens: Sequence[Token], *, parsed: bool) -> tuple[tuple[int, int], ...]:
    """First and last token below each: every token tells its head, the deepest first."""
    if not parsed:
        return tuple((number, number) for number in range(len(tokens)))
    first, last = list(range(len(tokens))), list(range(len(tokens)))
    for number in sorted(range(len(tokens)), key=_depths(tokens).__getitem__, reverse=True):
        head = tokens[number].head
        first[head] = min(first[head], first[number])
        last[head] = max(last[head], last[number])
    return tuple(zip(first, last, strict=True))


def _depths(tokens: Sequence[Token]) -> list[int]:
    depths = [-1] * len(tokens)
    for number in range(len(tokens)):
        path = [number]
        while depths[path[-1]] < 0 and tokens[path[-1]].head != path[-1]:
            path.append(tokens[path[-1]].head)
        known = max(0, depths[path[-1]])
        for above, one in enumerate(reversed(path)):
            depths[one] = known + above
    return depths
