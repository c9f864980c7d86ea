"""Send passages to one project and record what arrived, batch by batch, while the server imports on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from annotate.core.errors import Problem, ServerFailure
from annotate.core.pushing import Arrival, Landing, Sent, landing, mark_bare
from annotate.core.queue import Queued, adopted, is_control
from annotate.core.sketch import Sketch
from annotate.doccano import archive, importing, wire
from annotate.doccano.arrivals import Foretold, stored
from annotate.doccano.campaign import Remote
from annotate.doccano.database import open_database
from annotate.doccano.reading import of_service
from annotate.flows.connecting import EMBEDDED, embedded_database
from annotate.flows.push.completing import Completing
from annotate.flows.push.plan import Session

AGAIN = "what arrived is recorded; run `annotate push` again to send the rest"

AHEAD = 3
"""Imports that the server has at a time: one it works on, and what it goes on with while we record."""

RECORD = 500
"""Passages per ledger transaction: few enough that one file fits easily into memory while it is read."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Passages that one import brings, and how many examples the project has before it."""

    sent: tuple[Sent, ...]
    before: int
    task: str


@dataclass(slots=True)
class _Round:
    """One pass over what is missing: what could not be recorded yet, rows refused, a crash."""

    unread: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    crash: str | None = None
    recorded: int = 0


