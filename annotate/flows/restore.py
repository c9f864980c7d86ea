"""`annotate restore`: put back on the server what was lost there by nobody's decision. Plan, then apply.

Safe to repeat and to interrupt: what is there is read back before anything is drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from annotate.core.errors import ConfigError, Conflict, Problem, ServerFailure, UsageError
from annotate.core.ledger import Event
from annotate.core.restoring import (
    CAUSES,
    ProjectRestore,
    RestorePlan,
    Selection,
    plan_restore,
)
from annotate.core.scheme import Scheme
from annotate.core.scheme_tables import near_miss
from annotate.core.state import State, fold
from annotate.flows.connecting import connect, server_name
from annotate.flows.restore_evidence import gather
from annotate.flows.restore_example import Context, ExampleRestore
from annotate.store.ledger import append, read_ledger
from annotate.store.scheme import read_scheme
from annotate.store.study import Study

if TYPE_CHECKING:
    from annotate.doccano.putting_back import Project as RemoteProject
    from annotate.doccano.transport import Transport

Advance = Callable[[int, int], None]

EXAMPLES = 50
"""Examples per ledger transaction. What an interrupted run did beyond the last one is recognised again."""


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What a restore did. ``found`` counts labels that an interrupted restore had put there before.

    ``drawn_again``: lost labels that their annotator has drawn anew. ``problems``: what stays lost.
    """

    transactions: tuple[str, ...]
    types: dict[str, tuple[str, ...]]
    passages: int
    labels: dict[str, int]
    relations: int
    confirmations: int
    found: int
    drawn_again: int
    problems: tuple[Problem, ...]


def plan(study: Study, selection: Selection | None = None, *, pull_first: bool = True) -> RestorePlan:
    """What was lost and can be put back. Pulls first, so that nothing on the server is unknown.

    Without ``pull_first`` nothing is written, and a warning tells what the ledger does not know yet.
    Raises UsageError (a name that is none), and what ``pull`` raises.
    """
    from annotate.flows.pull import pull

    wanted = selection or Selection()
    seen = pull(study, dry_run=not pull_first)
    unseen = {} if pull_first else seen.events
    lines = read_ledger(study)
    state = fold(lines)
    _require_names(state, wanted)
    server = connect(study)
    try:
        from annotate.doccano.campaign import user_ids

        evidence = gather(study, lines, state, user_ids(server).values())
        made = plan_restore(state, evidence, _names_here(study, state, server), wanted)
    finally:
        server.close()
    if not unseen:
        return made
    what = f"{sum(unseen.values())} change(s) on the server are not in the ledger yet and not in this plan"
    return RestorePlan(made.head, made.projects, made.left, made.deleted, made.drawn_again, (what,))


def _require_names(state: State, wanted: Selection) -> None:
    if wanted.pull and wanted.pull not in state.pulls:
        hint = near_miss(wanted.pull, state.pulls) or "`annotate history` names them"
        raise UsageError(f"there is no pull {wanted.pull!r}", hint=hint)
    for cause in sorted(wanted.causes - (CAUSES.keys() - {"named"})):
        raise UsageError(f"{cause!r} is no cause", hint="label-type, account or example")


def _names_here(study: Study, state: State, server: Transport) -> dict[str, frozenset[str]]:
    """By project on this server: names of labels that are there or can be made from the scheme."""
    scheme, here = read_scheme(study.scheme_dir), server_name(study)
    return {
        key: frozenset(one.name for one in scheme.labels_of(project.pass_name))
        | {str(one["text"]) for one in server.get_list(f"projects/{project.project_id}/span-types")}
        for key, project in sorted(state.projects.items())
        if project.server == here
    }


def restore(study: Study, made: RestorePlan, *, advance: Advance = lambda done, total: None) -> RestoreReport:
    """Carry out a plan. What stays lost is in the report.

    Raises Conflict (the ledger moved on since it was made), Refused, ServerFailure, StorageFailure.
    """
    with study.writing("restore"):
        state = fold(read_ledger(study))
        if state.head != made.head:
            raise Conflict(
                "the ledger has new entries since the plan was made; nothing was done",
                hint="run `annotate restore` again and look at the new plan",
            )
        server = connect(study)
        try:
            run = Run(study, server, read_scheme(study.scheme_dir), state, advance, _work(made))
            for project in made.projects:
                run.project(project)
        finally:
            server.close()
    return run.report(made)


def _work(made: RestorePlan) -> int:
    return sum(len(_examples_of(project)) for project in made.projects)


