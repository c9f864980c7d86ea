"""`annotate pull`: read the whole campaign into one snapshot and the ledger, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from annotate.core.errors import ConfigError, Conflict, Problem
from annotate.core.ledger import Event
from annotate.core.state import Project
from annotate.flows.connecting import EMBEDDED, connect, embedded_database, server_name
from annotate.flows.pull_reading import Advance, Findings, ProjectPull, Source
from annotate.store.index import Index, open_index
from annotate.store.ledger import next_transaction
from annotate.store.snapshots import SnapshotWriter, keep_snapshot, set_orphans_aside, writing_snapshot
from annotate.store.spool import EventSpool, temporary_tables
from annotate.store.study import Study


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
    only_pass: str | None = None,
    advance: Advance = lambda done, total: None,
) -> PullReport:
    """Read every project that this study pushed to the server at hand.

    Over HTTP, or from the server's own ``database`` (a SQLite file, ``postgresql://…``, or
    ``embedded``): both give the same events.

    Details are read of the examples whose labels, relations, comments or confirmation differ from
    what the ledger knows; of every example with ``full``. The ledger file is the commit point: before
    it, nothing has happened. With ``dry_run`` only the report. ``only_pass`` limits the reading to the
    projects of one pass.

    Raises ConfigError, Refused, ServerFailure, Conflict (a project is missing), StorageFailure.
    """
    with ExitStack() as stack:
        stack.enter_context(study.writing("pull"))
        index = stack.enter_context(open_index(study, writing=True))
        projects = _projects_here(study, index, only_pass)
        set_orphans_aside(study, index.pulls)
        name = next_transaction(study, "pull")
        snapshot = stack.enter_context(writing_snapshot(study, name, dry=dry_run))
        spool = EventSpool(stack.enter_context(temporary_tables()))
        with _route(study, database) as route:
            _require_present(study, route, projects)
            parts = [
                ProjectPull(index, project, number, snapshot, spool, full)
                for number, project in enumerate(projects)
            ]
            findings = _read_all(route, parts, advance)
        spool.settle()
        counts = spool.counts()
        # The first pull is recorded even when nobody has labelled: it says that nobody had.
        new = (counts or not index.pulls) and not dry_run
        if new:
            _store(index, snapshot, spool)
        return PullReport(name if new else None, counts, *_told(projects, findings))


def _told(
    projects: Sequence[Project], findings: Sequence[Findings]
) -> tuple[tuple[Problem, ...], tuple[str, ...]]:
    """Problems and warnings, project by project."""
    problems = tuple(
        problem for one in findings for _, problem in sorted(one.problems, key=lambda found: found[0])
    )
    warnings = (one.sentences(project.name) for project, one in zip(projects, findings, strict=True))
    return problems, tuple(chain.from_iterable(warnings))


def _projects_here(study: Study, index: Index, only_pass: str | None) -> tuple[Project, ...]:
    here = server_name(study)
    everyone = index.projects.values()
    passes = {one.pass_name for one in everyone} if only_pass is None else {only_pass}
    found = [one for one in everyone if one.server == here and one.pass_name in passes]
    if not found:
        raise ConfigError("nothing was pushed to this server yet", hint="run `annotate push` first")
    return tuple(sorted(found, key=lambda one: one.project_id))


class Route(Protocol):
    """A way to read a campaign."""

    def projects(self, study: str, pass_name: str) -> dict[str, int]:
        """Our projects of a pass: key to id."""

    def open_project(self, project_id: int, key: str) -> Source:
        """One of them."""


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


def _read_all(route: Route, parts: Sequence[ProjectPull], advance: Advance) -> list[Findings]:
    found: list[Findings] = []
    for part in parts:

        def step(done: int, total: int, before: int = part.number) -> None:
            advance(before * total + done, len(parts) * total)

        with closing(route.open_project(part.project.project_id, part.project.project)) as source:
            found.append(part.read(source, step))
    return found


def _store(index: Index, snapshot: SnapshotWriter, spool: EventSpool) -> None:
    """The snapshot first: the ledger's file is the commit point."""
    keep_snapshot(snapshot)
    pulled = Event("pulled", {"snapshot": snapshot.name, "files": snapshot.hashes()})
    index.append("pull", chain(spool.events(), [pulled]))
