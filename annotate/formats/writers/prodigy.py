"""Prodigy's JSON Lines: ``prodigy/<annotator>.jsonl``, one example a text (https://prodi.gy/docs/api-interfaces).

Offsets are code points, ``token_end`` is inclusive, tokens are those of ``annotate.formats.tokens``, cut at
label ends so that every span is a whole number of them. A relation points at the last token of either span,
as Prodigy's own do. A text that nobody was done with has no ``answer``.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from annotate.core.dataset.losses import Loss, reported
from annotate.core.dataset.rows import LabelRow
from annotate.core.dataset.texts import (
    TEXT_COLUMNS,
    LabelledText,
    folder_names,
    labelled_texts,
    row_facts,
    text_losses,
)
from annotate.core.ids import canonical_json, sha256_hex
from annotate.formats.tokens import tokens_of
from annotate.formats.writing import Material

_NOT_SPAN: Final = frozenset({*TEXT_COLUMNS, "quote", "prefix", "suffix", "label", "start", "end"})
_NOT_RELATION: Final = frozenset({*TEXT_COLUMNS, "relation"})
_WHY: Final = "an example of Prodigy has no place for it; it stands in the CSV tables"


def write(material: Material, folder: Path) -> tuple[Loss, ...]:
    """Write one file an annotator."""
    texts = list(labelled_texts(material.dataset))
    folders = folder_names({text.annotator for text in texts})
    (folder / "prodigy").mkdir(parents=True)
    for annotator, name in folders.items():
        with (folder / "prodigy" / f"{name}.jsonl").open("w", encoding="utf-8", newline="") as file:
            for text in texts:
                if text.annotator == annotator:
                    file.write(json.dumps(_example(text, name), ensure_ascii=False) + "\n")
    blank = sum(not label.quote.strip() for text in texts for label in text.labels)
    losses = [
        Loss("tokens of blanks alone", blank, "Prodigy shows no span without a token; it is in the file")
    ]
    return reported([*losses, *text_losses(material.dataset, _WHY)])


def _example(text: LabelledText, name: str) -> dict[str, Any]:
    words = text.passage.text
    places = tokens_of(words, (offset for label in text.labels for offset in (label.start, label.end)))
    starts = [start for start, _ in places]
    spans = {label.label_id: _span(label, places, starts) for label in text.labels}
    identity = {"text": words, "spans": list(spans.values())}
    example: dict[str, Any] = {
        "text": words,
        "_input_hash": _hash({"text": words}),
        "_task_hash": _hash({**identity, "annotator": text.annotator}),
        "_view_id": "relations",
        "tokens": [_token(words, number, place, places) for number, place in enumerate(places)],
        "spans": list(spans.values()),
        "relations": [
            {
                "head": spans[row.from_label_id].get("token_end"),
                "child": spans[row.to_label_id].get("token_end"),
                "head_span": _end(spans[row.from_label_id]),
                "child_span": _end(spans[row.to_label_id]),
                "label": row.relation,
                **row_facts(row, _NOT_RELATION),
            }
            for row in text.relations
        ],
        "meta": text.facts(),
        "_annotator_id": text.annotator or None,
        "_session_id": f"annotate-{name}" if text.annotator else None,
    }
    if text.confirmed:
        example["answer"] = "accept"
        moment = _seconds(text)
        if moment:
            example["_timestamp"] = moment
    return {key: value for key, value in example.items() if value is not None}


def _span(label: LabelRow, places: list[tuple[int, int]], starts: list[int]) -> dict[str, Any]:
    first = bisect_left(starts, label.start)
    last = bisect_left(starts, label.end) - 1
    tokens = {"token_start": first, "token_end": last} if first <= last else {}
    place = {"start": label.start, "end": label.end, "label": label.label, "text": label.quote}
    return {**place, **tokens, **row_facts(label, _NOT_SPAN)}


def _end(span: dict[str, Any]) -> dict[str, Any]:
    names = ("start", "end", "token_start", "token_end", "label")
    return {name: span[name] for name in names if name in span}


def _token(words: str, number: int, place: tuple[int, int], places: list[tuple[int, int]]) -> dict[str, Any]:
    start, end = place
    last = number + 1 == len(places)
    space = end < len(words) and (last or places[number + 1][0] > end)
    return {"text": words[start:end], "start": start, "end": end, "id": number, "ws": space}


def _hash(value: dict[str, Any]) -> int:
    """A hash as Prodigy's: a signed number of 32 bits; the same for the same content."""
    number = int(sha256_hex(canonical_json(value))[:8], 16)
    return number - (1 << 32) if number >= 1 << 31 else number


def _seconds(text: LabelledText) -> int:
    """When the passage was confirmed, in seconds since 1970; 0: unknown."""
    told = text.assignment.confirmed_at if text.assignment else ""
    return int(datetime.fromisoformat(told).timestamp()) if told else 0
