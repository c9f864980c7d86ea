"""spaCy component ``relations``: relations between the spans that stand in ``doc.spans``.

It comes last in a pipeline. ``doc.user_data["relations"]`` holds a list of ``[relation, from, to, score,
note]``, an end being ``[label, start, end]`` in code points; ``doc.spans["relations"]`` the actors that a
relation needs and no other component marked.
"""

# No `from __future__ import annotations` here: spaCy hands a factory's annotations to pydantic 1, which
# cannot resolve them from strings.

from collections.abc import Iterator
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from annotate.core.linking import Found, Link, Spot, aimed_at, find_links, named_after
from annotate.core.prose import read
from annotate.nlp.attribution import ACTS
from annotate.nlp.attribution import STORE as SAYINGS
from annotate.nlp.marks import Mark, put
from annotate.nlp.syntax import syntax_of
from annotate.nlp.texts import text_of

STORE = "relations"
_AIMED = "named in a phrase of praise or blame"


class RelationFinder:
    """Links the spans of a Doc. ``layer`` is the key in ``doc.spans``; offsets are code points."""

    def __init__(self, language: str, layer: str = "relations") -> None:
        self.language = language
        self.layer = layer

    def __call__(self, doc: Doc) -> Doc:
        """Write the relations and the actors that they need."""
        text = text_of(doc)
        spots = list(_spots(doc))
        syntax = syntax_of(doc)
        behind = named_after(text, spots, syntax)
        known = [*spots, *behind]
        aimed = {} if syntax is None else aimed_at(known, syntax)
        beside = sorted(set(aimed.values()).difference(known))
        sentences = read(text, self.language).sentences
        links = find_links([*known, *beside], _sayings(doc), sentences, aimed)
        doc.user_data[STORE] = [_listed(link) for link in links]
        # An actor is marked only where a relation ends.
        ends = {link.head for link in links}
        marks = [Mark(one.start, one.end, one.label, one.score, "named after praise") for one in behind]
        marks += [Mark(one.start, one.end, one.label, one.score, _AIMED) for one in beside if one in ends]
        return put(doc, self.layer, marks)


@Language.factory(
    "relations",
    default_config={"layer": "relations", "language": None},
    requires=["doc.spans"],
    assigns=["doc.spans"],
)
def make_relations(nlp: Language, name: str, layer: str, language: str | None) -> RelationFinder:
    """The component for a pipeline; ``language`` None is the pipeline's own."""
    return RelationFinder(language or nlp.lang or "", layer)


def _spots(doc: Doc) -> Iterator[Spot]:
    """Every span of every group once, the surest of twins."""
    best: dict[tuple[int, int, str], Spot] = {}
    for key in sorted(doc.spans):
        group = doc.spans[key]
        scores = group.attrs.get("scores") or [0.5] * len(group)
        for span, score in zip(group, scores, strict=False):
            start, end = span._.exact or (span.start_char, span.end_char)
            spot = Spot(start, end, span.label_, 0.5 if score is None else float(score))
            place = (start, end, span.label_)
            if place not in best or best[place].score < spot.score:
                best[place] = spot
    yield from best.values()


def _sayings(doc: Doc) -> Iterator[Found]:
    for source, _, content in [*doc.user_data.get(SAYINGS, ()), *doc.user_data.get(ACTS, ())]:
        if content is not None:
            yield Found(None if source is None else (source[0], source[1]), (content[0], content[1]))


def _listed(link: Link) -> list[Any]:
    tail, head = link.tail, link.head
    ends = [[tail.label, tail.start, tail.end], [head.label, head.start, head.end]]
    return [link.relation, *ends, link.score, link.note]
