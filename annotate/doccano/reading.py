"""Read a project as the service account: a sketch of everything, details where something happened."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Protocol

from annotate.core.errors import ServerFailure
from annotate.core.observation import (
    Observation,
    ObservedComment,
    ObservedConfirmation,
    ObservedLabel,
    ObservedRelation,
)
from annotate.core.offsets import code_points
from annotate.core.pushing import OfService
from annotate.core.sketch import Sketch
from annotate.doccano.archive import batches
from annotate.doccano.campaign import find_projects
from annotate.doccano.transport import Transport
from annotate.doccano.wire import field

MAX_READS = 5
"""How often an example is read again when an annotator changes it between two requests."""

READERS = 4
"""Requests at a time. More do not help: the server computes its answers one after the other."""

AHEAD = 200
"""Questions asked before the answers are looked at, so that the server never waits for us."""

EARLY = 4000
"""Examples whose details are asked for while the server's export of all examples is not done."""

CHUNK = 200
"""Examples whose details are in memory at a time."""

Record = dict[str, Any]


TYPES = ("span_types", "relation_types", "members")
KINDS = ("spans", "relations", "states", "comments")
"""Kinds of records: what a project has, and what its examples have."""


@dataclass(frozen=True, slots=True)
class Details:
    """Some examples as read. ``records`` are what the server said, by kind, in a fixed order."""

    observation: Observation
    records: dict[str, list[Record]]


class HttpRoute:
    """Read a campaign over HTTP."""

    def __init__(self, server: Transport) -> None:
        self._server = server

    def projects(self, study: str, pass_name: str) -> dict[str, int]:
        """Our projects of a pass: key to id."""
        found = find_projects(self._server, study, pass_name)
        return {remote.marker.key: remote.project_id for remote in found.values()}

    def open_project(self, project_id: int, key: str) -> HttpProject:
        """One of them. Raises Refused, ServerFailure."""
        return HttpProject(self._server, project_id, key)


class HttpProject:
    """A collaborative project: a sketch of every example, details of those that are chosen.

    Everything raises Refused, ServerFailure.
    """

    def __init__(self, server: Transport, project_id: int, key: str) -> None:
        self._server = server
        self._project_id = project_id
        self._key = key
        self._base = base = f"projects/{project_id}"
        self.types: dict[str, list[Record]] = {
            "span_types": server.get_list(f"{base}/span-types"),
            "relation_types": server.get_list(f"{base}/relation-types"),
            "members": server.get_list(f"{base}/members"),
        }
        """Records of what the project itself has."""
        people = {field(one, "user", int): field(one, "username", str) for one in self.types["members"]}
        self._people = Accounts(server, people)

        self._pool = ThreadPoolExecutor(READERS)
        self._asked: dict[int, Future[dict[str, list[Record]]]] = {}

    def close(self) -> None:
        """Ask for nothing more."""
        self._pool.shutdown(cancel_futures=True)

    def sketches(self) -> Iterator[list[Sketch]]:
        """Every example once, some at a time, in no particular order."""
        return batches(self._server, self._project_id)

    def expect(self, chosen: Iterable[Sketch]) -> None:
        """Begin to ask for the details of these, while there are still sketches to come."""
        for one in chosen:
            if len(self._asked) < EARLY:
                self._asked[one.example] = self._ask(one)

    def details(self, chosen: Iterable[Sketch]) -> Iterator[Details]:
        """What stands on the chosen examples, some at a time, in their order."""
        answers = self._answers(chosen)
        while some := list(islice(answers, CHUNK)):
            records: dict[str, list[Record]] = {
                kind: [record for _, found in some for record in found[kind]] for kind in KINDS
            }
            yield details_of(self._key, self.types, records, [one for one, _ in some], self._people)

    def _ask(self, sketch: Sketch) -> Future[dict[str, list[Record]]]:
        return self._pool.submit(_details, self._server, self._base, sketch)

    def _answers(self, chosen: Iterable[Sketch]) -> Iterator[tuple[Sketch, dict[str, list[Record]]]]:
        """Answers in the order of the questions, a few requests under way at any time."""
        asked: deque[tuple[Sketch, Future[dict[str, list[Record]]]]] = deque()
        for one in chosen:
            early = self._asked.pop(one.example, None)
            asked.append((one, early if early is not None else self._ask(one)))
            if len(asked) >= AHEAD:
                first, future = asked.popleft()
                yield first, future.result()
        for first, future in asked:
            yield first, future.result()


