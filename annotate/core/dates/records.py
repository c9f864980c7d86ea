"""Dates as plain mappings, in a fixed key order: what files and other programs get."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from annotate.core.dates.model import Anchor, StatedDate


def anchor_record(anchor: Anchor) -> dict[str, Any]:
    """``kind``, and for a previous mention its ``start`` and ``end`` (code points)."""
    record: dict[str, Any] = {"kind": anchor.kind}
    if anchor.start is not None:
        record |= {"start": anchor.start, "end": anchor.end}
    return record


def date_record(date: StatedDate) -> dict[str, Any]:
    """Everything about one date. Offsets are code points; an absent EDTF is None."""
    return {
        "start": date.start,
        "end": date.end,
        "text": date.text,
        "type": date.timex_type,
        "value": date.value,
        "mod": date.mod,
        "edtf": date.edtf,
        "anchor": anchor_record(date.anchor),
        "alternatives": list(date.alternatives),
        "why": date.why,
        "rule": date.rule,
        "score": date.score,
        "base": date.base,
        "remarks": list(date.remarks),
    }


def timex_records(date: StatedDate) -> Iterator[dict[str, Any]]:
    """The date as TIMEX3 marks it: a period is its two ends, each with the ``period`` it belongs to."""
    record = date_record(date)
    if not date.parts:
        yield record
        return
    for part in date.parts:
        text = date.text[part.start - date.start : part.end - date.start]
        edtf = None if date.edtf is None else date.edtf.split("/")[0 if part is date.parts[0] else -1]
        end = {"start": part.start, "end": part.end, "text": text, "value": part.value, "edtf": edtf}
        yield record | end | {"period": date.edtf or date.value}
