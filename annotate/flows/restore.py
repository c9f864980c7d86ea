"""`annotate restore`: put back on the server what was lost there by nobody's decision. Plan, then apply.

Safe to repeat and to interrupt: what is there is read back before anything is drawn.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from annotate.core.errors import ConfigError, Conflict, PartlyDone, Problem, ServerFailure, UsageError
from annotate.core.ledger import Event, record_of
from annotate.core.pushing import text_sha256
from annotate.core.restored import standing
from annotate.core.restoring import (
    CAUSES,
    LostConfirmation,
    LostLabel,
    LostRelation,
    ProjectRestore,
    RestorePlan,
    Selection,
    plan_restore,
    read_back,
)
from annotate.core.scheme import Scheme
from annotate.core.scheme_tables import near_miss
from annotate.core.state import PushedPassage, State, fold, passage_record
from annotate.flows.connecting import connect, server_name
from annotate.flows.restore_evidence import gather
from annotate.store.ledger import append, read_ledger, read_state
from annotate.store.scheme import read_scheme
from annotate.store.study import Study

if TYPE_CHECKING:
    from annotate.core.observation import Observation
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
    """Carry out a plan. Raises Conflict (the ledger moved on since it was made), PartlyDone (some of what
    was lost stays lost; the rest was done), Refused, ServerFailure, StorageFailure.
    """
    with study.writing("restore"):
        state = read_state(study)
        if state.head != made.head:
            raise Conflict(
                "the ledger has new entries since the plan was made; nothing was done",
                hint="run `annotate restore` again and look at the new plan",
            )
        server = connect(study)
        try:
            run = _Run(study, server, read_scheme(study.scheme_dir), state, advance, _work(made))
            for project in made.projects:
                run.project(project)
        finally:
            server.close()
    report = run.report(made)
    if report.problems:
        raise PartlyDone(
            f"{len(report.problems)} thing(s) that were lost stay lost",
            hint=f"the rest is on the server: {sum(report.labels.values())} label(s) put back",
            problems=report.problems,
        )
    return report


def _work(made: RestorePlan) -> int:
    return sum(len(_examples_of(project)) for project in made.projects)


def _examples_of(project: ProjectRestore) -> list[int]:
    found = {one.example for one in project.passages}
    found |= {one.seen.example for one in project.labels}
    found |= {one.seen.example for one in project.relations}
    found |= {one.seen.example for one in project.confirmations}
    return sorted(found)


@dataclass(slots=True)
class _Run:
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
        context = _Context(self.state, wanted, remote, self._bring_back(wanted, number))
        examples = _examples_of(wanted)
        for at in range(0, len(examples), EXAMPLES):
            events: list[Event] = []
            for example in examples[at : at + EXAMPLES]:
                events += _Example(self, context, example).restore()
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


class _Context:
    """What the examples of one project share. ``back``: first example id to the one that took its place.

    ``taken``: labels that are something else: suggestions that push placed, labels put back before.
    """

    def __init__(
        self, state: State, wanted: ProjectRestore, remote: RemoteProject, back: Mapping[int, int]
    ) -> None:
        self.wanted, self.remote, self.back = wanted, remote, back
        self.view = standing(state)
        others = (*state.placed, *state.restored.labels)
        self.taken = frozenset(number for project, number in others if project == wanted.project)
        self.labels: dict[int, list[LostLabel]] = defaultdict(list)
        self.relations: dict[int, list[LostRelation]] = defaultdict(list)
        self.confirmations: dict[int, list[LostConfirmation]] = defaultdict(list)
        for label in wanted.labels:
            self.labels[label.seen.example].append(label)
        for relation in wanted.relations:
            self.relations[relation.seen.example].append(relation)
        for confirmation in wanted.confirmations:
            self.confirmations[confirmation.seen.example].append(confirmation)


class _Example:
    """Everything that goes back onto one example."""

    def __init__(self, run: _Run, context: _Context, example: int) -> None:
        self.run, self.context, self.first = run, context, example
        self.wanted, self.remote, self.view = context.wanted, context.remote, context.view
        self.new = context.back.get(example)
        self.project = run.state.projects[self.wanted.project]
        self.pushed: PushedPassage = self.view.passages[self.wanted.project, example]
        there = self.view.restored.now("example", self.wanted.project, example)
        self.example = there if self.new is None else self.new
        self.text = self.pushed.passage.text

    def restore(self) -> list[Event]:
        """Put back what is missing, read it back, and tell the ledger."""
        labels, events = self._labels()
        relation_events = self._relations(labels)
        return [*self._passage(), *events, *relation_events, *self._confirmations()]

    def _look(self) -> Observation:
        return self.remote.look(self.example, self.text)

    def _passage(self) -> Iterator[Event]:
        if self.new is None:
            return
        key = self.wanted.project
        data = {"project": key, "example": self.new, "passage": passage_record(self.pushed.passage)}
        yield Event("passage_pushed", {**data, "text_sha256": text_sha256(self.text)})
        yield Event("passage_restored", {"project": key, "example": self.new, "was": self.first})
        self.run.counts["passages"] += 1
        for name, numbers, seen in (
            ("label", self.wanted.given_up_labels, self.view.labels),
            ("relation", self.wanted.given_up_relations, self.view.relations),
        ):
            for number in numbers:
                if seen[key, number].example == self.first:
                    now = self.view.restored.now("label" if name == "label" else "relation", key, number)
                    yield Event(f"{name}_vanished", {"project": key, f"{name}_id": now})

    def _labels(self) -> tuple[dict[int, int], list[Event]]:
        """Lost labels of this example: first id to the id there now, and their events."""
        lost = self.context.labels.get(self.first)
        if not lost:
            return {}, []
        taken = self.context.taken
        back = read_back(lost, self._look().labels, self.project.service_user, taken)
        self.run.counts["found"] += len(back.there)
        self.run.counts["drawn again"] += len(back.drawn_again)
        for one in back.missing:
            self.remote.draw(self.example, one.seen.label, one.seen.utf16_start, one.seen.utf16_end)
        now = self._look().labels
        rest = [one for one in lost if one not in back.drawn_again]
        ids = dict(read_back(rest, now, self.project.service_user, taken).there)
        observed = {one.label_id: one for one in now}
        events: list[Event] = []
        for one in lost:
            if one.seen.label_id in ids:
                number = ids[one.seen.label_id]
                self.run.labels[one.cause] += 1
                if not self._is_known(number):
                    events.append(Event("label_appeared", record_of(observed[number])))
                events.append(self._tie("label", number, one.seen.label_id))
            elif one not in back.drawn_again:
                self._problem(one, "the server did not keep it")
        return ids, events

    def _is_known(self, number: int) -> bool:
        label = self.run.state.labels.get((self.wanted.project, number))
        return bool(label and not label.vanished_in)

    def _tie(self, what: str, number: int, was: int) -> Event:
        data = {"project": self.wanted.project, f"{what}_id": number, "was": was}
        return Event(f"{what}_restored", data)

    def _problem(self, lost: LostLabel, what: str) -> None:
        subject = f"{lost.seen.label} {lost.label_id}"
        self.run.problems.append(Problem(self.project.name, 0, what, subject=subject))

    def _relations(self, labels: Mapping[int, int]) -> list[Event]:
        lost = self.context.relations.get(self.first)
        if not lost:
            return []
        before = self._by_ends(self._look())
        wanted: list[tuple[LostRelation, tuple[str, int, int]]] = []
        for one in lost:
            ends = [self._end(number, labels) for number in (one.seen.from_label, one.seen.to_label)]
            if one.seen.relation not in self.remote.relation_types() or None in ends:
                what = f"relation {one.seen.relation} has no type or no end on the server"
                self.run.problems.append(Problem(self.project.name, 0, what))
                continue
            place = (one.seen.relation, ends[0] or 0, ends[1] or 0)
            wanted.append((one, place))
            if place not in before:
                self.remote.relate(self.example, *place)
        after = self._by_ends(self._look())
        return list(self._relation_events(wanted, after))

    def _relation_events(
        self,
        wanted: Iterable[tuple[LostRelation, tuple[str, int, int]]],
        after: Mapping[tuple[str, int, int], tuple[int, Event]],
    ) -> Iterator[Event]:
        key = self.wanted.project
        for one, place in wanted:
            number, appeared = after[place]
            if (key, number) in self.run.state.restored.relations:
                continue
            known = self.run.state.relations.get((key, number))
            if known is None or known.vanished_in:
                yield appeared
            self.run.counts["relations"] += 1
            yield self._tie("relation", number, one.seen.relation_id)

    def _end(self, number: int, labels: Mapping[int, int]) -> int | None:
        """The id that an end has on the server now; None where it is not there."""
        if number in labels:
            return labels[number]
        seen = self.view.labels.get((self.wanted.project, number))
        there = seen is not None and not seen.vanished_in and self.new is None
        return self.view.restored.now("label", self.wanted.project, number) if there else None

    def _by_ends(self, seen: Observation) -> dict[tuple[str, int, int], tuple[int, Event]]:
        return {
            (one.relation, one.from_label, one.to_label): (
                one.relation_id,
                Event("relation_appeared", record_of(one)),
            )
            for one in seen.relations
        }

    def _confirmations(self) -> list[Event]:
        lost = self.context.confirmations.get(self.first)
        if not lost:
            return []
        states = self._look().confirmations
        if not states:
            self.remote.confirm(self.example)
            states = self._look().confirmations
        ours = next((one for one in states if one.user == self.project.service_user), None)
        if ours is None:
            return []  # somebody was faster: a confirmation of somebody's own is better than ours
        self.run.counts["confirmations"] += 1
        return list(self._confirmation_events(lost[0], ours.confirmed_at))

    def _confirmation_events(self, lost: LostConfirmation, given_at: str) -> Iterator[Event]:
        where = {"project": self.wanted.project, "example": self.example}
        service = self.project.service_user
        known = self.run.state.confirmations.get((self.wanted.project, self.example), ())
        if not any(one.user == service and one.confirmed_at == given_at for one in known):
            yield Event("confirmed", {**where, "user": service, "confirmed_at": given_at})
        names = ("user", "confirmed_at", "seen_in")
        data = {name: getattr(lost.seen, name) for name in names}
        yield Event("confirmation_restored", {**where, **data, "given_at": given_at})