def details_of(
    key: str,
    types: dict[str, list[Record]],
    records: dict[str, list[Record]],
    chosen: Sequence[Sketch],
    people: People,
) -> Details:
    """Records of chosen examples with the observation behind them."""
    texts = {one.example: one.text for one in chosen}
    return Details(observe(key, {**types, **records}, texts, chosen, people), records)


def of_service(server: Transport, project_id: int, example: int) -> OfService:
    """Ids of an example's labels and relations that belong to the account we are logged in with."""
    me = field(server.get("me"), "id", int)
    path = f"projects/{project_id}/examples/{example}"
    spans, relations = (
        frozenset(field(one, "id", int) for one in server.get_list(f"{path}/{kind}") if one.get("user") == me)
        for kind in ("spans", "relations")
    )
    return OfService(spans, relations)


def span_sketches(spans: Iterable[Record], names: Mapping[str, str]) -> tuple[tuple[int, str, int, int], ...]:
    """Span labels of an example as a sketch has them; ``names`` of label types by id as JSON keys."""
    return tuple(
        sorted(
            (
                field(one, "id", int),
                names.get(str(one.get("label")), ""),
                field(one, "start_offset", int),
                field(one, "end_offset", int),
            )
            for one in spans
        )
    )


def relation_sketches(
    relations: Iterable[Record], names: Mapping[str, str]
) -> tuple[tuple[int, str, int, int], ...]:
    """Relations of an example as a sketch has them; ``names`` of relation types by id as JSON keys."""
    return tuple(
        sorted(
            (
                field(one, "id", int),
                names.get(str(one.get("type")), ""),
                field(one, "from_id", int),
                field(one, "to_id", int),
            )
            for one in relations
        )
    )


def _details(server: Transport, base: str, sketch: Sketch) -> dict[str, list[Record]]:
    """Records of one example. What its sketch says is not there is not asked for.

    Something that appears between sketch and details differs from the ledger again at the next pull.
    """
    path = f"{base}/examples/{sketch.example}"
    if sketch.relations:
        labels, relations = _labels_of(server, base, sketch.example)
    else:
        labels, relations = sorted(server.get_list(f"{path}/spans"), key=_number), []
    details = {"spans": labels, "relations": relations, "states": [], "comments": []}
    if sketch.confirmed:
        details["states"] = list(server.pages(f"{path}/states"))
    if sketch.comments:
        details["comments"] = sorted(server.pages(f"{base}/comments", example=sketch.example), key=_number)
    return details


def _number(record: Record) -> int:
    return int(field(record, "id", int))


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
            return sorted(spans, key=_number), sorted(relations, key=_number)
    raise ServerFailure(
        f"example {example} kept changing while it was read", hint="run `annotate pull` again in a moment"
    )


class People(Protocol):
    """Whoever can tell a user's name."""

    def name(self, user: object) -> str:
        """The user's name; "" where it cannot be told."""


class Accounts:
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


def observe(
    key: str,
    records: dict[str, list[Record]],
    texts: dict[int, str],
    chosen: Sequence[Sketch],
    people: People,
) -> Observation:
    """The records of a project in our terms: names for ids, code points for UTF-16 units."""
    label_names = _names(records["span_types"])
    relation_names = _names(records["relation_types"])
    return Observation(
        project=key,
        texts=texts,
        looked_at=frozenset(one.example for one in chosen),
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
    key: str, one: Record, texts: dict[int, str], names: dict[int, str], people: People
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


def _relation(key: str, one: Record, names: dict[int, str], people: People) -> ObservedRelation:
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
