"""What was decided about passages, as material to learn from, and whether it is enough. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from annotate.core.dataset import Dataset
from annotate.core.ids import canonical_json, sha256_hex
from annotate.core.judgments import judgments
from annotate.core.learning.units import CLAUSE_SHARE, Level, Unit, marked, share_of_sentences, units
from annotate.core.spans import Span

GOLD: Final = "gold"
FEWEST_DOCUMENTS: Final = 5
FEWEST_UNITS: Final = 5
"""So many units with a label, and without it, at least."""
WORDS_SHARE: Final = 0.1
"""A label that covers less of its sentences than this marks words; a clause would be no help."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A passage and everything that was decided on it; ``layers`` are those that were judged at all."""

    document_id: str
    passage_id: str
    text: str
    language: str
    layers: frozenset[str]
    spans: tuple[Span, ...]


def gold_lessons(dataset: Dataset, decided: Iterable[tuple[str, str]]) -> list[Lesson]:
    """From gold; ``decided`` are the passages and layers in force, also where nothing was to be labelled."""
    layers: dict[str, set[str]] = defaultdict(set)
    for passage_id, layer in decided:
        layers[passage_id].add(layer)
    spans: dict[str, set[Span]] = defaultdict(set)
    for row in dataset.gold:
        if row.verdict == "kept":
            spans[row.passage_id].add(Span(row.layer, row.label, row.start, row.end))
    return _lessons(dataset, layers, spans)


def annotator_lessons(dataset: Dataset, annotator: str, layers: Collection[str]) -> list[Lesson]:
    """From the passages that one annotator has confirmed; all ``layers`` of these count as judged."""
    judged = judgments(dataset.assignments, dataset.labels, dataset.relations)
    spans: dict[str, set[Span]] = {}
    for passage_id, several in judged.items():
        mine = [one for one in several if one.annotator == annotator]
        if mine:
            # On two servers: the last word counts.
            spans[passage_id] = set(max(mine, key=lambda one: one.confirmed_at).spans)
    return _lessons(dataset, {passage_id: set(layers) for passage_id in spans}, spans)


def _lessons(
    dataset: Dataset, layers: Mapping[str, set[str]], spans: Mapping[str, set[Span]]
) -> list[Lesson]:
    languages = {row.document_id: row.language for row in dataset.documents}
    found = [
        Lesson(
            row.document_id,
            row.passage_id,
            row.text,
            languages.get(row.document_id, ""),
            frozenset(layers[row.passage_id]),
            tuple(sorted(spans.get(row.passage_id, ()))),
        )
        for row in dataset.passages
        if row.text and row.passage_id in layers
    ]
    return sorted(found, key=lambda one: (one.document_id, one.passage_id))


def lessons_sha256(lessons: Iterable[Lesson]) -> str:
    """One hash over texts, judged layers and spans."""
    told = [
        [
            one.document_id,
            one.passage_id,
            sha256_hex(one.text.encode("utf-8", "surrogatepass")),
            sorted(one.layers),
            [[span.layer, span.label, span.start, span.end] for span in one.spans],
        ]
        for one in lessons
    ]
    return sha256_hex(canonical_json(told))


@dataclass(frozen=True, slots=True)
class Example:
    """A unit of a passage and the labels that mark it."""

    document_id: str
    passage_id: str
    language: str
    unit: Unit
    text: str
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Course:
    """What a model of one layer and one kind of unit learns; ``labels`` in the order of their names."""

    layer: str
    level: Level
    labels: tuple[str, ...]
    examples: tuple[Example, ...]

    @property
    def documents(self) -> int:
        """How many documents the examples are from."""
        return len({one.document_id for one in self.examples})


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A label that is not learned, and why, with figures."""

    layer: str
    label: str
    why: str


def courses(
    lessons: Sequence[Lesson],
    labels: Mapping[str, str],
    *,
    asked: Collection[str] = (),
    skip: Collection[str] = (),
) -> tuple[list[Course], list[LeftOut]]:
    """What can be learned from lessons, and what cannot.

    ``labels`` maps labels to layers; ``asked``: layers somebody named, whose labels are learned also where
    they mark words only; ``skip``: labels that carry a value, learned only where their layer was named.
    """
    made: list[Course] = []
    left: list[LeftOut] = []
    for layer in sorted(set(labels.values())):
        if asked and layer not in asked:
            continue
        mine = [one for one in lessons if layer in one.layers]
        by_level: dict[Level, list[str]] = {"sentence": [], "clause": []}
        for label in sorted(name for name, of in labels.items() if of == layer):
            level, why = _level(mine, label, named=bool(asked), has_values=label in skip)
            if why:
                left.append(LeftOut(layer, label, why))
            else:
                by_level[level].append(label)
        for level, names in by_level.items():
            if names:
                course, poor = _course(layer, level, names, mine)
                left.extend(poor)
                made.extend([course] if course.labels else [])
    return made, left


def _level(lessons: Sequence[Lesson], label: str, *, named: bool, has_values: bool) -> tuple[Level, str]:
    shares = [
        share
        for one in lessons
        for share in share_of_sentences(one.text, [span for span in one.spans if span.label == label])
    ]
    if not shares:
        return "sentence", "nobody set it"
    share = sum(shares) / len(shares)
    if not named and has_values:
        return "sentence", "it has a value, which a clause cannot give"
    if not named and share < WORDS_SHARE:
        return "clause", f"it marks words: {share:.0%} of a sentence on average"
    return ("clause" if share < CLAUSE_SHARE else "sentence"), ""


def _course(
    layer: str, level: Level, labels: Sequence[str], lessons: Sequence[Lesson]
) -> tuple[Course, list[LeftOut]]:
    examples = tuple(example for one in lessons for example in _examples(one, level, labels))
    kept: list[str] = []
    left: list[LeftOut] = []
    for label in labels:
        marked_ = [one for one in examples if label in one.labels]
        documents = len({one.document_id for one in marked_})
        rest = len(examples) - len(marked_)
        if documents < 2 or min(len(marked_), rest) < FEWEST_UNITS:
            where = f"{len(marked_)} of {len(examples)} {level}s in {documents} document(s)"
            left.append(LeftOut(layer, label, f"on {where}: too few to learn from"))
        else:
            kept.append(label)
    return Course(layer, level, tuple(kept), examples), left


def _examples(lesson: Lesson, level: Level, labels: Sequence[str]) -> Iterable[Example]:
    spans = {label: [span for span in lesson.spans if span.label == label] for label in labels}
    for unit in units(lesson.text, level):
        set_here = frozenset(label for label, own in spans.items() if own and marked(unit, own))
        words = lesson.text[unit.start : unit.end]
        yield Example(lesson.document_id, lesson.passage_id, lesson.language, unit, words, set_here)
