"""Text as XML 1.0 can hold it: escaped, offsets kept, and nothing that a parser would change.

A parser turns a carriage return into a line feed, and line ends of attributes into blanks, unless they
are written as references. Characters that XML 1.0 forbids (most control characters, U+FFFE, U+FFFF,
https://www.w3.org/TR/xml/#charsets) become U+FFFD one by one, so that every offset stays what it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from annotate.core.dataset import cell_text
from annotate.core.dataset.rows import Cell

DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
LOST_CHARACTERS: Final = "characters that XML cannot hold"
WHY_LOST: Final = "XML 1.0 forbids them; each is written as U+FFFD, so offsets stay"
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TEXT: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_ATTRIBUTE: Final = {**_TEXT, '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}
_IN_TEXT: Final = str.maketrans(_TEXT)
_IN_ATTRIBUTE: Final = str.maketrans(_ATTRIBUTE)


def legal(text: str) -> str:
    """A text of the same length that XML can hold."""
    return _ILLEGAL.sub("\ufffd", text)


def illegal_count(texts: Iterable[str]) -> int:
    """How many characters of these texts XML cannot hold."""
    return sum(len(_ILLEGAL.findall(text)) for text in texts)


def escaped(text: str) -> str:
    """Character data."""
    return legal(text).translate(_IN_TEXT)


def attributes(values: Mapping[str, Cell]) -> str:
    """`` name="value"`` for every value that is not empty, in the order given."""
    told = ((name, cell_text(value)) for name, value in values.items())
    return "".join(f' {name}="{legal(text).translate(_IN_ATTRIBUTE)}"' for name, text in told if text)


def element(name: str, values: Mapping[str, Cell], text: str | None = None) -> str:
    """An element with character data, or an empty one."""
    if text is None:
        return f"<{name}{attributes(values)}/>"
    return f"<{name}{attributes(values)}>{escaped(text)}</{name}>"
