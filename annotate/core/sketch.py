"""An example without people and times: enough to see where something happened since the last pull."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from annotate.core.ids import sha256_hex
from annotate.core.parts import ExampleState


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


def sketch_digest(sketch: Sketch, text_sha256: str) -> bytes:
    """Everything of a sketch in 16 bytes: two sketches with the same digest say the same.

    ``text_sha256`` is that of its text, as ``text_sha256`` below gives it.
    """
    return _digest(text_sha256, sketch.labels, sketch.relations, sketch.comments, sketch.confirmed)


def outline(sketch: Sketch, text_sha256: str) -> dict[str, object]:
    """A sketch as a snapshot keeps it: the hash of its text instead of the text."""
    return {
        "id": sketch.example,
        "passage": sketch.passage_id,
        "text_sha256": text_sha256,
        "labels": sketch.labels,
        "relations": sketch.relations,
        "comments": sketch.comments,
        "confirmed": sketch.confirmed,
    }


def text_sha256(text: str) -> str:
    """SHA-256 of a text as the server has it, lone surrogates included."""
    return sha256_hex(text.encode("utf-8", "surrogatepass"))


def known_digest(known: ExampleState) -> bytes:
    """The digest that an example's sketch has if nothing happened since the ledger was written.

    Empty, which no sketch has, for an example that was gone when it was last looked for. What a digest
    cannot show is what leaves no trace in a sketch: a label changed and changed back, a confirmation
    taken back and given again, another user on a label. Reading everything (``--full``) sees the last two.
    """
    pushed = known.pushed
    if pushed is None or pushed.vanished_in:
        return b""
    labels = [
        (one.label_id, one.label, one.utf16_start, one.utf16_end)
        for one in known.labels
        if not one.vanished_in
    ]
    relations = [
        (one.relation_id, one.relation, one.from_label, one.to_label)
        for one in known.relations
        if not one.vanished_in
    ]
    comments = [(one.comment_id, one.text) for one in known.comments if not one.vanished_in]
    return _digest(
        pushed.edited_sha256 or pushed.text_sha256,
        sorted(labels),
        sorted(relations),
        sorted(comments),
        bool(known.confirmations),
    )


def _digest(text: str, *rest: object) -> bytes:
    return hashlib.blake2b(_encode((text, *rest)).encode("ascii"), digest_size=16).digest()


_encode = json.JSONEncoder(separators=(",", ":")).encode
