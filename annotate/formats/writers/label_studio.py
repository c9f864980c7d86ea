"""Label Studio: ``label-studio/<annotator>.json`` to import, and ``config.xml`` with the labels.

Offsets are code points: Label Studio counts these since 2021 and quotes the words beside them. There is no
``completed_by``: Label Studio refuses a file that names people it does not know. Who labelled is the name of
the file, and stands in the data of each task.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from annotate.core.dataset.losses import Loss, reported
from annotate.core.dataset.rows import LabelRow, RelationRow
from annotate.core.dataset.texts import (
    TEXT_COLUMNS,
    LabelledText,
    folder_names,
    labelled_texts,
    row_facts,
    text_losses,
)
from annotate.core.ids import stable_uuid4
from annotate.formats.writing import Material
from annotate.formats.xml_text import attributes

_NOT_LABEL: Final = frozenset({*TEXT_COLUMNS, "quote", "prefix", "suffix", "label", "start", "end"})
_NOT_RELATION: Final = frozenset({*TEXT_COLUMNS, "relation", "from_label_id", "to_label_id"})
_WHY: Final = "a task of Label Studio has no place for it; it stands in the CSV tables"
_AUTHOR: Final = "it has the importing person as author of all; who labelled is in the task's data"


def write(material: Material, folder: Path) -> tuple[Loss, ...]:
    """Write one array of tasks an annotator and the labelling interface."""
    texts = list(labelled_texts(material.dataset))
    folders = folder_names({text.annotator for text in texts})
    place = folder / "label-studio"
    place.mkdir(parents=True)
    for annotator, name in folders.items():
        own = (text for text in texts if text.annotator == annotator)
        with (place / f"{name}.json").open("w", encoding="utf-8", newline="") as file:
            for number, text in enumerate(own):
                file.write(",\n" if number else "[\n")
                file.write(json.dumps(_task(text), ensure_ascii=False))
            file.write("\n]\n")
    names = (
        [one.name for one in material.scheme.labels],
        sorted({row.label for row in material.dataset.labels}),
    )
    (place / "config.xml").write_bytes(_config(material, dict.fromkeys(names[0] + names[1])).encode("utf-8"))
    people = Loss("authors", sum(bool(text.annotator) for text in texts), _AUTHOR)
    return reported([people, *text_losses(material.dataset, _WHY)])


def _task(text: LabelledText) -> dict[str, Any]:
    results = [_result(label) for label in text.labels] + [_relation(row) for row in text.relations]
    annotation: dict[str, Any] = {
        "unique_id": stable_uuid4("label-studio", text.passage.passage_id, text.annotator),
        "was_cancelled": False,
        "ground_truth": False,
        "result": results,
    }
    facts = text.facts()
    return {
        "data": {"text": text.passage.text, **facts},
        "meta": {"confirmed": text.confirmed},
        "annotations": [annotation],
    }


def _result(label: LabelRow) -> dict[str, Any]:
    value = {"start": label.start, "end": label.end, "text": label.quote, "labels": [label.label]}
    return {
        "id": label.label_id,
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "origin": "manual",
        "value": value,
        "meta": _texts(row_facts(label, _NOT_LABEL)),
    }


def _relation(row: RelationRow) -> dict[str, Any]:
    return {
        "type": "relation",
        "from_id": row.from_label_id,
        "to_id": row.to_label_id,
        "direction": "right",
        "labels": [row.relation],
        "meta": _texts(row_facts(row, _NOT_RELATION)),
    }


def _texts(facts: dict[str, Any]) -> dict[str, list[str]]:
    """Region metadata: Label Studio shows each as a list of texts."""
    return {name: [value if isinstance(value, str) else json.dumps(value)] for name, value in facts.items()}


def _config(material: Material, names: Iterable[str]) -> str:
    looks = {one.name: one.background for one in material.scheme.labels}
    labels = (
        f"    <Label{attributes({'value': name, 'background': looks.get(name, '')})}/>" for name in names
    )
    relations = (f"    <Relation{attributes({'value': one.name})}/>" for one in material.scheme.relations)
    lines = [
        "<View>",
        "  <Relations>",
        *relations,
        "  </Relations>",
        '  <Labels name="label" toName="text">',
        *labels,
        "  </Labels>",
        '  <Text name="text" value="$text" granularity="symbol"/>',
        "</View>",
    ]
    return "\n".join(lines) + "\n"
