"""`annotate train`: learn a suggester from gold or from one annotator's confirmed labels.

``plan`` learns and judges, and writes the model to a temporary folder; ``apply`` puts it into the study. The
same study and seed give the same bytes on one machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from annotate import __version__
from annotate.core.dataset import Dataset
from annotate.core.errors import ConfigError, Conflict, Problem, UsageError
from annotate.core.learning.card import Card, LabelResult, card_text, figure_text
from annotate.core.learning.figures import LabelFigures
from annotate.core.learning.lessons import (
    FEWEST_DOCUMENTS,
    GOLD,
    Course,
    LeftOut,
    Lesson,
    annotator_lessons,
    courses,
    gold_lessons,
    lessons_sha256,
)
from annotate.core.ledger import Line, head_of
from annotate.core.scheme import Scheme
from annotate.core.state import fold
from annotate.flows.dataset_folder import Staged, is_name, replace_folder
from annotate.flows.derived import derive_now
from annotate.store.ledger import read_ledger
from annotate.store.study import Study

if TYPE_CHECKING:
    from annotate.nlp.learning.centres import Centres
    from annotate.nlp.learning.teaching import Taught

PASS: Final = "spans"  # noqa: S105 - the name of a labelling pass
CARD: Final = "README.md"
_CENTRE_PASSAGES: Final = 200
KINDS: Final = ("linear", "spacy")
_LINEAR: Final = "a linear head over TF-IDF, surface features{}"
_NETWORK: Final = (
    "a spaCy pipeline (spancat and textcat), which beat the linear head on the same held-out documents"
)


class Writable(Protocol):
    """A pipeline that can be saved."""

    def to_disk(self, path: Path) -> None:
        """Write it into a folder."""


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """What to learn. ``source``: gold or an annotator's pseudonym; ``layers`` empty for every layer."""

    layers: tuple[str, ...] = ()
    source: str = GOLD
    kind: str = "linear"
    seed: int = 0


@dataclass(frozen=True, slots=True)
class TrainPlan:
    """A model ready to be put into the study; ``change`` says what that would do to the folder there."""

    folder: Path
    shown: str
    change: str
    card: Card
    staged: Staged = field(repr=False)

    def record(self) -> dict[str, Any]:
        """The plan as plain JSON values."""
        return {"folder": self.shown, "change": self.change, **asdict(self.card)}


@dataclass(frozen=True, slots=True)
class _Material:
    lessons: tuple[Lesson, ...]
    courses: tuple[Course, ...]
    left_out: tuple[LeftOut, ...]
    scheme: Scheme
    ledger_head: str
    texts: tuple[tuple[str, str], ...]


def plan(study: Study, name: str, options: TrainOptions | None = None) -> TrainPlan:
    """Learn and judge; writes nothing into the study.

    Raises UsageError (name, kind, layer, annotator), ConfigError (too little to learn from, with figures; a
    spaCy pipeline that does not beat the linear head), Conflict (something else is in the folder's place),
    IntegrityFailure (ledger or corpus).
    """
    options = options or TrainOptions()
    _check(study, name, options)
    material = _material(study, options)
    from annotate.nlp.learning.encoder import LICENCE, encoder_name

    encoder = encoder_name()
    centres = _centres(material) if encoder else {}
    taught = _teach(material, options, encode=bool(encoder), centres=centres)
    staged = Staged()
    version = f"{lessons_sha256(material.lessons)[:12]}.{options.seed}"
    results = [result for one in taught for result in _results(one)]
    if options.kind == "spacy":
        results, pipeline = _network(material, taught, options.seed, (name, version))
        encoder = ""
    else:
        pipeline = _linear(taught, encoder, centres, (name, version))
    pipeline.to_disk(staged.folder)
    card = _card(name, options, material, taught, results, (encoder, LICENCE if encoder else ""))
    (staged.folder / CARD).write_text(card_text(card), encoding="utf-8")
    folder = study.models_dir / name
    return TrainPlan(folder, study.shown(folder), _change(folder, staged), card, staged)


