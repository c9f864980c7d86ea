"""Entries of a lexicon: a pattern, what it stands for, and why it is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotate.core.errors import Problem
from annotate.core.phrases.patterns import Pattern, parse_pattern

_KEYS = frozenset({"label", "patterns", "reason", "source", "score", "case", "where"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One pattern: ``label`` is a label of the scheme or a feature that a suggester names.

    ``score`` (0 to 1) is how often such a match is right, as its author thinks or has counted. ``case``:
    the first letter has to be as written. ``where`` narrows it down further, as the suggester defines.
    """

    label: str
    pattern: Pattern
    reason: str
    source: str
    score: float
    case: bool = False
    where: str = ""
    file: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The entries of one language."""

    language: str
    entries: tuple[Entry, ...]

    def of(self, *labels: str) -> tuple[Entry, ...]:
        """The entries of these labels."""
        return tuple(entry for entry in self.entries if entry.label in labels)


def parse_entries(data: Mapping[str, Any], file: str) -> tuple[list[Entry], list[Problem]]:
    """Entries of a lexicon file (a TOML table with ``[[entries]]``) and everything that is wrong with it."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    unknown = sorted(data.keys() - {"entries", "lexicon"})
    problems.extend(Problem(file, 0, f"has an unknown key {key!r}") for key in unknown)
    groups = data.get("entries", [])
    if not isinstance(groups, list):
        return [], [Problem(file, 0, "entries must be written as [[entries]]")]
    for number, group in enumerate(groups, 1):
        try:
            entries.extend(_entries(group, file))
        except ValueError as error:
            problems.append(Problem(file, 0, f"entry {number}: {error}"))
    return entries, problems


def _entries(group: Mapping[str, Any], file: str) -> Iterator[Entry]:
    if not isinstance(group, Mapping):
        raise ValueError("is no table")
    unknown = sorted(group.keys() - _KEYS)
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}; known are {', '.join(sorted(_KEYS))}")
    label, reason = _text(group, "label"), _text(group, "reason")
    source = _text(group, "source")
    score = group.get("score", 0.5)
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        raise ValueError(f"score {score!r} is no number from 0 to 1")
    case, where = group.get("case", False), group.get("where", "")
    if not isinstance(case, bool) or not isinstance(where, str):
        raise ValueError("case must be true or false, where a text")
    for written in _patterns(group):
        yield Entry(label, parse_pattern(written), reason, source, float(score), case, where, file)


def _text(group: Mapping[str, Any], key: str) -> str:
    value = group.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} is missing: every entry says its label, reason and source")
    return value


def _patterns(group: Mapping[str, Any]) -> Sequence[str]:
    patterns = group.get("patterns")
    if not isinstance(patterns, list) or not patterns or not all(isinstance(one, str) for one in patterns):
        raise ValueError("patterns must be a list of texts")
    return patterns
