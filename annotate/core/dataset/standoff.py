"""Leave out texts that may not be passed on, and put them back from the sources: both pure.

A stand-off row keeps its place (offsets), the first code points of its quote, and hashes of what was left
out; with the text of the source at hand everything follows again, and is proven to be what it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any, Final

from annotate.core.dataset.corpus import source_rows
from annotate.core.dataset.inputs import Inputs
from annotate.core.dataset.lookup import CONTEXT, Lookup
from annotate.core.dataset.rows import ROW_TYPES, Dataset, DatedRow, PassageRow, SourceRow, columns
from annotate.core.ids import text_sha256
from annotate.core.model import Piece
from annotate.core.passages import spell

QUOTE: Final = 90
"""How many code points of a quote are shown where the source may not be passed on."""

_PLACE = {"quote", "source_id", "passage_id", "start", "end"}
QUOTED: Final = tuple(name for name, kind in ROW_TYPES.items() if set(columns(kind)) >= _PLACE)
"""Tables whose rows quote a passage."""


def restricted(sources: Iterable[SourceRow]) -> frozenset[str]:
    """Ids of the sources whose text may not be passed on.

    Unknown counts as no. The same bytes under two names: one ``no`` decides, then one ``yes``.
    """
    told: dict[str, set[str]] = {}
    for row in sources:
        told.setdefault(row.source_id, set()).add(row.redistribution)
    return frozenset(one for one, words in told.items() if "no" in words or "yes" not in words)


def closed_sources(inputs: Inputs) -> frozenset[str]:
    """The same, before a dataset is derived."""
    return restricted(source_rows(Lookup(inputs)))


def stand_off(dataset: Dataset) -> Dataset:
    """The dataset without the texts of its restricted sources; the same one where there is none."""
    closed = restricted(dataset.sources)
    if not closed:
        return dataset
    shut = {row.label_id for row in dataset.labels if row.source_id in closed}
    return replace(
        dataset,
        passages=tuple(replace(row, text="") if row.source_id in closed else row for row in dataset.passages),
        chronology=tuple(
            replace(row, quote=row.quote[:QUOTE]) if row.label_id in shut else row
            for row in dataset.chronology
        ),
        **{name: tuple(_bare(rows, closed)) for name, rows in _quoted(dataset)},
    )


def _quoted(dataset: Dataset) -> Iterator[tuple[str, tuple[Any, ...]]]:
    return ((name, getattr(dataset, name)) for name in QUOTED)


def _bare(rows: Iterable[Any], closed: frozenset[str]) -> Iterator[Any]:
    cut = None
    for row in rows:
        if row.source_id not in closed:
            yield row
        elif len(row.quote) > QUOTE or _has_context(row):
            cut = cut or _cutter(type(row))
            yield cut(row)
        else:
            yield row


def _has_context(row: Any) -> bool:  # noqa: ANN401 - a row of any table that quotes
    return bool(getattr(row, "prefix", "")) or bool(getattr(row, "suffix", ""))


def _cutter(kind: type[Any]) -> Callable[[Any], Any]:
    """Gives a row the bounded quote and nothing around it; `replace` would take five times as long."""
    names = [one.name for one in fields(kind)]
    cells_of = attrgetter(*names)
    quote = names.index("quote")
    around = [names.index(name) for name in ("prefix", "suffix") if name in names]

    def cut(row: Any) -> Any:  # noqa: ANN401 - as above
        cells = list(cells_of(row))
        cells[quote] = cells[quote][:QUOTE]
        for at in around:
            cells[at] = ""
        return kind(*cells)

    return cut


def is_stand_off(row: PassageRow) -> bool:
    """Whether the text of a passage was left out."""
    return not row.text and row.text_sha256 != text_sha256("")


class Mismatch(ValueError):
    """The sources at hand do not give what the dataset says; ``about`` is the row."""

    def __init__(self, about: str, what: str) -> None:
        super().__init__(what)
        self.about = about


def hydrated(dataset: Dataset, texts: Mapping[str, str]) -> tuple[Dataset, tuple[Mismatch, ...]]:
    """The dataset with the texts it was made from, and every row that ``texts`` (by source id) disprove.

    Where there is a mismatch the dataset is of no use. Sources without a text are left as they are.
    """
    wrong: list[Mismatch] = []
    passages = {row.passage_id: _spelled(row, texts, wrong) for row in dataset.passages}
    known = {key: row.text for key, row in passages.items() if row.source_id in texts}
    whole = {name: tuple(_whole(rows, known, wrong)) for name, rows in _quoted(dataset)}
    quotes = {row.label_id: row.quote for row in whole["labels"]}
    dated = tuple(_dated(row, quotes) for row in dataset.chronology)
    full = replace(dataset, passages=tuple(passages.values()), chronology=dated, **whole)
    return full, tuple(wrong)


def _spelled(row: PassageRow, texts: Mapping[str, str], wrong: list[Mismatch]) -> PassageRow:
    source = texts.get(row.source_id)
    if source is None:
        return row
    try:
        text = spell([Piece(*piece) for piece in json.loads(row.pieces)], source)
    except (ValueError, TypeError) as error:
        wrong.append(Mismatch(row.passage_id, f"its pieces cannot be read: {error}"))
        return row
    if text_sha256(text) != row.text_sha256:
        wrong.append(Mismatch(row.passage_id, "the source does not give the text of text_sha256"))
    return replace(row, text=text)


def _whole(rows: Iterable[Any], passages: Mapping[str, str], wrong: list[Mismatch]) -> Iterator[Any]:
    for row in rows:
        text = passages.get(row.passage_id)
        if text is None:
            yield row
            continue
        quote = text[row.start : row.end]
        told = getattr(row, "quote_sha256", None)
        if not quote.startswith(row.quote) or told not in (None, text_sha256(quote)):
            wrong.append(Mismatch(str(getattr(row, columns(type(row))[0])), "the source has another quote"))
        yield replace(row, quote=quote, **_around(row, text))


def _around(row: Any, text: str) -> dict[str, str]:  # noqa: ANN401 - a row of any table that quotes
    if not hasattr(row, "prefix"):
        return {}
    before, after = text[max(0, row.start - CONTEXT) : row.start], text[row.end : row.end + CONTEXT]
    return {"prefix": before, "suffix": after}


def _dated(row: DatedRow, quotes: Mapping[str, str]) -> DatedRow:
    return replace(row, quote=quotes.get(row.label_id, row.quote))


def readable(dataset: Dataset) -> tuple[Dataset, int, int]:
    """The part of a dataset whose texts are in it, and how many passages and labels were left out.

    For formats that are texts: an empty text with labels in it would be a lie.
    """
    closed = {row.passage_id for row in dataset.passages if is_stand_off(row)}
    if not closed:
        return dataset, 0, 0
    labels = tuple(row for row in dataset.labels if row.passage_id not in closed)
    kept = {row.label_id for row in labels}
    part = replace(
        dataset,
        passages=tuple(row for row in dataset.passages if row.passage_id not in closed),
        assignments=tuple(row for row in dataset.assignments if row.passage_id not in closed),
        labels=labels,
        relations=tuple(row for row in dataset.relations if row.passage_id not in closed),
        suggestions=tuple(row for row in dataset.suggestions if row.passage_id not in closed),
        suggested_relations=tuple(row for row in dataset.suggested_relations if row.passage_id not in closed),
        comments=tuple(row for row in dataset.comments if row.passage_id not in closed),
        chronology=tuple(row for row in dataset.chronology if row.label_id in kept),
        gold=tuple(row for row in dataset.gold if row.passage_id not in closed),
        gold_relations=tuple(row for row in dataset.gold_relations if row.passage_id not in closed),
    )
    return part, len(closed), len(dataset.labels) - len(labels)


def whole_quotes(dataset: Dataset) -> tuple[Dataset, int]:
    """The part of a dataset whose labels quote all that they stand on, and how many labels were left out."""
    labels = tuple(row for row in dataset.labels if len(row.quote) == row.end - row.start)
    kept = {row.label_id for row in labels}
    relations = tuple(
        row for row in dataset.relations if row.from_label_id in kept and row.to_label_id in kept
    )
    suggestions = tuple(row for row in dataset.suggestions if len(row.quote) == row.end - row.start)
    gold = tuple(row for row in dataset.gold if len(row.quote) == row.end - row.start)
    decided = {row.gold_id for row in gold}
    linked = tuple(row for row in dataset.gold_relations if {row.from_gold_id, row.to_gold_id} <= decided)
    part = replace(
        dataset,
        labels=labels,
        relations=relations,
        suggestions=suggestions,
        gold=gold,
        gold_relations=linked,
    )
    return part, len(dataset.labels) - len(labels)
