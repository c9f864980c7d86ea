"""Suggestions that an import lost when the server's worker died between passages and labels."""

from __future__ import annotations

import time
from dataclasses import replace

from annotate.core.offsets import CodePoint, Utf16Map
from annotate.core.pushing import Arrival
from annotate.doccano import campaign, reading
from annotate.doccano.campaign import Remote
from annotate.doccano.transport import Transport

SETTLE = 2.0
"""Seconds. On a server with several workers the labels of an import may be on their way."""


class Completing:
    """Draws the suggestions of passages that arrived without any, one by one."""

    def __init__(self, server: Transport, remote: Remote) -> None:
        self._server = server
        self._remote = remote
        self._ids: dict[str, int] | None = None

    def complete(self, arrival: Arrival) -> Arrival:
        """The arrival as it is when its suggestions are there. Raises Refused, ServerFailure."""
        path = f"projects/{self._remote.project_id}/examples/{arrival.sketch.example}/spans"
        ids = self._types()
        names = {str(number): name for name, number in ids.items()}
        there = reading.span_sketches(self._server.get_list(path), names)
        if not there:
            units = Utf16Map(arrival.sketch.text)
            for one in arrival.sent.suggestions:
                body = {
                    "label": ids[one.label],
                    "start_offset": units.to_utf16(CodePoint(one.start)),
                    "end_offset": units.to_utf16(CodePoint(one.end)),
                }
                self._server.send("POST", path, json=body)
            there = reading.span_sketches(self._server.get_list(path), names)
        return replace(arrival, sketch=replace(arrival.sketch, labels=there))

    def _types(self) -> dict[str, int]:
        """Ids of label types by name. The first time, labels that are on their way get time to arrive."""
        if self._ids is None:
            time.sleep(SETTLE)
            names, _ = campaign.type_names(self._server, self._remote.project_id)
            self._ids = {name: int(number) for number, name in names.items()}
        return self._ids
