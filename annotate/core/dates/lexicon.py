"""Words of one language, and the regular expressions they make."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
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


def fold(word: str) -> str:
    """One form for the spellings of a lexicon word: composed, case-folded, without a full stop."""
    return unicodedata.normalize("NFC", word).casefold().rstrip(".")


class Lexicon:
    """The word tables of one language. ``tables`` maps table name to folded word to code."""

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
        self._words = {name: word_pattern(every_spelling(_words(table))) for name, table in maps.items()}
        self._words["weekday"] = word_pattern(every_spelling(own["weekdays"]))

    def expand(self, pattern: str) -> str:
        """``pattern`` with its placeholders replaced."""
        return _PLACEHOLDER.sub(lambda match: self._expanded(match.group(1)), pattern)

    def _expanded(self, name: str) -> str:
        if name in _LITERALS:
            return _LITERALS[name]
        kind, _, which = name.partition(":")
        if kind == "list":
            return word_pattern(every_spelling(self.lists[which]))
        if kind == "any":  # the words of a table, without a group
            return self._words[which]
        kind = name.rstrip("0123456789")
        body = _FIELDS.get(kind) or self._words[kind]
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
    trie: dict[str, Any] = {}
    for word in words:
        node = trie
        for character in word:
            node = node.setdefault(character, {})
        node[""] = {}
    return _branch(trie)


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
