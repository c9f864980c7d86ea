"""Take out of sentence vectors what is language and not meaning: each language has its own centre.

The encoder puts sentences of one language a little aside together, so that what was learned on one would be
off on another. Centres need texts, no labels (Libovický, Rosa and Fraser 2020, Findings of EMNLP).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from annotate.nlp.learning.encoder import Floats, vectors

Centres = Mapping[str, Floats]
"""Language to the mean vector of its texts."""

FEWEST = 20
"""A language with fewer texts has no centre: its mean would be about those texts and not the language."""


def centres_of(found: Floats, languages: Sequence[str]) -> dict[str, Floats]:
    """Centres of the languages of vectors (rows). Without any language that has enough texts: one of all."""
    named = np.asarray(languages)
    made = {
        one: _mean(found[named == one]) for one in sorted(set(languages)) if (named == one).sum() >= FEWEST
    }
    return made or ({"": _mean(found)} if len(found) else {})


def centred(found: Floats, centres: Centres, language: str | None = None) -> Floats:
    """Vectors of texts in one language without its centre; one that has none gets the nearest."""
    if not centres or not len(found):
        return found
    if language is not None and language in centres:
        return np.asarray(found - centres[language])
    mean = found.mean(axis=0)
    nearest = min(sorted(centres), key=lambda one: float(((mean - centres[one]) ** 2).sum()))
    return np.asarray(found - centres[nearest])


def centred_each(found: Floats, centres: Centres, languages: Sequence[str]) -> Floats:
    """As ``centred``, for vectors in several languages."""
    result = found.copy()
    named = np.asarray(languages)
    for one in sorted(set(languages)):
        result[named == one] = centred(found[named == one], centres, one)
    return result


def seen_in(texts: Sequence[str], centres: Centres) -> Floats:
    """Centred vectors of the units of one document, whose language need not be known."""
    return centred(vectors(texts), centres)


def _mean(found: Floats) -> Floats:
    return np.asarray(found.mean(axis=0), dtype=np.float32).astype(np.float64)
