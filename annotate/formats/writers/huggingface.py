"""A folder for the Hugging Face hub: Parquet in splits, a dataset card, and a Croissant description.

Two configurations: ``passages`` (a text and its labels as a list of spans) and ``labels`` (one row a label,
as in labels.csv). Documents are split by a hash of their id, so that no text is in two splits.
Croissant: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.0.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from annotate.core.dataset.rows import Dataset, LabelRow, PassageRow
from annotate.core.dataset.splits import SPLITS, splits_of
from annotate.formats.arrow import arrow_table
from annotate.formats.croissant import Column, Part, croissant_bytes
from annotate.formats.hub_card import card_bytes
from annotate.formats.schemas import table_schema
from annotate.formats.writers.parquet import write_parquet
from annotate.formats.writing import Loss, Material

if TYPE_CHECKING:
    import pyarrow

FOLDER: Final = "huggingface"
HUB_SPLITS: Final = {"train": "train", "dev": "validation", "test": "test"}
_HELD = ("passages", "labels")
_WHY = "this format holds texts and labels only; the table is in the CSV"
_CELLS = "of a passage only text, ids, date and language are kept; the rest is in the CSV"
_PASSAGE_COLUMNS: Final = {
    "passage_id": "The passage as the annotator saw it.",
    "document_id": "The document; all its passages are in one split.",
    "source_id": "The source of the document.",
    "title": "Title of the document.",
    "published": "Publication date of the document, EDTF.",
    "language": "Language of the document, ISO 639-1.",
    "text": "The text as annotators see it.",
}


def write(material: Material, folder: Path) -> tuple[Loss, ...]:
    """``huggingface/``: two configurations in up to three splits, README.md and croissant.json."""
    place = folder / FOLDER
    (place / "data").mkdir(parents=True)
    parts = [*_write_passages(material.dataset, place), *_write_labels(material.dataset, place)]
    (place / "README.md").write_bytes(card_bytes(material, parts))
    (place / "croissant.json").write_bytes(croissant_bytes(material.record, parts, place))
    return tuple(_losses(material.dataset))


def _losses(dataset: Dataset) -> Iterator[Loss]:
    for name, rows in dataset.tables():
        if name not in _HELD:
            yield Loss(name, len(rows), _WHY)
    for column in table_schema("passages").columns:
        if column not in _PASSAGE_COLUMNS:
            yield Loss(f"passages.{column}", len(dataset.passages), _CELLS)


def _write_passages(dataset: Dataset, place: Path) -> Iterator[Part]:
    documents = {row.document_id: row for row in dataset.documents}
    spans: dict[str, list[LabelRow]] = defaultdict(list)
    for label in dataset.labels:
        spans[label.passage_id].append(label)
    splits = _splits(dataset)
    for split in SPLITS:
        rows = [row for row in dataset.passages if splits[row.passage_id] == split]
        if not rows:
            continue  # the ``datasets`` library refuses an empty file
        records = []
        for row in rows:
            document = documents.get(row.document_id)
            about = (document.title, document.published, document.language) if document else ("", "", "")
            records.append((row, *about, spans[row.passage_id]))
        columns = tuple(Column(name, "string", what) for name, what in _PASSAGE_COLUMNS.items())
        yield _part(place, "passages", split, columns, _passage_table(records))


def _passage_table(
    records: list[tuple[PassageRow, str, str, str, list[LabelRow]]],
) -> pyarrow.Table:
    import pyarrow as pa

    texts = {
        "passage_id": [row.passage_id for row, *_ in records],
        "document_id": [row.document_id or None for row, *_ in records],
        "source_id": [row.source_id for row, *_ in records],
        "title": [title or None for _, title, _, _, _ in records],
        "published": [published or None for _, _, published, _, _ in records],
        "language": [language or None for _, _, _, language, _ in records],
        "text": [row.text for row, *_ in records],
    }
    names = ("label_id", "layer", "label", "annotator", "status", "origin", "value")
    span = pa.struct([("start", pa.int64()), ("end", pa.int64()), *((name, pa.string()) for name in names)])
    spans = [
        [
            {"start": one.start, "end": one.end, **{name: getattr(one, name) or None for name in names}}
            for one in sorted(labels, key=lambda one: (one.start, one.end, one.label_id))
        ]
        for *_, labels in records
    ]
    arrays = [*(pa.array(values, pa.string()) for values in texts.values()), pa.array(spans, pa.list_(span))]
    return pa.table(arrays, names=[*texts, "spans"])


def _write_labels(dataset: Dataset, place: Path) -> Iterator[Part]:
    schema = table_schema("labels")
    columns = tuple(Column(one.name, one.kind, one.description) for one in schema.fields)
    splits = _splits(dataset)
    for split in SPLITS:
        rows = [row for row in dataset.labels if splits[row.passage_id] == split]
        if rows:
            yield _part(place, "labels", split, columns, _without_categories(arrow_table(schema, rows)))


def _splits(dataset: Dataset) -> dict[str, str]:
    """The split of each passage by id: that of its document, as the DocBin has it."""
    keys = {row.passage_id: row.document_id or row.passage_id for row in dataset.passages}
    splits = splits_of(keys.values())
    return {passage: splits[key] for passage, key in keys.items()}


def _without_categories(table: pyarrow.Table) -> pyarrow.Table:
    """Text in place of dictionaries, which the ``datasets`` library does not read."""
    import pyarrow as pa

    plain = [one.with_type(pa.string()) if pa.types.is_dictionary(one.type) else one for one in table.schema]
    return table.cast(pa.schema(plain))


def _part(place: Path, config: str, split: str, columns: tuple[Column, ...], table: pyarrow.Table) -> Part:
    name = HUB_SPLITS[split]
    path = f"data/{config}-{name}.parquet"
    write_parquet(table, place / path)
    return Part(config, name, path, table.num_rows, columns)
