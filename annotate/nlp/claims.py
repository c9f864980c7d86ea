"""spaCy component ``claims``: CLAIM and PLEDGE as ``doc.spans["claims"]``, with a check-worthiness score.

Where a component ``attribution`` ran before, the contents that it found decide where a clause begins.
"""

# No `from __future__ import annotations` here: spaCy hands a factory's annotations to pydantic 1, which
# cannot resolve them from strings.

from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from annotate.core.claims import ClaimRules
from annotate.core.claims.weights import parse_weights
from annotate.core.errors import ConfigError, Problem
from annotate.nlp.lexicons import lexicon_for
from annotate.nlp.marks import Mark, put
from annotate.nlp.syntax import syntax_of
from annotate.nlp.texts import text_of

_FILE = "claims"


class Claims:
    """Finds claims and pledges in a Doc. ``layer`` is the key in ``doc.spans``."""

    def __init__(self, language: str, layer: str = "claims", lexicons: str | None = None) -> None:
        read = lexicon_for("claims", language, (_FILE,), lexicons)
        try:
            weights = parse_weights(read.settings.get(_FILE, {}))
        except ValueError as error:
            problem = Problem(f"lexicons/{language}/{_FILE}.toml", 0, str(error))
            raise ConfigError("the lexicon of claims has a fault", problems=[problem]) from error
        self.layer = layer
        self._rules = ClaimRules(read.lexicon, weights)
        self._sha256 = read.sha256

    def __call__(self, doc: Doc) -> Doc:
        """Write the span group."""
        contents = _contents(doc.user_data.get("attribution"))
        found = self._rules.find(text_of(doc), contents, syntax=syntax_of(doc))
        marks = [Mark(one.start, one.end, one.label, one.score, one.why) for one in found]
        return put(doc, self.layer, marks)

    def score(self, text: str) -> float:
        """How much a sentence is worth checking, 0 to 1."""
        return self._rules.score(text)

    def fingerprint(self) -> str:
        """SHA-256 of the lexicon files: other words are another configuration."""
        return self._sha256


@Language.factory(
    "claims",
    default_config={"layer": "claims", "language": None, "lexicons": None},
    assigns=["doc.spans"],
)
def make_claims(nlp: Language, name: str, layer: str, language: str | None, lexicons: str | None) -> Claims:
    """The component for a pipeline; ``language`` None is the pipeline's own. Raises ConfigError."""
    return Claims(language or nlp.lang or "", layer, lexicons)


def _contents(found: Any) -> list[tuple[int, int]]:  # noqa: ANN401 - what another component left
    """The content ranges that ``attribution`` left: triples of (source, cue, content), each a range or
    None."""
    contents = []
    for triple in found if isinstance(found, list | tuple) else ():
        content = triple.get("content") if isinstance(triple, dict) else triple[-1]
        if isinstance(content, list | tuple) and len(content) == 2:
            contents.append((int(content[0]), int(content[1])))
    return contents
