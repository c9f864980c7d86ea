"""Count the phrases of each outlet: in how many documents does a run of three content words stand?

Linear in the corpus: one pass finds what stands in more than one document, a second one remembers where. Only
what is repeated is kept. Above chance: were words strewn independently, so many places would come about with
a probability below one in a thousand (the tail of a Poisson distribution).
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from annotate.core.formulas.skeleton import Bone, skeleton
from annotate.core.prose import read

SIZE = 3
"""Content words of the shortest phrase."""
_GAP = 3
"""So many function words may stand between two content words."""
_NAMES = 2
"""A run with so many names or titles is a name, not a formula."""
_CHANCE = 0.001

Gram = tuple[str, ...]
Outlet = tuple[str, str]
"""Name of the outlet ("" if it is not known), language."""


@dataclass(frozen=True, slots=True)
class CorpusText:
    """A passage as it is counted: of which document of which outlet it is."""

    document_id: str
    outlet: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a repeated run of words stands: its documents, sorted, and how often in all of them."""

    documents: tuple[str, ...]
    times: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What outlets repeat. ``texts``: SHA-256 of a passage's text to (document, outlet)."""

    repeated: Mapping[Outlet, Mapping[Gram, Place]] = field(default_factory=dict)
    documents: Mapping[Outlet, int] = field(default_factory=dict)
    texts: Mapping[str, tuple[str, Outlet]] = field(default_factory=dict)
    sha256: str = ""


def grams(bones: Sequence[Bone]) -> Iterator[tuple[int, Gram]]:
    """Each run of content words that can be part of a phrase, with the number of its first bone."""
    for at in range(len(bones) - SIZE + 1):
        run = bones[at : at + SIZE]
        if any(one.apart for one in run[1:]) or sum(one.name for one in run) >= _NAMES:
            continue
        if any(right.word - left.word > _GAP + 1 for left, right in pairwise(run)):
            continue
        yield at, tuple(one.stem for one in run)


def count_phrases(texts: Sequence[CorpusText]) -> Counts:
    """Count a corpus. The order of ``texts`` does not matter to what is found."""
    seen: dict[tuple[Outlet, Gram], str] = {}
    often: set[tuple[Outlet, Gram]] = set()
    words: dict[Outlet, Counter[str]] = {}
    documents: dict[Outlet, set[str]] = {}
    for one, outlet, bones in _sentences(texts):
        documents.setdefault(outlet, set()).add(one.document_id)
        words.setdefault(outlet, Counter()).update(bone.stem for bone in bones)
        for _, gram in grams(bones):
            if seen.setdefault((outlet, gram), one.document_id) != one.document_id:
                often.add((outlet, gram))
    seen.clear()
    where: dict[tuple[Outlet, Gram], Counter[str]] = {}
    for one, outlet, bones in _sentences(texts) if often else ():
        for _, gram in grams(bones):
            if (outlet, gram) in often:
                where.setdefault((outlet, gram), Counter())[one.document_id] += 1
    repeated: dict[Outlet, dict[Gram, Place]] = {}
    for (outlet, gram), found in sorted(where.items()):
        if _above_chance(gram, len(found), words[outlet]):
            repeated.setdefault(outlet, {})[gram] = Place(tuple(sorted(found)), found.total())
    sizes = {outlet: len(names) for outlet, names in sorted(documents.items())}
    known = {text_key(one.text): (one.document_id, (one.outlet, one.language)) for one in reversed(texts)}
    return Counts(repeated, sizes, known, _sha256(repeated, sizes))


def text_key(text: str) -> str:
    """By which a passage is known."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _sentences(texts: Sequence[CorpusText]) -> Iterator[tuple[CorpusText, Outlet, list[Bone]]]:
    for one in texts:
        reading = read(one.text, one.language)
        for sentence in reading.sentences:
            yield one, (one.outlet, one.language), list(skeleton(reading, sentence))


def _above_chance(gram: Gram, found: int, words: Counter[str]) -> bool:
    """Whether independent words would hardly meet so in ``found`` documents."""
    total = words.total()
    expected = total * math.prod(words[stem] / total for stem in gram)
    term = math.exp(-expected)
    below = 0.0
    for number in range(found):
        below += term
        term *= expected / (number + 1)
    return 1 - below < _CHANCE


def _sha256(repeated: Mapping[Outlet, Mapping[Gram, Place]], sizes: Mapping[Outlet, int]) -> str:
    digest = hashlib.sha256()
    for outlet, size in sizes.items():
        digest.update(repr((outlet, size)).encode("utf-8", "backslashreplace"))
        for gram, place in repeated.get(outlet, {}).items():
            digest.update(repr((gram, place.documents, place.times)).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()
