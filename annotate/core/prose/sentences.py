"""Sentences of German and English news, by rule: no model, linear in the text.

A full stop ends a sentence unless it belongs to an abbreviation, an initial, an ordinal ("am 29. August",
"der 70. Jahrestag"), a date or a number. Sentences never cross an empty line, and a line that ends like a
heading (no stop, the next line begins anew) is one of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

# One set of signs in front: the search then skips all others without trying.
_STOP = re.compile(r"[.!?…。！？](?:[.!?…。！？]*[\"'”’“»«›)\]]*(?=\s|\Z)|(?<=[。！？])[。！？]*)")
_LINE = re.compile(r"[^\r\n]+")
_OPENING = frozenset("([„“\"'»«")
_INITIAL = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]\Z")
_DIGITS = re.compile(r"\d{1,4}\Z|[ivxlcdm]{1,6}\Z", re.IGNORECASE)
_ABBREVIATIONS = {
    "": "al approx bzw ca capt col dr etc gen gov hon jr lt mr mrs ms pres prof rep rev sen sgt sr st vs adm",
    "de": "abs allg art aug bd betr bez bspw dez dipl ebd ehem einschl engl entspr evtl exkl feb febr "
    "ff fr frl geb gegr gem gest ggf hl hr hrsg ing inkl insb jan jh jhd kap kath lfd lt mag "
    "max mill mind mio mrd nov nr okt pol rd resp s sept sog st std str stv tel u usw v vgl vol "
    "vorm z zit zt zw zzgl",
    "en": "apr assn aug ave brig cf cmdr co corp dec dept dist div ed est feb fig fri gov inc int jan "
    "jul jun lieut ltd maj mar messrs mon msgr no nov oct op para pp sat sep sept ser supt thu "
    "thurs tue u.k u.n u.s vol wed",
}
_ONLY_BEFORE_DIGIT = frozenset(
    [
        "no",
        "nr",
        "art",
        "abs",
        "kap",
        "s",
        "pp",
        "p",
        "fig",
        "vol",
        "bd",
        "para",
        "lt",
        "mar",
        "mon",
        "sat",
        "max",
    ]
)


class Sentence(NamedTuple):
    """A sentence without the white space around it."""

    start: int
    end: int


def sentences(text: str, language: str = "") -> list[Sentence]:
    """Sentences in order; between them stands white space only. ``language``: ISO 639-1, others as both."""
    known = _known(language)
    found: list[Sentence] = []
    for start, end in _blocks(text):
        ends = list(_in_block(text, start, end, known, ordinals=language != "en"))
        found.extend(ends if language in _ABBREVIATIONS else _quotes_joined(text, ends))
    return found


def _quotes_joined(text: str, parts: list[Sentence]) -> Iterator[Sentence]:
    """French spaces its marks: in "« Vive le pont ! »" the last mark is no sentence of its own."""
    kept: Sentence | None = None
    for one in parts:
        if kept is not None and text[one.start] == "»" and "«" in text[kept.start : kept.end]:
            kept = Sentence(kept.start, one.end)
            continue
        if kept is not None:
            yield kept
        kept = one
    if kept is not None:
        yield kept


@lru_cache(maxsize=16)
def _known(language: str) -> frozenset[str]:
    named = [language] if language in _ABBREVIATIONS else [key for key in _ABBREVIATIONS if key]
    return frozenset(" ".join(_ABBREVIATIONS[key] for key in ["", *named]).split())


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Runs of lines that one sentence can go through."""
    open_at: int | None = None
    last = 0
    for line in _LINE.finditer(text):
        body = line.group().strip()
        if not body:
            continue
        start = line.start() + len(line.group()) - len(line.group().lstrip())
        if open_at is not None and not _goes_on(text, last, start):
            yield open_at, last
            open_at = None
        open_at = start if open_at is None else open_at
        last = start + len(body)
    if open_at is not None:
        yield open_at, last


def _goes_on(text: str, last: int, start: int) -> bool:
    """Whether a line that ends at ``last`` is continued by the one at ``start``."""
    between = text[last:start]
    if between.count("\n") > 1 or (between.count("\r") > 1 and "\n" not in between):
        return False
    return text[start].islower() and text[last - 1] not in ".!?:"


def _in_block(
    text: str, start: int, end: int, known: frozenset[str], *, ordinals: bool
) -> Iterator[Sentence]:
    begun = start
    for stop in _STOP.finditer(text, start, end):
        if stop.end() >= end:
            break
        following = _following(text, stop.end(), end)
        if following < end and _ends(text, begun, stop, following, known, ordinals=ordinals):
            yield Sentence(begun, stop.end())
            begun = following
    if begun < end:
        yield Sentence(begun, end)


def _following(text: str, at: int, end: int) -> int:
    while at < end and text[at].isspace():
        at += 1
    return at


def _ends(
    text: str, begun: int, stop: re.Match[str], following: int, known: frozenset[str], *, ordinals: bool
) -> bool:
    if text[following].islower():
        return False
    if stop.group()[0] != "." or stop.group().startswith(".."):
        return True
    # A word of more than 40 characters is no abbreviation; looking further back would make this quadratic.
    first, last = stop.start(), max(begun, stop.start() - 40)
    while first > last and not text[first - 1].isspace() and text[first - 1] not in _OPENING:
        first -= 1
    word = text[first : stop.start()]
    if len(stop.group().strip(".")) > 0:
        return True
    if _INITIAL.match(word):
        return False
    if word.lower() in known:
        return word.lower() in _ONLY_BEFORE_DIGIT and not text[following].isdigit()
    return not (ordinals and _DIGITS.match(word) and _counts(text, following, word))


def _counts(text: str, following: int, word: str) -> bool:
    """Whether "70." counts what follows: a capitalised noun or month, not a year that ended a sentence."""
    if len(word) == 4 and word.isdigit():
        return False
    return text[following].isalpha() or text[following].isdigit()
