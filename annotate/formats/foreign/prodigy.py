"""Prodigy's JSONL (``prodigy db-out``): spans, relations, who and when; only what was accepted comes in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from annotate.core.imports.foreign import ForeignFile, ForeignLabel, ForeignRelation, ForeignText
from annotate.formats.foreign.given import (
    Gathered,
    Given,
    Unfit,
    json_lines,
    label_name,
    list_in,
    names_in,
    object_of,
    offset_in,
    person,
    text_in,
)


def read(given: Given) -> ForeignFile:
    """Read a dataset. Offsets are spaCy's: code points."""
    gathered = Gathered(given)
    for line, record in json_lines(gathered):
        try:
            _add(gathered, line, record)
        except Unfit as error:
            gathered.is_broken(line, str(error))
    return gathered.finish("prodigy", "Prodigy", "code-points")


def _add(gathered: Gathered, line: int, record: dict[str, Any]) -> None:
    text = text_in(record, "text")
    answer = record.get("answer")
    if answer in ("reject", "ignore"):
        gathered.passed_over[f"examples answered {answer}"] += 1
        return
    if answer not in (None, "accept"):
        raise Unfit(f"answer is {str(answer)[:40]!r}, not accept, reject or ignore")
    when = _time(record.get("_timestamp"))
    labels = [_span(one, number, when) for number, one in enumerate(list_in(record, "spans"), 1)]
    relations = [
        _relation(one, number, labels, when) for number, one in enumerate(list_in(record, "relations"), 1)
    ]
    meta = record.get("meta")
    gathered.texts.append(
        ForeignText(
            text=text,
            line=line,
            names=names_in(meta, record),
            annotator=person(record.get("_annotator_id")) or person(record.get("_session_id")),
            finished=answer == "accept",
            labels=tuple(labels),
            relations=tuple(relations),
        )
    )


def _span(value: object, number: int, when: str) -> ForeignLabel:
    one = object_of(value, "a span")
    quote = one.get("text") if isinstance(one.get("text"), str) else None
    place = (offset_in(one, "start"), offset_in(one, "end"))
    return ForeignLabel(f"#{number}", label_name(one.get("label")), *place, quote, when, when)


def _relation(value: object, number: int, labels: list[ForeignLabel], when: str) -> ForeignRelation:
    one = object_of(value, "a relation")
    head, child = (_end(object_of(one.get(name), name), name, labels) for name in ("head_span", "child_span"))
    return ForeignRelation(f"r{number}", label_name(one.get("label")), head, child, when, when)


def _end(span: dict[str, Any], name: str, labels: list[ForeignLabel]) -> str:
    place = (offset_in(span, "start"), offset_in(span, "end"))
    there = [one for one in labels if (one.start, one.end) == place]
    same = [one for one in there if one.label == span.get("label")]
    # A token that is no span can be an end in Prodigy; the relation is then reported by its missing end.
    return (same or there)[0].key if there else f"{name} [{place[0]}, {place[1]})"


def _time(value: object) -> str:
    """Seconds since 1970 as RFC 3339; empty where they are none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 2**33:
        return ""
    return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
