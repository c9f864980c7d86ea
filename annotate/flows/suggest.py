"""`annotate suggest`: let pipelines label passages. Each passage is shown to a suggester once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from annotate.core.errors import ConfigError
from annotate.core.model import Document, Passage, Suggestion, SuggestionRun
from annotate.store.built import read_documents, read_passages
from annotate.store.scheme import read_scheme
from annotate.store.study import Study
from annotate.store.suggestions import named, read_runs, write_run

if TYPE_CHECKING:
    from annotate.nlp.runner import Looked, Pipeline

PASS = "spans"  # noqa: S105 - the name of a labelling pass
Advance = Callable[[int, int], None]
"""Called with (passages done, passages to do)."""


@dataclass(frozen=True, slots=True)
class Task:
    """One pipeline and the passages (with their publication date) that it has not seen."""

    pipeline: Pipeline
    languages: tuple[str, ...]
    passages: tuple[tuple[Passage, str | None], ...]
    seen_before: int


@dataclass(frozen=True, slots=True)
class Unserved:
    """Passages in a language that a pipeline is not made for."""

    spec: str
    language: str
    passages: int


@dataclass(frozen=True, slots=True)
class SuggestPlan:
    """What would be run. ``layers`` maps each label of the pass to its layer."""

    tasks: tuple[Task, ...]
    unserved: tuple[Unserved, ...]
    layers: Mapping[str, str]
    renames: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RunReport:
    """What came of one task; ``run_id`` None where every passage had been seen before.

    ``unknown_labels`` counts spans whose label the scheme does not have: they are left out.
    """

    agent: str
    agent_version: str
    languages: tuple[str, ...]
    run_id: str | None
    passages: int
    seen_before: int
    suggestions: int
    unknown_labels: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SuggestReport:
    """What `annotate suggest` did."""

    runs: tuple[RunReport, ...]
    unserved: tuple[Unserved, ...]


def plan(study: Study, specs: Sequence[str] = (), renames: Mapping[str, str] | None = None) -> SuggestPlan:
    """Load each pipeline and find the passages it has not seen. Changes nothing.

    ``specs`` empty means ``passes.spans.suggest`` of annotate.toml. Raises ConfigError (no such
    pipeline, a label that the scheme lacks, nothing ingested), BadInput, IntegrityFailure.
    """
    scheme = read_scheme(study.scheme_dir)
    layers = {label.name: label.layer for label in scheme.labels_of(PASS)}
    renames = dict(renames or {})
    _check_renames(renames, layers)
    documents = {document.document_id: document for document in read_documents(study)}
    passages = read_passages(study)
    seen = _seen(read_runs(study))
    tasks: list[Task] = []
    unserved: list[Unserved] = []
    for spec in dict.fromkeys(specs or study.config.pass_settings(PASS).suggest):
        made, left = _tasks(spec, passages, documents, seen, renames, own_lexicons(study))
        tasks.extend(made)
        unserved.extend(left)
    return SuggestPlan(tuple(tasks), tuple(unserved), layers, renames)


def apply(study: Study, made: SuggestPlan, *, advance: Advance = lambda done, total: None) -> SuggestReport:
    """Run the plan's pipelines and store one run for each that had something to look at."""
    total = sum(len(task.passages) for task in made.tasks)
    done = 0
    reports: list[RunReport] = []
    for task in made.tasks:

        def step(count: int, before: int = done) -> None:
            advance(before + count, total)

        reports.append(_run(study, task, made, step))
        done += len(task.passages)
    return SuggestReport(tuple(reports), made.unserved)


def suggest(
    study: Study,
    specs: Sequence[str] = (),
    renames: Mapping[str, str] | None = None,
    *,
    advance: Advance = lambda done, total: None,
) -> SuggestReport:
    """Plan and apply under the study's lock. Raises what plan raises, and StorageFailure."""
    with study.writing("suggest"):
        return apply(study, plan(study, specs, renames), advance=advance)


def dry_report(made: SuggestPlan) -> SuggestReport:
    """A plan as the report it would lead to: no run, no suggestions yet."""
    return SuggestReport(tuple(_report(task, None, 0, {}) for task in made.tasks), made.unserved)


