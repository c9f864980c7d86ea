"""Passages as the ledger keeps them."""

from __future__ import annotations

from typing import Any

from annotate.core.model import Passage, Piece


def passage_record(passage: Passage) -> dict[str, Any]:
    """A passage as the ledger keeps it, text included: labels must stay readable without a build."""
    return {
        "passage_id": passage.passage_id,
        "document_id": passage.document_id,
        "source_id": passage.source_id,
        "source_file": passage.source_file,
        "number": passage.number,
        "of": passage.of,
        "text": passage.text,
        "pieces": [[piece.kind, piece.start, piece.end, piece.text] for piece in passage.pieces],
    }


def passage_of(data: dict[str, Any]) -> Passage:
    """The passage of a ledger record."""
    fields = {**data, "pieces": tuple(Piece(*piece) for piece in data["pieces"])}
    return Passage(**fields)