def _examples_of(project: ProjectRestore) -> list[int]:
    found = {one.example for one in project.passages}
    found |= {one.seen.example for one in project.labels}
    found |= {one.seen.example for one in project.relations}
    found |= {one.seen.example for one in project.confirmations}
    return sorted(found)


@dataclass(slots=True)
class Run:
    """One restore under way."""

    study: Study
    server: Transport
    scheme: Scheme
    state: State
    advance: Advance
    total: int
    done: int = 0
    transactions: list[str] = field(default_factory=list)
    types: dict[str, tuple[str, ...]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def commit(self, events: Sequence[Event]) -> None:
        """Append one transaction and fold it in."""
        if events:
            lines = append(self.study, "restore", events, after=self.state.head)
            fold(lines, self.state)
            self.transactions.append(lines[0].transaction)

    def report(self, made: RestorePlan) -> RestoreReport:
        """What was done so far."""
        return RestoreReport(
            tuple(self.transactions),
            self.types,
            self.counts["passages"],
            dict(sorted(self.labels.items())),
            self.counts["relations"],
            self.counts["confirmations"],
            self.counts["found"],
            self.counts["drawn again"] + made.drawn_again,
            (*made.left, *self.problems),
        )

    def project(self, wanted: ProjectRestore) -> None:
        """Types, then examples in chunks: each of them goes into the ledger whole or not at all."""
        from annotate.doccano.putting_back import Project as RemoteProject

        number = self.state.projects[wanted.project].project_id
        self._make_types(wanted, RemoteProject(self.server, number, wanted.project))
        remote = RemoteProject(self.server, number, wanted.project)
        context = Context(self.state, wanted, remote, self._bring_back(wanted, number))
        examples = _examples_of(wanted)
        for at in range(0, len(examples), EXAMPLES):
            events: list[Event] = []
            for example in examples[at : at + EXAMPLES]:
                events += ExampleRestore(self, context, example).restore()
                self.done += 1
                self.advance(self.done, self.total)
            self.commit(events)

    def _make_types(self, wanted: ProjectRestore, remote: RemoteProject) -> None:
        from annotate.doccano import campaign
        from annotate.doccano.putting_back import missing_types

        project = self.state.projects[wanted.project]
        types = campaign.plan_types(self.scheme, project.pass_name, project.name, [], [])
        names = {
            "span-types": frozenset(one.seen.label for one in wanted.labels),
            "relation-types": frozenset(one.seen.relation for one in wanted.relations),
        }
        changes = missing_types(remote, types, names)
        if not changes:
            return
        campaign.apply_type_changes(self.server, project.project_id, changes)
        labels, relations = campaign.type_names(self.server, project.project_id)
        self.types[project.user] = tuple(change.name for change in changes)
        scheme = project.scheme
        if scheme is None:
            raise ConfigError(f"the ledger names no scheme of {project.name}", hint="run `annotate push`")
        # The scheme in force is the one that was pushed; only the numbers of its types are new.
        data = {name: getattr(scheme, name) for name in ("scheme", "version", "sha256", "guideline_sha256")}
        data |= {"project": wanted.project, "label_types": labels, "relation_types": relations}
        self.commit([Event("scheme_pushed", data)])

    def _bring_back(self, wanted: ProjectRestore, project_id: int) -> dict[int, int]:
        """Import examples that were deleted; first example id to the new one."""
        if not wanted.passages:
            return {}
        from annotate.doccano import archive, importing, wire

        ids = {one.passage.passage_id: one for one in wanted.passages}
        known = {number for key, number in self.state.passages if key == wanted.project}

        def there() -> dict[str, int]:
            found = archive.read_archive(self.server, project_id)
            return {
                one.passage_id: one.example
                for one in found
                if one.passage_id in ids and one.example not in known
                if one.text == ids[one.passage_id].passage.text
            }

        present = there()
        missing = [one for name, one in ids.items() if name not in present]
        for at in range(0, len(missing), importing.BATCH):
            batch = missing[at : at + importing.BATCH]
            rows = (wire.import_row(one.passage, (), wanted.project) for one in batch)
            task = importing.start_import(self.server, project_id, wire.import_file(rows))
            outcome = importing.finish_import(self.server, task)
            if outcome.crash:
                raise ServerFailure(f"the server's import failed: {outcome.crash[:300]}", hint=_AGAIN)
        present = there() if missing else present
        absent = [name for name in ids if name not in present]
        if absent:
            raise ServerFailure(f"the server did not take {len(absent)} passage(s) again", hint=_AGAIN)
        return {ids[name].example: example for name, example in present.items()}


_AGAIN = "run `annotate restore` again: it continues where this one stopped"
