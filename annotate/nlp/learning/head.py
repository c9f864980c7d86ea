"""The linear head: logistic regression over the blocks of features, its scores made into probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from annotate.nlp.learning.encoder import Floats
from annotate.nlp.learning.features import Blocks, Features, Recipe, Seen

_KERNEL: Final = 3.0
_PLAIN: Final = 0.1
_STEPS: Final = 200

Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Head:
    """Weights of one label: a number for each landmark, plain feature and term, and a constant."""

    kernel: Floats
    plain: Floats
    words: Floats
    constant: float

    def scores(self, blocks: Blocks) -> Floats:
        """Log odds (not calibrated) of units."""
        own = blocks.kernel @ self.kernel + blocks.plain @ self.plain + blocks.words @ self.words
        return np.asarray(own + self.constant, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Ground:
    """What heads learn from: kernel and plain features in one matrix, TF-IDF, the way back to landmarks."""

    dense: Floats
    words: Any
    roots: Sequence[Floats]


def ground_of(features: Features, seen: Seen) -> Ground:
    """The ground for heads over these units."""
    blocks, roots = features.blocks(seen), features.roots()
    kernels = np.split(blocks.kernel, len(roots), axis=1)
    turned = [own @ root * _KERNEL for own, root in zip(kernels, roots, strict=True)]
    return Ground(np.hstack([*turned, blocks.plain * _PLAIN]), blocks.words, roots)


def fit_head(ground: Ground, truth: Truth, recipe: Recipe) -> Head:
    """Learn one label; both classes weigh the same.

    L2-regularised logistic loss, minimised by L-BFGS (Byrd et al. 1995, SIAM J. Sci. Comput. 16).
    """
    dense, sparse = ground.dense, ground.words.multiply(recipe.words).tocsr()
    weights = _balanced(truth)
    signs = np.where(truth, 1.0, -1.0)
    at = dense.shape[1]

    def loss(point: Floats) -> tuple[float, Floats]:
        slope, constant = point[:-1], point[-1]
        margin = signs * (dense @ slope[:at] + sparse @ slope[at:] + constant)
        pull = -signs * weights * _sigmoid(-margin) * recipe.cost
        value = recipe.cost * float(weights @ np.logaddexp(0.0, -margin)) + 0.5 * float(slope @ slope)
        return value, np.concatenate(
            [dense.T @ pull + slope[:at], sparse.T @ pull + slope[at:], [pull.sum()]]
        )

    best = _minimised(loss, at + sparse.shape[1] + 1)
    landmarks = sum(map(len, ground.roots))
    own = np.split(best[:landmarks], len(ground.roots))
    return Head(
        kernel=_KERNEL * np.concatenate([root @ one for root, one in zip(ground.roots, own, strict=True)]),
        plain=_PLAIN * best[landmarks:at],
        words=(recipe.words * best[at:-1]).astype(np.float32).astype(np.float64),
        constant=float(best[-1]),
    )


def _minimised(loss: Callable[[Floats], tuple[float, Floats]], size: int) -> Floats:
    from scipy.optimize import minimize

    found: Any = minimize(
        loss, np.zeros(size), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS, "ftol": 1e-7}
    )
    return np.asarray(found.x, dtype=np.float64)


def _balanced(truth: Truth) -> Floats:
    positive = max(1, int(truth.sum()))
    negative = max(1, len(truth) - positive)
    return np.where(truth, len(truth) / (2 * positive), len(truth) / (2 * negative)).astype(np.float64)


def _sigmoid(value: Floats) -> Floats:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * value)))


@dataclass(frozen=True, slots=True)
class Scale:
    """Log odds to probabilities (Platt 1999): ``1 / (1 + exp(-(slope * score + constant)))``."""

    slope: float
    constant: float

    def __call__(self, scores: Floats) -> Floats:
        """Probabilities of scores."""
        return _sigmoid(self.slope * scores + self.constant)


def fit_scale(scores: Floats, truth: Truth) -> Scale:
    """Learn a scale from scores of units that the head did not learn from."""
    positive, negative = int(truth.sum()), int((~truth).sum())
    # Platt's targets keep a scale of few examples away from certainty.
    wanted = np.where(truth, (positive + 1) / (positive + 2), 1 / (negative + 2))

    def loss(point: Floats) -> tuple[float, Floats]:
        line = point[0] * scores + point[1]
        value = float((np.logaddexp(0.0, line) - wanted * line).sum())
        pull = _sigmoid(line) - wanted
        return value, np.array([pull @ scores, pull.sum()])

    slope, constant = _minimised(loss, 2)
    return Scale(max(float(slope), 1e-6), float(constant))
