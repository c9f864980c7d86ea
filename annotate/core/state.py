"""What is true after a run of ledger lines: a pure fold.

All ids here are as the server gave them, and hold within one project; ``project`` is the key that
``push`` chose for it, which stays the same when a server moves to another address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from annotate.core.adjudication.decided import Decisions, decision_of
from annotate.core.imports.seen import Imports, batch_of, label_of, relation_of
from annotate.core.ledger import Head, Line
from annotate.core.model import Passage, SuggestedRelation, Suggestion
from annotate.core.passage_records import passage_of
from annotate.core.queue.settings import Queued, QueueSettings
from annotate.core.restored import Restored, tie


@dataclass(frozen=True, slots=True)
class SchemePushed:
    """Which scheme and guideline the people of a project worked under, from ``at`` on."""

    at: str
    scheme: str
    version: str
    sha256: str
    guideline_sha256: str


@dataclass(frozen=True, slots=True)
class Project:
    """One Doccano project of a campaign. ``user`` is the annotator whose project it is."""

    project: str
    server: str
    project_id: int
    name: str
    pass_name: str
    user: str
    service_user: str
    opened_at: str
    schemes: tuple[SchemePushed, ...] = ()
    label_types: dict[int, str] = field(default_factory=dict)
    relation_types: dict[int, str] = field(default_factory=dict)
    queue: QueueSettings = field(default_factory=QueueSettings)

    @property
    def scheme(self) -> SchemePushed | None:
        """The scheme in force now."""
        return self.schemes[-1] if self.schemes else None


@dataclass(frozen=True, slots=True)
class PushedPassage:
    """A passage on the server. ``edited_sha256`` is set when its text there is no longer ours.

    ``queued`` None: it was pushed with everything else, in the order of the build.
    """

    project: str
    example: int
    passage: Passage
    text_sha256: str
    at: str
    edited_sha256: str | None = None
    vanished_in: str | None = None
    queued: Queued | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A suggestion and the server's label id it became."""

    project: str
    example: int
    label_id: int
    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class PlacedRelation:
    """A suggested relation, the server's relation id it became, and the label ids that it was drawn between.

    These may be other suggestions than the relation names: two agents may say the same of the same words.
    """

    project: str
    example: int
    relation_id: int
    from_label: int
    to_label: int
    suggestion: SuggestedRelation
    agent: str
    agent_version: str
    config_sha256: str


@dataclass(frozen=True, slots=True)
class LabelSeen:
    """A span label as last seen. Passage offsets in code points; -1 where the server's do not fit."""

    project: str
    example: int
    label_id: int
    label: str
    start: int
    end: int
    utf16_start: int
    utf16_end: int
    user: str
    created_at: str
    updated_at: str
    seen_in: str
    changed_in: str
    vanished_in: str | None = None


@dataclass(frozen=True, slots=True)
class RelationSeen:
    """A relation between two labels of one example, as last seen."""

    project: str
    example: int
    relation_id: int
    relation: str
    from_label: int
    to_label: int
    user: str
    created_at: str
    updated_at: str
    seen_in: str
    changed_in: str
    vanished_in: str | None = None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A person's word that an example is done."""

    project: str
    example: int
    user: str
    confirmed_at: str
    seen_in: str


@dataclass(frozen=True, slots=True)
class CommentSeen:
    """A remark on an example."""

    project: str
    example: int
    comment_id: int
    user: str
    text: str
    created_at: str
    seen_in: str
    vanished_in: str | None = None


Key = tuple[str, int]


@dataclass(slots=True)
class State:
    """The fold of a ledger. Keys are (project, id on the server)."""

    head: Head = field(default_factory=Head)
    projects: dict[str, Project] = field(default_factory=dict)
    passages: dict[Key, PushedPassage] = field(default_factory=dict)
    placed: dict[Key, Placed] = field(default_factory=dict)
    labels: dict[Key, LabelSeen] = field(default_factory=dict)
    relations: dict[Key, RelationSeen] = field(default_factory=dict)
    confirmations: dict[Key, tuple[Confirmation, ...]] = field(default_factory=dict)
    comments: dict[Key, CommentSeen] = field(default_factory=dict)
    placed_relations: dict[Key, PlacedRelation] = field(default_factory=dict)
    pulls: tuple[str, ...] = ()
    imports: Imports = field(default_factory=Imports)
    decisions: Decisions = field(default_factory=Decisions)
    restored: Restored = field(default_factory=Restored)

    def last_pull(self) -> str | None:
        """The newest pull, None before the first."""
        return self.pulls[-1] if self.pulls else None


