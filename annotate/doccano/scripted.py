"""Act as one account over HTTP: keep what is wanted of what stands, correct, draw, relate, comment, confirm.

A passage that is confirmed is left alone, and what stands already is not drawn twice, so a script can
be run again at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from annotate.core.model import Passage
from annotate.core.offsets import CodePoint, Utf16Map
from annotate.core.script import Clicks, Intention, Join, Mark, Steps, clicks
from annotate.doccano.transport import Transport
from annotate.doccano.wire import field, passage_id_of

Record = dict[str, Any]


class ScriptedHand:
    """A logged-in account in one project. ``steps`` counts what was sent."""

    def __init__(self, server: Transport, project_id: int) -> None:
        self._server = server
        self._base = f"projects/{project_id}"
        self._labels = self._types("span-types")
        self._relations = self._types("relation-types")
        self._examples = {
            passage_id_of(one): one for one in server.pages(f"{self._base}/examples") if passage_id_of(one)
        }
        self.steps = Steps()

    def _types(self, resource: str) -> dict[str, int]:
        found = self._server.get_list(f"{self._base}/{resource}")
        return {field(one, "text", str): field(one, "id", int) for one in found}

    def shows(self, passage: Passage) -> bool:
        """Whether the passage is in the project and still to do."""
        found = self._examples.get(passage.passage_id)
        return bool(found and not found.get("is_confirmed"))

    def label(
        self,
        passage: Passage,
        wanted: Intention,
        *,
        settled: Collection[Mark] = (),
        joined: Collection[Join] = (),
    ) -> tuple[Mark, ...]:
        """Make the passage's labels and relations what is wanted; the marks that were deleted for it.

        ``settled`` and ``joined`` are left as they are where they do not stand: they need nobody here.
        """
        path = self._path(passage)
        units = Utf16Map(passage.text)
        names = {number: name for name, number in self._labels.items()}
        spans = {field(one, "id", int): one for one in self._server.get_list(f"{path}/spans")}
        standing = {number: _mark(one, names, units) for number, one in spans.items()}
        todo = clicks(wanted.marks, standing)
        # Relations go with either of their labels, so they are read while all of them stand.
        relations = self._server.get_list(f"{path}/relations")
        placed = self._change(path, spans, todo, units, settled)
        gone = set(todo.delete)
        left = [one for one in relations if not {one["from_id"], one["to_id"]} & gone]
        self._join(path, left, placed, wanted.joins, joined)
        return tuple(standing[number] for number in todo.delete)

    def _change(
        self,
        path: str,
        spans: Mapping[int, Record],
        todo: Clicks,
        units: Utf16Map,
        settled: Collection[Mark],
    ) -> dict[Mark, int]:
        """Ids of the wanted marks, after deleting, relabelling and drawing."""
        placed = dict(todo.kept)
        for number in todo.delete:
            self._send("DELETE", f"{path}/spans/{number}")
        for number, mark in todo.relabel.items():
            body = {**spans[number], "label": self._labels[mark.label]}
            self._send("PATCH", f"{path}/spans/{number}", body)
            placed[mark] = number
        for mark in todo.draw:
            if mark not in settled:
                low, high = units.to_utf16(CodePoint(mark.start)), units.to_utf16(CodePoint(mark.end))
                body = {"label": self._labels[mark.label], "start_offset": low, "end_offset": high}
                placed[mark] = field(self._send("POST", f"{path}/spans", body), "id", int)
        return placed

    def _join(
        self,
        path: str,
        there: Iterable[Record],
        placed: Mapping[Mark, int],
        wanted: Iterable[Join],
        settled: Collection[Join],
    ) -> None:
        missing = {
            (self._relations[one.type], placed[one.from_], placed[one.to]): one
            for one in wanted
            if one.from_ in placed and one.to in placed
        }
        for relation in there:
            if missing.pop((relation["type"], relation["from_id"], relation["to_id"]), None) is None:
                self._send("DELETE", f"{path}/relations/{field(relation, 'id', int)}")
        for (type_, from_id, to_id), one in missing.items():
            if one not in settled:
                self._send("POST", f"{path}/relations", {"from_id": from_id, "to_id": to_id, "type": type_})

    def comment(self, passage: Passage, text: str) -> None:
        """Write a remark, once."""
        example = field(self._examples[passage.passage_id], "id", int)
        there = self._server.pages(f"{self._base}/comments", example=example)
        if not any(one["text"] == text for one in there):
            self._send("POST", f"{self._base}/comments?example={example}", {"text": text})

    def confirm(self, passage: Passage) -> None:
        """Confirm, unless it is: a second POST would take the confirmation back."""
        path = f"{self._path(passage)}/states"
        if next(iter(self._server.pages(path)), None) is None:
            self._send("POST", path, {})

    def _path(self, passage: Passage) -> str:
        return f"{self._base}/examples/{field(self._examples[passage.passage_id], 'id', int)}"

    def _send(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        self.steps.done += 1
        return self._server.send(method, path, **({} if body is None else {"json": body}))


def _mark(span: Record, names: Mapping[int, str], units: Utf16Map) -> Mark:
    start, end = field(span, "start_offset", int), field(span, "end_offset", int)
    return Mark(names.get(field(span, "label", int), ""), *units.code_points(start, end))
