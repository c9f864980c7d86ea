"""A spaCy pipeline against the linear head: both judge the same units of the same held-out documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import spacy
from spacy.language import Language

from annotate.core.learning.figures import LabelFigures
from annotate.core.learning.lessons import Course
from annotate.nlp.learning.fitting import one_core
from annotate.nlp.learning.measures import figures
from annotate.nlp.learning.network import network_scores, train_network
from annotate.nlp.learning.teaching import Taught, outer_folds, truths_of
from annotate.nlp.pipelines import ANY_LANGUAGE

THRESHOLD: Final = 0.5


@dataclass(frozen=True, slots=True)
class Contest:
    """What a network and the linear head reached on a course, by label."""

    course: Course
    network: Mapping[str, LabelFigures]
    linear: Mapping[str, LabelFigures]

    @property
    def won(self) -> bool:
        """Whether the network has the higher average precision, in the mean of all labels."""
        return _mean(self.network) > _mean(self.linear)


def contest(course: Course, taught: Taught, texts: Mapping[str, str], seed: int) -> Contest:
    """Train a network for each part of held-out documents; ``taught`` is the linear head."""
    examples = course.examples
    groups = [one.document_id for one in examples]
    scores = {label: np.zeros(len(examples)) for label in course.labels}
    with one_core():
        for learn, out in outer_folds(groups, seed):
            network = train_network(course, texts, [examples[at] for at in learn], seed)
            found = network_scores(network, course, texts, [examples[at] for at in out])
            for label, values in found.items():
                scores[label][out] = values
        judged = {
            label: figures(scores[label], scores[label] >= THRESHOLD, truth, groups)
            for label, truth in truths_of(course).items()
        }
    return Contest(course, judged, taught.figures)


def network_pipeline(
    courses: Sequence[Course], texts: Mapping[str, str], seed: int, name: str, version: str
) -> Language:
    """One pipeline that learned every course from all of its documents."""
    nlp = spacy.blank(ANY_LANGUAGE)
    nlp.meta["name"], nlp.meta["version"] = name, version
    nlp.meta["description"] = "Learned by annotate train; README.md is its model card."
    with one_core():
        for number, course in enumerate(courses):
            network = train_network(course, texts, course.examples, seed)
            network.get_pipe("spancat").cfg["threshold"] = THRESHOLD  # type: ignore[attr-defined]
            for kind in ("spancat", "textcat_multilabel"):
                nlp.add_pipe(kind, name=f"{kind}_{number}", source=network)
    return nlp


def _mean(found: Mapping[str, LabelFigures]) -> float:
    return float(np.mean([one.average_precision.value for one in found.values()]))
