"""What an import lost when the server's worker died between passages, labels and relations."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from annotate.core.offsets import CodePoint, Utf16Map
from annotate.core.pushing import Arrival
from annotate.doccano import campaign, reading
from annotate.doccano.campaign import Remote
from annotate.doccano.transport import Transport

SETTLE = 2.0
"""Seconds. On a server with several workers the labels of an import may be on their way."""


class Completing:
    """Draws the suggestions of passages that arrived without any, and their relations, one by one."""

    def __init__(self, server: Transport, remote: Remote) -> None:
        self._server = server
        self._remote = remote
        self._names: tuple[dict[str, str], dict[str, str]] | None = None

    def complete(self, arrival: Arrival) -> Arrival:
        """The arrival as it is when its suggestions are there. Raises Refused, ServerFailure."""
        path = f"projects/{self._remote.project_id}/examples/{arrival.sketch.example}"
        names, relation_names = self._types()
        labels = reading.span_sketches(self._server.get_list(f"{path}/spans"), names)
        if not labels:
            self._draw(f"{path}/spans", arrival, _ids(names))
            labels = reading.span_sketches(self._server.get_list(f"{path}/spans"), names)
        relations = reading.relation_sketches(self._server.get_list(f"{path}/relations"), relation_names)
        if arrival.sent.relations and not relations:
            self._relate(f"{path}/relations", arrival, labels, _ids(relation_names))
            relations = reading.relation_sketches(self._server.get_list(f"{path}/relations"), relation_names)
        return replace(arrival, sketch=replace(arrival.sketch, labels=labels, relations=relations))

    def _draw(self, path: str, arrival: Arrival, types: Mapping[str, int]) -> None:
        units = Utf16Map(arrival.sketch.text)
        for one in arrival.sent.suggestions:
            body = {
                "label": types[one.label],
                "start_offset": units.to_utf16(CodePoint(one.start)),
                "end_offset": units.to_utf16(CodePoint(one.end)),
            }
            self._server.send("POST", path, json=body)

    def _relate(
        self,
        path: str,
        arrival: Arrival,
        labels: Sequence[tuple[int, str, int, int]],
        types: Mapping[str, int],
    ) -> None:
        units = Utf16Map(arrival.sketch.text)
        places = {
            (name, *units.code_points(start, end)): number for number, name, start, end in reversed(labels)
        }
        ids = [places.get((one.label, one.start, one.end)) for one in arrival.sent.suggestions]
        for one in arrival.sent.relations:
            body = {"from_id": ids[one.start], "to_id": ids[one.end], "type": types[one.suggested.relation]}
            if None not in body.values():  # an end that is not there is told of by itself
                self._server.send("POST", path, json=body)

    def _types(self) -> tuple[dict[str, str], dict[str, str]]:
        """Names of label and relation types by id. The first time, what is on its way gets time to arrive."""
        if self._names is None:
            time.sleep(SETTLE)
            self._names = campaign.type_names(self._server, self._remote.project_id)
        return self._names


def _ids(names: Mapping[str, str]) -> dict[str, int]:
    return {name: int(number) for number, name in names.items()}
