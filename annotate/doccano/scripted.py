"""Act as one annotator over HTTP: draw, delete, relabel, relate, comment, confirm.

A document that is confirmed is left alone, and what is drawn already is not drawn twice, so a script
can be run again at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from annotate.core.model import Passage
from annotate.core.offsets import CodePoint, Utf16Map
from annotate.core.script import DocumentScript, Place, Relate, Steps, locate
from annotate.doccano.transport import Transport
from annotate.doccano.wire import field, passage_id_of

Record = dict[str, Any]


class ScriptedAnnotator:
    """A logged-in account in its own project. Steps that find nothing to act on are listed, not fatal."""

    def __init__(self, server: Transport, project_id: int) -> None:
        self._server = server
        self._base = f"projects/{project_id}"
        self._me = field(server.get("me"), "id", int)
        self._labels = self._types("span-types")
        self._relations = self._types("relation-types")
        self._examples = {
            passage_id_of(one): one for one in server.pages(f"{self._base}/examples") if passage_id_of(one)
        }
        self._spans: dict[int, list[Record]] = {}
        self.steps = Steps()

    def _types(self, resource: str) -> dict[str, int]:
        found = self._server.get_list(f"{self._base}/{resource}")
        return {field(one, "text", str): field(one, "id", int) for one in found}

    def play(self, script: DocumentScript, passages: Sequence[Passage]) -> None:
        """Carry out everything the script says of one document."""
        if script.confirm and all(self._is_confirmed(passage) for passage in passages):
            return
        where = f"{script.file}: {script.document or f'document {script.nth}'}"
        for reject in script.reject:
            self._reject(passages, reject.label, reject.quote, where)
        for relabel in script.relabel:
            self._relabel(passages, relabel.from_, relabel.to, relabel.quote, where)
        for move in script.move:
            self._reject(passages, move.label, move.from_, where)
            self._draw(passages, move.label, move.to, 1, where)
        drawn = {
            draw.key: self._draw(passages, draw.label, draw.quote, draw.nth, where) for draw in script.label
        }
        for relate in script.relate:
            self._relate(passages, relate, drawn, where)
        for text in script.comment:
            self._comment(passages, text)
        if script.confirm:
            self._confirm(passages)

    def _example(self, passage: Passage) -> int | None:
        found = self._examples.get(passage.passage_id)
        return field(found, "id", int) if found else None

    def _spans_of(self, example: int) -> list[Record]:
        if example not in self._spans:
            self._spans[example] = self._server.get_list(f"{self._base}/examples/{example}/spans")
        return self._spans[example]

    def _find(self, place: Place, label: str) -> tuple[int, Record] | None:
        example = self._example(place.passage)
        if example is None:
            return None
        start, end = _units(place)
        for span in self._spans_of(example):
            if (span["start_offset"], span["end_offset"], span["label"]) == (start, end, self._labels[label]):
                return example, span
        return None

    def _suggested(self, passages: Sequence[Passage], label: str, quote: str) -> tuple[int, Record] | None:
        """The machine's label that overlaps the first occurrence of the quote."""
        place = locate(passages, quote)
        example = self._example(place.passage) if place else None
        if place is None or example is None:
            return None
        start, end = _units(place)
        for span in self._spans_of(example):
            mine = span["user"] == self._me or span["label"] != self._labels[label]
            if not mine and span["start_offset"] < end and start < span["end_offset"]:
                return example, span
        return None

    def _reject(self, passages: Sequence[Passage], label: str, quote: str, where: str) -> None:
        found = self._suggested(passages, label, quote)
        if found:
            example, span = found
            self._server.send("DELETE", f"{self._base}/examples/{example}/spans/{span['id']}")
            self._spans[example].remove(span)
            self.steps.done += 1
        else:
            self.steps.missed.append(f"{where}: no suggestion {label} {quote!r} to reject")

    def _relabel(self, passages: Sequence[Passage], old: str, new: str, quote: str, where: str) -> None:
        found = self._suggested(passages, old, quote)
        if found:
            example, span = found
            body = {**span, "label": self._labels[new]}
            path = f"{self._base}/examples/{example}/spans/{span['id']}"
            self._spans[example][self._spans[example].index(span)] = self._server.send(
                "PATCH", path, json=body
            )
            self.steps.done += 1
        else:
            self.steps.missed.append(f"{where}: no suggestion {old} {quote!r} to relabel")

    def _draw(
        self, passages: Sequence[Passage], label: str, quote: str, nth: int, where: str
    ) -> tuple[int, int] | None:
        """(example, span id) of the label over the quote, drawn if need be."""
        place = locate(passages, quote, nth)
        example = self._example(place.passage) if place else None
        if place is None or example is None:
            self.steps.missed.append(f"{where}: no words {quote!r} to label {label}")
            return None
        found = self._find(place, label)
        if found:
            return example, field(found[1], "id", int)
        start, end = _units(place)
        body = {"label": self._labels[label], "start_offset": start, "end_offset": end}
        span = self._server.send("POST", f"{self._base}/examples/{example}/spans", json=body)
        self._spans_of(example).append(span)
        self.steps.done += 1
        return example, field(span, "id", int)

    def _relate(
        self,
        passages: Sequence[Passage],
        relate: Relate,
        drawn: dict[str, tuple[int, int] | None],
        where: str,
    ) -> None:
        ends = [self._end(passages, end, drawn) for end in (relate.from_, relate.to)]
        one, two = ends
        if one is None or two is None or one[0] != two[0]:
            self.steps.missed.append(f"{where}: no two labels in one passage for {relate.type}")
            return
        path = f"{self._base}/examples/{one[0]}/relations"
        body = {"from_id": one[1], "to_id": two[1], "type": self._relations[relate.type]}
        there = self._server.get_list(path)
        if not any(all(known[name] == value for name, value in body.items()) for known in there):
            self._server.send("POST", path, json=body)
            self.steps.done += 1

    def _end(
        self, passages: Sequence[Passage], end: str | dict[str, str], drawn: dict[str, tuple[int, int] | None]
    ) -> tuple[int, int] | None:
        if isinstance(end, str):
            return drawn.get(end)
        found = self._suggested(passages, end.get("label", "DATE"), end["suggestion"])
        return (found[0], field(found[1], "id", int)) if found else None

    def _comment(self, passages: Sequence[Passage], text: str) -> None:
        example = self._example(passages[0]) if passages else None
        if example is None:
            return
        there = self._server.pages(f"{self._base}/comments", example=example)
        if not any(one["text"] == text for one in there):
            self._server.send("POST", f"{self._base}/comments?example={example}", json={"text": text})
            self.steps.done += 1

    def _is_confirmed(self, passage: Passage) -> bool:
        found = self._examples.get(passage.passage_id)
        return bool(found and found.get("is_confirmed"))

    def _confirm(self, passages: Sequence[Passage]) -> None:
        for passage in passages:
            example = self._example(passage)
            if example is None:
                continue
            path = f"{self._base}/examples/{example}/states"
            # A second POST would take the confirmation back.
            if not any(True for _ in self._server.pages(path)):
                self._server.send("POST", path, json={})
                self.steps.done += 1


def _units(place: Place) -> tuple[int, int]:
    units = Utf16Map(place.passage.text)
    return units.to_utf16(CodePoint(place.start)), units.to_utf16(CodePoint(place.end))
