"""Quotations: what stands between quotation marks, nested ones too, in time linear in the text.

A quotation never crosses an empty line. An apostrophe is no quotation mark. Marks that do not fit are left
alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# A mark, or an empty line. One set of signs in front: the search then skips all others without trying.
_MARK = re.compile("[\"'„“”«»‚‘’‹›「」『』\n](?:(?<!\n)|\\s*\n)")
_PAIRS = {"„": '“”"', "“": '”"', "”": "”", "«": "»", "»": "«", "‚": "‘’'", "‘": "’'", "‹": "›", "›": "‹"}
_PAIRS |= {'"': '"”', "'": "'’", "「": "」", "『": "』"}
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quotation with its marks (``start``, ``end``) and how many others it stands in."""

    start: int
    end: int
    depth: int


def quotations(text: str) -> list[Quotation]:
    """Every closed quotation, in order of start."""
    found: list[Quotation] = []
    opened: list[tuple[int, str]] = []
    for mark in _MARK.finditer(text):
        sign = mark.group()
        if sign[0] == "\n":
            opened.clear()
        elif _closes(text, mark.start(), sign, opened):
            # Marks that were opened inside and never closed are given up.
            while not _fits(opened[-1][1], sign):
                opened.pop()
            start, _ = opened.pop()
            found.append(Quotation(start, mark.end(), len(opened)))
        elif sign in _PAIRS and len(opened) < _DEEPEST and _may_open(text, mark.start(), sign):
            opened.append((mark.start(), sign))
    return sorted(found, key=lambda one: (one.start, -one.end))


def _fits(opening: str, closing: str) -> bool:
    return closing in _PAIRS[opening]


def _closes(text: str, at: int, sign: str, opened: list[tuple[int, str]]) -> bool:
    if not any(_fits(opening, sign) for _, opening in opened):
        return False
    after = text[at + 1 : at + 2]
    if sign in "'’" and after.isalnum():
        return False
    # A mark that could open as well closes when nothing but space is before a closing place.
    return not (sign in "\"'“»«" and sign in _PAIRS and _opens_here(text, at) and after.isalnum())


def _may_open(text: str, at: int, sign: str) -> bool:
    return sign in "„«»“‚‹›「『" or _opens_here(text, at)


def _opens_here(text: str, at: int) -> bool:
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    return (
        (not before or before.isspace() or before in "([{-–—/„“\"'‚‘«»")
        and bool(after)
        and not after.isspace()
    )


def inside(found: list[Quotation], at: int) -> Iterator[Quotation]:
    """The quotations that hold position ``at``, outermost first."""
    return (one for one in found if one.start <= at < one.end)
