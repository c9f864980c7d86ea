"""Write what a rule found into a Doc: a span group with scores, exact characters and a note for each span.

A find need not end where a token ends. The spaCy span then covers the tokens that it touches, and
``span._.exact`` says which characters it is, ``span._.note`` why. Both live in ``doc.user_data`` and so
travel with ``Doc.to_bytes`` and ``nlp.pipe``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from spacy.tokens import Doc, Span, SpanGroup

from annotate.nlp import stated_dates  # registers `exact` for dates; ours goes on top of it

_STORE = "marks"


class Mark(NamedTuple):
    """A label on a range of code points, how sure it is (0 to 1), and why it is there."""

    start: int
    end: int
    label: str
    score: float
    note: str


class _Getter:
    """Read one attribute of a mark; what another component set for the attribute still counts."""

    def __init__(self, at: int, otherwise: Any) -> None:  # noqa: ANN401 - spaCy's getter of any component
        self._at = at
        self._otherwise = otherwise

    def __call__(self, span: Span) -> Any:  # noqa: ANN401 - a range or a text
        mark = span.doc.user_data.get(_STORE, {}).get(span.id_)
        if mark is not None:
            return tuple(mark[0]) if self._at == 0 else mark[1]
        return None if self._otherwise is None else self._otherwise(span)


def _register() -> None:
    stated_dates._register()
    for at, name in enumerate(("exact", "note")):
        otherwise = Span.get_extension(name)[2] if Span.has_extension(name) else None
        Span.set_extension(name, getter=_Getter(at, otherwise), force=True)


def put(doc: Doc, layer: str, marks: Sequence[Mark]) -> Doc:
    """Write a span group; marks of earlier components stay. Raises ValueError for a range outside the
    text."""
    store = doc.user_data.setdefault(_STORE, {})
    spans = []
    for mark in marks:
        key = f"{layer}:{mark.label}:{mark.start}-{mark.end}"
        store[key] = [[mark.start, mark.end], mark.note]
        spans.append(_span(doc, mark, key))
    scores = [mark.score for mark in marks]
    doc.spans[layer] = SpanGroup(doc, name=layer, attrs={"scores": scores}, spans=spans)
    return doc


def _span(doc: Doc, mark: Mark, key: str) -> Span:
    span = doc.char_span(mark.start, mark.end, label=mark.label, span_id=key, alignment_mode="expand")
    if span is None:
        raise ValueError(f"{mark.label} at {mark.start}-{mark.end} lies outside its text")
    return span


_register()
