"""Teach a pipeline from courses and find out how well it does on documents that it did not learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]

from annotate.core.learning.figures import LabelFigures
from annotate.core.learning.lessons import Course
from annotate.core.learning.units import units
from annotate.nlp.learning.centres import Centres, centred_each, centres_of
from annotate.nlp.learning.component import FACTORY, Learned
from annotate.nlp.learning.encoder import Floats, vectors
from annotate.nlp.learning.features import Recipe, Seen, Terms, see
from annotate.nlp.learning.fitting import Rows, folds, one_core, train
from annotate.nlp.learning.head import Truth
from annotate.nlp.learning.measures import figures
from annotate.nlp.learning.saving import Part, Saved
from annotate.nlp.pipelines import ANY_LANGUAGE

OUTER_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Held:
    """Probabilities and choices for the units of a course, each from a model without its document."""

    probabilities: Mapping[str, Floats]
    chosen: Mapping[str, Truth]


@dataclass(frozen=True, slots=True)
class Taught:
    """A part of a model, what was chosen for it, and its figures by label."""

    part: Part
    recipe: Recipe
    held: Held
    figures: Mapping[str, LabelFigures]


def teach(course: Course, *, seed: int, encode: bool, centres: Centres) -> Taught:
    """Learn from all documents of a course, and judge by models that lacked a fifth of these each."""
    with one_core():
        texts = [one.text for one in course.examples]
        terms = Terms.of(texts)
        own = None
        if encode:
            own = centred_each(vectors(texts), centres, [one.language for one in course.examples])
        seen = see(texts, terms, own)
        truths = truths_of(course)
        groups = [one.document_id for one in course.examples]
        model = train(terms, seen, truths, groups, seed=seed)
        held = _held_out(terms, seen, truths, groups, seed)
        judged = {
            label: figures(held.probabilities[label], held.chosen[label], truth, groups)
            for label, truth in truths.items()
        }
    part = Part(course.layer, course.level, model)
    return Taught(part, model.features.recipe, held, judged)


def truths_of(course: Course) -> dict[str, Truth]:
    """For each label, which examples of a course it marks."""
    return {
        label: np.array([label in one.labels for one in course.examples], dtype=bool)
        for label in course.labels
    }


def outer_folds(groups: Sequence[str], seed: int) -> list[tuple[Rows, Rows]]:
    """The documents that a judge holds out, in five parts."""
    return list(folds(groups, seed + 1, OUTER_FOLDS))


def _held_out(
    terms: Terms, seen: Seen, truths: Mapping[str, Truth], groups: Sequence[str], seed: int
) -> Held:
    """Everything is chosen anew for each fold: recipe, scale, threshold never saw its documents."""
    probabilities = {name: np.zeros(len(seen)) for name in truths}
    chosen = {name: np.zeros(len(seen), dtype=bool) for name in truths}
    for learn, out in outer_folds(groups, seed):
        mine = {name: truth[learn] for name, truth in truths.items() if 0 < truth[learn].sum() < len(learn)}
        if not mine:
            continue
        model = train(terms, seen.part(learn), mine, [groups[row] for row in learn], seed=seed)
        for name, values in model.probabilities(seen.part(out)).items():
            probabilities[name][out] = values
            chosen[name][out] = values >= model.labels[name].threshold
    return Held(probabilities, chosen)


def centres_in(texts: Sequence[tuple[str, str]]) -> dict[str, Floats]:
    """Centres from (text, language) of passages, labelled or not; needs the encoder."""
    found = [
        (text[one.start : one.end], language) for text, language in texts for one in units(text, "sentence")
    ]
    with one_core():
        return centres_of(vectors([text for text, _ in found]), [language for _, language in found])


def pipeline_of(saved: Saved, name: str, version: str) -> Language:
    """A pipeline that suggests what was taught; ``nlp.to_disk`` saves it for `annotate suggest --with`."""
    nlp = spacy.blank(ANY_LANGUAGE)
    # Words by white space: the exact characters are in `_.exact`, and spaCy's own rules take time that is
    # quadratic in a run of quotation marks.
    nlp.tokenizer = Tokenizer(nlp.vocab)
    nlp.meta["name"], nlp.meta["version"] = name, version
    nlp.meta["description"] = "Learned by annotate train; README.md is its model card."
    component = nlp.add_pipe(FACTORY)
    if not isinstance(component, Learned):  # somebody registered another factory under our name
        raise TypeError(f"the component {FACTORY} is not ours")
    component.saved = saved
    return nlp