def apply(study: Study, made: TrainPlan) -> TrainPlan:
    """Put the planned model there unless exactly it is there. Raises StorageFailure."""
    if made.change != "unchanged":
        with study.writing("train"):
            replace_folder(made.folder, made.staged.folder)
    return made


def _check(study: Study, name: str, options: TrainOptions) -> None:
    if not is_name(name):
        raise UsageError(
            f"{name!r} cannot name a model",
            hint="letters, digits, dot, dash and underscore; for example claims-1",
        )
    if options.kind not in KINDS:
        raise UsageError(f"there is no kind {options.kind!r}", hint=f"kinds: {', '.join(KINDS)}")
    folder = study.models_dir / name
    if folder.exists() and not (folder / CARD).is_file():
        raise Conflict(
            f"{study.shown(folder)} is there and no model of `annotate train`", hint="choose another name"
        )


def _material(study: Study, options: TrainOptions) -> _Material:
    lines = read_ledger(study)
    dataset, scheme = derive_now(study, lines)
    labels = {one.name: one.layer for one in scheme.labels_of(PASS)}
    known = sorted(set(labels.values()))
    for layer in options.layers:
        if layer not in known:
            raise UsageError(f"the scheme has no layer {layer!r}", hint=f"layers: {', '.join(known)}")
    lessons = tuple(_lessons(dataset, lines, options, known))
    documents = len({one.document_id for one in lessons})
    if documents < FEWEST_DOCUMENTS:
        raise ConfigError(
            f"{_source(options)} covers {documents} document(s), {len(lessons)} passage(s); "
            f"at least {FEWEST_DOCUMENTS} documents are needed",
            hint="confirm more passages and pull, or learn from another source with --from",
        )
    with_values = {row.label for row in dataset.gold if row.value}
    with_values |= {row.label for row in dataset.labels if row.value}
    made, left = courses(lessons, labels, asked=options.layers, skip=with_values)
    few = [one for one in made if one.documents < FEWEST_DOCUMENTS]
    made = [one for one in made if one not in few]
    left += [
        LeftOut(one.layer, label, f"its layer was judged in {one.documents} document(s) only")
        for one in few
        for label in one.labels
    ]
    if not made:
        raise ConfigError(
            f"no label can be learned from {documents} documents, {len(lessons)} passages",
            hint="label more documents; --layer takes labels that mark single words too",
            problems=[Problem("", 0, one.why, subject=f"{one.layer} {one.label}") for one in left],
        )
    return _Material(lessons, tuple(made), tuple(left), scheme, head_of(lines).hash, _texts(dataset))


def _texts(dataset: Dataset) -> tuple[tuple[str, str], ...]:
    """Every passage there is a text of, with its language."""
    languages = {row.document_id: row.language for row in dataset.documents}
    rows = sorted(dataset.passages, key=lambda row: row.passage_id)
    return tuple((row.text, languages.get(row.document_id, "")) for row in rows if row.text)


def _lessons(
    dataset: Dataset, lines: tuple[Line, ...], options: TrainOptions, layers: Sequence[str]
) -> list[Lesson]:
    if options.source == GOLD:
        return gold_lessons(dataset, fold(lines).decisions.last)
    people = sorted({row.assignee for row in dataset.assignments} - {""})
    if options.source not in people:
        raise UsageError(
            f"there is no annotator {options.source!r}", hint=f"--from gold, or one of: {', '.join(people)}"
        )
    return annotator_lessons(dataset, options.source, layers)


def _source(options: TrainOptions) -> str:
    return "gold" if options.source == GOLD else f"what {options.source} has confirmed"


def _centres(material: _Material) -> Centres:
    """From the texts of all passages in order, up to a limit: labels are not needed."""
    from annotate.nlp.learning.teaching import centres_in

    by_language: dict[str, list[tuple[str, str]]] = {}
    for text, language in material.texts:
        found = by_language.setdefault(language, [])
        if len(found) < _CENTRE_PASSAGES:
            found.append((text, language))
    return centres_in([one for language in sorted(by_language) for one in by_language[language]])


