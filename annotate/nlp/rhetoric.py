"""spaCy component ``rhetoric``: the scheme's twelve labels of rhetoric as ``doc.spans["rhetoric"]``, by
rule."""

# No `from __future__ import annotations` here: spaCy hands a factory's annotations to pydantic 1, which
# cannot resolve them from strings.

from spacy.language import Language
from spacy.tokens import Doc

from annotate.core.errors import ConfigError, Problem
from annotate.core.phrases import Lexicon
from annotate.core.rhetoric import RhetoricRules
from annotate.nlp.lexicons import lexicon_or_none
from annotate.nlp.marks import Mark, put
from annotate.nlp.texts import text_of

_FILE = "rhetoric"


class Rhetoric:
    """Finds rhetoric in a Doc. ``layer`` is the key in ``doc.spans``.

    ``limited`` says what is left of it in a language without a lexicon.
    """

    def __init__(self, language: str, layer: str = "rhetoric", lexicons: str | None = None) -> None:
        read = lexicon_or_none(language, (_FILE,), lexicons)
        self.limited = "" if read else "watchwords by quotation marks and capitals only"
        try:
            self._rules = RhetoricRules(read.lexicon if read else Lexicon(language, ()))
        except ValueError as error:
            problem = Problem(f"lexicons/{language}/{_FILE}.toml", 0, str(error))
            raise ConfigError("the lexicon of rhetoric has a fault", problems=[problem]) from error
        self.layer = layer
        self._sha256 = read.sha256 if read else "no lexicon"

    def __call__(self, doc: Doc) -> Doc:
        """Write the span group."""
        found = self._rules.find(text_of(doc))
        return put(
            doc, self.layer, [Mark(one.start, one.end, one.label, one.score, one.why) for one in found]
        )

    def fingerprint(self) -> str:
        """SHA-256 of the lexicon files: other words are another configuration."""
        return self._sha256


@Language.factory(
    "rhetoric",
    default_config={"layer": "rhetoric", "language": None, "lexicons": None},
    assigns=["doc.spans"],
)
def make_rhetoric(
    nlp: Language, name: str, layer: str, language: str | None, lexicons: str | None
) -> Rhetoric:
    """The component for a pipeline; ``language`` None is the pipeline's own. Raises ConfigError."""
    return Rhetoric(language or nlp.lang or "", layer, lexicons)