class Sender:
    """Brings passages into one project. ``step`` is told how many are done."""

    def __init__(self, session: Session, remote: Remote, step: Callable[[int], None]) -> None:
        self._session = session
        self._remote = remote
        self._step = step
        self._embedded = session.study.config.server.url == EMBEDDED
        self._foretold: Foretold | None = None
        self._queue: Mapping[str, Queued] = {}
        # Workers of another server may swap imports; where the order matters each one waits for the last.
        self._ahead = AHEAD if self._embedded or session.queue.order == "source" else 1
        self.added = 0
        self.placed = 0
        self.related = 0

    def adopt(self, passage_ids: Sequence[str]) -> None:
        """Record passages that an interrupted push left on the server.

        Controls among them are those of the queue that the ledger says was sent last.
        """
        settings = self._session.index.projects[self._remote.marker.key].queue
        known = {one: adopted(settings, is_control(settings, one)) for one in passage_ids}
        self._queue = {one: place for one, place in known.items() if place}
        if passage_ids:
            self._sweep(passage_ids)
        self._step(self.added)

    def send(self, passage_ids: Sequence[str], queue: Mapping[str, Queued]) -> None:
        """Import passages in this order and record them; ``queue`` says what is to be noted of each.

        Rows that the server refused become problems of the session. Raises Refused, ServerFailure. A
        push that dies on the way leaves at most the imports under way to be adopted by the next one.
        """
        missing = passage_ids
        self._queue = queue
        while missing:
            done = self._import(missing)
            if done.unread:
                done.recorded += len(self._sweep(done.unread))
            known = self._session.known(self._remote.marker.key)
            missing = [one for one in missing if one not in known]
            if not done.crash:
                self._refused(missing, done)
                break
            # One passage that was there already undoes a whole import: an earlier one, whose answer was
            # lost, went on behind our back. What it brought is recorded now; the rest is sent again.
            if missing and not done.recorded:
                raise ServerFailure(f"the server's import failed: {done.crash[:300]}", hint=AGAIN)

    def _import(self, passage_ids: Sequence[str]) -> _Round:
        """Send passages in batches; after one that crashes none is begun, and all are looked for."""
        done = _Round()
        queued: deque[_Batch] = deque()
        at, before = 0, self._count()
        while queued or (at < len(passage_ids) and not done.crash):
            while at < len(passage_ids) and len(queued) < self._ahead and not done.crash:
                some = passage_ids[at : at + importing.BATCH]
                queued.append(self._start(some, before))
                at += len(some)
                before += len(some)
            batch = queued.popleft()
            outcome = importing.finish_import(self._session.server, batch.task)
            done.refused |= {
                batch.sent[row - 1].passage.passage_id: message
                for row, message in outcome.refused
                if 0 < row <= len(batch.sent)
            }
            done.crash = done.crash or outcome.crash
            self._arrived(batch, done, whole=not (outcome.crash or outcome.refused))
        if done.crash:
            done.unread = list(passage_ids)
        return done

    def _start(self, passage_ids: Sequence[str], before: int) -> _Batch:
        session, remote = self._session, self._remote
        sent = tuple(self._sent(one) for one in passage_ids)
        rows = (
            wire.import_row(one.passage, one.suggestions, remote.marker.key, one.relations) for one in sent
        )
        file = wire.import_file(rows)
        return _Batch(sent, before, importing.start_import(session.server, remote.project_id, file))

    def _sent(self, passage_id: str) -> Sent:
        return self._session.sent(passage_id, self._queue.get(passage_id))

    def _arrived(self, batch: _Batch, done: _Round, *, whole: bool) -> None:
        """Record what an import surely brought; the rest is left for a look at everything."""
        found = self._read(batch) if whole else []
        landed = [(one, self._land(one)) for one in found]
        sure = [(one, what) for one, what in landed if what.is_whole]
        there = {one.sent.passage.passage_id for one, _ in sure}
        done.unread += [one for sent in batch.sent if (one := sent.passage.passage_id) not in there]
        done.recorded += self._commit(sure)

    def _count(self) -> int:
        """Examples before our first import, where the ids of imports follow from their place."""
        if self._embedded:
            return 0
        self._foretold = Foretold.of(self._session.server, self._remote)
        return self._foretold.count()

    def _read(self, batch: _Batch) -> list[Arrival]:
        if self._foretold is not None:
            return self._foretold.arrived(batch.sent, batch.before)
        with open_database(*embedded_database(self._session.study)) as opened:
            return stored(opened, self._remote, batch.sent)

    def _sweep(self, passage_ids: Iterable[str]) -> set[str]:
        """Look at all that the project has, and record those of these passages that are there."""
        wanted = set(passage_ids)
        there: set[str] = set()
        completing = Completing(self._session.server, self._remote)
        arrivals = (
            (completing.complete(one) if bare else one) for one, bare in mark_bare(self._arrivals(wanted))
        )
        for some in _parts(arrivals):
            self._commit([(one, self._land_surely(one)) for one in some])
            there.update(one.sent.passage.passage_id for one in some)
        return there

    def _arrivals(self, wanted: set[str]) -> Iterator[Arrival | None]:
        known = self._session.known(self._remote.marker.key)
        left = wanted - known
        for sketch in self._sketches():
            if sketch.passage_id in left:
                left.discard(sketch.passage_id)
                yield Arrival(self._sent(sketch.passage_id), sketch)
            elif sketch.passage_id in known:
                yield None

    def _sketches(self) -> Iterator[Sketch]:
        """All examples by id. Our own server's file tells at once; an export takes half as long as the
        import did.
        """
        if not self._embedded:
            yield from archive.read_archive(self._session.server, self._remote.project_id)
            return
        with open_database(*embedded_database(self._session.study)) as opened:
            yield from opened.sketches(self._remote.project_id)

    def _land(self, arrival: Arrival) -> Landing:
        return landing(self._remote.marker.key, arrival, self._session.server.user)

    def _land_surely(self, arrival: Arrival) -> Landing:
        landed = self._land(arrival)
        if landed.is_whole:
            return landed
        # Somebody was there before us: ask who made which label.
        server = self._session.server
        ours = of_service(server, self._remote.project_id, arrival.sketch.example)
        return landing(self._remote.marker.key, arrival, server.user, ours)

    def _commit(self, landed: Sequence[tuple[Arrival, Landing]]) -> int:
        """Record passages that arrived and which labels on them are ours; how many."""
        for some in _parts(landed):
            self._session.commit([event for _, one in some for event in one.events])
            for arrival, one in some:
                self._session.problems.extend(_lost(arrival, one))
                self.placed += sum(event.event == "suggestion_placed" for event in one.events)
                self.related += sum(event.event == "relation_placed" for event in one.events)
        self.added += len(landed)
        self._step(self.added)
        return len(landed)

    def _refused(self, missing: Sequence[str], done: _Round) -> None:
        for passage_id in missing:
            why = done.refused.get(passage_id, "it gave no reason")
            file = self._session.passages[passage_id].source_file
            what = f"the server refused it: {why}"
            self._session.problems.append(Problem(file, 0, what, subject=passage_id))


def _lost(arrival: Arrival, landed: Landing) -> Iterator[Problem]:
    passage, suggestions = arrival.sent.passage, arrival.sent.suggestions
    missing = [f"suggestion {one.label} {one.quote!r}" for one in landed.lost]
    for one in landed.lost_relations:
        ends = (suggestions[one.start].quote, suggestions[one.end].quote)
        missing.append(f"suggested relation {one.suggested.relation} from {ends[0]!r} to {ends[1]!r}")
    for what in missing:
        yield Problem(passage.source_file, 0, f"the {what} is not on the server", subject=passage.passage_id)


_T = TypeVar("_T")


def _parts(values: Iterable[_T]) -> Iterator[list[_T]]:
    """What goes into one ledger transaction, as long as there is something."""
    source = iter(values)
    while some := list(islice(source, RECORD)):
        yield some
