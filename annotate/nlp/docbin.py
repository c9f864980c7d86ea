"""Labels as training data for spaCy: ``spacy/train.spacy``, ``dev.spacy``, ``test.spacy``, ``split.json``.

One Doc a passage and annotator, so that nobody's decisions are averaged away; ``doc.spans[layer]`` holds the
labels of a layer (``span.label_``, ``span.id_`` is the label id, ``span.kb_id_`` its value). Spans of spaCy
are whole tokens: a label that cuts a token is widened to it, one that begins or ends with a blank loses
it, and both are counted. ``doc.user_data["annotate"]`` holds the exact places (code points, half-open), all
other columns and the relations.

A document is in one split as a whole: the SHA-256 of its id decides, so it stays there when the study grows.
A split holds at most ``DOCS_IN_MEMORY`` Docs a file; a larger one goes on in ``train-2.spacy`` and so on.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol

import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span, SpanGroup

from annotate.core.dataset import Dataset
from annotate.core.dataset.losses import Loss, reported
from annotate.core.dataset.rows import LabelRow
from annotate.core.dataset.splits import SEED, SPLITS, splits_of
from annotate.core.dataset.texts import (
    TEXT_COLUMNS,
    LabelledText,
    labelled_texts,
    row_facts,
    text_losses,
)
from annotate.nlp.pipelines import ANY_LANGUAGE

DOCS_IN_MEMORY: Final = 5_000
KEY: Final = "annotate"
_NOT_LABEL: Final = frozenset({*TEXT_COLUMNS, "prefix", "suffix"})
_WHY_WIDENED: Final = "the span is the whole tokens that hold its words; user_data has the exact place"
_WHY: Final = "a Doc has no place for it; it stands in the CSV tables"


class Labelled(Protocol):
    """What a format is written from, as far as spaCy needs it (adapters never import each other)."""

    @property
    def dataset(self) -> Dataset:
        """The tables."""


def write(material: Labelled, folder: Path) -> tuple[Loss, ...]:
    """Write the splits; memory holds the Docs of one file of each split."""
    dataset = material.dataset
    (folder / "spacy").mkdir(parents=True)
    splits = splits_of(_key(text) for text in labelled_texts(dataset))
    bins = {name: _Bins(folder / "spacy", name) for name in SPLITS}
    counts: Counter[str] = Counter()
    layers = sorted({row.layer for row in dataset.labels})
    for text in labelled_texts(dataset):
        doc, lost = _doc(blank(text.document.language if text.document else ""), text, layers)
        counts.update(lost)
        bins[splits[_key(text)]].add(doc)
    written = {name: one.finish() for name, one in bins.items()}
    (folder / "spacy" / "split.json").write_bytes(_split_bytes(splits, written, bins, layers))
    return reported(
        [
            Loss("labels that are not whole tokens", counts["widened"], _WHY_WIDENED),
            Loss("labels of blanks alone", counts["bare"], "no token to mark; user_data has the place"),
            *text_losses(dataset, _WHY),
        ]
    )


def _key(text: LabelledText) -> str:
    return text.passage.document_id or text.passage.passage_id


@lru_cache(maxsize=32)
def blank(language: str) -> Language:
    """A blank pipeline; where spaCy cannot make it (unknown, needs a package) the one for every language."""
    try:
        return spacy.blank(language or ANY_LANGUAGE)
    except (ImportError, ValueError):
        return spacy.blank(ANY_LANGUAGE)


def _doc(nlp: Language, text: LabelledText, layers: Iterable[str]) -> tuple[Doc, dict[str, int]]:
    # The tokenizer itself: a pipeline refuses texts of more than a million characters.
    doc = nlp.tokenizer(text.passage.text)
    widened = bare = 0
    groups: dict[str, list[Span]] = {layer: [] for layer in layers}
    for label in text.labels:
        span = _span(doc, label)
        if span is None:
            bare += 1
            continue
        groups[label.layer].append(span)
        widened += (span.start_char, span.end_char) != (label.start, label.end)
    for layer, spans in groups.items():
        # Also where it is empty: a component that learns wants to know that there is nothing.
        doc.spans[layer] = SpanGroup(doc, name=layer, spans=spans)
    doc.user_data[KEY] = {
        **text.facts(),
        "confirmed": text.confirmed,
        "labels": {row.label_id: row_facts(row, _NOT_LABEL) for row in text.labels},
        "relations": [row_facts(row, TEXT_COLUMNS) for row in text.relations],
    }
    return doc, {"widened": widened, "bare": bare}


def _span(doc: Doc, label: LabelRow) -> Span | None:
    """The whole tokens that hold the words of a label; None where it has none (blanks alone)."""
    words = label.quote.strip()
    if not words:
        return None
    # A blank between words is no token: at an end of a label spaCy would look for it elsewhere.
    start = label.start + len(label.quote) - len(label.quote.lstrip())
    return doc.char_span(
        start,
        start + len(words),
        label=label.label,
        kb_id=label.value,
        span_id=label.label_id,
        alignment_mode="expand",
    )


def _empty() -> DocBin:
    # The words alone: a blank pipeline says nothing else of a token, and twelve empty columns take memory.
    return DocBin(attrs=("ORTH",), store_user_data=True)


class _Bins:
    """The files of one split; a file that is full is written before the next Doc comes."""

    def __init__(self, folder: Path, name: str) -> None:
        self.docs = 0
        self.labels = 0
        self._folder, self._name = folder, name
        self._files: list[str] = []
        self._bin = _empty()

    def add(self, doc: Doc) -> None:
        if len(self._bin) >= DOCS_IN_MEMORY:
            self._write()
        self._bin.add(doc)
        self.docs += 1
        self.labels += sum(map(len, doc.spans.values()))

    def finish(self) -> list[str]:
        """Write what is left; the names of all files, one at least."""
        self._write()
        return self._files

    def _write(self) -> None:
        number = len(self._files) + 1
        name = f"{self._name}.spacy" if number == 1 else f"{self._name}-{number}.spacy"
        self._bin.to_disk(self._folder / name)
        self._files.append(name)
        self._bin = _empty()


def _split_bytes(
    splits: Mapping[str, str], written: Mapping[str, list[str]], bins: Mapping[str, _Bins], layers: list[str]
) -> bytes:
    told: dict[str, Any] = {
        "rule": "by document: SHA-256 of seed, a zero byte and the document id, as a share of one",
        "seed": SEED,
        "shares": SPLITS,
        "spans_keys": layers,
        "splits": {
            name: {"files": files, "docs": bins[name].docs, "spans": bins[name].labels}
            for name, files in written.items()
        },
        "documents": dict(sorted(splits.items())),
    }
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def read(folder: Path, split: str = "train") -> Iterator[Doc]:
    """The Docs of a split. Raises OSError where the files are not there."""
    vocab = blank(ANY_LANGUAGE).vocab
    names = json.loads((folder / "split.json").read_bytes())["splits"][split]["files"]
    for name in names:
        yield from DocBin(store_user_data=True).from_disk(folder / name).get_docs(vocab)
