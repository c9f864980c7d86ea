"""`annotate suggest`: let pipelines label passages. Each passage is shown to a suggester once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from annotate.core.errors import AnnotateError, BadInput, ConfigError, PartlyDone, Problem
from annotate.core.formulas import CorpusText
from annotate.core.model import Document, Passage, SuggestedRelation, Suggestion, SuggestionRun
from annotate.core.scheme import Scheme
from annotate.core.suggesting import Looked, Suggester
from annotate.flows.suggest_languages import Unserved, left_out, none_reads
from annotate.flows.suggest_outside import Ground, Outside, is_outside, outside
from annotate.flows.suggest_remote import Leaving
from annotate.store.built import read_documents, read_passages
from annotate.store.scheme import read_scheme
from annotate.store.study import Study
from annotate.store.suggested_relations import write_relations
from annotate.store.suggestions import named, read_runs, write_run

if TYPE_CHECKING:
    from annotate.nlp.runner import Pipeline

PASS = "spans"  # noqa: S105 - the name of a labelling pass
Advance = Callable[[int, int], None]
"""Called with (passages done, passages to do)."""


@dataclass(frozen=True, slots=True)
class Task:
    """One suggester and the passages (with their publication date) that it has not seen.

    ``outside`` gives the results of one that is no pipeline; ``leaving`` is what it would be sent.
    """

    pipeline: Suggester
    languages: tuple[str, ...]
    passages: tuple[tuple[Passage, str | None], ...]
    seen_before: int
    outside: Callable[[], Iterator[Looked]] | None = None
    leaving: Leaving | None = None


@dataclass(frozen=True, slots=True)
class SuggestPlan:
    """What would be run. ``layers`` maps each label of the pass to its layer, ``scheme`` has relations."""

    tasks: tuple[Task, ...]
    unserved: tuple[Unserved, ...]
    layers: Mapping[str, str]
    renames: Mapping[str, str]
    scheme: Scheme


@dataclass(frozen=True, slots=True)
class RunReport:
    """What came of one task; ``run_id`` None where every passage had been seen before.

    ``unknown_labels`` counts spans whose label the scheme does not have: they are left out, as is what
    ``problems`` names.
    """

    agent: str
    agent_version: str
    languages: tuple[str, ...]
    run_id: str | None
    passages: int
    seen_before: int
    suggestions: int
    unknown_labels: Mapping[str, int]
    relations: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class SuggestReport:
    """What `annotate suggest` did."""

    runs: tuple[RunReport, ...]
    unserved: tuple[Unserved, ...]


def plan(
    study: Study,
    specs: Sequence[str] = (),
    renames: Mapping[str, str] | None = None,
    bases: Mapping[str, str] | None = None,
) -> SuggestPlan:
    """Load each pipeline and find the passages it has not seen. Changes nothing.

    ``specs`` empty means ``passes.spans.suggest`` of annotate.toml. ``bases`` (language to trained pipeline)
    comes before ``passes.spans.pipelines`` there; an empty name means none. Raises ConfigError (no such
    pipeline, a label that the scheme lacks, nothing ingested), BadInput, IntegrityFailure.
    """
    scheme = read_scheme(study.scheme_dir)
    layers = {label.name: label.layer for label in scheme.labels_of(PASS)}
    renames = dict(renames or {})
    _check_renames(renames, layers)
    documents = {document.document_id: document for document in read_documents(study)}
    passages = read_passages(study)
    seen = _seen(read_runs(study))
    trained = _bases(study, bases or {})
    tasks: list[Task] = []
    unserved: list[Unserved] = []
    for spec in dict.fromkeys(specs or study.config.pass_settings(PASS).suggest):
        if is_outside(study, spec):
            ground = Ground(study, PASS, scheme, passages, documents, seen)
            tasks.append(_outside_task(outside(spec, ground, layers, renames)))
            continue
        made, left = _tasks(spec, passages, documents, seen, renames, own_lexicons(study), trained)
        tasks.extend(made)
        unserved.extend(left)
    if passages and not tasks:
        raise none_reads(unserved)
    return SuggestPlan(tuple(tasks), tuple(unserved), layers, renames, scheme)


def apply(
    study: Study,
    made: SuggestPlan,
    *,
    skip_bad: bool = False,
    advance: Advance = lambda done, total: None,
) -> SuggestReport:
    """Run the plan's suggesters and store one run for each that had something to look at.

    Raises BadInput where something from outside cannot be taken; with ``skip_bad`` the rest is stored.
    """
    total = sum(len(task.passages) for task in made.tasks)
    done = 0
    reports: list[RunReport] = []
    for task in made.tasks:

        def step(count: int, before: int = done) -> None:
            advance(before + count, total)

        reports.append(_run(study, task, made, step, skip_bad=skip_bad))
        done += len(task.passages)
    return SuggestReport(tuple(reports), made.unserved)


def suggest(
    study: Study,
    specs: Sequence[str] = (),
    renames: Mapping[str, str] | None = None,
    *,
    bases: Mapping[str, str] | None = None,
    skip_bad: bool = False,
    tell: Callable[[SuggestPlan], None] = lambda made: None,
    advance: Advance = lambda done, total: None,
) -> SuggestReport:
    """Plan and apply under the study's lock. Raises what plan and apply raise, and StorageFailure.

    ``tell`` is called with the plan before any of it is done.
    """
    with study.writing("suggest"):
        made = plan(study, specs, renames, bases)
        tell(made)
        return apply(study, made, skip_bad=skip_bad, advance=advance)


def require_complete(report: SuggestReport) -> None:
    """Raise PartlyDone where something was skipped."""
    problems = [problem for run in report.runs for problem in run.problems]
    if problems:
        raise PartlyDone(f"{len(problems)} thing(s) could not be taken", problems=problems)


def dry_report(made: SuggestPlan) -> SuggestReport:
    """A plan as the report it would lead to: no run, no suggestions yet. Of a file, what is wrong in it."""
    return SuggestReport(tuple(_dry(task) for task in made.tasks), made.unserved)


def _dry(task: Task) -> RunReport:
    report = _report(task, None, 0, {})
    if task.outside is None or task.leaving is not None:
        return report
    return replace(report, problems=tuple(one for looked in task.outside() for one in looked.problems))


def own_lexicons(study: Study) -> Path | None:
    """The study's own ``schemas/<scheme>/lexicons``; None where it has none, and those that ship serve."""
    folder = study.scheme_dir / "lexicons"
    return folder if folder.is_dir() else None


