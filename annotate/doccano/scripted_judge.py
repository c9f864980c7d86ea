"""Act as the scripted adjudicator of a sample study: refuse, draw, say why, confirm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from annotate.core.model import Passage
from annotate.core.offsets import CodePoint, Utf16Map
from annotate.core.script import AdjudicatorScript, Ruling
from annotate.doccano.transport import Transport
from annotate.doccano.wire import field, passage_id_of

Record = dict[str, Any]


def adjudicate(
    server: Transport, project_id: int, script: AdjudicatorScript, passages: Iterable[Passage]
) -> int:
    """Rule on every passage that is not confirmed, and confirm it; how many. ``server`` is the adjudicator's.

    What was decided is left alone, so a second run finds nothing to do.
    """
    base = f"projects/{project_id}"
    labels = {field(one, "text", str): field(one, "id", int) for one in server.get_list(f"{base}/span-types")}
    known = {one.passage_id: one for one in passages}
    done = 0
    for example in list(server.pages(f"{base}/examples")):
        passage = known.get(passage_id_of(example) or "")
        path = f"{base}/examples/{field(example, 'id', int)}"
        if passage is None or next(iter(server.pages(f"{path}/states")), None) is not None:
            continue
        reasons = _rule(server, path, labels, script, passage)
        if reasons:
            comments = f"{base}/comments?example={example['id']}"
            server.send("POST", comments, json={"text": "; ".join(reasons)})
        server.send("POST", f"{path}/states", json={})
        done += 1
    return done


def _rule(
    server: Transport, path: str, labels: dict[str, int], script: AdjudicatorScript, passage: Passage
) -> list[str]:
    spans = server.get_list(f"{path}/spans")
    reasons = []
    for ruling in script.refuse:
        for span in _standing(spans, labels, ruling, passage):
            server.send("DELETE", f"{path}/spans/{field(span, 'id', int)}")
            reasons.append(f"{ruling.label} “{ruling.quote[:40]}”: {ruling.why}")
    for ruling in script.draw:
        if _place(ruling, passage) and not _standing(spans, labels, ruling, passage):
            low, high = _place(ruling, passage)
            body = {"label": labels[ruling.label], "start_offset": low, "end_offset": high}
            server.send("POST", f"{path}/spans", json=body)
    return reasons


def _standing(
    spans: Sequence[Record], labels: dict[str, int], ruling: Ruling, passage: Passage
) -> list[Record]:
    """The spans of that label over just these words."""
    place = _place(ruling, passage)
    return [
        one
        for one in spans
        if place
        and one.get("label") == labels[ruling.label]
        and (one.get("start_offset"), one.get("end_offset")) == place
    ]


def _place(ruling: Ruling, passage: Passage) -> tuple[int, ...]:
    """UTF-16 start and end of the first time the words stand there; empty where they do not."""
    at = passage.text.find(ruling.quote) if ruling.file == passage.source_file else -1
    if at < 0:
        return ()
    units = Utf16Map(passage.text)
    return units.to_utf16(CodePoint(at)), units.to_utf16(CodePoint(at + len(ruling.quote)))
