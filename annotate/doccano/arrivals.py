"""Which ids an import's passages and labels got, without asking the server for everything it has.

Doccano's importer stores the passages of an upload with one bulk insert in the order of the file, and
after them all labels with another, in the order of passages and of the labels in each, and then all
relations in the same manner. It gives ids in that order
(``data_import.datasets.RelationExtractionDataset.save``; uploads are smaller than its
``IMPORT_BATCH_SIZE``). So two ends tell the ids in between, if just as many ids lie between them as there
were things to store: then nobody else was given one meanwhile, and nothing was dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from annotate.core.ids import stable_uuid4
from annotate.core.offsets import CodePoint, Utf16Map
from annotate.core.pushing import Arrival, Sent
from annotate.core.sketch import Sketch
from annotate.doccano import campaign
from annotate.doccano.campaign import Remote
from annotate.doccano.database import Database
from annotate.doccano.reading import relation_sketches, span_sketches
from annotate.doccano.transport import Transport
from annotate.doccano.wire import field, passage_id_of

SAMPLES = 4
"""Passages between the two ends of an import whose labels are compared with what follows from the ends."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """Works out the ids of imports into one project from their ends. Raises Refused, ServerFailure."""

    server: Transport
    project_id: int
    names: dict[str, str]
    relation_names: dict[str, str]
    me: int

    @classmethod
    def of(cls, server: Transport, remote: Remote) -> Foretold:
        """For a project whose label types stand."""
        labels, relations = campaign.type_names(server, remote.project_id)
        return cls(server, remote.project_id, labels, relations, field(server.get("me"), "id", int))

    def count(self) -> int:
        """How many examples the project has now."""
        return int(field(self._page(0), "count", int))

    def arrived(self, sent: Sequence[Sent], before: int) -> list[Arrival]:
        """What one import brought that began when the project had ``before`` examples.

        All of it, or nothing where something does not fit: other ids in between, a label that is not
        there or is another one by now, a passage in another place.
        """
        first, last = (self._example(before + number) for number in (0, len(sent) - 1))
        if first is None or last is None or not (_is(first, sent[0]) and _is(last, sent[-1])):
            return []
        if last["id"] - first["id"] != len(sent) - 1:
            return []
        labelled = [number for number, one in enumerate(sent) if one.suggestions]
        if not labelled:
            return _in_a_row(sent, first["id"], 0, 0)
        labels = self._labels(first["id"] + labelled[0])
        related = [number for number, one in enumerate(sent) if one.relations]
        relations = self._relations(first["id"] + related[0]) if related else ()
        if not labels or bool(related) != bool(relations):
            return []
        made = _in_a_row(sent, first["id"], labels[0][0], relations[0][0] if relations else 0)
        some = [made[at].sketch for at in _samples(labelled)]
        others = [made[at].sketch for at in _samples(related)]
        fits = all(self._labels(one.example) == one.labels for one in some)
        return made if fits and all(self._relations(one.example) == one.relations for one in others) else []

    def _example(self, number: int) -> dict[str, Any] | None:
        found = self._page(number).get("results") or [None]
        return found[0] if isinstance(found[0], dict) else None

    def _page(self, number: int) -> dict[str, Any]:
        page = self.server.get(f"projects/{self.project_id}/examples", {"limit": 1, "offset": number})
        return page if isinstance(page, dict) else {}

    def _labels(self, example: int) -> tuple[tuple[int, str, int, int], ...]:
        """The labels of an example if all of them are ours."""
        spans = self.server.get_list(f"projects/{self.project_id}/examples/{example}/spans")
        if any(one.get("user") != self.me for one in spans):
            return ()
        return span_sketches(spans, self.names)

    def _relations(self, example: int) -> tuple[tuple[int, str, int, int], ...]:
        """The relations of an example if all of them are ours."""
        found = self.server.get_list(f"projects/{self.project_id}/examples/{example}/relations")
        if any(one.get("user") != self.me for one in found):
            return ()
        return relation_sketches(found, self.relation_names)


def _samples(numbers: Sequence[int]) -> list[int]:
    """Some of them, and both ends."""
    looked_at = {numbers[len(numbers) * part // (SAMPLES + 1)] for part in range(1, SAMPLES + 1) if numbers}
    return sorted(looked_at | {*numbers[:1], *numbers[-1:]})


def _is(example: dict[str, Any], sent: Sent) -> bool:
    return passage_id_of(example) == sent.passage.passage_id and example.get("text") == sent.passage.text


def _in_a_row(sent: Sequence[Sent], example: int, label: int, relation: int) -> list[Arrival]:
    """Arrivals whose examples, labels and relations have consecutive ids from these on."""
    labels = accumulate((len(one.suggestions) for one in sent), initial=label)
    relations = accumulate((len(one.relations) for one in sent), initial=relation)
    return [
        Arrival(one, _as_sent(one, example + number, label_id, relation_id))
        for number, (one, label_id, relation_id) in enumerate(zip(sent, labels, relations, strict=False))
    ]


def _as_sent(sent: Sent, example: int, label: int, relation: int) -> Sketch:
    units = Utf16Map(sent.passage.text)
    labels = tuple(
        (
            number,
            one.label,
            int(units.to_utf16(CodePoint(one.start))),
            int(units.to_utf16(CodePoint(one.end))),
        )
        for number, one in enumerate(sent.suggestions, label)
    )
    relations = tuple(
        (number, one.suggested.relation, label + one.start, label + one.end)
        for number, one in enumerate(sent.relations, relation)
    )
    return Sketch(example, sent.passage.passage_id, sent.passage.text, labels, relations, (), False)


def stored(database: Database, remote: Remote, sent: Sequence[Sent]) -> list[Arrival]:
    """What of this is in the server's own database. Comments and confirmations are not looked at."""
    uuids = {stable_uuid4(remote.marker.key, one.passage.passage_id).replace("-", ""): one for one in sent}
    found = database.imported(remote.project_id, tuple(uuids))
    return [
        Arrival(
            uuids[uuid],
            Sketch(
                example,
                uuids[uuid].passage.passage_id,
                uuids[uuid].passage.text,
                labels,
                relations,
                (),
                False,
            ),
        )
        for uuid, example, labels, relations in found
    ]