def own_lexicons(study: Study) -> Path | None:
    """The study's own ``schemas/<scheme>/lexicons``; None where it has none, and those that ship serve."""
    folder = study.scheme_dir / "lexicons"
    return folder if folder.is_dir() else None


def _check_renames(renames: Mapping[str, str], layers: Mapping[str, str]) -> None:
    missing = sorted(set(renames.values()) - set(layers))
    if missing:
        raise ConfigError(
            f"--map names labels that the scheme does not have: {', '.join(missing)}",
            hint=f"labels of the pass: {', '.join(layers)}",
        )


def _seen(runs: Sequence[SuggestionRun]) -> dict[tuple[str, str, str], set[str]]:
    seen: dict[tuple[str, str, str], set[str]] = {}
    for run in runs:
        key = (run.agent, run.agent_version, run.config_sha256)
        seen.setdefault(key, set()).update(run.passages_seen)
    return seen


def _tasks(
    spec: str,
    passages: Sequence[Passage],
    documents: Mapping[str, Document],
    seen: Mapping[tuple[str, str, str], set[str]],
    renames: Mapping[str, str],
    lexicons: Path | None,
) -> tuple[list[Task], list[Unserved]]:
    from annotate.nlp.runner import languages_served, load_pipeline

    language_of = {one.passage_id: documents[one.document_id].language for one in passages}
    counts = Counter(language_of.values())
    served = languages_served(spec, counts, lexicons=lexicons)
    if passages and not served:
        raise ConfigError(
            f"{spec} reads none of the languages of this study's documents ({', '.join(sorted(counts))})",
            hint="name another pipeline with --with",
        )
    tasks = []
    for language, reads in served.items():
        pipeline = load_pipeline(spec, language, renames=renames, lexicons=lexicons)
        key = (pipeline.agent, pipeline.agent_version, pipeline.config_sha256)
        mine = [one for one in passages if language_of[one.passage_id] in reads]
        fresh = [one for one in mine if one.passage_id not in seen.get(key, ())]
        dated = tuple((one, documents[one.document_id].published) for one in fresh)
        tasks.append(Task(pipeline, reads, dated, len(mine) - len(fresh)))
    covered = {language for reads in served.values() for language in reads}
    left = [Unserved(spec, one, counts[one]) for one in sorted(set(counts) - covered)]
    return tasks, left


def _run(study: Study, task: Task, made: SuggestPlan, step: Callable[[int], None]) -> RunReport:
    if not task.passages:
        return _report(task, None, 0, {})
    unknown: Counter[str] = Counter()
    suggestions: list[Suggestion] = []
    for count, looked in enumerate(_looks(task, made), 1):
        suggestions.extend(looked.suggestions)
        unknown.update(looked.unknown)
        step(count)
    pipeline = task.pipeline
    earlier = tuple(sorted(run.run_id for run in read_runs(study) if run.agent == pipeline.agent))
    run = named(
        SuggestionRun(
            run_id="",
            agent=pipeline.agent,
            agent_version=pipeline.agent_version,
            config_sha256=pipeline.config_sha256,
            config=pipeline.config,
            passages_seen=tuple(passage.passage_id for passage, _ in task.passages),
            suggestions=tuple(suggestions),
            supersedes=earlier,
        )
    )
    write_run(study, run)
    return _report(task, run.run_id, len(suggestions), dict(sorted(unknown.items())))


def _looks(task: Task, made: SuggestPlan) -> Iterator[Looked]:
    from annotate.nlp.runner import suggest_for

    return suggest_for(task.pipeline, task.passages, made.layers, renames=made.renames)


def _report(task: Task, run_id: str | None, suggestions: int, unknown: Mapping[str, int]) -> RunReport:
    return RunReport(
        agent=task.pipeline.agent,
        agent_version=task.pipeline.agent_version,
        languages=task.languages,
        run_id=run_id,
        passages=len(task.passages),
        seen_before=task.seen_before,
        suggestions=suggestions,
        unknown_labels=unknown,
    )