def _bases(study: Study, told: Mapping[str, str]) -> dict[str, str]:
    """Language to the trained pipeline under it: what annotate.toml says, and over it what was asked for.

    A folder in annotate.toml is one of the study. Raises ConfigError for one that is none.
    """
    from annotate.nlp.bases import find_base

    kept = study.config.pass_settings(PASS).pipelines
    own = {
        language: str(study.root / name) if (study.root / name).is_dir() else name
        for language, name in kept.items()
    }
    bases = {language: name for language, name in {**own, **told}.items() if name}
    for language, name in sorted(bases.items()):
        find_base(name, language)
    return bases


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
    bases: Mapping[str, str],
) -> tuple[list[Task], list[Unserved]]:
    from annotate.nlp.runner import languages_served, load_pipeline

    language_of = {one.passage_id: documents[one.document_id].language for one in passages}
    corpus = [counted(one, documents[one.document_id]) for one in passages]
    served = languages_served(spec, set(language_of.values()), lexicons=lexicons)
    tasks = []
    for language, reads in served.items():
        pipeline = load_pipeline(
            spec, language, renames=renames, lexicons=lexicons, corpus=corpus, base=bases.get(language)
        )
        key = (pipeline.agent, pipeline.agent_version, pipeline.config_sha256)
        mine = [one for one in passages if language_of[one.passage_id] in reads]
        fresh = [one for one in mine if one.passage_id not in seen.get(key, ())]
        dated = tuple((one, documents[one.document_id].published) for one in fresh)
        tasks.append(Task(pipeline, reads, dated, len(mine) - len(fresh)))
    covered = {language for reads in served.values() for language in reads}
    return tasks, list(left_out(spec, passages, documents, covered, lexicons))


