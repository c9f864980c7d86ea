"""Words of one language, and the regular expressions they make."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

_BLANK = r"[ \t\u00a0\u2009\u202f]"
_DASH = "[-\u2010\u2011\u2012\u2013\u2014\u2212]"
# Relative expressions often run over the end of a line of a wrapped text, never over an empty line.
_GAP = rf"(?:{_BLANK}{{1,3}}|{_BLANK}{{0,2}}\r?\n{_BLANK}{{0,2}}(?=\S))"
_LITERALS = {
    "_": f"(?:{_BLANK}{{1,3}})",
    "n": rf"(?:{_BLANK}{{1,3}}|{_BLANK}{{0,2}}\r?\n)",
    "s": _GAP,
    "dash": f"(?:{_BLANK}{{0,2}}{_DASH}{_BLANK}{{0,2}})",
    "hyphen": "[-\u2010\u2011]",
}
_FIELDS = {
    "day": "[0-9]{1,2}(?![0-9])",
    "mm": "[0-9]{1,2}(?![0-9])",
    "year": "[12][0-9]{3}(?![0-9])",
    "yy": "[0-9]{2}(?![0-9])",
    "hour": "[0-9]{1,2}(?![0-9])",
    "minute": "[0-5][0-9](?![0-9])",
}
_NUMBER = "[0-9]{1,4}(?:[.,][0-9]{1,2})?(?![0-9])"
_PLACEHOLDER = re.compile(r"\{(_|[a-z]+[0-9]?(?::[a-z_]+)?)\}")


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """One form for the spellings of a lexicon word: composed, case-folded, without a full stop."""
    return unicodedata.normalize("NFC", word).casefold().rstrip(".")


_FIRST_SIGN = 0xE000
"""Signs that no text has a meaning for (the private use area) stand for the lists of an outline."""

Trie = dict[str, Any]
"""Words that share their beginnings: a character to what may follow it; the empty text ends a word."""


class Lexicon:
    """The word tables of one language. ``tables`` maps table name to folded word to code.

    ``tries`` are the lists that outlines name, by the sign that stands for each.
    """

    def __init__(self, own: Mapping[str, Any]) -> None:
        self.lists: dict[str, list[str]] = own.get("lists", {})
        maps: dict[str, Mapping[str, list[str]]] = dict(own.get("maps", {}))
        for short, long in (("month", "months"), ("season", "seasons"), ("part", "parts")):
            maps[short] = own[long]
        self.tables = {
            name: {fold(word): code for code, words in table.items() for word in words}
            for name, table in maps.items()
        }
        if "weekday" not in self.tables:  # a plain list, Monday first, short forms after the long ones
            self.tables["weekday"] = _weekday_table(own)
        words = {name: every_spelling(_words(table)) for name, table in maps.items()}
        words["weekday"] = every_spelling(own["weekdays"])
        words |= {f"list:{name}": every_spelling(listed) for name, listed in self.lists.items()}
        found = {name: trie_of(spelled) for name, spelled in words.items()}
        signs = {name: chr(_FIRST_SIGN + number) for number, name in enumerate(sorted(found))}
        self.tries: dict[str, Trie] = {signs[name]: trie for name, trie in found.items()}
        self._words = {name: _branch(trie) for name, trie in found.items()}
        self._signs = signs

    def expand(self, pattern: str) -> str:
        """``pattern`` with its placeholders replaced."""
        return _PLACEHOLDER.sub(lambda match: _expanded(match.group(1), self._words), pattern)

    def outline(self, pattern: str) -> str:
        """As ``expand``, but with one sign for each list of words: short, and quick to look into."""
        return _PLACEHOLDER.sub(lambda match: _expanded(match.group(1), self._signs), pattern)


def _expanded(name: str, words: Mapping[str, str]) -> str:
    if name in _LITERALS:
        return _LITERALS[name]
    if name.startswith("list:"):
        return words[name]
    if name.startswith("any:"):  # the words of a table, without a group
        return words[name.removeprefix("any:")]
    kind = name.rstrip("0123456789")
    body = _FIELDS.get(kind) or words[kind]
    if kind == "num":  # in words or in figures
        body = f"(?:{_NUMBER}|{body})"
    return f"(?P<{name}>{body})"


def _weekday_table(own: Mapping[str, Any]) -> dict[str, str]:
    order = own.get("weekday_order", {})
    return {fold(word): code for code, words in order.items() for word in words}


def _words(table: Mapping[str, list[str]]) -> Iterable[str]:
    return (word for words in table.values() for word in words)


def every_spelling(words: Iterable[str]) -> set[str]:
    """As written, with a capital, in capitals, and all of these decomposed (``a`` + U+0308)."""
    forms = {form for word in words for form in (word, word[:1].upper() + word[1:], word.upper())}
    return forms | {unicodedata.normalize("NFD", word) for word in forms}


def word_pattern(words: Iterable[str]) -> str:
    """A regular expression for any of ``words``, longest first, sharing their beginnings.

    Shared beginnings keep the cost of one position small however long the list is. A blank in a word
    stands for any blank, and for the end of a line.
    """
    return _branch(trie_of(words))


def trie_of(words: Iterable[str]) -> Trie:
    """The words by their characters."""
    trie: Trie = {}
    for word in words:
        node = trie
        for character in word:
            node = node.setdefault(character, {})
        node[""] = {}
    return trie


def _branch(node: Mapping[str, Any]) -> str:
    ends = "" in node
    options = [
        (_GAP if character == " " else re.escape(character)) + _tail(child)
        for character, child in sorted(node.items())
        if character
    ]
    body = options[0] if len(options) == 1 and not ends else f"(?:{'|'.join(options)})"
    return f"{body}?" if ends else body


def _tail(node: Mapping[str, Any]) -> str:
    return "" if set(node) == {""} else _branch(node)
