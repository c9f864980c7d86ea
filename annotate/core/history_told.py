"""What the words about a ledger line need: what the lines before it said, and how things are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from annotate.core.dataset.labels import label_id
from annotate.core.ledger import Line
from annotate.core.model import Passage

QUOTE: Final = 60
"""How many code points of a quote or comment are shown."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an entry is about. ``labels`` are label ids; empty fields are unknown or do not apply."""

    passage_id: str = ""
    document_id: str = ""
    source_file: str = ""
    labels: tuple[str, ...] = ()


@dataclass(slots=True)
class Told:
    """What the lines so far have said, as far as words need it."""

    placed: frozenset[tuple[str, str, int]]
    placed_relations: frozenset[tuple[str, str, int]]
    again: frozenset[tuple[str, str, str, int]]
    firsts: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict)
    users: dict[str, tuple[str, str]] = field(default_factory=dict)
    desks: set[str] = field(default_factory=set)
    pulled: dict[str, tuple[int, str]] = field(default_factory=dict)
    pushed: dict[tuple[str, int], tuple[int, str]] = field(default_factory=dict)
    texts: dict[tuple[str, int], str] = field(default_factory=dict)
    passages: dict[tuple[str, int], Passage] = field(default_factory=dict)
    labels: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    relations: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    comments: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    agents: dict[tuple[str, int], str] = field(default_factory=dict)
    relation_agents: dict[tuple[str, int], str] = field(default_factory=dict)
    gone: set[tuple[str, str, int]] = field(default_factory=set)
    imported: dict[str, tuple[Passage, str]] = field(default_factory=dict)
    imported_relations: dict[str, tuple[Passage, str, tuple[str, str]]] = field(default_factory=dict)
    imported_passages: dict[str, Passage] = field(default_factory=dict)
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)


Words = tuple[str, str, str, str, Subject]
"""Who, what, words, time, subject."""


def label_name(told: Told, key: tuple[str, int]) -> str:
    """Id of a label in datasets: one that was put back keeps the one it had first."""
    return label_id(*told.firsts.get(key, key))


def looked_before(told: Told, transaction: str, data: Mapping[str, Any]) -> str:
    """The last transaction that saw the labels of an example: a pull, or the push that brought it."""
    project = data.get("project", "")
    if not project:
        return ""
    looks = [told.pulled.get(project), told.pushed.get((project, _example(told, data)))]
    earlier = [one for one in looks if one and one[1] != transaction]
    return max(earlier)[1] if earlier else ""


def _example(told: Told, data: Mapping[str, Any]) -> int:
    if "example" in data:
        return int(data["example"])
    stores = {"label_id": told.labels, "relation_id": told.relations, "comment_id": told.comments}
    for name, store in stores.items():
        if name in data:
            return int(store[data["project"], data[name]]["example"])
    return -1


def shortened(text: str) -> str:
    """A quote or comment on one line, ``QUOTE`` code points at most."""
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= QUOTE else one_line[: QUOTE - 1] + "…"


def subject_on(passage: Passage | None, *labels: str) -> Subject:
    """What an entry on a passage is about."""
    if passage is None:
        return Subject(labels=labels)
    return Subject(passage.passage_id, passage.document_id, passage.source_file, labels)


def passage_at(told: Told, data: Mapping[str, Any]) -> Passage | None:
    """The passage of the example that an event names."""
    return told.passages.get((data["project"], data["example"]))


def label_words(told: Told, label: Mapping[str, Any]) -> str:
    """A label with the words under it and their place (code points of the passage)."""
    passage = passage_at(told, label)
    start, end = label["start"], label["end"]
    if passage is None or not 0 <= start < end <= len(passage.text):
        return f"{label['label']} at an impossible place"
    return f"{label['label']} “{shortened(passage.text[start:end])}” [{start}, {end})"


def person_of(told: Told, data: Mapping[str, Any]) -> str:
    """Who changed something: the server keeps the importer as the user of what he imported, but in a
    project of one's own only its annotator can have done it."""
    owner, service = told.users.get(data["project"], ("", ""))
    user = str(data.get("user", ""))
    return owner if user == service else user


def between(told: Told, line: Line, data: Mapping[str, Any]) -> str:
    """When something went: after one look, before another."""
    since = looked_before(told, line.transaction, data)
    return f"vanished between {since} and {line.transaction}" if since else f"gone in {line.transaction}"
