"""The text of a Doc, put together once for all components that ask in turn.

``Doc.text`` joins the tokens anew each time, which takes as long as the tokenizer.
"""

from __future__ import annotations

from weakref import ReferenceType, ref

from spacy.tokens import Doc

_last: tuple[ReferenceType[Doc], int, str] | None = None


def text_of(doc: Doc) -> str:
    """``doc.text``. The last one is kept as long as its Doc lives and has as many tokens as then.

    A Doc's text cannot change otherwise: tokens are merged and split, never rewritten.
    """
    global _last  # one value, replaced as a whole: threads never see half of it
    last = _last
    if last is not None and last[0]() is doc and last[1] == len(doc):
        return last[2]
    text = doc.text
    _last = (ref(doc), len(doc), text)
    return text