def fold(lines: Iterable[Line], state: State | None = None) -> State:
    """Replay ledger lines, from the beginning or onto a state, which is changed in place."""
    state = State() if state is None else state
    for line in lines:
        handler = _HANDLERS.get(line.event)
        if handler:
            handler(state, line, line.data)
        state.head = Head(line.seq, line.hash)
    return state


def _project_opened(state: State, line: Line, data: dict[str, Any]) -> None:
    state.projects[data["project"]] = Project(
        project=data["project"],
        server=data["server"],
        project_id=data["project_id"],
        name=data["name"],
        pass_name=data["pass"],
        user=data["user"],
        service_user=data["service_user"],
        opened_at=line.at,
    )


def _scheme_pushed(state: State, line: Line, data: dict[str, Any]) -> None:
    project = state.projects[data["project"]]
    pushed = SchemePushed(line.at, data["scheme"], data["version"], data["sha256"], data["guideline_sha256"])
    state.projects[data["project"]] = replace(
        project,
        schemes=(*project.schemes, pushed),
        label_types={int(key): name for key, name in data["label_types"].items()},
        relation_types={int(key): name for key, name in data["relation_types"].items()},
    )


def _queue_planned(state: State, line: Line, data: dict[str, Any]) -> None:
    project = state.projects[data["project"]]
    state.projects[data["project"]] = replace(project, queue=QueueSettings(**data["settings"]))


def _passage_pushed(state: State, line: Line, data: dict[str, Any]) -> None:
    key = (data["project"], data["example"])
    queued = Queued(**data["queue"]) if data.get("queue") else None
    state.passages[key] = PushedPassage(
        data["project"],
        data["example"],
        passage_of(data["passage"]),
        data["text_sha256"],
        line.at,
        queued=queued,
    )


def _suggestion_placed(state: State, line: Line, data: dict[str, Any]) -> None:
    key = (data["project"], data["label_id"])
    suggestion = Suggestion(**data["suggestion"])
    state.placed[key] = Placed(data["project"], data["example"], data["label_id"], suggestion)


def _relation_placed(state: State, line: Line, data: dict[str, Any]) -> None:
    suggestion = SuggestedRelation(**data["suggestion"])
    placed = PlacedRelation(**{**data, "suggestion": suggestion})
    state.placed_relations[placed.project, placed.relation_id] = placed


def _label_seen(state: State, line: Line, data: dict[str, Any]) -> None:
    key = (data["project"], data["label_id"])
    before = state.labels.get(key)
    state.labels[key] = LabelSeen(
        **data, seen_in=before.seen_in if before else line.transaction, changed_in=line.transaction
    )


def _label_dated(state: State, line: Line, data: dict[str, Any]) -> None:
    """The server told the times of a label that push had imported; nothing about it changed."""
    key = (data["project"], data["label_id"])
    times = {name: data[name] for name in ("created_at", "updated_at")}
    state.labels[key] = replace(state.labels[key], **times)


def _label_vanished(state: State, line: Line, data: dict[str, Any]) -> None:
    key = (data["project"], data["label_id"])
    state.labels[key] = replace(state.labels[key], vanished_in=line.transaction)


def _relation_seen(state: State, line: Line, data: dict[str, Any]) -> None:
    key = (data["project"], data["relation_id"])
    before = state.relations.get(key)
    state.relations[key] = RelationSeen(
        **data, seen_in=before.seen_in if before else line.transaction, changed_in=line.transaction
    )


def _relation_dated(state: State, line: Line, data: dict[str, Any]) -> None:
    """As ``_label_dated``."""
    key = (data["project"], data["relation_id"])
    times = {name: data[name] for name in ("created_at", "updated_at")}
    state.relations[key] = replace(state.relations[key], **times)


def _relation_vanished(state: State, line: Line, data: dict[str, Any]) -> None:
    key = (data["project"], data["relation_id"])
    state.relations[key] = replace(state.relations[key], vanished_in=line.transaction)


