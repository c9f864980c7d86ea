"""Read a whole project as the service account: every example, label, relation, state and comment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from annotate.core.errors import ServerFailure
from annotate.core.observation import (
    Observation,
    ObservedComment,
    ObservedConfirmation,
    ObservedLabel,
    ObservedRelation,
)
from annotate.core.offsets import code_points
from annotate.doccano.transport import Transport
from annotate.doccano.wire import field

MAX_READS = 5
"""How often an example is read again when an annotator changes it between two requests."""

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """One project as read. ``records`` are the server's answers, verbatim, by kind."""

    observation: Observation
    records: dict[str, list[Record]]


def read_project(
    server: Transport,
    project_id: int,
    key: str,
    *,
    advance: Callable[[int, int], None] = lambda done, total: None,
) -> Reading:
    """Everything in a collaborative project. Raises Refused, ServerFailure."""
    base = f"projects/{project_id}"
    people = {
        field(one, "user", int): field(one, "username", str) for one in server.get_list(f"{base}/members")
    }
    records: dict[str, list[Record]] = {
        "span_types": server.get_list(f"{base}/span-types"),
        "relation_types": server.get_list(f"{base}/relation-types"),
        "members": server.get_list(f"{base}/members"),
        "examples": sorted(server.pages(f"{base}/examples"), key=lambda one: field(one, "id", int)),
        "spans": [],
        "relations": [],
        "states": [],
    }
    for number, example in enumerate(records["examples"], 1):
        labels, relations = _labels_of(server, base, example["id"])
        records["spans"].extend(labels)
        records["relations"].extend(relations)
        if example.get("is_confirmed"):
            records["states"].extend(server.pages(f"{base}/examples/{example['id']}/states"))
        advance(number, len(records["examples"]))
    records["comments"] = sorted(server.pages(f"{base}/comments"), key=lambda one: field(one, "id", int))
    return Reading(observe(key, records, _People(server, people)), records)


def read_labels(
    server: Transport, project_id: int, key: str, example: int, text: str
) -> tuple[ObservedLabel, ...]:
    """The span labels of one example, by id. Raises Refused, ServerFailure."""
    base = f"projects/{project_id}"
    spans = server.get_list(f"{base}/examples/{example}/spans")
    members = server.get_list(f"{base}/members")
    people = _People(server, {field(one, "user", int): field(one, "username", str) for one in members})
    names = _names(server.get_list(f"{base}/span-types"))
    found = [_label(key, one, {example: text}, names, people) for one in spans]
    return tuple(sorted(found, key=lambda one: one.label_id))


def _labels_of(server: Transport, base: str, example: int) -> tuple[list[Record], list[Record]]:
    """Spans and relations of one example that fit together.

    Two requests are two moments: a relation may name a span that the first list did not have yet.
    """
    path = f"{base}/examples/{example}"
    for _ in range(MAX_READS):
        relations = server.get_list(f"{path}/relations")
        spans = server.get_list(f"{path}/spans")
        ids = {field(one, "id", int) for one in spans}
        if all(one["from_id"] in ids and one["to_id"] in ids for one in relations):
            by_id = sorted(spans, key=lambda one: int(one["id"]))
            return by_id, sorted(relations, key=lambda one: field(one, "id", int))
    raise ServerFailure(
        f"example {example} kept changing while it was read", hint="run `annotate pull` again in a moment"
    )


class _People:
    """User names by id: members first, then whoever else the server still knows."""

    def __init__(self, server: Transport, members: dict[int, str]) -> None:
        self._server = server
        self._names = dict(members)
        self._asked = False

    def name(self, user: object) -> str:
        """The user's name; "" where the server cannot tell (a deleted account)."""
        if not isinstance(user, int):
            return ""
        if user not in self._names and not self._asked:
            self._asked = True
            for one in self._server.get_list("users"):
                self._names.setdefault(field(one, "id", int), field(one, "username", str))
        return self._names.get(user, "")


def observe(key: str, records: dict[str, list[Record]], people: _People) -> Observation:
    """The records of a project in our terms: names for ids, code points for UTF-16 units."""
    texts = {field(one, "id", int): field(one, "text", str) for one in records["examples"]}
    label_names = _names(records["span_types"])
    relation_names = _names(records["relation_types"])
    return Observation(
        project=key,
        texts=texts,
        labels=tuple(_label(key, one, texts, label_names, people) for one in records["spans"]),
        relations=tuple(_relation(key, one, relation_names, people) for one in records["relations"]),
        confirmations=tuple(
            ObservedConfirmation(
                key,
                field(one, "example", int),
                people.name(one.get("confirmed_by")),
                _time(one, "confirmed_at"),
            )
            for one in records["states"]
        ),
        comments=tuple(
            ObservedComment(
                key,
                field(one, "example", int),
                field(one, "id", int),
                one.get("username") or people.name(one.get("user")),
                field(one, "text", str),
                _time(one, "created_at"),
            )
            for one in records["comments"]
        ),
    )


def _names(types: Iterable[Record]) -> dict[int, str]:
    return {field(one, "id", int): field(one, "text", str) for one in types}


def _label(
    key: str, one: Record, texts: dict[int, str], names: dict[int, str], people: _People
) -> ObservedLabel:
    example = field(one, "example", int)
    start, end = field(one, "start_offset", int), field(one, "end_offset", int)
    low, high = code_points(texts[example], start, end)
    return ObservedLabel(
        project=key,
        example=example,
        label_id=field(one, "id", int),
        label=names.get(field(one, "label", int), ""),
        start=low,
        end=high,
        utf16_start=start,
        utf16_end=end,
        user=people.name(one.get("user")),
        created_at=_time(one, "created_at"),
        updated_at=_time(one, "updated_at"),
    )


def _relation(key: str, one: Record, names: dict[int, str], people: _People) -> ObservedRelation:
    return ObservedRelation(
        project=key,
        example=field(one, "example", int),
        relation_id=field(one, "id", int),
        relation=names.get(field(one, "type", int), ""),
        from_label=field(one, "from_id", int),
        to_label=field(one, "to_id", int),
        user=people.name(one.get("user")),
        created_at=_time(one, "created_at"),
        updated_at=_time(one, "updated_at"),
    )


def _time(one: Record, name: str) -> str:
    """A time of the server as RFC 3339 UTC, all of its microseconds kept."""
    value = field(one, name, str)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise ServerFailure(f"the server's answer has {name} = {value!r}, which is no time") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
