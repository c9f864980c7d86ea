"""Run a pipeline over passages and take what it wrote to ``doc.spans`` as suggestions.

Any pipeline will do that writes span groups, or named entities (``doc.ents``) where none of its components
says that it writes span groups. A span's label must be a label of the scheme, or be mapped to one; others
are counted and left out. The exact characters come from ``span._.exact`` where
a component sets it, the score from the group's ``scores`` or ``span._.score``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from spacy.tokens import Doc, Span, SpanGroup
from spacy.vocab import Vocab

from annotate.core.errors import AnnotateError, ConfigError
from annotate.core.ids import content_id
from annotate.core.model import Passage, SuggestedRelation, Suggestion
from annotate.core.suggesting import Looked
from annotate.nlp.pipelines import Pipeline, languages_served, load_pipeline

__all__ = ["Looked", "Pipeline", "languages_served", "load_pipeline", "suggest_for"]

RELATIONS = "relations"
_LONGEST_RUN = 1000
_RUN = re.compile(rf"\S{{{_LONGEST_RUN}}}")
_PIECE = re.compile(r"(\w{1,200}|[^\w\s]{1,200}|\s{1,200}?)( ?)")


def suggest_for(
    pipeline: Pipeline,
    passages: Iterable[tuple[Passage, str | None]],
    layers: Mapping[str, str],
    *,
    renames: Mapping[str, str] | None = None,
    batch_size: int = 32,
) -> Iterator[Looked]:
    """Stream over (passage, publication date as EDTF), one result a passage, in their order.

    ``layers`` maps each label of the scheme's pass to its layer, ``renames`` the pipeline's labels to
    these. Offsets are code points of the passage. Raises ConfigError where the pipeline fails.
    """
    docs = ((_doc(pipeline, passage, published), passage) for passage, published in passages)
    for doc, passage in _piped(pipeline, docs, batch_size):
        yield _looked(pipeline, doc, passage, layers, renames or {})


def _piped(
    pipeline: Pipeline, docs: Iterable[tuple[Doc, Passage]], batch_size: int
) -> Iterator[tuple[Doc, Passage]]:
    try:
        yield from pipeline.nlp.pipe(docs, as_tuples=True, batch_size=batch_size)
    except AnnotateError:
        raise
    except Exception as error:  # foreign components raise anything, untrained ones always
        raise ConfigError(
            f"the pipeline {pipeline.agent} failed: {error}",
            hint="nothing of this run was stored; is the pipeline trained?",
        ) from error


def _doc(pipeline: Pipeline, passage: Passage, published: str | None) -> Doc:
    text = passage.text
    plain = len(text) > _LONGEST_RUN and _RUN.search(text) is not None
    doc = plain_doc(pipeline.nlp.vocab, text) if plain else pipeline.nlp.make_doc(text)
    if Doc.has_extension("published"):
        doc._.published = published
    return doc


def plain_doc(vocab: Vocab, text: str) -> Doc:
    """A Doc of words, signs and blanks, for texts that spaCy's tokenizer takes quadratic time for."""
    pieces = [(found[1], bool(found[2])) for found in _PIECE.finditer(text)]
    return Doc(vocab, words=[word for word, _ in pieces], spaces=[space for _, space in pieces])


def _looked(
    pipeline: Pipeline, doc: Doc, passage: Passage, layers: Mapping[str, str], renames: Mapping[str, str]
) -> Looked:
    found: dict[str, Suggestion] = {}
    unknown: list[str] = []
    for span, score in _spans(doc, entities=pipeline.entities):
        if not _names_a_time(span):
            continue
        label = renames.get(span.label_, span.label_)
        if label not in layers:
            unknown.append(span.label_)
            continue
        suggestion = _suggestion(pipeline, passage, layers[label], label, span, score)
        if suggestion.quote:
            found.setdefault(suggestion.suggestion_id, suggestion)
    ordered = sorted(found.values(), key=lambda one: (one.start, one.end, one.label, one.suggestion_id))
    relations = _relations(doc, passage.passage_id, ordered, renames)
    return Looked(passage.passage_id, tuple(ordered), tuple(unknown), relations=relations)


