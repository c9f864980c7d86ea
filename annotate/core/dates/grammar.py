"""Language files into compiled rules.

A rule's ``pattern`` is a regular expression with placeholders: ``{day} {month} {mm} {year} {yy}`` (each
also with a digit, ``{day2}``), ``{NAME}`` for a word of the table ``[maps.NAME]`` (a group of that
name), ``{any:NAME}`` for the same without a group, ``{list:NAME}``, ``{_}`` blanks, ``{n}`` and ``{s}``
blanks or the end of a line, ``{dash}``, ``{hyphen}``. What the rule claims is its group ``span``, else
the whole match; what stands outside ``span`` is context.

A rule is tried only near words that can trigger it: ``on = "figure"`` (the default) means digits,
``year`` four of them that can be a year, any other name a pattern in ``[triggers]`` that a whole word
matches. Every repetition in a pattern is bounded. So the work at one position is bounded and a search
over a text is linear in its length.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from annotate.core.dates.lexicon import Lexicon, fold
from annotate.core.dates.openers import Openers
from annotate.core.ids import canonical_json, sha256_hex

__all__ = ["Grammar", "Rule", "fold", "grammar_of", "grammar_sha256", "languages"]

# A date does not start inside a word, a number, an amount, a path or an address ...
_LEFT = r"(?<![\w$€£§#@/\\=&+])(?<![0-9][.,:\-\u2013])(?<!\w-)"
# ... nor end inside one; "T10:00" may follow (ISO 8601 date and time).
_BLANK = r"[ \t\u00a0\u2009\u202f]"
_RIGHT = rf"(?:(?=T[0-2][0-9]:)|(?!\w)(?![.,:/\-\u2013][0-9])(?!{_BLANK}?[%€$£°])(?!-\w))"
# Rules on words are less strict: "Friday/Saturday" and "mid-March" are words side by side.
_WORD_LEFT = r"(?<![\w$€£§#@=&+])"
_WORD_RIGHT = r"(?!\w)"
FIGURE, YEAR = "figure", "year"
FIGURES = frozenset((FIGURE, YEAR))
_STRICT = FIGURES | {"christ", "era"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled rule. ``reads`` names its reader; ``whole`` rules apply only to a whole string.

    ``on`` are the kinds of word it is tried near, ``ask`` constants for its reader.
    """

    name: str
    reads: str
    regex: re.Pattern[str]
    score: float
    mod: str
    whole: bool
    on: tuple[str, ...] = (FIGURE,)
    ask: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The rules of one language, and what its words mean (keys are folded).

    ``openers`` knows the rules by their numbers in ``rules``.
    """

    language: str
    rules: tuple[Rule, ...]
    openers: Openers
    tables: Mapping[str, Mapping[str, str]]
    triggers: Mapping[str, re.Pattern[str]]
    tense: Mapping[str, re.Pattern[str]]

    @property
    def months(self) -> Mapping[str, str]:
        """Month names to their numbers."""
        return self.tables["month"]

    @property
    def seasons(self) -> Mapping[str, str]:
        """Season names to SP, SU, FA, WI."""
        return self.tables["season"]

    @property
    def parts(self) -> Mapping[str, str]:
        """Words for a part of a time to START, MID, END."""
        return self.tables["part"]


@cache
def grammar_of(language: str) -> Grammar:
    """The grammar of one of ``languages()``. Raises KeyError for a language without a file."""
    if language not in languages():
        raise KeyError(language)
    shared, own = _load("any"), _merged(language)
    for table in ("maps", "triggers"):
        own[table] = shared.get(table, {}) | own.get(table, {})
    lexicon = Lexicon(own)
    rows = [*shared["rule"], *own["rule"]]
    rules = [_compile(row, lexicon) for row in rows]
    openers = Openers([lexicon.outline(row["pattern"]) for row in rows], lexicon.tries)
    triggers = {name: re.compile(lexicon.expand(text)) for name, text in own.get("triggers", {}).items()}
    tense = {name: re.compile(lexicon.expand(text)) for name, text in own.get("tense", {}).items()}
    return Grammar(language, tuple(rules), openers, lexicon.tables, triggers, tense)


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a file, sorted."""
    names = (name[:-5] for name in _names() if name.endswith(".toml"))
    return tuple(sorted(name for name in names if "." not in name and name != "any"))


@cache
def grammar_sha256(language: str) -> str:
    """SHA-256 over the files that make up the grammar of one language."""
    return sha256_hex(canonical_json([_text(name) for name in ("any", *_parts_of(language))]))


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(entry.name for entry in files("annotate.core.dates").joinpath("languages").iterdir()))


def _parts_of(language: str) -> tuple[str, ...]:
    """``de.toml`` and whatever adds to it, ``de.*.toml``, in order of their names."""
    return tuple(
        name[:-5]
        for name in _names()
        if name == f"{language}.toml" or (name.startswith(f"{language}.") and name.endswith(".toml"))
    )


def _text(name: str) -> str:
    resource = files("annotate.core.dates").joinpath("languages", f"{name}.toml")
    return resource.read_text(encoding="utf-8")


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(_text(name))


def _merged(language: str) -> dict[str, Any]:
    """All files of a language as one: tables are joined, rules are put one after the other."""
    merged: dict[str, Any] = {"rule": []}
    for name in _parts_of(language):
        for key, value in _load(name).items():
            if isinstance(value, dict):
                merged.setdefault(key, {}).update(value)
            elif isinstance(value, list):
                merged[key] = [*merged.get(key, []), *value]
            else:
                merged[key] = value
    return merged


def _compile(row: Mapping[str, Any], lexicon: Lexicon) -> Rule:
    on = row.get("on", FIGURE)
    on = (on,) if isinstance(on, str) else tuple(on)
    left, right = (_LEFT, _RIGHT) if _STRICT.intersection(on) else (_WORD_LEFT, _WORD_RIGHT)
    regex = re.compile(f"{left}(?:{lexicon.expand(row['pattern'])}){right}")
    return Rule(
        row["name"],
        row["reads"],
        regex,
        row["score"],
        row.get("mod", ""),
        bool(row.get("whole", False)),
        on,
        row.get("ask", {}),
    )
