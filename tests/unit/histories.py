"""Random histories of two projects, as a ledger could hold them: hypothesis strategies and their events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import studies
from hypothesis import strategies as st

from annotate.core.ledger import Event
from annotate.core.model import Passage, Piece

AT = "2025-11-02T08:00:00Z"
PROJECTS = (studies.ADA.key, studies.BEN.key)
DRAFT = Passage("psg-1", "doc-1", "src-1", "a.txt", 1, 1, "abc", (Piece("verbatim", 0, 3, ""),))


project_keys, examples, ids = st.sampled_from(PROJECTS), st.integers(1, 3), st.integers(1, 4)
steps = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "passage_pushed",
                "suggestion_placed",
                "label_appeared",
                "label_changed",
                "label_vanished",
                "label_dated",
                "relation_appeared",
                "relation_placed",
                "relation_dated",
                "relation_vanished",
                "comment_appeared",
                "comment_vanished",
                "confirmed",
                "unconfirmed",
                "passage_edited",
                "passage_vanished",
                "pulled",
            ]
        ),
        project_keys,
        examples,
        ids,
        st.sampled_from(["DATE", "PUB", "ü😀"]),
    ),
    max_size=40,
)


def times(name: str) -> dict[str, str]:
    return {"created_at": "" if name == "PUB" else AT, "updated_at": AT}


def event_of(what: str, project: str, example: int, number: int, name: str) -> Event:
    """One step as an event. The same id may come on any example: restored servers do that."""
    here: dict[str, Any] = {"project": project, "example": example}
    thing = {"label": "label_id", "relation": "relation_id", "comment": "comment_id"}.get(what.split("_")[0])
    if thing and what.endswith("_vanished"):
        return Event(what, {"project": project, thing: number})
    units = {"start": 0, "end": 1, "utf16_start": 0, "utf16_end": number}
    match what:
        case "passage_pushed":
            return Event(what, {**studies.ADA.pushed(DRAFT, example).data, **here})
        case "suggestion_placed":
            suggestion = {
                "suggestion_id": "sug-1", "run_id": "run-1", "passage_id": "psg-1", "layer": "frame",
                "label": name, "start": 0, "end": 1, "quote": "a", "agent": "x", "agent_version": "1",
                "config_sha256": "0", "score": 0.5, "value": None, "value_type": None,
            }  # fmt: skip
            return Event(what, {**here, "label_id": number, "suggestion": suggestion})
        case "label_appeared" | "label_changed" | "label_dated":
            data = {**here, **units, **times(name), "label_id": number, "label": name, "user": "ada"}
            return Event(what, data)
        case "relation_placed":
            relation = {
                "relation_id": "rel-1", "run_id": "run-1", "passage_id": "psg-1", "relation": name,
                "from_id": "sug-1", "to_id": "sug-2", "score": 0.5,
            }  # fmt: skip
            by = {"agent": "x", "agent_version": "1", "config_sha256": "0", "suggestion": relation}
            return Event(what, {**here, **by, "relation_id": number, "from_label": 1, "to_label": 2})
        case "relation_appeared" | "relation_dated":
            ends = {"from_label": 1, "to_label": 2, "relation": name, "user": "ada"}
            return Event(what, {**here, **ends, **times(name), "relation_id": number})
        case "comment_appeared":
            data = {"user": "ada", "text": name, "created_at": AT, "comment_id": number}
            return Event(what, {**here, **data})
        case "confirmed":
            return Event(what, {**here, "user": name, "confirmed_at": AT})
        case "unconfirmed":
            return Event(what, {**here, "user": name})
        case "passage_edited":
            return Event(what, {**here, "text_sha256": str(number)})
        case "passage_vanished":
            return Event(what, here)
        case _:
            return Event(what, {"snapshot": "x", "files": {}})


def possible(found: list[tuple[str, str, int, int, str]]) -> Iterator[Event]:
    """The steps that a ledger can hold: only what is known vanishes, is dated or edited."""
    known: set[tuple[str, str, int]] = set()
    yield studies.ADA.opened()
    yield studies.ADA.scheme("1.0.0", "d" * 64)
    for what, project, example, number, name in found:
        kind, _, how = what.partition("_")
        key = (kind, project, example if kind == "passage" else number)
        if how in ("vanished", "dated", "edited") and key not in known:
            continue
        if how != "placed":
            known.add(key)
        yield event_of(what, project, example, number, name)
