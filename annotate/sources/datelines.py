"""Date lines: ``City, August 20, 2025 (AGENCY) -- text`` and what else is written like it.

The shape decides, not a list of agencies: a place, a date, a name in brackets or between slashes,
and a dash. Two of the first three are needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from annotate.sources.dated import ReadDate, date_at

LONGEST_DATELINE = 160

_DASH = re.compile(r"\s*(?:--+|—|―)\s*|\s+[–-]\s+|\s*:\s+|(?<=[)/])\s*[.–-]{0,2}\s+(?=[„“\"»']?[^\W\d_a-z])")
_BRACKET = re.compile(r"[(\[](?P<round>[^()\[\]]{2,40})[)\]]|(?<![\w/])/(?P<slash>[^/\d]{2,40})/(?!\w)")
_PLACE_WORD = re.compile(r"[^\W\d_]+(?:[’'.\-/][^\W\d_]+)*\.?")
_CODE = re.compile(r"[A-Z]{2,}")
_LOWER_CODE = re.compile(r"[a-z]{2,5}(?:/[a-z]{2,5})*")
_TRAILING_CODE = re.compile(r",\s*(?P<code>[A-Z]{2,10})\s*$")
_LEADING_CODE = re.compile(r"(?P<code>[A-Z]{2,10}(?:/[A-Z]{2,10})?)\s*[,:]\s+")
# Small words inside names of places: "Frankfurt am Main", "Rio de Janeiro".
_SMALL = frozenset(
    ("am", "an", "ob", "der", "of", "the", "on", "upon", "la", "le", "el", "al", "de", "del", "do", "da")
)


@dataclass(frozen=True, slots=True)
class Dateline:
    """What a date line says; ``start`` and ``end`` are source offsets of the whole of it."""

    start: int
    end: int
    place: str | None
    agency: str | None
    date: ReadDate | None
    whole_line: bool


def read_dateline(text: str, start: int) -> Dateline | None:
    """The date line that a line begins with, or None; ``start`` is the source offset of the line's text."""
    head = text[:LONGEST_DATELINE]
    for match in _DASH.finditer(head):
        found = _parts(head[: match.start()], start, dashed=":" not in match.group())
        if found is not None:
            return Dateline(start, start + match.end(), *found, whole_line=match.end() >= len(text))
        if "--" in match.group() or "—" in match.group():
            return None
    if len(text) <= LONGEST_DATELINE:
        found = _parts(text, start, dashed=False)
        if found is not None and found[1] is not None and (found[2] is not None):
            return Dateline(start, start + len(text), *found, whole_line=True)
    return None


def _parts(head: str, start: int, *, dashed: bool) -> tuple[str | None, str | None, ReadDate | None] | None:
    """Place, agency and date of what stands before the dash; None where it is no date line."""
    agency, rest, offset = _take_agency(head)
    place, date = _place_and_date(rest, start + offset)
    if date is not None:
        enough = agency is not None or (place is not None and dashed)
    elif place is None:
        enough = False
    else:
        enough = dashed and (_is_code(agency) or (agency is None and place.isupper()))
    return (place, agency, date) if enough else None


def _is_code(agency: str | None) -> bool:
    return agency is not None and _CODE.search(agency) is not None


def _take_agency(head: str) -> tuple[str | None, str, int]:
    """The agency, what is left (same length: the agency is blanked out), and where that begins."""
    found = None
    for match in _BRACKET.finditer(head):
        name = (match["round"] or match["slash"]).strip()
        if is_agency(name):
            found = (match, name)
    if found is not None:
        match, name = found
        blanked = head[: match.start()] + " " * len(match.group()) + head[match.end() :]
        return name, blanked, 0
    leading = _LEADING_CODE.match(head)
    if leading:
        return leading["code"], head[leading.end() :], leading.end()
    trailing = _TRAILING_CODE.search(head)
    if trailing and re.search(r"\d", head):
        return trailing["code"], head[: trailing.start()], 0
    return None, head, 0


def is_agency(name: str) -> bool:
    """Whether a name in brackets can be that of a news agency."""
    if any(character.isdigit() for character in name) or name.endswith((".", ",", "!", "?")):
        return False
    if date_at(name, 0) is not None or not name:
        return False
    return bool(_CODE.search(name) or _LOWER_CODE.fullmatch(name)) or (
        name[0].isupper() and len(name.split()) <= 4
    )


def _place_and_date(rest: str, start: int) -> tuple[str | None, ReadDate | None]:
    whole = date_at(rest.rstrip(" ,"), start)
    if whole is not None:
        return None, whole
    for match in re.finditer(r",\s*|\s+(?=\d|den\b)", rest):
        place, tail = rest[: match.start()].strip(), rest[match.end() :]
        date = date_at(tail.strip(" ,."), start + match.end() + len(tail) - len(tail.lstrip(" ,.")))
        if date is not None:
            return (place, date) if is_place(place) else (None, None)
    bare = rest.strip(" ,.")
    return (bare, None) if is_place(bare) else (None, None)


def is_place(name: str) -> bool:
    """Whether a text can be the name of a place: one to five words, capitals where names have them."""
    words = name.replace(",", " ").split()
    if not 1 <= len(words) <= 5 or len(name) > 45 or not name[0].isupper():
        return False
    return all(_PLACE_WORD.fullmatch(word) and (word[0].isupper() or word in _SMALL) for word in words)
