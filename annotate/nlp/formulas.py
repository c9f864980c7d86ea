"""spaCy component ``formulas``: FORMULA where a document's outlet repeats itself, as
``doc.spans["formulas"]``.

It has to know the corpus: ``prepare`` counts it, and what was counted is part of the fingerprint. Without
that, or for a text that was not counted, it suggests nothing.
"""

# No `from __future__ import annotations` here: spaCy hands a factory's annotations to pydantic 1, which
# cannot resolve them from strings.

from collections.abc import Sequence

from spacy.language import Language
from spacy.tokens import Doc

from annotate.core.formulas import CorpusText, Counts, count_phrases, find_repeated
from annotate.nlp.marks import Mark, put
from annotate.nlp.texts import text_of

LABEL = "FORMULA"


class Formulas:
    """Finds repeated phrases in a Doc. ``layer`` is the key in ``doc.spans``."""

    def __init__(self, layer: str = "formulas") -> None:
        self.layer = layer
        self._counts = Counts()

    def prepare(self, texts: Sequence[CorpusText]) -> None:
        """Count the passages of all documents, of every outlet and language; what was counted before goes."""
        self._counts = count_phrases(texts)

    def __call__(self, doc: Doc) -> Doc:
        """Write the span group."""
        found = find_repeated(text_of(doc), self._counts)
        return put(doc, self.layer, [Mark(one.start, one.end, LABEL, one.score, one.note) for one in found])

    def fingerprint(self) -> str:
        """SHA-256 of what was counted: another corpus is another suggester."""
        return self._counts.sha256


@Language.factory("formulas", default_config={"layer": "formulas"}, assigns=["doc.spans"])
def make_formulas(nlp: Language, name: str, layer: str) -> Formulas:
    """The component for a pipeline, in any language; it suggests nothing before ``prepare``."""
    return Formulas(layer)
