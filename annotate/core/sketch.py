"""An example without people and times: enough to see where something happened since the last pull."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from annotate.core.ids import sha256_hex
from annotate.core.state import State


@dataclass(frozen=True, slots=True)
class Sketch:
    """One example. ``labels`` are (id, name, start, end) in UTF-16 units as the server stores them.

    ``relations`` are (id, name, from, to), ``comments`` (id, text); all sorted by id.
    """

    example: int
    passage_id: str | None
    text: str
    labels: tuple[tuple[int, str, int, int], ...]
    relations: tuple[tuple[int, str, int, int], ...]
    comments: tuple[tuple[int, str], ...]
    confirmed: bool


def touched(state: State, project: str, sketches: Iterable[Sketch]) -> frozenset[int]:
    """Examples of ours whose sketch differs from what the ledger knows.

    Blind to what leaves no trace in a sketch: a label changed and changed back, a confirmation taken
    back and given again, another user on a label. Reading everything (``--full``) sees the last two.
    """
    known = _known(state, project)
    return frozenset(
        sketch.example
        for sketch in sketches
        if (project, sketch.example) in state.passages and not _is_known(state, project, sketch, known)
    )


_NOTHING = Sketch(0, None, "", (), (), (), False)


def _known(state: State, project: str) -> dict[int, Sketch]:
    """What the ledger knows of a project's examples, in the form of sketches without text."""
    labels: dict[int, list[tuple[int, str, int, int]]] = defaultdict(list)
    relations: dict[int, list[tuple[int, str, int, int]]] = defaultdict(list)
    comments: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for label in state.labels.values():
        if label.project == project and not label.vanished_in:
            row = (label.label_id, label.label, label.utf16_start, label.utf16_end)
            labels[label.example].append(row)
    for relation in state.relations.values():
        if relation.project == project and not relation.vanished_in:
            ends = (relation.relation_id, relation.relation, relation.from_label, relation.to_label)
            relations[relation.example].append(ends)
    for comment in state.comments.values():
        if comment.project == project and not comment.vanished_in:
            comments[comment.example].append((comment.comment_id, comment.text))
    return {
        example: replace(
            _NOTHING,
            example=example,
            labels=tuple(sorted(labels[example])),
            relations=tuple(sorted(relations[example])),
            comments=tuple(sorted(comments[example])),
            confirmed=bool(state.confirmations.get((project, example))),
        )
        for owner, example in state.passages
        if owner == project
    }


def _is_known(state: State, project: str, sketch: Sketch, known: dict[int, Sketch]) -> bool:
    pushed = state.passages[project, sketch.example]
    digest = sha256_hex(sketch.text.encode("utf-8", "surrogatepass"))
    if pushed.vanished_in or digest != (pushed.edited_sha256 or pushed.text_sha256):
        return False
    return known[sketch.example] == replace(sketch, passage_id=None, text="")
