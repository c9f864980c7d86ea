"""Suggestions that an import lost when the server's worker died between passages and labels."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from annotate.core.model import Passage, Suggestion
from annotate.core.offsets import CodePoint, Utf16Map
from annotate.core.pushing import bare_runs
from annotate.core.sketch import Sketch
from annotate.doccano import campaign, reading
from annotate.doccano.campaign import Remote
from annotate.doccano.transport import Transport

SETTLE = 2.0
"""Seconds. On a server with several workers the labels of an import may be on their way."""

Arrived = Sequence[tuple[Sketch, Passage]]


def complete(
    server: Transport, remote: Remote, arrived: Arrived, suggestions: Mapping[str, tuple[Suggestion, ...]]
) -> Arrived:
    """Draw the suggestions of passages that arrived without any, one by one; the sketches as they are then.

    Raises Refused, ServerFailure.
    """
    bare = bare_runs(arrived, suggestions)
    if not bare:
        return arrived
    time.sleep(SETTLE)
    names, _ = campaign.type_names(server, remote.project_id)
    drawn = {
        sketch.example: _draw(server, remote, sketch, suggestions[passage.passage_id], names)
        for sketch, passage in bare
    }
    return [(drawn.get(sketch.example, sketch), passage) for sketch, passage in arrived]


def _draw(
    server: Transport,
    remote: Remote,
    sketch: Sketch,
    suggestions: Sequence[Suggestion],
    names: Mapping[str, str],
) -> Sketch:
    there = reading.span_sketches(server, remote.project_id, sketch.example, names)
    if not there:
        ids = {name: int(number) for number, name in names.items()}
        units = Utf16Map(sketch.text)
        for one in suggestions:
            body = {
                "label": ids[one.label],
                "start_offset": units.to_utf16(CodePoint(one.start)),
                "end_offset": units.to_utf16(CodePoint(one.end)),
            }
            path = f"projects/{remote.project_id}/examples/{sketch.example}/spans"
            server.send("POST", path, json=body)
        there = reading.span_sketches(server, remote.project_id, sketch.example, names)
    return replace(sketch, labels=there)
