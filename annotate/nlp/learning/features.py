"""A unit as numbers: kernels to landmarks over sentence vectors and surface, these themselves, and TF-IDF.

There is a kernel for each kind of vector (``encoder.VIEWS``), with the surface in all of them: a head over
several is better than one over all vectors as one. A kernel is Gaussian and taken to a sample of the training
units, the landmarks (Williams and Seeger 2001, NIPS, "Nyström"), so that a linear head over it bends where
sentences mean something else. What a head learns over a kernel is folded into one weight a landmark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from annotate.nlp.learning.encoder import LONGEST, VIEWS, Floats
from annotate.nlp.learning.surface import NAMES, surface

VECTOR_SCALE: Final = 8.0
_JITTER: Final = 1e-6
_DIGIT: Final = re.compile(r"\d")
_MOST_TERMS: Final = {"words": 30_000, "pieces": 50_000}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is chosen by cross-validation.

    ``gamma``: of the kernel; ``surface``, ``words``: weights of these features; ``cost``: inverse strength
    of regularisation, as C of scikit-learn.
    """

    gamma: float
    surface: float
    words: float
    cost: float


class Terms:
    """The words, pairs of words and pieces of words that are counted; lists in the order of their numbers."""

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        self.lists = {name: tuple(lists[name]) for name in _MOST_TERMS}
        self._counters = {
            name: _counter(name, vocabulary={term: at for at, term in enumerate(terms)})
            for name, terms in self.lists.items()
            if terms
        }

    @classmethod
    def of(cls, texts: Sequence[str]) -> Terms:
        """Every term of these texts, up to a limit the most frequent ones."""
        fewest = 1 if len(texts) < 500 else 2
        lists = {}
        for name, most in _MOST_TERMS.items():
            counter = _counter(name, min_df=fewest, max_features=most)
            try:
                lists[name] = counter.fit(_masked(texts)).get_feature_names_out().tolist()
            except ValueError:  # no word at all in any of the texts
                lists[name] = []
        return cls(lists)

    def counts(self, texts: Sequence[str]) -> dict[str, Any]:
        """Logarithmic counts, a sparse matrix for each list."""
        from scipy.sparse import csr_matrix

        found = {}
        texts = _masked(texts)
        for name, terms in self.lists.items():
            counter = self._counters.get(name)
            counted = counter.transform(texts) if counter else csr_matrix((len(texts), 0), dtype=np.float64)
            counted = counted.astype(np.float64)
            counted.data = 1.0 + np.log(counted.data)
            found[name] = counted
            if counted.shape[1] != len(terms):
                raise ValueError("a term is listed twice")
        return found


def _masked(texts: Sequence[str]) -> list[str]:
    """Every digit as 0: that there is a year or an amount says more than which."""
    return [_DIGIT.sub("0", text) for text in texts]


def _counter(name: str, **settings: Any) -> Any:  # noqa: ANN401 - scikit-learn has no types
    from sklearn.feature_extraction.text import CountVectorizer

    if name == "words":
        settings |= {"ngram_range": (1, 2), "token_pattern": r"(?u)\w+|[^\w\s]"}
    else:
        settings |= {"ngram_range": (2, 5), "analyzer": "char_wb"}
    return CountVectorizer(**settings)


@dataclass(frozen=True, slots=True)
class Seen:
    """What can be known of units one by one: vectors (None without encoder), surface, logarithmic counts."""

    vectors: Floats | None
    surface: Floats
    counts: Mapping[str, Any]

    def part(self, rows: NDArray[np.int_]) -> Seen:
        """Some of the units."""
        own = None if self.vectors is None else self.vectors[rows]
        return Seen(own, self.surface[rows], {name: one[rows] for name, one in self.counts.items()})

    def __len__(self) -> int:
        return len(self.surface)


def see(texts: Sequence[str], terms: Terms, own: Floats | None) -> Seen:
    """Look at units; ``own`` are their (centred) sentence vectors, None to do without."""
    cut = tuple(text[:LONGEST] for text in texts)
    rows = np.array([surface(text) for text in cut], dtype=np.float64).reshape(len(cut), len(NAMES))
    return Seen(own, rows, terms.counts(cut))