def counted(passage: Passage, document: Document) -> CorpusText:
    """A passage for suggesters that count the corpus. The agency wrote it, whoever printed it."""
    outlet = document.agency or document.publisher or ""
    return CorpusText(document.document_id, outlet, document.language, passage.text)


@dataclass(slots=True)
class _Heard:
    """What a suggester said so far."""

    seen: list[str] = field(default_factory=list)
    suggestions: list[Suggestion] = field(default_factory=list)
    relations: list[SuggestedRelation] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    failure: AnnotateError | None = None

    def listen(self, looks: Iterator[Looked], scheme: Scheme, step: Callable[[int], None]) -> None:
        try:
            for looked in looks:
                self.problems.extend(looked.problems)
                if looked.answered:
                    self.seen.append(looked.passage_id)
                    self.suggestions.extend(looked.suggestions)
                    self.relations.extend(_drawn(looked, scheme))
                    self.unknown.update(looked.unknown)
                    step(len(self.seen))
        except AnnotateError as error:
            self.failure = error


def _outside_task(found: Outside) -> Task:
    told = (found.languages, found.passages, found.seen_before, found.looks, found.leaving)
    return Task(found.by, *told)


def _run(
    study: Study, task: Task, made: SuggestPlan, step: Callable[[int], None], *, skip_bad: bool
) -> RunReport:
    heard = _Heard()
    if task.passages or task.outside:
        heard.listen(_looks(task, made), made.scheme, step)
    if heard.failure and task.outside is None:
        raise heard.failure
    if heard.problems and not skip_bad:
        raise BadInput(
            f"{task.pipeline.agent}: {len(heard.problems)} thing(s) cannot be taken; nothing was stored",
            problems=heard.problems,
            hint="put them right, or leave them out with --skip-bad",
        )
    run_id = _store(study, task, heard) if heard.seen else None
    if heard.failure:
        # Answers may have cost money: those that came are stored, and the next run asks for the rest.
        raise heard.failure
    report = _report(task, run_id, len(heard.suggestions), dict(sorted(heard.unknown.items())))
    return replace(report, relations=len(heard.relations), problems=tuple(heard.problems))


def _store(study: Study, task: Task, heard: _Heard) -> str:
    pipeline = task.pipeline
    earlier = tuple(sorted(run.run_id for run in read_runs(study) if run.agent == pipeline.agent))
    run = named(
        SuggestionRun(
            run_id="",
            agent=pipeline.agent,
            agent_version=pipeline.agent_version,
            config_sha256=pipeline.config_sha256,
            config=pipeline.config,
            passages_seen=tuple(heard.seen),
            suggestions=tuple(heard.suggestions),
            supersedes=earlier,
        )
    )
    write_relations(study, run.run_id, heard.relations)
    write_run(study, run)
    return run.run_id


def _drawn(looked: Looked, scheme: Scheme) -> Iterator[SuggestedRelation]:
    """The relations that the scheme has, between labels that it allows them."""
    labels = {one.suggestion_id: one.label for one in looked.suggestions}
    for one in looked.relations:
        if scheme.is_allowed(one.relation, labels[one.from_id], labels[one.to_id]):
            yield one


def _looks(task: Task, made: SuggestPlan) -> Iterator[Looked]:
    from annotate.nlp.runner import suggest_for

    if task.outside is not None:
        return task.outside()
    return suggest_for(cast("Pipeline", task.pipeline), task.passages, made.layers, renames=made.renames)


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
