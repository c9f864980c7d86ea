"""Gather the inputs of a dataset from a study, and the record that lets it be made again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass, field, fields

from annotate import __version__
from annotate.core.dataset import Inputs, Person, Vocabulary
from annotate.core.dataset.selection import Selection
from annotate.core.dataset.trail import trail_of
from annotate.core.ids import canonical_json, sha256_hex
from annotate.core.ledger import Line
from annotate.core.model import SuggestedRelation, SuggestionRun
from annotate.core.scheme import Scheme
from annotate.core.state import fold
from annotate.flows.dataset_corpus import Corpus
from annotate.flows.formats import tools_of
from annotate.formats.package import Record
from annotate.store.jsonl import encode_line
from annotate.store.scheme import read_scheme
from annotate.store.study import Study
from annotate.store.suggested_relations import read_relations
from annotate.store.suggestions import read_runs


@dataclass(frozen=True, slots=True)
class Material:
    """Inputs beside ledger and corpus: the scheme, the suggestion runs on file and their relations."""

    scheme: Scheme
    runs: tuple[SuggestionRun, ...]
    relations: tuple[SuggestedRelation, ...] = ()


def read_material(study: Study) -> Material:
    """Scheme and runs of a study. Raises ConfigError, BadInput."""
    runs = sorted(read_runs(study), key=lambda run: run.run_id)
    relations = tuple(one for run in runs for one in read_relations(study, run))
    return Material(read_scheme(study.scheme_dir), tuple(runs), relations)


def inputs_of(
    study: Study,
    lines: Sequence[Line],
    corpus: Corpus,
    material: Material,
    *,
    names: bool,
    runs: Collection[str] | None = None,
) -> Inputs:
    """The inputs as the derivation wants them; ``runs`` limits the suggestion runs by id."""
    config, scheme = study.config, material.scheme
    return Inputs(
        state=fold(lines),
        study_id=config.study.id,
        sources=corpus.built.sources,
        acquisitions=corpus.acquisitions,
        documents=corpus.built.documents,
        passages=corpus.built.passages,
        texts=corpus.texts,
        vocabulary=Vocabulary(
            {label.name: label.layer for label in scheme.labels},
            frozenset(relation.name for relation in scheme.relations),
        ),
        people=people_of(study),
        runs=tuple(run for run in material.runs if runs is None or run.run_id in runs),
        names=names,
        trail=trail_of(lines),
        run_relations=tuple(one for one in material.relations if runs is None or one.run_id in runs),
    )


@dataclass(frozen=True, slots=True)
class Choices:
    """What somebody asked of a dataset; ``annotate.formats.package.Record`` says what each field means."""

    name: str
    names: bool = False
    excel: bool = False
    formats: tuple[str, ...] = ("csv",)
    selection: Selection = field(default_factory=Selection)
    at: str = ""
    standoff: bool = False


def choices_of(record: Record) -> Choices:
    """The choices that a dataset was made with."""
    return Choices(**{one.name: getattr(record, one.name) for one in fields(Choices)})


def people_of(study: Study) -> tuple[Person, ...]:
    """Annotators and the adjudicator, as annotate.toml lists them."""
    config = study.config
    people = [Person(one.user, one.pseudonym, one.language, one.scripted) for one in config.annotators]
    judge = config.adjudication
    if judge:
        people.append(Person(judge.user, judge.pseudonym, judge.language, judge.scripted))
    return tuple(people)


def record_of(study: Study, choices: Choices, inputs: Inputs, corpus: Corpus, material: Material) -> Record:
    """dataset.json for these inputs."""
    return Record(
        study=study.config.study.name,
        version=__version__,
        head=inputs.state.head,
        pulls=inputs.state.pulls,
        inputs=fingerprints(study, inputs, corpus, material),
        runs={run.run_id: sha256_hex(encode_line(run)) for run in inputs.runs},
        tools=tools_of(choices.formats),
        trail=inputs.trail,
        about=study.config.dataset.about(),
        **{one.name: getattr(choices, one.name) for one in fields(Choices)},
    )


def fingerprints(study: Study, inputs: Inputs, corpus: Corpus, material: Material) -> dict[str, str]:
    """One SHA-256 for each input beside the ledger, by the name a person knows it under."""
    # The study's id is in here as a salt: without it, account names could be guessed and tried.
    people = [[one.user, one.pseudonym, one.language, one.scripted] for one in inputs.people]
    about = list(astuple(study.config.dataset.about()))
    return {
        "annotate.toml": sha256_hex(
            canonical_json([inputs.study_id, study.config.study.name, people, about])
        ),
        "scheme": material.scheme.sha256,
        **corpus.fingerprints,
    }