def _teach(material: _Material, options: TrainOptions, *, encode: bool, centres: Centres) -> list[Taught]:
    from annotate.nlp.learning.teaching import teach

    return [teach(course, seed=options.seed, encode=encode, centres=centres) for course in material.courses]


def _linear(taught: Sequence[Taught], encoder: str, centres: Centres, identity: tuple[str, str]) -> Writable:
    from annotate.nlp.learning.saving import Saved
    from annotate.nlp.learning.teaching import pipeline_of

    return pipeline_of(Saved(tuple(one.part for one in taught), encoder, centres), *identity)


def _network(
    material: _Material, taught: Sequence[Taught], seed: int, identity: tuple[str, str]
) -> tuple[list[LabelResult], Writable]:
    """A spaCy pipeline, if it beats the linear head on every course; else ConfigError with both figures."""
    from annotate.nlp.learning.contest import THRESHOLD, contest, network_pipeline

    texts = {one.passage_id: one.text for one in material.lessons}
    held = [contest(one, two, texts, seed) for one, two in zip(material.courses, taught, strict=True)]
    if not all(one.won for one in held):
        raise ConfigError(
            "a spaCy pipeline does not beat the linear head on held-out documents, so it was not made",
            hint="use the linear one, or label more: a network needs thousands of labels",
            problems=[
                Problem("", 0, _compared(found, one.linear[label]), subject=f"{one.course.layer} {label}")
                for one in held
                for label, found in one.network.items()
            ],
        )
    results = [
        LabelResult(one.course.layer, one.course.level, label, THRESHOLD, found)
        for one in held
        for label, found in one.network.items()
    ]
    return results, network_pipeline(material.courses, texts, seed, *identity)


def _compared(network: LabelFigures, linear: LabelFigures) -> str:
    return (
        f"average precision {figure_text(network.average_precision)}, "
        f"linear {figure_text(linear.average_precision)}; "
        f"F1 {figure_text(network.f1)}, linear {figure_text(linear.f1)}"
    )


def _kind(options: TrainOptions, encoder: str) -> str:
    if options.kind == "spacy":
        return _NETWORK
    return _LINEAR.format(" and frozen sentence vectors" if encoder else "")


def _card(
    name: str,
    options: TrainOptions,
    material: _Material,
    taught: Sequence[Taught],
    results: Sequence[LabelResult],
    encoder: tuple[str, str],
) -> Card:
    from annotate.nlp.learning.versions import libraries

    lessons = material.lessons
    return Card(
        name=name,
        kind=_kind(options, encoder[0]),
        program=f"source-annotate {__version__}",
        source=_source(options),
        documents=len({one.document_id for one in lessons}),
        passages=len(lessons),
        languages=tuple(sorted({one.language for one in lessons} - {""})),
        data_sha256=lessons_sha256(lessons),
        ledger_head=material.ledger_head,
        scheme=f"{material.scheme.name} {material.scheme.version}",
        scheme_sha256=material.scheme.sha256,
        seed=options.seed,
        encoder=encoder[0],
        encoder_licence=encoder[1],
        settings=()
        if options.kind == "spacy"
        else tuple(
            f"{one.part.layer}, {one.part.level}s: width of the kernel (gamma) {one.recipe.gamma}, "
            f"weight of surface {one.recipe.surface}, of words {one.recipe.words}, "
            f"cost of errors (C) {one.recipe.cost}"
            for one in taught
        ),
        results=tuple(results),
        left_out=material.left_out,
        libraries=libraries(),
    )


def _results(taught: Taught) -> list[LabelResult]:
    part = taught.part
    return [
        LabelResult(part.layer, part.level, label, part.model.labels[label].threshold, found)
        for label, found in taught.figures.items()
    ]


def _change(folder: Path, staged: Staged) -> str:
    if not folder.is_dir():
        return "new"
    made = {path.relative_to(staged.folder): path.read_bytes() for path in _files(staged.folder)}
    found = {path.relative_to(folder): path.read_bytes() for path in _files(folder)}
    return "unchanged" if made == found else "replaced"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
