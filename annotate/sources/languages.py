"""The language of an article, by a library; deterministic.

The choice is restricted to the study's languages and some that are likely beside them, so that an
article in a third language is recognised and not forced into one of the study's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

NEIGHBOURS = (
    "de",
    "en",
    "fr",
    "es",
    "it",
    "nl",
    "pt",
    "ru",
    "uk",
    "pl",
    "cs",
    "da",
    "sv",
    "ko",
    "zh",
    "ja",
    "ar",
    "vi",
)
LONGEST_SAMPLE = 20_000
SHORTEST_SURE = 60
LOWEST_SURE = 0.9


@dataclass(frozen=True, slots=True)
class Language:
    """ISO 639-1 code (``und``: no letters), the library's probability, and what is doubtful about it."""

    code: str
    score: float
    doubts: tuple[str, ...]


def language_of(text: str, expected: tuple[str, ...]) -> Language:
    """Language of a text; ``expected`` are the study's languages."""
    letters = sum(1 for character in text[:LONGEST_SAMPLE] if character.isalpha())
    if letters == 0:
        return Language("und", 0.0, ("language unknown: no letters",))
    code, score = _identifier(expected).classify(text[:LONGEST_SAMPLE])
    score = round(float(score), 4)
    doubts = []
    if code not in expected:
        doubts.append(f"language {code} is not one of the study's ({', '.join(expected)})")
    if letters < SHORTEST_SURE:
        doubts.append(f"language {code} was read from {letters} letters only")
    elif score < LOWEST_SURE:
        doubts.append(f"language {code} is uncertain ({score:.2f})")
    return Language(code, score, tuple(doubts))


def library() -> str:
    """Name and version of the library, for the record."""
    return f"py3langid {version('py3langid')}"


@cache
def _identifier(expected: tuple[str, ...]) -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = set(identifier.labels)
    identifier.set_languages([code for code in dict.fromkeys((*expected, *NEIGHBOURS)) if code in known])
    return identifier