def _relations(
    doc: Doc, passage_id: str, suggestions: Sequence[Suggestion], renames: Mapping[str, str]
) -> tuple[SuggestedRelation, ...]:
    """What a component left in ``doc.user_data["relations"]``, between the spans that became suggestions."""
    ids = {(one.label, one.start, one.end): one.suggestion_id for one in suggestions}
    found: dict[str, SuggestedRelation] = {}
    for relation, tail, head, score, note in doc.user_data.get(RELATIONS, ()):
        ends = [ids.get((renames.get(label, label), start, end)) for label, start, end in (tail, head)]
        if ends[0] is None or ends[1] is None:
            continue
        name = content_id("rel", [relation, *ends])
        found[name] = SuggestedRelation(name, "", passage_id, relation, ends[0], ends[1], score, note)
    return tuple(sorted(found.values(), key=lambda one: (one.relation, one.from_id, one.to_id)))


def _spans(doc: Doc, *, entities: bool) -> Iterator[tuple[Span, float | None]]:
    if entities:
        yield from ((span, _attribute(span, "score")) for span in doc.ents)
    for key in sorted(doc.spans):
        group = doc.spans[key]
        yield from zip(group, _scores(group), strict=True)


def _names_a_time(span: Span) -> bool:
    """False for a stated "date" that is no point or period in time: "five days", "daily", "now"."""
    kind = _attribute(span, "timex_type")
    if kind is None or _attribute(span, "edtf") is not None:
        return True
    return kind in ("DATE", "TIME") and not str(_attribute(span, "timex_value")).endswith("_REF")


def _scores(group: SpanGroup) -> list[float | None]:
    scores = group.attrs.get("scores")
    if scores is None or len(scores) != len(group):
        scores = [_attribute(span, "score") for span in group]
    # Six digits: beyond them the same model differs from machine to machine.
    return [None if score is None else round(float(score), 6) for score in scores]


def _attribute(span: Span, name: str) -> Any:  # noqa: ANN401 - whatever a component stores
    return getattr(span._, name) if span.has_extension(name) else None


def _suggestion(
    pipeline: Pipeline, passage: Passage, layer: str, label: str, span: Span, score: float | None
) -> Suggestion:
    start, end = _attribute(span, "exact") or (span.start_char, span.end_char)
    value = _attribute(span, "edtf")
    identity = [pipeline.agent, pipeline.agent_version, pipeline.config_sha256]
    place = [passage.passage_id, label, start, end, value]
    return Suggestion(
        suggestion_id=content_id("sug", identity + place),
        run_id="",
        passage_id=passage.passage_id,
        layer=layer,
        label=label,
        start=start,
        end=end,
        quote=passage.text[start:end],
        agent=pipeline.agent,
        agent_version=pipeline.agent_version,
        config_sha256=pipeline.config_sha256,
        score=score,
        value=value,
        value_type=None if value is None else "EDTF",
        note=_note(span),
    )


def _note(span: Span) -> str:
    """``span._.note``; for a date what else it says, as compact JSON: TIMEX3, rule, anchor, readings."""
    kind = _attribute(span, "timex_type")
    if kind is None:
        return str(_attribute(span, "note") or "")
    note = {
        "type": kind,
        "value": _attribute(span, "timex_value"),
        "mod": _attribute(span, "mod"),
        "rule": _attribute(span, "rule"),
        "anchor": _attribute(span, "anchor"),
        "alternatives": _attribute(span, "alternatives"),
        "why": _attribute(span, "why"),
        "base": _attribute(span, "base"),
    }
    return json.dumps({key: value for key, value in note.items() if value}, ensure_ascii=False)
