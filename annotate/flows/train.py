"""`annotate train`: learn a suggester from gold or from one annotator's confirmed labels.

``plan`` learns and judges, and writes the model to a temporary folder; ``apply`` puts it into the study. The
same study and seed give the same bytes on one machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from annotate import __version__
from annotate.core.dataset import Dataset
from annotate.core.errors import ConfigError, Conflict, Problem, UsageError
from annotate.core.learning.card import Card, LabelResult, card_text
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
KIND: Final = "a linear head over frozen sentence vectors, TF-IDF and surface features"


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """What to learn. ``source``: gold or an annotator's pseudonym; ``layers`` empty for every layer."""

    layers: tuple[str, ...] = ()
    source: str = GOLD
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

    Raises UsageError (name, layer, annotator), ConfigError (too little to learn from, with figures), Conflict
    (something else is in the folder's place), IntegrityFailure (ledger or corpus).
    """
    options = options or TrainOptions()
    _check(study, name, options)
    material = _material(study, options)
    from annotate.nlp.learning.encoder import LICENCE, encoder_name

    encoder = encoder_name()
    centres = _centres(material) if encoder else {}
    taught = _teach(material, options, encode=bool(encoder), centres=centres)
    card = _card(name, options, material, taught, (encoder, LICENCE if encoder else ""))
    staged = Staged()
    version = f"{card.data_sha256[:12]}.{options.seed}"
    from annotate.nlp.learning.saving import Saved
    from annotate.nlp.learning.teaching import pipeline_of

    saved = Saved(tuple(one.part for one in taught), encoder, centres)
    pipeline_of(saved, name, version).to_disk(staged.folder)
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


def _card(
    name: str,
    options: TrainOptions,
    material: _Material,
    taught: Sequence[Taught],
    encoder: tuple[str, str],
) -> Card:
    from annotate.nlp.learning.versions import libraries

    lessons = material.lessons
    return Card(
        name=name,
        kind=KIND if encoder[0] else KIND.replace("frozen sentence vectors, ", ""),
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
        settings=tuple(
            f"{one.part.layer}, {one.part.level}s: gamma {one.recipe.gamma}, surface {one.recipe.surface}, "
            f"words {one.recipe.words}, cost {one.recipe.cost}"
            for one in taught
        ),
        results=tuple(result for one in taught for result in _results(one)),
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
