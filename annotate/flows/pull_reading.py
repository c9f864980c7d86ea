"""Read one project of a campaign, part by part: into the snapshot, and as events into the spool."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from annotate.core.errors import Problem
from annotate.core.ledger import Event
from annotate.core.observation import Observation, changes
from annotate.core.sketch import Sketch, sketch_digest, text_sha256
from annotate.core.state import Project, State
from annotate.store.index import Index
from annotate.store.snapshots import SnapshotWriter
from annotate.store.spool import EventSpool, SketchSpool, temporary_tables

if TYPE_CHECKING:
    from annotate.doccano.reading import Details

CHUNK = 500
"""Examples at a time that are looked up because they are gone."""

_EXAMPLE_KINDS = ("spans", "relations", "states", "comments", "texts")

Advance = Callable[[int, int], None]


class Source(Protocol):
    """A project on the server, by whatever route."""

    types: dict[str, list[dict[str, Any]]]

    def close(self) -> None:
        """Ask for nothing more."""

    def sketches(self) -> Iterator[list[Sketch]]:
        """Every example once, some at a time."""

    def expect(self, chosen: Iterable[Sketch]) -> None:
        """Details of these will be asked for: begin with it, if that saves time."""

    def details(self, chosen: Iterable[Sketch]) -> Iterator[Details]:
        """What stands on the chosen examples, some at a time."""


@dataclass(slots=True)
class Findings:
    """What people should hear of one project."""

    problems: list[tuple[int, Problem]] = field(default_factory=list)
    strangers: int = 0
    nameless: int = 0

    def sentences(self, name: str) -> Iterator[str]:
        """Warnings; ``name`` is the project's."""
        if self.strangers:
            yield f"{name}: {self.strangers} example(s) were not pushed by this study and are left out"
        if self.nameless:
            yield (
                f"{name}: the accounts behind {self.nameless} label(s) are gone; their annotator is unknown"
            )


@dataclass(frozen=True, slots=True)
class ProjectPull:
    """One project of a pull, the ``number``-th; ``full``: details of every example that we pushed."""

    index: Index
    project: Project
    number: int
    snapshot: SnapshotWriter
    spool: EventSpool
    full: bool
    findings: Findings = field(default_factory=Findings)

    def read(self, source: Source, advance: Advance) -> Findings:
        """Everything. Raises Refused, ServerFailure, StorageFailure."""
        key = self.project.project
        for kind, rows in source.types.items():
            self.snapshot.add(key, kind, rows)
        for kind in _EXAMPLE_KINDS:
            self.snapshot.add(key, kind, ())
        with temporary_tables() as connection:
            sketches = SketchSpool(connection)
            gone = self._sketch(source, sketches)
            self.snapshot.add(key, "examples", sketches.outlines())
            self._look(source, sketches, advance)
        for at in range(0, len(gone), CHUNK):
            some = gone[at : at + CHUNK]
            nothing = Observation(key, {}, frozenset(), (), (), (), (), gone=frozenset(some))
            self._record(self.index.part(key, some), nothing)
        self.snapshot.finish_files()
        return self.findings

    def _sketch(self, source: Source, spool: SketchSpool) -> list[int]:
        """Sketch every example, choose those to look at; the examples that are gone."""
        known = {example: digest for example, _, digest in self.index.known(self.project.project)}
        for some in source.sketches():
            rows = []
            for sketch in some:
                digest = text_sha256(sketch.text)
                before = known.pop(sketch.example, None)
                chosen = before is not None and (self.full or before != sketch_digest(sketch, digest))
                self.findings.strangers += before is None
                rows.append((sketch, digest, chosen))
            source.expect(sketch for sketch, _, chosen in rows if chosen)
            spool.add(rows)
        return sorted(known)

    def _look(self, source: Source, spool: SketchSpool, advance: Advance) -> None:
        key, done, total = self.project.project, 0, spool.count()
        for details in source.details(spool.chosen()):
            seen = details.observation
            for kind, rows in details.records.items():
                self.snapshot.add(key, kind, rows)
            texts = [{"id": example, "text": text} for example, text in seen.texts.items()]
            self.snapshot.add(key, "texts", texts)
            part = self.index.part(
                key,
                seen.looked_at,
                labels=(one.label_id for one in seen.labels),
                relations=(one.relation_id for one in seen.relations),
                comments=(one.comment_id for one in seen.comments),
            )
            self._record(part, seen)
            self.findings.nameless += sum(1 for one in seen.labels if not one.user)
            done += len(texts)
            advance(done, total)

    def _record(self, part: State, seen: Observation) -> None:
        events = changes(part, seen)
        self.spool.add(self.number, events)
        self.findings.problems.extend(_disagreements(part, events))


def _disagreements(state: State, events: Sequence[Event]) -> Iterator[tuple[int, Problem]]:
    """Events that say somebody changed on the server what only the study may change, by example."""
    for event in events:
        if event.event not in ("passage_edited", "passage_vanished"):
            continue
        pushed = state.passages[event.data["project"], event.data["example"]]
        if event.data.get("text_sha256") == pushed.text_sha256:
            continue  # the text is ours again
        what = (
            "its text was edited on the server"
            if event.event == "passage_edited"
            else "it is gone from the server"
        )
        yield (
            pushed.example,
            Problem(
                state.projects[pushed.project].name,
                0,
                f"{what}; its labels are kept in the ledger and set aside in exports",
                subject=f"passage {pushed.passage.passage_id} ({pushed.passage.source_file})",
            ),
        )
