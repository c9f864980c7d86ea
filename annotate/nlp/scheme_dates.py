"""spaCy component ``scheme_dates``: what the guidelines say of stated dates that TIMEX3 says otherwise.

``stated_dates`` marks expressions of time as TIMEX3 does. The scheme wants no DATE inside a PUB (a date in
a date line is part of it), and it wants the preposition that changes the meaning ("since 2012", "bis Ende
2021"): the words for that are ``lexicons/<language>/dates.toml``. Values stay what they are.
"""

# No `from __future__ import annotations` here: spaCy hands a factory's annotations to pydantic 1, which
# cannot resolve them from strings.

from collections.abc import Iterable
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from annotate.core.phrases import Matcher
from annotate.nlp.lexicons import read_lexicon
from annotate.nlp.stated_dates import LABEL, STORE
from annotate.nlp.texts import text_of

ISSUED = "PUB"


class SchemeDates:
    """Makes dates in ``doc.spans[layer]`` what the guidelines ask for. It comes after PUB was found."""

    def __init__(self, language: str, layer: str = "stated_dates", lexicons: str | None = None) -> None:
        read = read_lexicon(language, ("dates",), None if lexicons is None else Path(lexicons))
        self._matcher = Matcher(read.lexicon.of(LABEL))
        self._sha256 = read.sha256
        self.layer = layer

    def __call__(self, doc: Doc) -> Doc:
        """Take dates out, or begin them earlier; their readings are kept."""
        group = doc.spans.get(self.layer)
        if not group:
            return doc
        issued = [_place(span) for each in doc.spans.values() for span in each if span.label_ == ISSUED]
        text = text_of(doc)
        before = [(found.start, found.end) for found in self._matcher.find(text)]
        scores = group.attrs.get("scores") or [None] * len(group)
        kept: list[tuple[Span, object]] = []
        for span, score in zip(group, scores, strict=True):
            start, end = _place(span)
            if any(low <= start and end <= high for low, high in issued):
                continue
            kept.append((_begun(doc, span, _start(text, start, end, before)), score))
        attrs = {**group.attrs, "scores": [score for _, score in kept]}
        spans = [span for span, _ in kept]
        doc.spans[self.layer] = SpanGroup(doc, name=self.layer, attrs=attrs, spans=spans)
        return doc

    def fingerprint(self) -> str:
        """SHA-256 of the lexicon file: other words are another configuration."""
        return self._sha256


def _place(span: Span) -> tuple[int, int]:
    return span._.exact or (span.start_char, span.end_char)


def _start(text: str, start: int, end: int, before: Iterable[tuple[int, int]]) -> int:
    """Where the date begins with the words that reach up to it, or into it."""
    touching = (
        low for low, high in before if low < start and high <= end and not text[high:start].strip(" \u00a0")
    )
    return min(touching, default=start)


def _begun(doc: Doc, span: Span, start: int) -> Span:
    record = doc.user_data.get(STORE, {}).get(span.id_)
    if record is None or record["exact"][0] == start:
        return span
    record["exact"] = [start, record["exact"][1]]
    longer = doc.char_span(
        start, record["exact"][1], label=span.label_, span_id=span.id_, alignment_mode="expand"
    )
    return span if longer is None else longer


@Language.factory(
    "scheme_dates",
    default_config={"layer": "stated_dates", "language": None, "lexicons": None},
    requires=["doc.spans"],
    assigns=["doc.spans"],
)
def make_scheme_dates(
    nlp: Language, name: str, layer: str, language: str | None, lexicons: str | None
) -> SchemeDates:
    """The component for a pipeline, in any language; ``language`` None is the pipeline's own."""
    return SchemeDates(language or nlp.lang or "", layer, lexicons)
