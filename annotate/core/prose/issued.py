"""Date lines, source lines and bylines inside a passage: when and by whom the text was issued (PUB).

A line is read from its left in elements, a place, a date, an agency, in whatever order; what stands behind
them, and which they are, decides. Linear in the text: a line is looked at up to its 160th character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple


class Issued(NamedTuple):
    """A stretch of the text, in code points, half-open."""

    start: int
    end: int


_MONTH = (
    r"(?:January?|Jänner|February?|March|März|April|May|Mai|June|Juni|July|Juli|August|September|O[ck]tober|November"
    r"|De[cz]ember|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|O[ck]t|Nov|De[cz])\.?)"
)
_WEEKDAY = (
    r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
    r"|(?:Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonnabend|Sonntag)"
)
_ERA = (
    r"(?:[^\W\d_a-z][^\W\d_]+\s\d{1,3}|des\sJahres\s\d{1,3}\sde[rs]\s[^\W\d_a-z][^\W\d_]+|in\sthe\syear\s\d{1,3}\sof\s(?:the\s)?"
    r"[^\W\d_a-z][^\W\d_]+)\s\(\d{4}\)"
)
"""A year of another reckoning with ours in brackets."""
_DAY = (
    rf"{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:\s?,?\s(?:{_ERA}|\d{{4}}))?"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)?\s+{_MONTH}(?:,?\s(?:{_ERA}|\d{{4}}))?"
    rf"|\d{{4}}-\d{{2}}(?:-\d{{2}})?|\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{4}}|\d{{4}}[./]\d{{2}}[./]\d{{2}}\.?"
    rf"|{_MONTH}\s+\d{{4}}|{_ERA}"
)
_TIME = r"(?:,?\s(?:um\s)?\d{1,2}[:.]\d{2}(?:\s?(?:Uhr|[ap]\.?m\.?|GMT|UTC|[A-Z]{3,4}))?)?"
_DATE = re.compile(rf"(?:(?:{_WEEKDAY})\.?,?\s+)?(?:(?:den|im)\s)?(?:{_DAY}){_TIME}(?!\w)")
_AGENCY = re.compile(r"\((?=[^()\n]*[A-Za-z])[^()\n\d]{2,30}\)|/[A-Z][\w ]{1,15}/")
_PLACE = re.compile(
    r"[^\W\d_a-z][^\W\d_]*(?:[ '’/-](?:(?:am|an der|auf|bei|de|del|der|di|im|la|of|ob der|upon|von) )?"
    r"[^\W\d_a-z][^\W\d_]*){0,3}"
)
# fmt: off
_NO_PLACE = frozenset([
    "A", "Ab", "After", "Am", "An", "At", "Before", "Bei", "Beim", "Bis", "By", "Das", "Dem", "Den",
    "Der", "Die", "Ein", "Eine", "From", "Im", "In", "Nach", "On", "Seit", "Since", "The", "This",
    "Until", "Vom", "Von", "Vor", "When", "Zu", "Zum", "Zur",
])
# fmt: on
_BETWEEN = re.compile(r"\s?[,.]?\s?|\s-\s(?=\d)")
_DASH = re.compile(r"\s?(?:--+|[—–]|\.?-(?=\s|[^\W\d_a-z]))\s?")
_COLON = re.compile(r"\s?:\s")
_CAPITAL_AFTER = re.compile(r"\.?\s+(?=[\"„“]?[^\W\d_a-z])")
_ADDRESS = re.compile(rf"(?:https?://|www\.)?[\w.-]+\.[a-z]{{2,10}}(?:/\S*)?\s\((?:{_DAY})\)\Z")
_OUTLET = re.compile(rf"[^\W\d_a-z][^\n|,;:]{{1,40}}?(?:,\s?|\s-\s)(?={_DATE.pattern}\Z)")
_KEY = (
    r"(?:Date|Datum|Source|Quelle|Published|Veröffentlicht|By|Von|Authors?|Autor(?:in)?|Text|Posted|Updated|Stand"
    r"|Aktualisiert|Reporter|Reported by|Bericht)"
)
_FIELDS = re.compile(
    rf"({_KEY}\s?:\s?[^|\n]{{2,60}}?)(?:\s*\|\s*({_KEY}\s?:\s?[^|\n]{{2,60}}?))*(?=\s*(?:\||\Z))"
)
_LEAD = re.compile(
    r"(?:Published|Posted|Updated|Last updated|Issued|Veröffentlicht|Aktualisiert|Erschienen|Stand)"
    r"(?:\s(?:on|am|at|vom))?\s"
)
_PERSON = r"[^\W\d_a-z][^\W\d_]*\.?(?:[ -](?:von |van |de |al-|bin )?[^\W\d_a-z][^\W\d_]*\.?){1,3}"
_BYLINE = re.compile(
    r"(?:By|Von|by|von|BY|VON)\s+(?:(?:our|unser(?:em|er))\s(?:\w+\s){0,2}\w*[cCkK]orrespond\w+,?\s(?:in\s\w+,?\s)?)?"
    rf"{_PERSON}(?:(?:,|\sand|\sund|\s&)\s{_PERSON})*(?:,\s[^.!?\n]{{2,40}})?\Z"
)
_NAME = re.compile(rf"{_PERSON}\Z")
_CAPITALS = re.compile(r"[A-ZÄÖÜ]{3,8}\Z")
_LINE = re.compile(r"[^\r\n]+")
_LONGEST = 160
_MOST = 6


@dataclass(frozen=True, slots=True)
class _Elements:
    """What a line begins with: its places, whether a date and an agency are among it, where it ends."""

    end: int
    places: tuple[str, ...]
    dated: bool
    agency: bool


def find_issued(text: str) -> list[Issued]:
    """Every date line, source line and byline, in order; a line holds at most one."""
    lines = [(one.start(), one.group()) for one in _LINE.finditer(text) if one.group().strip()]
    found: list[Issued] = []
    for number, (start, line) in enumerate(lines):
        mine = _in_line(line[:_LONGEST], whole=len(line) <= _LONGEST)
        if mine is None and (_signs(lines, number) or _closes(lines, number)):
            mine = (len(line) - len(line.lstrip()), len(line.rstrip()))
        if mine is not None:
            found.append(Issued(start + mine[0], start + mine[1]))
    return found


def _in_line(line: str, *, whole: bool) -> tuple[int, int] | None:
    indent = len(line) - len(line.lstrip())
    read = _elements(line, indent)
    if read is not None and _is_dateline(line, read):
        return indent, read.end
    if not whole:
        return None
    bare = line.rstrip()
    if _is_source_line(bare[indent:]) or _BYLINE.match(bare, indent):
        return indent, len(bare)
    fields = _FIELDS.match(bare, indent)
    return fields.span() if fields else None


def _elements(line: str, at: int) -> _Elements | None:
    """Places, dates and agencies from ``at`` on, in any order."""
    places: list[str] = []
    dated = agency = False
    end = at
    for _ in range(_MOST):
        if one := _DATE.match(line, at):
            dated = True
        elif one := _AGENCY.match(line, at):
            agency = True
        elif one := _PLACE.match(line, at):
            if one.group().partition(" ")[0] in _NO_PLACE:
                break
            if dated and len(one.group().split()) > 2 and not one.group().isupper():
                break  # the sentence has begun
            places.append(one.group())
        else:
            break
        end = one.end()
        gap = _BETWEEN.match(line, end)
        if gap is None or gap.end() == end:
            break
        at = gap.end()
    return _Elements(end, tuple(places), dated, agency) if end > at or places or dated or agency else None


def _is_dateline(line: str, read: _Elements) -> bool:
    """Whether the elements stand in front of a text: "The Harbour Union (HU) - it …" is no date line."""
    rest = line[read.end :]
    short = bool(read.places) and (read.places[0].isupper() or len(read.places[0].split()) < 3)
    if dash := _DASH.match(rest):
        if rest[dash.end() : dash.end() + 1].islower() or not read.places:
            return False
        return read.dated or (read.agency and short) or _all_capitals(read.places, dash.group(), rest)
    if (colon := _COLON.match(rest)) and (read.agency or read.dated):
        return short and not rest[colon.end() : colon.end() + 1].islower()
    closed = line[read.end - 1] in ")/" or (read.dated and rest[:1] == ".")
    return read.agency and short and closed and _CAPITAL_AFTER.match(rest) is not None


def _all_capitals(places: tuple[str, ...], dash: str, rest: str) -> bool:
    """Whether a place in capitals stands alone before a dash and a sentence: "MIRAU — The bridge is open"."""
    if not places[0].isupper() or len(places[0]) < 3 or dash.strip() == "-":
        return False
    return len(places[0].split()) < 4 and not rest.isupper() and len(rest.split()) > 3


def _is_source_line(line: str) -> bool:
    """Whether a whole line says nothing but when, where and by whom."""
    if _ADDRESS.match(line):
        return True
    if line[:1] in "([" and line[-1:] in ")]" and "(" not in line[1:]:
        inner = line[1:-1]
        read = _elements(inner, 0)
        agency = inner.isupper() and len(inner.split()) == 1
        return agency or (read is not None and read.end == len(inner) and read.dated)
    lead = _LEAD.match(line) or _OUTLET.match(line)
    at = lead.end() if lead else 0
    read = _elements(line, at)
    if read is None or read.end < len(line.rstrip(".")):
        return False
    return read.dated and (read.agency or lead is not None or len(read.places) < 3)


def _signs(lines: list[tuple[int, str]], number: int) -> bool:
    """Whether a line is a name and nothing else, between the text and its source line."""
    if not 0 < number < len(lines) - 1 or not _NAME.match(lines[number][1].strip()):
        return False
    after = lines[number + 1][1].strip()
    return len(after) <= _LONGEST and _is_source_line(after)


def _closes(lines: list[tuple[int, str]], number: int) -> bool:
    """Whether the last line is an agency in capitals and nothing else, after a sentence."""
    if number == 0 or number != len(lines) - 1 or not _CAPITALS.match(lines[number][1].strip()):
        return False
    return lines[number - 1][1].rstrip('"”“» )')[-1:] in (".", "!", "?")
