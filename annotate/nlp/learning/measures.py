"""Precision, recall, F1 and average precision of scored units, with intervals over documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from annotate.core.agreement.bootstrap import draws
from annotate.core.learning.figures import Figure, LabelFigures
from annotate.nlp.learning.encoder import Floats
from annotate.nlp.learning.head import Truth

_RESAMPLES: Final = 1_000
_TAIL: Final = 0.025


def average_precision(scores: Floats, truth: Truth, weights: Floats | None = None) -> float:
    """Mean of the precision at each positive, ties together (``average_precision_score`` of scikit-learn).

    Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), ch. 8.4. 0 without positives.
    """
    weights = np.ones(len(scores)) if weights is None else weights
    order = np.argsort(-scores, kind="stable")
    gained = np.cumsum(weights[order] * truth[order])
    if not len(order) or gained[-1] <= 0:
        return 0.0
    seen = np.cumsum(weights[order])
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    steps = np.diff(gained[last], prepend=0.0)
    precision = np.divide(gained[last], seen[last], out=np.zeros(len(last)), where=seen[last] > 0)
    return float((steps * precision).sum() / gained[-1])


def precision_at_recall(scores: Floats, truth: Truth, recall: float = 0.5) -> float:
    """Precision of the shortest top of the list that holds this share of the positives."""
    order = np.argsort(-scores, kind="stable")
    gained = np.cumsum(truth[order])
    at = int(np.searchsorted(gained, recall * truth.sum()))
    return float(gained[at] / (at + 1))


def best_threshold(scores: Floats, truth: Truth) -> float:
    """The score from which on F1 is highest; halfway to the next lower score."""
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    gained = np.cumsum(truth[order])
    f1 = 2 * gained / (np.arange(1, len(order) + 1) + max(1, truth.sum()))
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(order) - 1)
    at = int(ends[np.argmax(f1[ends])])
    below = ordered[at + 1] if at + 1 < len(ordered) else ordered[at]
    return float((ordered[at] + below) / 2)


def figures(scores: Floats, chosen: Truth, truth: Truth, groups: Sequence[str]) -> LabelFigures:
    """All figures of one label; ``chosen``: suggested or not, ``groups``: the document of each unit."""
    names, inverse = np.unique(np.asarray(groups), return_inverse=True)
    group_of = inverse.astype(np.int_)
    taken = _drawn(len(names))
    hits, found, wanted, all_units = (
        _by_group(values, group_of, len(names)) for values in (chosen & truth, chosen, truth, truth | True)
    )
    counts = [_sums(one, taken) for one in (hits, found, wanted, all_units)]
    ranked = [average_precision(scores, truth, row[group_of]) for row in taken]
    return LabelFigures(
        units=len(truth),
        positive=int(truth.sum()),
        suggested=int(chosen.sum()),
        documents=len(names),
        precision=_figure(_ratio(hits.sum(), found.sum()), _ratios(counts[0], counts[1])),
        recall=_figure(_ratio(hits.sum(), wanted.sum()), _ratios(counts[0], counts[2])),
        f1=_figure(
            _ratio(2 * hits.sum(), found.sum() + wanted.sum()),
            _ratios(2 * counts[0], counts[1] + counts[2]),
        ),
        average_precision=_figure(average_precision(scores, truth), np.array(ranked)),
        everything_precision=_ratio(wanted.sum(), len(truth)),
        everything_f1=_ratio(2 * wanted.sum(), len(truth) + wanted.sum()),
    )


def _drawn(documents: int) -> Floats:
    """How often each document is in each sample; no samples for fewer than five documents."""
    samples = draws(documents, resamples=_RESAMPLES)
    taken = np.zeros((len(samples), documents))
    for row, one in enumerate(samples):
        for number, times in one.items():
            taken[row, number] = times
    return taken


def _by_group(values: Truth, group_of: NDArray[np.int_], count: int) -> Floats:
    counted = np.bincount(group_of, weights=values.astype(np.float64), minlength=count)
    return counted.astype(np.float64)


def _sums(counts: Floats, taken: Floats) -> Floats:
    return np.asarray(taken @ counts)


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0


def _ratios(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def _figure(value: float, samples: Floats) -> Figure:
    if not len(samples):
        return Figure(round(value, 6), None, None)
    ordered = np.sort(samples)
    last = len(ordered) - 1
    low, high = ordered[round(_TAIL * last)], ordered[round((1 - _TAIL) * last)]
    return Figure(round(value, 6), round(float(low), 6), round(float(high), 6))