@dataclass(frozen=True, slots=True)
class Blocks:
    """The features of units: values of each kernel to the landmarks, the plain features, sparse TF-IDF."""

    kernel: Floats
    plain: Floats
    words: Any


class Features:
    """What turns units into blocks: scales, landmarks and the rarity of terms, learned from units."""

    def __init__(
        self,
        recipe: Recipe,
        mean: Floats,
        spread: Floats,
        landmarks: Floats,
        rarity: Mapping[str, Floats],
    ) -> None:
        self.recipe = recipe
        self.mean, self.spread, self.landmarks, self.rarity = mean, spread, landmarks, dict(rarity)

    @classmethod
    def fitted(cls, seen: Seen, recipe: Recipe, *, landmarks: int, seed: int) -> Features:
        """Learn from training units. Terms that these do not have weigh nothing."""
        deviation = seen.surface.std(axis=0)
        spread = np.where(deviation > 0, deviation, 1.0)
        rarity = {name: _rarity(one) for name, one in seen.counts.items()}
        made = cls(recipe, seen.surface.mean(axis=0), spread, np.zeros((0, 0)), rarity)
        chosen = np.random.default_rng(seed).permutation(len(seen))[:landmarks]
        # As precise as they are saved, so that a loaded model is the one that was trained.
        plain = made._plain(seen.part(np.sort(chosen)))
        made.landmarks = plain.astype(np.float32).astype(np.float64)
        return made

    def blocks(self, seen: Seen) -> Blocks:
        """The features of units."""
        from scipy.sparse import diags, hstack

        plain = self._plain(seen)
        weighed = [_normalised(one @ diags(self.rarity[name])) for name, one in seen.counts.items()]
        kernels = [_gaussian(plain[:, own], self.landmarks[:, own], self.recipe.gamma) for own in self.views]
        return Blocks(np.hstack(kernels), plain, hstack(weighed).tocsr())

    def roots(self) -> list[Floats]:
        """For each kernel the matrix R that makes features of its values: K @ R has the kernel as product."""
        found = []
        for own in self.views:
            rows = self.landmarks[:, own]
            square = _gaussian(rows, rows, self.recipe.gamma) + _JITTER * np.eye(len(rows))
            found.append(np.asarray(np.linalg.inv(np.linalg.cholesky(square)).T))
        return found

    @property
    def views(self) -> list[NDArray[np.int_]]:
        """The columns that each kernel looks at: one kind of vector and the surface."""
        size = self.landmarks.shape[1]
        shown = np.arange(size - len(NAMES), size)
        if len(shown) == size:
            return [shown]
        ends = np.cumsum(VIEWS)
        return [np.append(np.arange(end - own, end), shown) for own, end in zip(VIEWS, ends, strict=True)]

    def _plain(self, seen: Seen) -> Floats:
        own = (seen.surface - self.mean) / self.spread * self.recipe.surface
        return own if seen.vectors is None else np.hstack([seen.vectors * VECTOR_SCALE, own])


def _gaussian(rows: Floats, landmarks: Floats, gamma: float) -> Floats:
    square = (rows**2).sum(axis=1)[:, None] + (landmarks**2).sum(axis=1)[None, :]
    return np.asarray(np.exp(-gamma * np.maximum(square - 2 * rows @ landmarks.T, 0.0)))


def _rarity(counts: Any) -> Floats:  # noqa: ANN401 - a sparse matrix
    """Inverse document frequency, smoothed as scikit-learn does it; 0 for terms that are nowhere."""
    frequency = counts.getnnz(axis=0)
    found = np.log((1 + counts.shape[0]) / (1 + frequency)) + 1.0
    return np.where(frequency > 0, found, 0.0)


def _normalised(rows: Any) -> Any:  # noqa: ANN401 - a sparse matrix
    from scipy.sparse import diags

    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return diags(1.0 / np.where(length > 0, length, 1.0)) @ rows
