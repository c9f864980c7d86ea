"""The values of attribution. Offsets are code points of the text, half-open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["direct", "indirect", "free_indirect", "reported"]
"""How words are given: quoted, in a clause of their own, in the subjunctive without a cue, or told only."""

Speaker = Literal["name", "noun", "pronoun", "document"]


class Range(NamedTuple):
    """A stretch of the text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Attribution:
    """One act of saying. ``cue`` None: the sentence goes on with an earlier speaker, by mood alone.

    ``source`` None: who speaks is not said, or not where a rule looks. ``content`` None: nothing but the act
    is told. ``score`` (0 to 1) is how sure the rule is, ``rule`` its name.
    """

    kind: Kind
    cue: Range | None
    source: Range | None
    content: Range | None
    score: float
    rule: str
    speaker: Speaker | None = None
