"""Which ids an import's passages and labels got, without asking the server for everything it has.

Doccano's importer stores the passages of an upload with one bulk insert in the order of the file, and
after them all labels with another, in the order of passages and of the labels in each. It gives ids in
that order (``data_import.datasets.RelationExtractionDataset.save``; uploads are smaller than its
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
from annotate.doccano.reading import span_sketches
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
    me: int

    @classmethod
    def of(cls, server: Transport, remote: Remote) -> Foretold:
        """For a project whose label types stand."""
        names, _ = campaign.type_names(server, remote.project_id)
        return cls(server, remote.project_id, names, field(server.get("me"), "id", int))

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
            return _in_a_row(sent, first["id"], 0)
        ends = self._labels(first["id"] + labelled[0])
        if not ends:
            return []
        made = _in_a_row(sent, first["id"], ends[0][0])
        looked_at = {labelled[len(labelled) * part // (SAMPLES + 1)] for part in range(1, SAMPLES + 1)}
        some = [made[at].sketch for at in sorted(looked_at | {labelled[0], labelled[-1]})]
        return made if all(self._labels(one.example) == one.labels for one in some) else []

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


def _is(example: dict[str, Any], sent: Sent) -> bool:
    return passage_id_of(example) == sent.passage.passage_id and example.get("text") == sent.passage.text


def _in_a_row(sent: Sequence[Sent], example: int, label: int) -> list[Arrival]:
    """Arrivals whose examples and labels have consecutive ids from these on."""
    before = accumulate((len(one.suggestions) for one in sent), initial=label)
    return [
        Arrival(one, _as_sent(one, example + number, label_id))
        for number, (one, label_id) in enumerate(zip(sent, before, strict=False))
    ]


def _as_sent(sent: Sent, example: int, label: int) -> Sketch:
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
    return Sketch(example, sent.passage.passage_id, sent.passage.text, labels, (), (), False)


def stored(database: Database, remote: Remote, sent: Sequence[Sent]) -> list[Arrival]:
    """What of this is in the server's own database. Comments and confirmations are not looked at."""
    uuids = {stable_uuid4(remote.marker.key, one.passage.passage_id).replace("-", ""): one for one in sent}
    found = database.imported(remote.project_id, tuple(uuids))
    return [
        Arrival(
            uuids[uuid],
            Sketch(example, uuids[uuid].passage.passage_id, uuids[uuid].passage.text, labels, (), (), False),
        )
        for uuid, example, labels in found
    ]