def _confirmed(state: State, line: Line, data: dict[str, Any]) -> None:
    key = (data["project"], data["example"])
    rest = [one for one in state.confirmations.get(key, ()) if one.user != data["user"]]
    state.confirmations[key] = (*rest, Confirmation(**data, seen_in=line.transaction))


def _unconfirmed(state: State, line: Line, data: dict[str, Any]) -> None:
    key = (data["project"], data["example"])
    state.confirmations[key] = tuple(
        one for one in state.confirmations.get(key, ()) if one.user != data["user"]
    )


def _comment_seen(state: State, line: Line, data: dict[str, Any]) -> None:
    key = (data["project"], data["comment_id"])
    state.comments[key] = CommentSeen(**data, seen_in=line.transaction)


def _comment_vanished(state: State, line: Line, data: dict[str, Any]) -> None:
    key = (data["project"], data["comment_id"])
    state.comments[key] = replace(state.comments[key], vanished_in=line.transaction)


def _passage_edited(state: State, line: Line, data: dict[str, Any]) -> None:
    key = (data["project"], data["example"])
    # An event about its text also says that it is there.
    state.passages[key] = replace(state.passages[key], edited_sha256=data["text_sha256"], vanished_in=None)


def _passage_vanished(state: State, line: Line, data: dict[str, Any]) -> None:
    key = (data["project"], data["example"])
    state.passages[key] = replace(state.passages[key], vanished_in=line.transaction)


def _pulled(state: State, line: Line, data: dict[str, Any]) -> None:
    state.pulls = (*state.pulls, line.transaction)


def _labels_imported(state: State, line: Line, data: dict[str, Any]) -> None:
    state.imports.batches[data["batch"]] = batch_of(data, line.transaction, line.at)
    for record in data["passages"]:
        state.imports.passages[record["passage_id"]] = passage_of(record)


def _label_imported(state: State, line: Line, data: dict[str, Any]) -> None:
    state.imports.labels[data["label_id"]] = label_of(data, line.transaction)


def _relation_imported(state: State, line: Line, data: dict[str, Any]) -> None:
    state.imports.relations[data["relation_id"]] = relation_of(data, line.transaction)


def _passage_decided(state: State, line: Line, data: dict[str, Any]) -> None:
    state.decisions.add(decision_of(data, line.transaction))


def _imported_label_vanished(state: State, line: Line, data: dict[str, Any]) -> None:
    known = state.imports.labels.get(data["label_id"])
    if known:  # a state that was folded for its campaign alone holds no imports
        state.imports.labels[known.label_id] = replace(known, vanished_in=line.transaction)


def _imported_relation_vanished(state: State, line: Line, data: dict[str, Any]) -> None:
    known = state.imports.relations.get(data["relation_id"])
    if known:  # a state that was folded for its campaign alone holds no imports
        state.imports.relations[known.relation_id] = replace(known, vanished_in=line.transaction)


def _restored(state: State, line: Line, data: dict[str, Any]) -> None:
    tie(state.restored, line.event, data)


_HANDLERS: dict[str, Callable[[State, Line, dict[str, Any]], None]] = {
    "project_opened": _project_opened,
    "scheme_pushed": _scheme_pushed,
    "queue_planned": _queue_planned,
    "passage_pushed": _passage_pushed,
    "suggestion_placed": _suggestion_placed,
    "relation_placed": _relation_placed,
    "label_appeared": _label_seen,
    "label_dated": _label_dated,
    "label_changed": _label_seen,
    "label_vanished": _label_vanished,
    "relation_appeared": _relation_seen,
    "relation_dated": _relation_dated,
    "relation_changed": _relation_seen,
    "relation_vanished": _relation_vanished,
    "confirmed": _confirmed,
    "unconfirmed": _unconfirmed,
    "comment_appeared": _comment_seen,
    "comment_changed": _comment_seen,
    "comment_vanished": _comment_vanished,
    "passage_edited": _passage_edited,
    "passage_vanished": _passage_vanished,
    "pulled": _pulled,
    "labels_imported": _labels_imported,
    "label_imported": _label_imported,
    "relation_imported": _relation_imported,
    "passage_decided": _passage_decided,
    "imported_label_vanished": _imported_label_vanished,
    "imported_relation_vanished": _imported_relation_vanished,
    "label_restored": _restored,
    "relation_restored": _restored,
    "passage_restored": _restored,
    "confirmation_restored": _restored,
}
