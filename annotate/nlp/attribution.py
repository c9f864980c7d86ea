"""spaCy component ``attribution``: CUE, ACTOR and PUB as ``doc.spans["attribution"]``.

``doc.user_data["attribution"]`` holds what belongs together, for components after it: a list of
``[source, cue, content]``, each a range of code points or None, in order of place. Acts that are told without
their words ("praised X"), and slogans, stand in ``doc.user_data["attribution_acts"]``: what follows them is
no clause of its own.
"""

# No `from __future__ import annotations` here: spaCy hands a factory's annotations to pydantic 1, which
# cannot resolve them from strings.

from collections.abc import Sequence

from spacy.language import Language
from spacy.tokens import Doc

from annotate.core.attribution import Attribution, Cues, Range, find_attributions
from annotate.core.errors import ConfigError, Problem
from annotate.core.prose import Issued, read
from annotate.nlp.lexicons import lexicon_or_none
from annotate.nlp.marks import Mark, put
from annotate.nlp.syntax import syntax_of
from annotate.nlp.texts import text_of

STORE = "attribution"
ACTS = "attribution_acts"
_FILE = "attribution"
_ISSUED = 0.9


class AttributionFinder:
    """Finds who says what in a Doc. ``layer`` is the key in ``doc.spans``; offsets are code points.

    ``limited`` says what is left of it in a language without a lexicon.
    """

    def __init__(self, language: str, layer: str = "attribution", lexicons: str | None = None) -> None:
        words = lexicon_or_none(language, (_FILE,), lexicons)
        self.layer = layer
        self.limited = "" if words else "date lines, source lines and bylines only"
        self._language = language
        self._sha256 = words.sha256 if words else "no lexicon"
        self._cues: Cues | None = None
        if words is None:
            return
        try:
            self._cues = Cues.of(language, words.lexicon.entries, words.settings.get(_FILE, {}))
        except ValueError as error:
            problem = Problem(f"lexicons/{language}/{_FILE}.toml", 0, str(error))
            raise ConfigError("the lexicon of attribution has a fault", problems=[problem]) from error

    def __call__(self, doc: Doc) -> Doc:
        """Write the span group and the triples."""
        text = text_of(doc)
        issued = read(text, self._language).issued
        found: tuple[Attribution, ...] = ()
        if self._cues is not None:
            found = find_attributions(text, self._cues, issued, syntax=syntax_of(doc))
        doc.user_data[STORE] = [
            [_listed(one.source), _listed(one.cue), _listed(one.content)] for one in found
        ]
        return put(doc, self.layer, _marks(found, issued))

    def fingerprint(self) -> str:
        """SHA-256 of the lexicon files: other words are another configuration."""
        return self._sha256


@Language.factory(
    "attribution",
    default_config={"layer": "attribution", "language": None, "lexicons": None},
    assigns=["doc.spans"],
)
def make_attribution(
    nlp: Language, name: str, layer: str, language: str | None, lexicons: str | None
) -> AttributionFinder:
    """The component for a pipeline; ``language`` None is the pipeline's own. Raises ConfigError."""
    return AttributionFinder(language or nlp.lang or "", layer, lexicons)


def _triple(one: Attribution) -> list[list[int] | None]:
    return [_listed(one.source), _listed(one.cue), _listed(one.content)]


def _listed(found: Range | None) -> list[int] | None:
    return None if found is None else [found.start, found.end]


def _marks(found: Sequence[Attribution], issued: Sequence[Issued]) -> list[Mark]:
    """One mark a place and label; of several reasons the surest."""
    marks = [Mark(*one, "PUB", _ISSUED, "date line, source line or byline") for one in issued]
    for one in found:
        why = f"{one.kind.replace('_', ' ')} speech: {one.rule}"
        if one.cue is not None:
            marks.append(Mark(*one.cue, "CUE", one.score, why))
        if one.source is not None:
            marks.append(Mark(*one.source, "ACTOR", one.score, f"{one.speaker}; {why}"))
    best: dict[tuple[int, int, str], Mark] = {}
    for mark in sorted(marks, key=lambda one: (one.start, one.end, one.label, -one.score)):
        best.setdefault((mark.start, mark.end, mark.label), mark)
    return list(best.values())
