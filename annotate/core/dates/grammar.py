"""Language files into compiled rules.

A rule's ``pattern`` is a regular expression with placeholders: ``{day} {day2} {month} {month2} {mm}
{mm2} {year} {year2} {yy2} {weekday} {part} {season} {_} {n} {dash} {list:NAME}``. What the rule
claims is its group ``span``, else the whole match; what stands outside ``span`` is context.

Every repetition in a pattern is bounded, so the work at one position is bounded and a search over a
text is linear in its length.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from annotate.core.ids import canonical_json, sha256_hex

_BLANK = r"[ \t\u00a0\u2009\u202f]"
_DASH = "[-\u2010\u2011\u2012\u2013\u2014\u2212]"
# A date does not start inside a word, a number, an amount, a path or an address ...
_LEFT = r"(?<![\w$€£§#@/\\=&+])(?<![0-9][.,:\-\u2013])(?<!\w-)"
# ... nor end inside one; "T10:00" may follow (ISO 8601 date and time).
_RIGHT = rf"(?:(?=T[0-2][0-9]:)|(?!\w)(?![.,:/\-\u2013][0-9])(?!{_BLANK}?[%€$£°])(?!-\w))"
_PLACEHOLDER = re.compile(r"\{(_|[a-z]+[0-9]?(?::[a-z_]+)?)\}")
_LITERALS = {
    "_": f"(?:{_BLANK}{{1,3}})",
    # A line may break inside a full date, a paragraph may not.
    "n": rf"(?:{_BLANK}{{1,3}}|{_BLANK}{{0,2}}\r?\n)",
    "dash": f"(?:{_BLANK}{{0,2}}{_DASH}{_BLANK}{{0,2}})",
}
_FIELDS = {
    "day": "[0-9]{1,2}(?![0-9])",
    "mm": "[0-9]{1,2}(?![0-9])",
    "year": "[12][0-9]{3}(?![0-9])",
    "yy": "[0-9]{2}(?![0-9])",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled rule. ``reads`` names its reader; ``whole`` rules apply only to a whole string."""

    name: str
    reads: str
    regex: re.Pattern[str]
    score: float
    mod: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Grammar:
    """The rules of one language, and what its words mean (keys are folded)."""

    language: str
    rules: tuple[Rule, ...]
    months: Mapping[str, int]
    seasons: Mapping[str, str]
    parts: Mapping[str, str]


def fold(word: str) -> str:
    """One form for the spellings of a lexicon word: composed, case-folded, without a full stop."""
    return unicodedata.normalize("NFC", word).casefold().rstrip(".")


@cache
def grammar_of(language: str) -> Grammar:
    """The grammar of ``de`` or ``en``. Raises KeyError for a language without a file."""
    if language not in languages():
        raise KeyError(language)
    shared, own = _load("any"), _load(language)
    lexicon = _Lexicon(own)
    rules = [_compile(row, lexicon) for row in (*shared["rule"], *own["rule"])]
    return Grammar(language, tuple(rules), lexicon.months, lexicon.seasons, lexicon.parts)


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a file, sorted."""
    names = (entry.name for entry in files("annotate.core.dates").joinpath("languages").iterdir())
    return tuple(sorted(name[:-5] for name in names if name.endswith(".toml") and name != "any.toml"))


@cache
def grammar_sha256(language: str) -> str:
    """SHA-256 over the files that make up the grammar of one language."""
    return sha256_hex(canonical_json([_text(name) for name in ("any", language)]))


def _text(language: str) -> str:
    resource = files("annotate.core.dates").joinpath("languages", f"{language}.toml")
    return resource.read_text(encoding="utf-8")


def _load(language: str) -> dict[str, Any]:
    return tomllib.loads(_text(language))


class _Lexicon:
    """Words of one language, and the alternations they make."""

    def __init__(self, own: Mapping[str, Any]) -> None:
        self.lists: dict[str, list[str]] = own.get("lists", {})
        self.months = {fold(w): int(n) for n, ws in own["months"].items() for w in ws}
        self.seasons = {fold(w): code for code, ws in own["seasons"].items() for w in ws}
        self.parts = {fold(w): code for code, ws in own["parts"].items() for w in ws}
        self._words = {
            "month": _alternation(_spellings(w for ws in own["months"].values() for w in ws)),
            "season": _alternation(_spellings(w for ws in own["seasons"].values() for w in ws)),
            "part": _alternation(_any_initial(w for ws in own["parts"].values() for w in ws)),
            "weekday": _alternation(_spellings(own["weekdays"])),
        }

    def expand(self, name: str) -> str:
        """The regular expression behind one placeholder."""
        if name in _LITERALS:
            return _LITERALS[name]
        if name.startswith("list:"):
            return _alternation(_any_initial(self.lists[name[5:]]))
        kind = name.rstrip("0123456789")
        body = _FIELDS.get(kind) or self._words[kind]
        return body if kind == "weekday" else f"(?P<{name}>{body})"


def _compile(row: Mapping[str, Any], lexicon: _Lexicon) -> Rule:
    body = _PLACEHOLDER.sub(lambda match: lexicon.expand(match.group(1)), row["pattern"])
    regex = re.compile(f"{_LEFT}(?:{body}){_RIGHT}")
    return Rule(
        row["name"], row["reads"], regex, row["score"], row.get("mod", ""), bool(row.get("whole", False))
    )


def _spellings(words: Iterable[str]) -> set[str]:
    """As written, in capitals, and both in decomposed form (a saved page may hold ``a`` + U+0308)."""
    both = {form for word in words for form in (word, word.upper())}
    return both | {unicodedata.normalize("NFD", word) for word in both}


def _any_initial(words: Iterable[str]) -> set[str]:
    return {form for word in words for form in (word, word[:1].upper() + word[1:])}


def _alternation(words: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w))) + ")"
