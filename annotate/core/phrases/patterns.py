"""Patterns of words: what a researcher writes into a lexicon.

::

    great leader            these two words, in any case
    schändlich+             this word with any ending of German or English inflection, or with none;
                            ``*knecht+`` also at the end of a compound
    glorreich*              a word that begins so; ``*imperialismus`` ends so; ``*imperial*`` holds it
    (deep|heartfelt) thanks one of several
    the? invincible army    ``?`` after a token: it may be missing
    shake ~3 foundations    ``~3``: up to three words of any kind
    in short , all          ``,`` : a comma stands here

Between two words stand spaces, quotation marks and brackets; a comma only where the pattern has one; never a
sentence end, a colon or an empty line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from annotate.core.phrases.words import fold

_GAP = re.compile(r"~(\d)\Z")
_PIECE = re.compile(r"\([^()\s]+\)\??|[^\s()]+")
SHORTEST_STEM = 3
_ENDINGS = (
    "e en em er es s n t te ten st ern ens ere eren erer eres ste sten ster stes este esten ester estes "
    "end ende enden ender endes et ete eten in innen "  # German, so far
    "d ed ing ings ly ness 's"  # English
)
ENDINGS = frozenset(_ENDINGS.split())
"""What a stem may end with: of two languages at once, for a stem of one takes no ending of the other."""
LONGEST_ENDING = max(map(len, ENDINGS))
_FORM = re.compile(r"\*?[^\W_]+(?:[-'’][^\W_]+)*-?[*+]?\Z|\*-?[^\W_]+(?:[-'’][^\W_]+)*\+?\Z")


@dataclass(frozen=True, slots=True)
class Token:
    """One place of a pattern: any of ``forms``; no forms: ``gap`` words of any kind, or a comma (gap 0)."""

    forms: tuple[str, ...]
    optional: bool = False
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parsed pattern; the first token has forms and is not optional after ``variants``."""

    written: str
    tokens: tuple[Token, ...]


def parse_pattern(written: str) -> Pattern:
    """Read a pattern. Raises ValueError that says what is wrong with it."""
    pieces = _PIECE.findall(written)
    if not pieces or "".join(pieces) != re.sub(r"\s+", "", written):
        raise ValueError(f"{written!r} is empty or has brackets that do not fit")
    tokens = tuple(_token(piece, written) for piece in pieces)
    if all(token.optional or not token.forms for token in tokens):
        raise ValueError(f"{written!r} asks for no word at all")
    if not tokens[0].forms or not tokens[-1].forms:
        raise ValueError(f"{written!r} begins or ends with a gap or a comma")
    return Pattern(written, tokens)


def _token(piece: str, written: str) -> Token:
    gap = _GAP.match(piece)
    if gap:
        return Token((), gap=int(gap[1]))
    if piece == ",":
        return Token(())
    optional = piece.endswith("?")
    body = piece[:-1] if optional else piece
    if body.startswith("("):
        body = body[1:-1]
    forms = tuple(fold(form) for form in body.split("|"))
    bad = [form for form in forms if not _FORM.match(form)]
    if bad:
        raise ValueError(f"{written!r}: {bad[0]!r} is no word")
    return Token(forms, optional)


def variants(pattern: Pattern) -> tuple[tuple[Token, ...], ...]:
    """The pattern without optional tokens in front: each begins with a token that must be there."""
    found = []
    tokens = pattern.tokens
    while True:
        if tokens[0].forms:
            found.append((Token(tokens[0].forms), *tokens[1:]))
        if not tokens[0].optional:
            return tuple(found)
        tokens = tokens[1:]


def stems_of(word: str) -> Iterator[str]:
    """The word, and what is left of it without an ending of inflection: at most eight stems."""
    for length in range(min(LONGEST_ENDING, len(word) - SHORTEST_STEM) + 1):
        at = len(word) - length
        if not length or word[at:] in ENDINGS:
            yield word[:at]
