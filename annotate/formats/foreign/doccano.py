"""Doccano's JSONL exports: with relations (``entities``), or as triples (``label``); one file a user."""

from __future__ import annotations

from typing import Any, Final

from annotate.core.imports.foreign import ForeignFile, ForeignLabel, ForeignRelation, ForeignText
from annotate.formats.foreign.given import (
    Gathered,
    Given,
    Unfit,
    json_lines,
    key_of,
    label_name,
    list_in,
    names_in,
    object_of,
    offset_in,
    person,
    text_in,
    whole_number,
)

_ENDS: Final = ("from_id", "to_id")


def read(given: Given) -> ForeignFile:
    """Read an export. The person is in the file's name; ``all`` and ``unknown`` name nobody.

    Offsets count UTF-16 code units where the web page set them and code points where a script did:
    the export does not say which.
    """
    gathered = Gathered(given)
    for line, record in json_lines(gathered):
        try:
            gathered.texts.append(_text(gathered, line, record))
        except Unfit as error:
            gathered.is_broken(line, str(error))
    return gathered.finish("doccano", "Doccano", "auto")


def _text(gathered: Gathered, line: int, record: dict[str, Any]) -> ForeignText:
    text = text_in(record, "text", "data")
    comments = list_in(record, "Comments") if isinstance(record.get("Comments"), list) else []
    gathered.passed_over["comments"] += len(comments)
    meta = record.get("meta")
    ours = record.get("ext") or (meta.get("ext") if isinstance(meta, dict) else None)
    return ForeignText(
        text=text,
        line=line,
        names=names_in(ours, meta, record),
        annotator=person(gathered.given.stem),
        labels=tuple(_labels(record)),
        relations=tuple(_relation(one) for one in list_in(record, "relations")),
    )


def _labels(record: dict[str, Any]) -> list[ForeignLabel]:
    if "entities" in record:
        return [_entity(one) for one in list_in(record, "entities")]
    for name in ("label", "labels"):
        if name in record:
            return [_triple(one, number) for number, one in enumerate(list_in(record, name), 1)]
    raise Unfit("has neither entities nor label: is this an export of sequence labelling?")


def _entity(value: object) -> ForeignLabel:
    one = object_of(value, "an entity")
    key = key_of(one.get("id"))
    place = (offset_in(one, "start_offset"), offset_in(one, "end_offset"))
    return ForeignLabel(key, label_name(one.get("label")), *place)


def _triple(value: object, number: int) -> ForeignLabel:
    if not isinstance(value, list) or len(value) != 3:
        raise Unfit("a label is no list of start, end and name: is this an export of sequence labelling?")
    start, end = whole_number(value[0], "start"), whole_number(value[1], "end")
    return ForeignLabel(f"#{number}", label_name(value[2]), start, end)


def _relation(value: object) -> ForeignRelation:
    one = object_of(value, "a relation")
    start, end = (key_of(one.get(name)) for name in _ENDS)
    if not start or not end:
        raise Unfit("a relation lacks from_id or to_id")
    return ForeignRelation(key_of(one.get("id")), label_name(one.get("type"), "type"), start, end)
