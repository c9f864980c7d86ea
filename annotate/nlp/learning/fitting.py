"""Train a model of one kind of unit: choose the recipe, learn every label, find thresholds. All seeded.

The recipe is chosen by average precision over folds of whole groups (documents), so that no document is on
both sides. The scores of those folds, which the heads did not learn from, give scale and threshold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from annotate.nlp.learning.encoder import Floats
from annotate.nlp.learning.features import Features, Recipe, Seen, Terms
from annotate.nlp.learning.head import Head, Scale, Truth, fit_head, fit_scale, ground_of
from annotate.nlp.learning.measures import average_precision, best_threshold

FOLDS: Final = 4
LANDMARKS: Final = 1_500
_TRIAL_LANDMARKS: Final = 500
_TRIAL_UNITS: Final = 3_000
RECIPES: Final = (
    Recipe(0.012, 0.15, 0.0, 0.1),
    Recipe(0.012, 0.3, 0.0, 0.3),
    Recipe(0.015, 0.3, 0.3, 0.1),
    Recipe(0.015, 0.3, 0.7, 1.0),
    Recipe(0.015, 0.4, 1.0, 3.0),
)
"""From the most cautious one to the one that trusts single words most."""

Rows = NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class Label:
    """One label of a model: its head, the scale of its scores, and from which probability it is suggested."""

    head: Head
    scale: Scale
    threshold: float


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that was learned about units of one kind; labels in the order of their names."""

    terms: Terms
    features: Features
    labels: Mapping[str, Label]

    def probabilities(self, seen: Seen) -> dict[str, Floats]:
        """Of every label for every unit."""
        if not len(seen):
            return {name: np.zeros(0) for name in self.labels}
        blocks = self.features.blocks(seen)
        return {name: one.scale(one.head.scores(blocks)) for name, one in self.labels.items()}


def one_core() -> AbstractContextManager[object]:
    """Sums over several threads differ in their last digit from run to run."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(1)
    return limits


def train(
    terms: Terms,
    seen: Seen,
    truths: Mapping[str, Truth],
    groups: Sequence[str],
    *,
    seed: int = 0,
    recipes: Sequence[Recipe] = (),
) -> Model:
    """Learn every label in ``truths`` (one value a unit); ``groups`` holds the document of each unit.

    Needs both classes of every label and two groups or more. ``recipes`` empty: ``RECIPES``.
    """
    with one_core():
        names = sorted(truths)
        recipe = _chosen(seen, truths, groups, seed, recipes or RECIPES)
        held = out_of_fold(seen, truths, groups, recipe, seed)
        features = Features.fitted(seen, recipe, landmarks=LANDMARKS, seed=seed)
        ground = ground_of(features, seen)
        heads = {name: fit_head(ground, truths[name], recipe) for name in names}
        labels = {}
        for name in names:
            scale = fit_scale(held[name], truths[name])
            threshold = best_threshold(scale(held[name]), truths[name])
            labels[name] = Label(heads[name], scale, threshold)
        return Model(terms, features, labels)


def folds(groups: Sequence[str], seed: int, count: int = FOLDS) -> Iterator[tuple[Rows, Rows]]:
    """Rows to learn from and rows held out; a group is in one fold as a whole, folds are about equal."""
    names, sizes = np.unique(np.asarray(groups), return_counts=True)
    order = np.random.default_rng(seed).permutation(len(names))
    loads = np.zeros(min(count, len(names)), dtype=int)
    fold_of = {}
    for at in sorted(order, key=lambda one: -sizes[one]):
        fold_of[str(names[at])] = int(loads.argmin())
        loads[loads.argmin()] += sizes[at]
    mine = np.array([fold_of[str(one)] for one in groups])
    for fold in range(len(loads)):
        yield np.flatnonzero(mine != fold), np.flatnonzero(mine == fold)


def out_of_fold(
    seen: Seen,
    truths: Mapping[str, Truth],
    groups: Sequence[str],
    recipe: Recipe,
    seed: int,
    landmarks: int = LANDMARKS,
) -> dict[str, Floats]:
    """Log odds of each unit from heads that learned without its group."""
    held = {name: np.zeros(len(seen)) for name in truths}
    for learn, out in folds(groups, seed):
        features = Features.fitted(seen.part(learn), recipe, landmarks=landmarks, seed=seed)
        ground = ground_of(features, seen.part(learn))
        tested = features.blocks(seen.part(out))
        for name, truth in truths.items():
            held[name][out] = fit_head(ground, truth[learn], recipe).scores(tested)
    return held


def _chosen(
    seen: Seen, truths: Mapping[str, Truth], groups: Sequence[str], seed: int, recipes: Sequence[Recipe]
) -> Recipe:
    if len(recipes) == 1:
        return recipes[0]
    rows = _sample(groups, seed)
    part = seen.part(rows)
    mine = {name: truth[rows] for name, truth in truths.items()}
    own = [groups[row] for row in rows]
    by_fold = np.array([_precisions(part, mine, own, recipe, seed) for recipe in recipes])
    best = by_fold[int(np.argmax(by_fold.mean(axis=1)))]
    behind = best - by_fold
    # The first that is behind by no more than chance would have it: one standard error, fold by fold
    # (Breiman et al. 1984, Classification and Regression Trees, ch. 3.4).
    error = behind.std(axis=1, ddof=1) / np.sqrt(behind.shape[1])
    return recipes[int(np.argmax(behind.mean(axis=1) <= error))]


def _precisions(
    seen: Seen, truths: Mapping[str, Truth], groups: Sequence[str], recipe: Recipe, seed: int
) -> list[float]:
    """Average precision in each fold, the mean of all labels."""
    held = out_of_fold(seen, truths, groups, recipe, seed, _TRIAL_LANDMARKS)
    return [
        float(np.mean([average_precision(held[name][out], truth[out]) for name, truth in truths.items()]))
        for _, out in folds(groups, seed)
    ]


def _sample(groups: Sequence[str], seed: int) -> Rows:
    """All units, or of whole groups in random order as many as a trial can take."""
    if len(groups) <= _TRIAL_UNITS:
        return np.arange(len(groups))
    names, sizes = np.unique(np.asarray(groups), return_counts=True)
    order = np.random.default_rng(seed).permutation(len(names))
    fitting = order[: max(2, int(np.searchsorted(np.cumsum(sizes[order]), _TRIAL_UNITS)))]
    return np.flatnonzero(np.isin(np.asarray(groups), names[fitting]))
