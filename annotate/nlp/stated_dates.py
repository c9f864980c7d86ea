"""spaCy component ``stated_dates``: stated dates as ``doc.spans["stated_dates"]``.

A date need not end where a token ends (``2025.08.20.)``). The spaCy span then covers the tokens that
the date touches, and ``span._.exact`` says which characters it is: nothing is widened, nothing lost.
The readings live in ``doc.user_data``, so they travel with ``Doc.to_bytes`` and ``nlp.pipe``.
"""

# No `from __future__ import annotations` here: spaCy hands a factory's annotations to pydantic 1, which
# cannot resolve them from strings.

import sys
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from annotate.core.dates import LANGUAGES, StatedDate, find_stated_dates, grammar_sha256
from annotate.core.dates.modes import AUTO, MODES
from annotate.core.dates.records import anchor_record
from annotate.core.errors import ConfigError
from annotate.core.prose import read
from annotate.nlp.texts import text_of

LABEL = "DATE"
STORE = "stated_dates"
_ATTRIBUTES = (
    "exact",
    "timex_type",
    "timex_value",
    "mod",
    "edtf",
    "anchor",
    "alternatives",
    "why",
    "base",
    "rule",
    "score",
)


def _register() -> None:
    if not Doc.has_extension("published"):
        Doc.set_extension("published", default=None)
    for name in _ATTRIBUTES:
        if not Span.has_extension(name):
            Span.set_extension(name, getter=_Getter(name))


class _Getter:
    """Read one attribute of a span's date; None for a span that is no stated date."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, span: Span) -> Any:  # noqa: ANN401 - text, number or tuple
        value = span.doc.user_data.get(STORE, {}).get(span.id_, {}).get(self._name)
        return tuple(value) if isinstance(value, list) else value


_register()


class StatedDates:
    """Finds stated dates in a Doc. ``layer`` is the key in ``doc.spans``; offsets are code points.

    ``mode`` says what relative dates hang on: ``news`` (the publication date), ``narrative`` (the date
    told before), ``auto`` (chosen for each Doc). ``furniture`` false leaves out dates in titles, teasers and
    other furniture, and in lines that say when the text was issued: those are PUB, or nothing.
    """

    def __init__(self, language: str, layer: str, mode: str = AUTO, *, furniture: bool = True) -> None:
        if language not in LANGUAGES:
            raise ConfigError(
                f"stated_dates cannot read the language {language!r}",
                hint=f"it reads {', '.join(LANGUAGES)}; set the component's `language` for another pipeline",
            )
        if mode not in MODES:
            raise ConfigError(f"stated_dates has no mode {mode!r}", hint=f"one of {', '.join(MODES)}")
        self.language = language
        self.layer = layer
        self.mode = mode
        self.furniture = furniture

    def __call__(self, doc: Doc) -> Doc:
        """Write the span group; ``doc._.published`` (EDTF) may be set before."""
        text = text_of(doc)
        dates = find_stated_dates(text, self.language, published=doc._.published, mode=self.mode)
        if not self.furniture and dates:
            dates = _running(dates, text, self.language)
        doc.user_data[STORE] = {_key(date): _record(date) for date in dates}
        doc.spans[self.layer] = SpanGroup(
            doc,
            name=self.layer,
            attrs={"scores": [date.score for date in dates]},
            spans=[_span(doc, date) for date in dates],
        )
        return doc

    def fingerprint(self) -> str:
        """SHA-256 of the grammar files: other patterns are another configuration."""
        return grammar_sha256(self.language)


@Language.factory(
    "stated_dates",
    default_config={"layer": "stated_dates", "language": None, "mode": AUTO, "furniture": True},
    assigns=["doc.spans"],
)
def make_stated_dates(
    nlp: Language, name: str, layer: str, language: str | None, mode: str, furniture: bool
) -> StatedDates:
    """The component for a pipeline; ``language`` None is the pipeline's own. Raises ConfigError."""
    return StatedDates(language or nlp.lang or "", layer, mode, furniture=furniture)


def _running(dates: Sequence[StatedDate], text: str, language: str) -> tuple[StatedDate, ...]:
    """The dates that stand in a sentence of the running text, and in no date line of it."""
    reading = read(text, language)
    return tuple(one for one in dates if _inside(reading.sentences, one) and not _inside(reading.issued, one))


def _inside(places: Sequence[tuple[int, int]], one: StatedDate) -> bool:
    """Whether a date begins in one of some ranges that stand in order."""
    at = bisect_right(places, (one.start, sys.maxsize)) - 1
    return at >= 0 and one.start < places[at][1]


def _key(date: StatedDate) -> str:
    return f"{date.start}-{date.end}"


def _record(date: StatedDate) -> dict[str, Any]:
    return {
        "exact": [date.start, date.end],
        "timex_type": date.timex_type,
        "timex_value": date.value,
        "mod": date.mod,
        "edtf": date.edtf,
        "anchor": anchor_record(date.anchor),
        "alternatives": list(date.alternatives),
        "why": date.why,
        "base": date.base,
        "rule": date.rule,
        "score": date.score,
    }


def _span(doc: Doc, date: StatedDate) -> Span:
    span = doc.char_span(date.start, date.end, label=LABEL, span_id=_key(date), alignment_mode="expand")
    if span is None:  # "expand" finds the tokens of any range inside the text
        raise ValueError(f"the date {date.text!r} at {date.start} lies outside its text")
    return span
