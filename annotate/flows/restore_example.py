"""Put back what one example lost, read it back, and say what the ledger has to note of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from annotate.core.errors import Problem
from annotate.core.ledger import Event, record_of
from annotate.core.passage_records import passage_record
from annotate.core.pushing import text_sha256
from annotate.core.read_back import read_back
from annotate.core.restored import standing
from annotate.core.restoring import LostConfirmation, LostLabel, LostRelation, ProjectRestore
from annotate.core.state import PushedPassage, State

if TYPE_CHECKING:
    from annotate.core.observation import Observation
    from annotate.doccano.putting_back import Project as RemoteProject


class Work(Protocol):
    """The restore that an example is part of, as far as an example needs it."""

    state: State
    counts: Counter[str]
    labels: Counter[str]
    problems: list[Problem]


class Context:
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


class ExampleRestore:
    """Everything that goes back onto one example."""

    def __init__(self, run: Work, context: Context, example: int) -> None:
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
