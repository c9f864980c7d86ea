"""The words that attribute, and the small words around them, made ready for searching.

Both come from a lexicon file: entries with the label ``CUE`` whose ``where`` says how a cue stands to its
speaker and its content, and a ``[lexicon]`` table with the small words of the language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from annotate.core.phrases import Entry, Matcher

LABEL = "CUE"
PLACES = frozenset(
    {"say", "that", "text", "act", "naming", "adding", "seems", "noun", "stance", "slogan"}
    | {"before", "before text", "after", "so", "es"}
)
SPLIT = "split:"
_LISTS = (
    "that",
    "determiners",
    "pronouns",
    "first_person",
    "prepositions",
    "joining",
    "role_joining",
    "breaks",
    "conjunctions",
    "relatives",
    "auxiliaries",
    "adverbs",
    "addressing",
    "addressed",
    "support",
    "occasions",
    "manners",
    "roles",
    "documents",
    "verbs",
    "subjunctive",
    "second_subjunctive",
)


@dataclass(frozen=True, slots=True)
class Cues:
    """A language's lexicon of attribution. The lists hold folded words; ``documents`` ends of words.

    ``nouns_are_capitalised``: German spelling, where a lower-case word is no noun.
    """

    language: str
    matcher: Matcher
    that: frozenset[str]
    determiners: frozenset[str]
    pronouns: frozenset[str]
    first_person: frozenset[str]
    prepositions: frozenset[str]
    joining: frozenset[str]
    role_joining: frozenset[str]
    breaks: frozenset[str]
    conjunctions: frozenset[str]
    relatives: frozenset[str]
    auxiliaries: frozenset[str]
    adverbs: frozenset[str]
    addressing: frozenset[str]
    addressed: frozenset[str]
    support: frozenset[str]
    occasions: frozenset[str]
    manners: frozenset[str]
    roles: frozenset[str]
    documents: frozenset[str]
    verbs: frozenset[str]
    subjunctive: frozenset[str]
    second_subjunctive: frozenset[str]
    nouns_are_capitalised: bool

    @classmethod
    def of(cls, language: str, entries: Iterable[Entry], settings: Mapping[str, Any]) -> Cues:
        """From the entries and the ``[lexicon]`` table of a file.

        Raises ValueError that names a list or a ``where`` that this does not know.
        """
        unknown = sorted(settings.keys() - set(_LISTS))
        if unknown:
            raise ValueError(f"unknown list {unknown[0]!r}; known are {', '.join(_LISTS)}")
        mine = [entry for entry in entries if entry.label == LABEL]
        for entry in mine:
            if entry.where not in PLACES and not entry.where.startswith(SPLIT):
                raise ValueError(f"{entry.pattern.written!r}: unknown where {entry.where!r}")
        lists = {name: frozenset(str(word).lower() for word in settings.get(name, ())) for name in _LISTS}
        return cls(language, Matcher(mine), **lists, nouns_are_capitalised=language == "de")

    def is_document(self, word: str) -> bool:
        """Whether a folded noun names something written or broadcast."""
        if word in self.documents:
            return True
        return self.nouns_are_capitalised and any(
            word.endswith(one[1:]) or word.endswith(one[1:] + "en") for one in self.documents if one[0] == "*"
        )
