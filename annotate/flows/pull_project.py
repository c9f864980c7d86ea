"""`annotate pull --project`: read a Doccano project that this study did not make, again and again.

Its texts become sources of the study where they are not yet, its labels imported ones.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from annotate.core.errors import Problem, UsageError
from annotate.core.ids import sha256_hex
from annotate.core.imports.foreign import ForeignFile, ForeignText
from annotate.core.imports.from_project import Origin, project_events
from annotate.core.imports.ground import Ground, Match
from annotate.core.imports.names import Vocabulary
from annotate.core.imports.plan import FilePlan, ImportOptions, plan_file
from annotate.core.ledger import Event
from annotate.core.state import State, fold
from annotate.flows import ingest
from annotate.flows.connecting import connect, connect_with_own_secret, server_name
from annotate.flows.importing import ground_of, mapping_of, require_names, require_one_reading, unit_of
from annotate.formats.foreign.given import names_in
from annotate.store.files import replace_file, storage_errors
from annotate.store.jsonl import encode_lines
from annotate.store.ledger import append, next_transaction, read_ledger, utc_now
from annotate.store.scheme import read_scheme
from annotate.store.snapshots import keep_snapshot, set_orphans_aside, writing_snapshot
from annotate.store.study import Study

if TYPE_CHECKING:
    from annotate.doccano.foreign import ForeignExample, ForeignProject, Marks, PersonsWork

Advance = Callable[[int, int], None]
FORMAT: Final = "doccano"
"""As the files of `annotate import --format doccano`: the same work has the same label ids either way."""


@dataclass(frozen=True, slots=True)
class ProjectRequest:
    """Which project; ``users``: annotators whose own password or token is used. ``mapping`` is OLD=NEW."""

    project_id: int
    users: tuple[str, ...] = ()
    mapping: tuple[str, ...] = ()
    offsets: str = "auto"
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class ProjectReport:
    """``pull`` is None when nothing was recorded. ``people``: labels read by person; ``untimed``: from the
    archive alone. ``sources``: texts that became (or would become) sources. ``problems``: what stays out.
    """

    pull: str | None
    name: str
    people: dict[str, int]
    untimed: tuple[str, ...]
    sources: tuple[str, ...]
    events: dict[str, int]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]


def pull_project(
    study: Study, request: ProjectRequest, *, advance: Advance = lambda done, total: None
) -> ProjectReport:
    """Read one project of the study's server into snapshot and ledger, or nothing at all.

    Raises UsageError (a project of this study, unknown names, offsets with two readings), ConfigError
    (no secret), BadInput, Refused, ServerFailure, IntegrityFailure, StorageFailure.
    """
    options = ImportOptions(unit=unit_of(request.offsets), mapping=mapping_of(request.mapping))
    project = _read(study, request, advance)
    origin = Origin(server_name(study), request.project_id)
    folder = f"doccano-{_slug(origin.server)}-p{request.project_id}"
    files, vocabulary = _files(project, folder, origin), Vocabulary(read_scheme(study.scheme_dir))
    _require_clear(files, vocabulary, options)
    missing = _missing_texts(study, folder, project)
    if missing and request.dry_run:
        # What stands on texts that are no sources yet cannot be placed before they are.
        return _report(None, project, missing, [], [], fold(read_ledger(study)), origin)
    if missing:
        _add_sources(study, folder, project, missing)
    with study.writing("pull"):
        state = fold(read_ledger(study))
        ground = ground_of(study, state)
        plans = [plan_file(file, ground, vocabulary, (), options) for file in files]
        read = None if project.collaborative else {one.user for one in project.people}
        events = project_events(state, origin, plans, read)
        name = None
        if not request.dry_run and (events or not _was_pulled(study, state, folder)):
            name = _store(study, state, folder, project, events)
        return _report(name, project, missing, events, plans, state, origin)


def _require_clear(files: Sequence[ForeignFile], vocabulary: Vocabulary, options: ImportOptions) -> None:
    """Raise UsageError for unknown names and unclear offsets, before anything is written."""
    require_names(files, vocabulary, options)
    nowhere = Ground((), (), (), {})
    require_one_reading([plan_file(file, nowhere, vocabulary, (), options) for file in files])


def _read(study: Study, request: ProjectRequest, advance: Advance) -> ForeignProject:
    from annotate.doccano.campaign import marker_of
    from annotate.doccano.foreign import read_foreign_project

    with ExitStack() as stack:
        server = connect(study)
        stack.callback(server.close)
        marker = marker_of(server.get(f"projects/{request.project_id}"))
        if marker is not None and marker.study == study.config.study.id:
            raise UsageError(
                f"project {request.project_id} is this study's own",
                hint="`annotate pull` without --project reads it",
            )
        logins = {}
        for user in dict.fromkeys(request.users):
            logins[user] = connect_with_own_secret(study, user)
            stack.callback(logins[user].close)
        project = read_foreign_project(server, request.project_id, logins, advance=advance)
    names = {str(one["username"]) for one in project.members}
    strangers = sorted(set(request.users) - names)
    if strangers:
        raise UsageError(
            f"no member of project {request.project_id} is called {', '.join(strangers)}",
            hint=f"its members: {', '.join(sorted(names))}",
        )
    return project


def _slug(server: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", server.lower().partition("://")[2] or server.lower()).strip("-")[:60]


# --- texts --------------------------------------------------------------------------------------------------
def _source_name(folder: str, text: str) -> str:
    return f"{folder}/{sha256_hex(text.encode('utf-8', 'surrogatepass'))[:16]}.txt"


def _missing_texts(study: Study, folder: str, project: ForeignProject) -> dict[str, ForeignExample]:
    """Texts that the study does not have, by the name that their source gets."""
    texts = {_source_name(folder, one.text): one for one in reversed(project.examples) if one.text.strip()}
    there = {name for name in texts if (study.raw_dir / name).is_file()}
    if (study.built_dir / "manifest.json").is_file():
        ground = ground_of(study, fold(read_ledger(study)))
        for name, one in texts.items():
            found = ground.match(one.text, (name, *names_in(one.meta)))
            if isinstance(found, Match) or found.places:
                there.add(name)
    return {name: texts[name] for name in sorted(texts.keys() - there)}


def _add_sources(
    study: Study, folder: str, project: ForeignProject, missing: dict[str, ForeignExample]
) -> None:
    """Save texts as files below corpus/raw and read them as any source. Raises as ingest does."""
    waiting = study.state_dir / "project-texts"
    with storage_errors(waiting):
        shutil.rmtree(waiting, ignore_errors=True)
        for name, one in missing.items():
            replace_file(waiting / name, one.text.encode("utf-8"))
    made = ingest.plan(study, [waiting])
    server, now = server_name(study), utc_now()
    rows = []
    for row in made.rows:
        if row.file in missing:
            what = f"example {missing[row.file].example} of project {project.name!r}"
            row = replace(
                row,
                retrieved_from=f"{server}/projects/{project.project_id}",
                retrieved_at=now,
                note=what,
            )
        rows.append(row)
    ingest.apply(replace(made, rows=tuple(rows)))
    shutil.rmtree(waiting, ignore_errors=True)


# --- labels -------------------------------------------------------------------------------------------------
def _files(project: ForeignProject, folder: str, origin: Origin) -> list[ForeignFile]:
    """Each person's work as a file of another tool; its lines are those of the person's snapshot."""
    found = []
    for number, person in enumerate(project.people, 1):
        data = encode_lines(_rows(person))
        found.append(
            ForeignFile(
                name=f"{folder}/{_file_name(number)}",
                shown=f"project {project.project_id}, {person.user or 'unknown account'}",
                sha256=sha256_hex(data),
                format=FORMAT,
                tool="Doccano",
                unit="auto",
                texts=tuple(_texts(project, person, folder)),
                project=f"{origin.server} {origin.project}",
            )
        )
    return found


def _file_name(number: int) -> str:
    # Account names come from a foreign server: they stand in the file, not in its name.
    return f"person-{number:03d}.jsonl"


def _rows(person: PersonsWork) -> Iterator[dict[str, Any]]:
    for example, marks in sorted(person.marks.items()):
        yield {"example": example, "annotator": person.user, "timed": person.timed, **_plain(marks)}


def _plain(marks: Marks) -> dict[str, Any]:
    return {"finished": marks.finished, "labels": marks.labels, "relations": marks.relations}


def _texts(project: ForeignProject, person: PersonsWork, folder: str) -> Iterator[ForeignText]:
    examples = {one.example: one for one in project.examples}
    for line, (number, marks) in enumerate(sorted(person.marks.items()), 1):
        one = examples[number]
        yield ForeignText(
            text=one.text,
            line=line,
            names=(_source_name(folder, one.text), *names_in(one.meta)),
            annotator=person.user,
            finished=marks.finished,
            labels=marks.labels,
            relations=marks.relations,
            example=number,
        )


def _was_pulled(study: Study, state: State, folder: str) -> bool:
    return any((study.snapshots_dir / pull / folder).is_dir() for pull in state.pulls)


def _store(study: Study, state: State, folder: str, project: ForeignProject, events: Sequence[Event]) -> str:
    set_orphans_aside(study, state.pulls)
    name = next_transaction(study, "pull")
    with writing_snapshot(study, name) as snapshot:
        for number, person in enumerate(project.people, 1):
            snapshot.add(folder, _file_name(number).removesuffix(".jsonl"), _rows(person))
        snapshot.add(folder, "examples", project.examples)
        snapshot.add(folder, "span_types", project.label_types)
        snapshot.add(folder, "members", project.members)
        keep_snapshot(snapshot)
        pulled = Event("pulled", {"snapshot": name, "files": snapshot.hashes()})
    append(study, "pull", [*events, pulled], after=state.head)
    return name


def _report(
    name: str | None,
    project: ForeignProject,
    missing: dict[str, ForeignExample],
    events: Sequence[Event],
    plans: Sequence[FilePlan],
    state: State,
    origin: Origin,
) -> ProjectReport:
    return ProjectReport(
        pull=name,
        name=project.name,
        people={one.user: sum(len(marks.labels) for marks in one.marks.values()) for one in project.people},
        untimed=tuple(one.user for one in project.people if not one.timed),
        sources=tuple(missing),
        events=dict(sorted(Counter(one.event for one in events).items())),
        problems=tuple(problem for plan in plans for problem in (*plan.left_out, *plan.orphans)),
        warnings=tuple(_warnings(project, state, origin)),
    )


def _warnings(project: ForeignProject, state: State, origin: Origin) -> Iterator[str]:
    untimed = [one.user for one in project.people if not one.timed and one.marks]
    if untimed:
        yield (
            f"times are unknown of what {', '.join(untimed)} did: the export does not tell them; "
            "--as NAME reads them with that person's own password or token"
        )
    if project.collaborative:
        return
    batches = {
        key
        for key, one in state.imports.batches.items()
        if (one.server, one.project_id) == (origin.server, origin.project)
    }
    before = {one.annotator for one in state.imports.labels.values() if one.batch in batches}
    for user in sorted(before - {one.user for one in project.people}):
        yield f"{user} is no member any more and cannot be read; what was pulled before is kept"
