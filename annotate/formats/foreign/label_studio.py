"""Label Studio's JSON export: tasks with annotations (older versions: completions) of several people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from annotate.core.imports.foreign import ForeignFile, ForeignLabel, ForeignRelation, ForeignText
from annotate.formats.foreign.given import (
    Gathered,
    Given,
    Unfit,
    key_of,
    label_name,
    list_in,
    names_in,
    object_of,
    offset_in,
    parse_json,
    person,
    whole_text,
)

_HINT = "export as JSON (not JSON-MIN), with annotations"


def read(given: Given) -> ForeignFile:
    """Read an export. Offsets are tried in both units against the words that each label quotes."""
    gathered = Gathered(given)
    for line, task in _tasks(gathered):
        try:
            _add_task(gathered, line, task)
        except Unfit as error:
            gathered.is_broken(line, str(error), subject=f"task {key_of(task.get('id'))}")
    return gathered.finish("label-studio", "Label Studio", "auto")


def _tasks(gathered: Gathered) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line, task) of the one array that an export is."""
    data = gathered.given.data.removeprefix(b"\xef\xbb\xbf")
    try:
        whole = parse_json(data)
        if not isinstance(whole, list):
            raise Unfit("is no list of tasks")
    except Unfit as error:
        gathered.is_broken(0, str(error), _HINT)
        return
    lines = _lines_of(data.decode("utf-8"))
    for line, task in zip(lines, whole, strict=True):
        if isinstance(task, dict):
            yield line, task
        else:
            gathered.is_broken(line, "is no task", _HINT)


def _lines_of(text: str) -> list[int]:
    """The line on which each element of the outermost array begins; the text is known to be JSON."""
    decoder, at = json.JSONDecoder(), text.index("[") + 1
    lines: list[int] = []
    line, counted = 1, 0
    while True:
        while text[at] in " \t\r\n,":
            at += 1
        if text[at] == "]":
            return lines
        line += text.count("\n", counted, at)
        counted = at
        lines.append(line)
        _, at = decoder.raw_decode(text, at)


def _add_task(gathered: Gathered, line: int, task: dict[str, Any]) -> None:
    data = object_of(task.get("data"), "data")
    for name in ("annotations", "completions"):
        if name in task:
            found = list_in(task, name)
            break
    else:
        raise Unfit("has neither annotations nor completions: " + _HINT)
    for name in ("predictions", "drafts"):
        gathered.passed_over[name] += len(list_in(task, name))
    names = names_in(data, data.get("meta"), task.get("meta"), task)
    for value in found:
        one = object_of(value, "an annotation")
        if one.get("was_cancelled"):
            gathered.passed_over["skipped annotations"] += 1
            continue
        text = _annotation(gathered, line, data, one, names)
        if text:
            gathered.texts.append(text)


def _annotation(
    gathered: Gathered, line: int, data: dict[str, Any], one: dict[str, Any], names: tuple[str, ...]
) -> ForeignText | None:
    times = (_time(one.get("created_at")), _time(one.get("updated_at")))
    labels: list[ForeignLabel] = []
    relations: list[ForeignRelation] = []
    for value in list_in(one, "result"):
        result = object_of(value, "a result")
        kind = result.get("type")
        if kind in ("labels", "hypertextlabels", "paragraphlabels"):
            labels.extend(_labels(gathered, line, result, times))
        elif kind == "relation":
            relations.extend(_relations(gathered, line, result, times))
        else:
            gathered.passed_over[f"results of type {key_of(kind)[:40] or 'unknown'}"] += 1
    if not labels:
        return None
    return ForeignText(
        text=_text(data),
        line=line,
        names=names,
        annotator=_who(one.get("completed_by")),
        finished=True,
        labels=tuple(labels),
        relations=tuple(relations),
    )


def _text(data: dict[str, Any]) -> str:
    if "text" in data:
        return whole_text(data["text"], "data.text")
    texts = [value for value in data.values() if isinstance(value, str)]
    if len(texts) != 1:
        raise Unfit("data has no text, and not exactly one other field of text")
    return whole_text(texts[0], "data")


def _who(value: object) -> str:
    if isinstance(value, dict):
        return person(value.get("email")) or person(value.get("username")) or _number(value.get("id"))
    return _number(value)


def _number(value: object) -> str:
    # Only an instance of Label Studio knows who its user 7 is; the name says where to ask.
    name = person(value)
    return f"label-studio-{name}" if name.isdecimal() else name


def _labels(
    gathered: Gathered, line: int, result: dict[str, Any], times: tuple[str, str]
) -> Iterator[ForeignLabel]:
    value = object_of(result.get("value"), "value")
    key = key_of(result.get("id"))
    names = [label_name(one) for one in list_in(value, str(result["type"])) or list_in(value, "labels")]
    if result["type"] != "labels":
        gathered.leave_out(
            line, "stands in marked-up text or in a dialogue, not in plain text", f"result {key}"
        )
        return
    quote = value.get("text") if isinstance(value.get("text"), str) else None
    place = (offset_in(value, "start"), offset_in(value, "end"))
    if not names:
        gathered.leave_out(line, "has no label name", f"result {key}")
    for number, name in enumerate(names):
        yield ForeignLabel(key if number == 0 else f"{key}/{number}", name, *place, quote, *times)


def _relations(
    gathered: Gathered, line: int, result: dict[str, Any], times: tuple[str, str]
) -> Iterator[ForeignRelation]:
    ends = [key_of(result.get(name)) for name in ("from_id", "to_id")]
    names = [label_name(one) for one in list_in(result, "labels")]
    subject = f"relation from {ends[0]} to {ends[1]}"
    direction = result.get("direction", "right")
    if direction not in ("left", "right"):
        gathered.leave_out(line, f"has direction {key_of(direction)!r}; here a relation has one", subject)
        return
    if not names:
        gathered.leave_out(line, "has no name", subject)
    if direction == "left":
        ends.reverse()
    for name in names:
        yield ForeignRelation(f"{ends[0]}->{ends[1]}", name, ends[0], ends[1], *times)


def _time(value: object) -> str:
    return value if isinstance(value, str) and len(value) < 40 and value.isprintable() else ""
