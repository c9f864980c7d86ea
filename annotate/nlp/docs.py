"""Passages with their labels as spaCy Docs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import spacy
from spacy.language import Language as Language
from spacy.tokens import Doc as Doc
from spacy.tokens import Span


@dataclass(frozen=True, slots=True)
class Labelled:
    """A label on a passage: code points, half-open."""

    label_id: str
    layer: str
    label: str
    start: int
    end: int
    annotator: str
    status: str


@dataclass(frozen=True, slots=True)
class Text:
    """A passage as it becomes a Doc."""

    passage_id: str
    document_id: str
    language: str
    text: str


def docs_of(
    texts: Iterable[Text], labels: Mapping[str, list[Labelled]], nlp: Language | None = None
) -> Iterator[Doc]:
    """A Doc for each text, its labels (by passage id) as one span group a layer.

    ``span.id_`` is the label's id; ``doc.user_data["labels"]`` has annotator, status and the exact offsets by
    that id, since spans begin and end with tokens. Texts are tokenised by ``nlp``, else by the language's
    own tokeniser; no other component runs.
    """
    for text in texts:
        doc = (nlp or _blank(text.language)).make_doc(text.text)
        found = labels.get(text.passage_id, [])
        groups: dict[str, list[Span]] = defaultdict(list)
        for one in found:
            span = doc.char_span(one.start, one.end, label=one.label, alignment_mode="expand")
            if span is not None:
                span.id_ = one.label_id
                groups[one.layer].append(span)
        for layer, spans in sorted(groups.items()):
            doc.spans[layer] = spans
        doc.user_data.update(_about(text, found))
        yield doc


def _about(text: Text, found: Iterable[Labelled]) -> dict[Any, Any]:
    exact = {
        one.label_id: {
            "annotator": one.annotator,
            "status": one.status,
            "start": one.start,
            "end": one.end,
        }
        for one in found
    }
    return {"passage_id": text.passage_id, "document_id": text.document_id, "labels": exact}


@cache
def _blank(language: str) -> Language:
    """The tokeniser of a language, the general one where spaCy has none or lacks its dictionary."""
    try:
        return spacy.blank(language or "xx")
    except ImportError:
        return spacy.blank("xx")
