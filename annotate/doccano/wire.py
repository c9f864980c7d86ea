"""The form of things on the wire, both ways. UTF-16 exists only here.

Rows are written as ASCII JSON: Doccano guesses the encoding of an upload and guesses wrong.
All of a row's own data goes into one ``ext`` object: flat keys pass through a data frame there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from annotate.core.errors import ServerFailure
from annotate.core.ids import stable_uuid4
from annotate.core.model import Passage, Suggestion
from annotate.core.offsets import CodePoint, Utf16Map
from annotate.core.relating import SentRelation

META_KEY = "ext"


def import_row(
    passage: Passage,
    suggestions: Sequence[Suggestion],
    project: str,
    relations: Sequence[SentRelation] = (),
) -> dict[str, Any]:
    """One row of a RelationExtraction import. ``example_uuid`` makes a repeated import fail as a whole.

    An end of a relation must be a suggestion of the row: for any other the server's import dies.
    """
    units = Utf16Map(passage.text)
    return {
        "text": passage.text,
        "entities": [
            {
                "id": number,
                "label": suggestion.label,
                "start_offset": units.to_utf16(CodePoint(suggestion.start)),
                "end_offset": units.to_utf16(CodePoint(suggestion.end)),
            }
            for number, suggestion in enumerate(suggestions)
        ],
        "relations": [
            {"from_id": one.start, "to_id": one.end, "type": one.suggested.relation} for one in relations
        ],
        "example_uuid": stable_uuid4(project, passage.passage_id),
        # Annotators see this card: nothing here may tell them what to label.
        META_KEY: {"passage": passage.passage_id, "part": f"{passage.number} of {passage.of}"},
    }


def import_file(rows: Iterable[dict[str, Any]]) -> bytes:
    """Rows as the bytes of a JSONL upload."""
    return b"".join(json.dumps(row, ensure_ascii=True).encode("ascii") + b"\n" for row in rows)


def passage_id_of(example: dict[str, Any]) -> str | None:
    """Which passage an example on the server is; None when it is none of ours."""
    meta = example.get("meta")
    ours = meta.get(META_KEY) if isinstance(meta, dict) else None
    found = ours.get("passage") if isinstance(ours, dict) else None
    return found if isinstance(found, str) else None


def field(record: dict[str, Any], name: str, kind: type) -> Any:  # noqa: ANN401
    """A field of a server's answer, of the type we rely on. Raises ServerFailure."""
    value = record.get(name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ServerFailure(
            f"the server's answer has {name} = {value!r} where {kind.__name__} was expected",
            hint="is this Doccano 1.8.4? docs/servers.md lists the versions that were tried",
        )
    return value
