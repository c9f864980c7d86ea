r"""brat stand-off: ``brat/<annotator>/<passage>.txt`` and ``.ann``, one collection an annotator.

Format: https://brat.nlplab.org/standoff.html. Offsets are code points. brat allows no line end inside a
stretch of text, so a label over one is written as a fragment for each line, as brat's own server does.
What brat has no place for stands as JSON in a note of the label, and what is known of the texts in
``brat/texts.jsonl``, which brat does not read. Names are cut to what brat allows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from annotate.core.dataset import Dataset
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
from annotate.core.scheme import Scheme
from annotate.formats.writing import Material

_ODD: Final = re.compile(r"[^A-Za-z0-9_-]")
_LINE: Final = re.compile(r"[^\r\n]+")
_STATED: Final = frozenset({"quote", "status", "origin", "prefix", "suffix"})
_STATUSES: Final = ("confirmed", "draft")
_ORIGINS: Final = ("accepted", "edited", "manual", "imported")
_ANY: Final = ("<ANY>", "<ANY>")
_WHY: Final = "brat has no place for it; it stands in the CSV tables"


@dataclass(frozen=True, slots=True)
class _Names:
    """The names that brat gets for ours: types may only hold letters, digits, hyphens, underscores."""

    labels: Mapping[str, str]
    relations: Mapping[str, str]


def write(material: Material, folder: Path) -> tuple[Loss, ...]:
    """Write the collections and their configuration; see the module for what goes where."""
    dataset = material.dataset
    names = _names(material.scheme, dataset)
    texts = list(labelled_texts(dataset))
    folders = folder_names({text.annotator for text in texts})
    broken = 0
    index: list[str] = []
    for text in texts:
        place = folder / "brat" / folders[text.annotator]
        if not place.is_dir():
            place.mkdir(parents=True)
            (place / "annotation.conf").write_bytes(_annotation_conf(material.scheme, names).encode())
            (place / "visual.conf").write_bytes(_visual_conf(material.scheme, names).encode())
        index.append(json.dumps({"folder": place.name, **text.facts()}, ensure_ascii=False) + "\n")
        stem = place / text.passage.passage_id
        stem.with_suffix(".txt").write_bytes(text.passage.text.encode("utf-8"))
        stem.with_suffix(".ann").write_bytes(_annotations(text, names).encode("utf-8"))
        broken += sum(
            _fragments(text, label) not in ([], [(label.start, label.end)]) for label in text.labels
        )
    if index:
        (folder / "brat" / "texts.jsonl").write_bytes("".join(index).encode("utf-8"))
    return _losses(dataset, names, broken)


def _losses(dataset: Dataset, names: _Names, broken: int) -> tuple[Loss, ...]:
    renamed = sum(names.labels[row.label] != row.label for row in dataset.labels)
    renamed += sum(names.relations[row.relation] != row.relation for row in dataset.relations)
    blank = sum(not row.quote.strip("\r\n") for row in dataset.labels)
    return reported(
        [
            Loss(
                "labels with a line end",
                broken,
                "marked line by line, without the line ends; the note has the range",
            ),
            Loss("labels of line ends alone", blank, "brat can mark no line end, so they are left out"),
            Loss("names that brat forbids", renamed, "odd characters are cut; the note has the name"),
            *text_losses(dataset, _WHY),
        ]
    )


def _annotations(text: LabelledText, names: _Names) -> str:
    keys: dict[str, str] = {}
    lines: list[str] = []
    for label in text.labels:
        fragments = _fragments(text, label)
        if fragments:
            keys[label.label_id] = f"T{len(keys) + 1}"
            lines.append(_text_bound(text, keys[label.label_id], names.labels[label.label], fragments))
    drawn = [label for label in text.labels if label.label_id in keys]
    for number, label in enumerate(drawn, 1):
        key = keys[label.label_id]
        lines.append(f"A{2 * number - 1}\tstatus {key} {label.status}")
        lines.append(f"A{2 * number}\torigin {key} {label.origin}")
        lines.append(_note(number, key, row_facts(label, (*_STATED, *TEXT_COLUMNS))))
    related = [one for one in text.relations if one.from_label_id in keys and one.to_label_id in keys]
    for number, relation in enumerate(related, 1):
        ends = f"Arg1:{keys[relation.from_label_id]} Arg2:{keys[relation.to_label_id]}"
        lines.append(f"R{number}\t{names.relations[relation.relation]} {ends}")
        lines.append(_note(len(drawn) + number, f"R{number}", row_facts(relation)))
    return "".join(line + "\n" for line in lines)


def _fragments(text: LabelledText, label: LabelRow) -> list[tuple[int, int]]:
    """The stretches of a label between line ends, code points."""
    return [found.span() for found in _LINE.finditer(text.passage.text, label.start, label.end)]


def _text_bound(text: LabelledText, key: str, name: str, fragments: list[tuple[int, int]]) -> str:
    places = ";".join(f"{start} {end}" for start, end in fragments)
    words = " ".join(text.passage.text[start:end] for start, end in fragments)
    return f"{key}\t{name} {places}\t{words}"


def _note(number: int, key: str, facts: Mapping[str, object]) -> str:
    # ASCII: no character of a server can look like the end of a line to anybody's reader.
    return f"#{number}\tAnnotatorNotes {key}\t{json.dumps(facts, sort_keys=True)}"


def _names(scheme: Scheme, dataset: Dataset) -> _Names:
    """Every name of the scheme, then those that only the dataset has (an import, an older version)."""
    labels = [one.name for one in scheme.labels] + sorted({row.label for row in dataset.labels})
    relations = [one.name for one in scheme.relations] + sorted({row.relation for row in dataset.relations})
    return _Names(_plain(labels), _plain(relations))


def _plain(names: Iterable[str]) -> dict[str, str]:
    made: dict[str, str] = {}
    for name in dict.fromkeys(names):
        plain = _ODD.sub("_", name)
        number = 2
        while plain in made.values():
            plain, number = f"{_ODD.sub('_', name)}_{number}", number + 1
        made[name] = plain
    return made


def _annotation_conf(scheme: Scheme, names: _Names) -> str:
    ends: dict[str, tuple[str, str]] = {}
    for kind in scheme.relations:
        sides = (kind.from_labels, kind.to_labels)
        first, second = ("|".join(names.labels[one] for one in side) for side in sides)
        ends[kind.name] = (first, second)
    relations = (
        f"{plain}\tArg1:{ends.get(name, _ANY)[0]}, Arg2:{ends.get(name, _ANY)[1]}"
        for name, plain in names.relations.items()
    )
    chosen = {"status": _STATUSES, "origin": _ORIGINS}
    return _conf(
        entities=names.labels.values(),
        relations=("<OVERLAP>\tArg1:<ANY>, Arg2:<ANY>, <OVL-TYPE>:<ANY>", *relations),
        events=(),
        attributes=(f"{name}\tArg:<ANY>, Value:{'|'.join(values)}" for name, values in chosen.items()),
    )


def _visual_conf(scheme: Scheme, names: _Names) -> str:
    looks = {one.name: one for one in scheme.labels}
    drawing = [
        f"{plain}\tfgColor:{looks[name].text}, bgColor:{looks[name].background}, borderColor:darken"
        for name, plain in names.labels.items()
        if name in looks
    ]
    shown = [f"{plain} | {_shown(name)}" for name, plain in {**names.labels, **names.relations}.items()]
    return _conf(labels=shown, drawing=drawing)


def _shown(name: str) -> str:
    """A name in a list of names that bars divide and lines end."""
    return " ".join(name.replace("|", "/").split())


def _conf(**sections: Iterable[str]) -> str:
    parts = ("\n".join((f"[{name}]", *lines)) for name, lines in sections.items())
    return "\n\n".join(parts) + "\n"
