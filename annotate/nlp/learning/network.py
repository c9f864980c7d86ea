"""A spaCy pipeline (spancat and textcat) trained from scratch on a course: for thousands of labels.

It judges the same units as the linear head, by a suggester of ours, so that both are measured alike. spancat
says which units carry which label, textcat which labels a passage has at all; both share no weights.
"""

# No `from __future__ import annotations` here: spaCy hands a registered function's annotations to pydantic 1,
# which cannot resolve them from strings.

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Optional

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example as Pair
from spacy.util import minibatch, registry
from thinc.api import Ops, compounding, fix_random_seed, get_current_ops
from thinc.types import Ragged

from annotate.core.learning.lessons import Course, Example
from annotate.core.learning.units import Unit, units
from annotate.nlp.learning.encoder import Floats
from annotate.nlp.pipelines import ANY_LANGUAGE

EPOCHS = 12
SUGGESTER = "annotate.units.v1"


@registry.misc(SUGGESTER)  # type: ignore[untyped-decorator]
def make_unit_suggester(level: str) -> Callable[..., Ragged]:
    """The units of a Doc as the candidates of spancat, in whole tokens."""

    def suggest(docs: Iterable[Doc], *, ops: Optional[Ops] = None) -> Ragged:  # noqa: UP045 - pydantic 1
        ops = ops or get_current_ops()
        spans = [[(one.start, one.end) for one in unit_spans(doc, level)] for doc in docs]
        lengths = ops.asarray1i([len(own) for own in spans])
        flat = [place for own in spans for place in own]
        return Ragged(ops.asarray2i(flat) if flat else ops.xp.zeros((0, 2), dtype="i"), lengths)

    return suggest


def unit_spans(doc: Doc, level: str) -> list[Span]:
    """The units of a Doc in whole tokens, each once."""
    found = (_span(doc, unit) for unit in units(doc.text, level))  # type: ignore[arg-type]
    return list({(one.start, one.end): one for one in found if one is not None}.values())


def _span(doc: Doc, unit: Unit, label: str = "") -> Span | None:
    return doc.char_span(unit.start, unit.end, label=label, alignment_mode="expand")


def key_of(course: Course) -> str:
    """The key in ``doc.spans``."""
    return f"learned_{course.layer}_{course.level}"


def train_network(
    course: Course, texts: Mapping[str, str], examples: Sequence[Example], seed: int
) -> Language:
    """A pipeline that learned from some examples of a course; ``texts`` by passage id."""
    fix_random_seed(seed)
    nlp = spacy.blank(ANY_LANGUAGE)
    suggester = {"@misc": SUGGESTER, "level": course.level}
    nlp.add_pipe("spancat", config={"spans_key": key_of(course), "suggester": suggester, "threshold": 0.0})
    nlp.add_pipe("textcat_multilabel")
    pairs = _pairs(nlp, course, texts, examples)
    optimizer = nlp.initialize(lambda: pairs)
    chance = np.random.default_rng(seed)
    for _ in range(EPOCHS):
        order = [pairs[at] for at in chance.permutation(len(pairs))]
        for batch in minibatch(order, size=compounding(4.0, 16.0, 1.001)):  # type: ignore[no-untyped-call]
            nlp.update(batch, sgd=optimizer, drop=0.1)
    return nlp


def _pairs(
    nlp: Language, course: Course, texts: Mapping[str, str], examples: Sequence[Example]
) -> list[Pair]:
    by_passage: dict[str, list[Example]] = defaultdict(list)
    for one in examples:
        by_passage[one.passage_id].append(one)
    pairs = []
    for passage_id in sorted(by_passage):
        doc = nlp.make_doc(texts[passage_id])
        gold = nlp.make_doc(texts[passage_id])
        marked = [(one.unit, label) for one in by_passage[passage_id] for label in sorted(one.labels)]
        kept = (label in course.labels and _span(gold, unit, label) for unit, label in marked)
        gold.spans[key_of(course)] = [one for one in kept if isinstance(one, Span)]
        there = {label for _, label in marked}
        gold.cats = {label: float(label in there) for label in course.labels}
        pairs.append(Pair(doc, gold))
    return pairs


def network_scores(
    nlp: Language, course: Course, texts: Mapping[str, str], examples: Sequence[Example]
) -> dict[str, Floats]:
    """Scores of the network for examples, by label, in their order."""
    passages = sorted({one.passage_id for one in examples})
    scores: dict[tuple[str, int, int, str], float] = {}
    for passage_id, doc in zip(passages, nlp.pipe(texts[one] for one in passages), strict=True):
        group = doc.spans[key_of(course)]
        for span, score in zip(group, group.attrs["scores"], strict=True):
            key = (passage_id, span.start_char, span.end_char, span.label_)
            scores[key] = max(float(score), scores.get(key, 0.0))
    found = {label: np.zeros(len(examples)) for label in course.labels}
    docs = {one: nlp.make_doc(texts[one]) for one in passages}
    for at, one in enumerate(examples):
        place = _span(docs[one.passage_id], one.unit)
        if place is not None:
            for label in course.labels:
                found[label][at] = scores.get((one.passage_id, place.start_char, place.end_char, label), 0.0)
    return found
