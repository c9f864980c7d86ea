"""The text of a Doc, put together once for all components that ask in turn.

``Doc.text`` joins the tokens anew each time, which takes as long as the tokenizer.
"""

from __future__ import annotations

from weakref import ReferenceType, ref

from spacy.language import Language
from spacy.tokens import Doc

_last: tuple[ReferenceType[Doc], int, str] | None = None


def text_of(doc: Doc) -> str:
    """``doc.text``. The last one is kept as long as its Doc lives and has as many tokens as then.

    A Doc's text cannot change otherwise: tokens are merged and split, never rewritten.
    """
    last = _last
    if last is not None and last[0]() is doc and last[1] == len(doc):
        return last[2]
    return _kept(doc, doc.text)


def keep_texts(nlp: Language) -> None:
    """Keep the text that a pipeline makes a Doc of, for components that ask for it.

    A tokenizer loses nothing of a text; one that does all the same is seen by the length.
    """
    make = nlp.make_doc

    def make_doc(text: str) -> Doc:
        doc = make(text)
        if len(doc) and doc[-1].idx + len(doc[-1].text_with_ws) == len(text):
            _kept(doc, text)
        return doc

    nlp.make_doc = make_doc  # type: ignore[method-assign]


def _kept(doc: Doc, text: str) -> str:
    global _last  # one value, replaced as a whole: threads never see half of it
    _last = (ref(doc), len(doc), text)
    return text
