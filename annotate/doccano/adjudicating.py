"""The adjudication project on the server: examples that hold everybody's labels, and who set what.

A remark of the service account tells who set what. It is the last thing that is sent, so where it
stands the offer is complete, and nothing of it is ever sent again: what an adjudicator deleted after
that stays deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotate.core.model import Passage
from annotate.core.offsets import CodePoint, Utf16Map
from annotate.core.sketch import Sketch
from annotate.core.spans import Link, Span
from annotate.doccano import wire
from annotate.doccano.transport import Transport
from annotate.doccano.wire import field

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Offering:
    """What is put before an adjudicator on one passage.

    ``links`` may only name spans among ``spans``. ``mark`` is the end of ``comment``, and tells this
    offer from others on the same passage.
    """

    passage: Passage
    spans: tuple[Span, ...]
    links: tuple[Link, ...]
    comment: str
    mark: str


def import_row(offering: Offering, project: str) -> Record:
    """One row of an import, with the labels and relations of the offer."""
    row = wire.import_row(offering.passage, (), project)
    units = Utf16Map(offering.passage.text)
    numbers = {span: number for number, span in enumerate(offering.spans)}
    row["entities"] = [
        {"id": number, "label": span.label, "start_offset": low, "end_offset": high}
        for span, number in numbers.items()
        for low, high in [_units(units, span)]
    ]
    row["relations"] = [
        {"from_id": numbers[link.source], "to_id": numbers[link.target], "type": link.relation}
        for link in offering.links
    ]
    return row


def is_complete(sketch: Sketch, offering: Offering) -> bool:
    """Whether this offer was made on an example to its end."""
    return any(text.rstrip().endswith(offering.mark) for _, text in sketch.comments)


@dataclass(frozen=True, slots=True)
class Desk:
    """An adjudication project: its id, and the ids of its label and relation types by name."""

    server: Transport
    project_id: int
    labels: Mapping[str, int]
    relations: Mapping[str, int]

    def complete(self, sketch: Sketch, offering: Offering) -> None:
        """Bring an example up to the offer: missing labels, missing relations, open again, the remark.

        Safe to repeat after any of its steps. Raises Refused, ServerFailure.
        """
        if is_complete(sketch, offering):
            return
        path = f"projects/{self.project_id}/examples/{sketch.example}"
        drawn = self._draw(path, offering)
        self._relate(path, offering.links, drawn)
        if next(iter(self.server.pages(f"{path}/states")), None) is not None:
            # In a collaborative project one request of anybody's takes the confirmation back.
            self.server.send("POST", f"{path}/states", json={})
        comments = f"projects/{self.project_id}/comments?example={sketch.example}"
        self.server.send("POST", comments, json={"text": offering.comment})

    def _draw(self, path: str, offering: Offering) -> dict[Span, int]:
        """Ids of the offer's spans on the server, after drawing those that are not there."""
        units = Utf16Map(offering.passage.text)
        places = {span: (self.labels[span.label], *_units(units, span)) for span in offering.spans}
        there = _by_place(self.server.get_list(f"{path}/spans"))
        missing = [place for place in places.values() if place not in there]
        for label, low, high in missing:
            body = {"label": label, "start_offset": low, "end_offset": high}
            self.server.send("POST", f"{path}/spans", json=body)
        if missing:
            there = _by_place(self.server.get_list(f"{path}/spans"))
        return {span: there[place] for span, place in places.items() if place in there}

    def _relate(self, path: str, links: Sequence[Link], spans: Mapping[Span, int]) -> None:
        if not links:
            return
        there = {
            (one.get("type"), one.get("from_id"), one.get("to_id"))
            for one in self.server.get_list(f"{path}/relations")
        }
        for link in links:
            if link.source not in spans or link.target not in spans:
                continue
            ends = (self.relations[link.relation], spans[link.source], spans[link.target])
            if ends not in there:
                body = {"type": ends[0], "from_id": ends[1], "to_id": ends[2]}
                self.server.send("POST", f"{path}/relations", json=body)


def _units(units: Utf16Map, span: Span) -> tuple[int, int]:
    return units.to_utf16(CodePoint(span.start)), units.to_utf16(CodePoint(span.end))


def _by_place(spans: Iterable[Record]) -> dict[tuple[int, int, int], int]:
    return {
        (field(one, "label", int), field(one, "start_offset", int), field(one, "end_offset", int)): field(
            one, "id", int
        )
        for one in sorted(spans, key=lambda one: field(one, "id", int), reverse=True)
    }
