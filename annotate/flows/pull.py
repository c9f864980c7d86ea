"""`annotate pull`: read the whole campaign into one snapshot and the ledger, or nothing at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from annotate.core.errors import ConfigError, Conflict, Problem
from annotate.core.ledger import Event
from annotate.core.observation import Observation, changes
from annotate.core.parts import example_states
from annotate.core.sketch import Sketch, known_digest, sketch_digest, text_sha256
from annotate.core.state import Project, State
from annotate.flows.connecting import EMBEDDED, connect, embedded_database, server_name
from annotate.store.index import read_state
from annotate.store.ledger import append, next_transaction
from annotate.store.snapshots import hashes, set_orphans_aside, snapshot_files, write_snapshot
from annotate.store.study import Study

if TYPE_CHECKING:
    from annotate.doccano.reading import Reading

Advance = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class PullReport:
    """What a pull added. ``pull`` is None when nothing on the server had changed."""

    pull: str | None
    events: dict[str, int]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]


def pull(
    study: Study,
    *,
    full: bool = False,
    database: str | None = None,
    dry_run: bool = False,
    advance: Advance = lambda done, total: None,
) -> PullReport:
    """Read every project that this study pushed to the server at hand.

    Over HTTP, or from the server's own ``database`` (a SQLite file, ``postgresql://…``, or
    ``embedded``): both give the same events.

    Details are read of the examples whose labels, relations, comments or confirmation differ from
    what the ledger knows; of every example with ``full``. The ledger file is the commit point: before
    it, nothing has happened. With ``dry_run`` only the report.

    Raises ConfigError, Refused, ServerFailure, Conflict (a project is missing), StorageFailure.
    """
    with study.writing("pull"):
        state = read_state(study)
        projects = _projects_here(study, state)
        set_orphans_aside(study, state.pulls)
        with _route(study, database) as route:
            _require_present(study, route, projects)
            readings = _read_all(route, state, projects, advance, full=full)
        events = [event for one in readings for event in changes(state, one.observation)]
        problems = tuple(problem for event in events for problem in _disagreements(state, event))
        warnings = tuple(text for one in readings for text in _strangers(state, one.observation))
        counts = dict(sorted(Counter(event.event for event in events).items()))
        # The first pull is recorded even when nobody has labelled: it says that nobody had.
        if dry_run or (not events and state.pulls):
            return PullReport(None, counts, problems, warnings)
        return PullReport(_store(study, state, readings, events), counts, problems, warnings)


def _projects_here(study: Study, state: State) -> tuple[Project, ...]:
    here = server_name(study)
    found = [one for one in state.projects.values() if one.server == here]
    if not found:
        raise ConfigError("nothing was pushed to this server yet", hint="run `annotate push` first")
    return tuple(sorted(found, key=lambda one: one.project_id))


class Route(Protocol):
    """A way to read a campaign."""

    def projects(self, study: str, pass_name: str) -> dict[str, int]:
        """Our projects of a pass: key to id."""

    def read_project(
        self,
        project_id: int,
        key: str,
        look_at: Callable[[Iterable[Sketch]], frozenset[int]],
        *,
        advance: Advance,
    ) -> Reading:
        """A sketch of every example, and the details of those that ``look_at`` names."""


@contextmanager
def _route(study: Study, database: str | None) -> Iterator[Route]:
    if database is None:
        from annotate.doccano.reading import HttpRoute

        server = connect(study)
        try:
            yield HttpRoute(server)
        finally:
            server.close()
    else:
        from annotate.doccano.database import open_database

        place = embedded_database(study) if database == EMBEDDED else (database, None)
        with open_database(*place) as opened:
            yield opened


def _require_present(study: Study, route: Route, projects: Sequence[Project]) -> None:
    remotes: dict[str, int] = {}
    for pass_name in sorted({one.pass_name for one in projects}):
        remotes |= route.projects(study.config.study.id, pass_name)
    gone = [one for one in projects if one.project not in remotes]
    if gone:
        raise Conflict(
            f"{len(gone)} project(s) of this study are not on the server",
            hint="is this the server that was pushed to? Restore its backup; nothing was recorded",
            problems=[Problem(one.name, 0, f"project {one.project_id} is gone") for one in gone],
        )


def _read_all(
    route: Route, state: State, projects: Sequence[Project], advance: Advance, *, full: bool
) -> list[Reading]:
    readings: list[Reading] = []
    for number, project in enumerate(projects):

        def look_at(sketches: Iterable[Sketch], key: str = project.project) -> frozenset[int]:
            if full:
                return frozenset(one.example for one in sketches if (key, one.example) in state.passages)
            known = example_states(state, [one for one in state.passages if one[0] == key])
            digests = {example: known_digest(share) for (_, example), share in known.items()}
            return frozenset(
                one.example
                for one in sketches
                if one.example in digests
                and sketch_digest(one, text_sha256(one.text)) != digests[one.example]
            )

        def step(done: int, total: int, before: int = number) -> None:
            advance(before * total + done, len(projects) * total)

        readings.append(route.read_project(project.project_id, project.project, look_at, advance=step))
    return readings


def _store(study: Study, state: State, readings: Sequence[Reading], events: Sequence[Event]) -> str:
    name = next_transaction(study, "pull")
    files = snapshot_files({one.observation.project: one.records for one in readings})
    write_snapshot(study, name, files)
    pulled = Event("pulled", {"snapshot": name, "files": hashes(files)})
    append(study, "pull", [*events, pulled], after=state.head)
    return name


def _disagreements(state: State, event: Event) -> Iterator[Problem]:
    """Events that say somebody changed on the server what only the study may change."""
    if event.event not in ("passage_edited", "passage_vanished"):
        return
    pushed = state.passages[event.data["project"], event.data["example"]]
    if event.data.get("text_sha256") == pushed.text_sha256:
        return  # the text is ours again
    where = state.projects[pushed.project].name
    what = (
        "its text was edited on the server"
        if event.event == "passage_edited"
        else "it is gone from the server"
    )
    yield Problem(
        where,
        0,
        f"{what}; its labels are kept in the ledger and set aside in exports",
        subject=f"passage {pushed.passage.passage_id} ({pushed.passage.source_file})",
    )


def _strangers(state: State, seen: Observation) -> Iterator[str]:
    name = state.projects[seen.project].name
    unknown = [example for example in seen.texts if (seen.project, example) not in state.passages]
    if unknown:
        yield f"{name}: {len(unknown)} example(s) were not pushed by this study and are left out"
    no_name = sum(1 for one in seen.labels if not one.user)
    if no_name:
        yield f"{name}: the accounts behind {no_name} label(s) are gone; their annotator is unknown"
