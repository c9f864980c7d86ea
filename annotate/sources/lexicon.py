"""The word lists of the segmenter (``lexicons/*.toml``), compiled once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from annotate.core.model import Kind
from annotate.sources.lines import LONGEST_FURNITURE, fold

_DIVIDER = re.compile(r"\s*[|·•\t]\s*|\s+/\s+|\s{3,}")


@dataclass(frozen=True, slots=True)
class PhraseList:
    """Lines of one kind: whole phrases and patterns of whole lines, both on folded text."""

    phrases: frozenset[str]
    patterns: re.Pattern[str] | None

    def matches(self, shown: str) -> bool:
        """Whether the line as shown, or every part of it between dividers, is on the list."""
        if len(shown) > LONGEST_FURNITURE:
            return False
        folded = fold(shown)
        if folded in self.phrases or (self.patterns is not None and self.patterns.fullmatch(folded)):
            return True
        parts = [fold(part) for part in _DIVIDER.split(shown)]
        return len(parts) > 1 and all(not part or part in self.phrases for part in parts) and any(parts)


@cache
def furniture(name: str) -> PhraseList:
    """The list of that name in furniture.toml."""
    section = _load("furniture")[name]
    patterns = section["patterns"]
    joined = re.compile("|".join(f"(?:{pattern})" for pattern in patterns)) if patterns else None
    return PhraseList(frozenset(section["phrases"]), joined)


FURNITURE_LISTS: tuple[tuple[str, Kind], ...] = (
    ("legal", "legal"),
    ("share", "share"),
    ("advertisement", "advertisement"),
    ("navigation", "navigation"),
    ("teaser", "teaser"),
)
"""Lists that mark a line by themselves, in the order they are asked."""


@cache
def words(name: str) -> frozenset[str]:
    """The words of that name in fields.toml."""
    return frozenset(_load("fields")[name])


@cache
def alternation(name: str) -> str:
    """The words of that name as a regular expression, longest first."""
    return "|".join(re.escape(word) for word in sorted(words(name), key=lambda word: (-len(word), word)))


@cache
def _load(name: str) -> dict:  # type: ignore[type-arg]  # TOML: checked by the test of the lexicons
    source = files("annotate.sources") / "lexicons" / f"{name}.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))
