"""Date lines, source lines and bylines inside a passage: when and by whom the text was issued (PUB)."""

from __future__ import annotations

import re

from annotate.core.attribution.model import Range

_MONTH = (
    r"(?:Jan(?:uary|uar)?|Feb(?:ruary|ruar)?|March|Mar|März|Apr(?:il)?|May|Mai|June?|Juni|July?|Juli|Aug(?:ust)?"
    r"|Sept?(?:ember)?|O[ck]t(?:ober)?|Nov(?:ember)?|De[cz](?:ember)?|Jänner)\.?"
)
_DATE = (
    rf"(?:{_MONTH}\s+\d{{1,2}}(?:\s?,\s?\d{{4}})?|\d{{1,2}}\.?\s+{_MONTH}(?:\s+\d{{4}})?"
    rf"|\d{{4}}-\d{{2}}(?:-\d{{2}})?|\d{{1,2}}[./]\d{{1,2}}[./]\d{{4}}|\d{{4}}\.\d{{2}}\.\d{{2}}\.?"
    rf"|{_MONTH}\s+\d{{4}})"
)
_PLACE = r"[^\W\d_a-z][^\W\d_]*(?:[ '’/-][^\W\d_]+){0,3}"
_AGENCY = r"\((?=[^()\n]*[A-Za-z])[^()\n\d]{2,30}\)"
_DATELINE = re.compile(
    rf"(?P<pub>(?P<place>{_PLACE})(?:(?P<day>\s?,\s?{_DATE})?\s?,?\s{_AGENCY}|\s?,\s?{_DATE}\s?,?))\s?:?\s?(?:--+|—|–|-|:)\s"
)
_OUTLET = r"[^\W\d_a-z][^\n|,;:]{1,40}"
_SOURCE_LINE = re.compile(
    rf"(?:{_OUTLET},\s?)?{_DATE}(?:\s?,?\s{_AGENCY})?\Z|{_PLACE},\s?{_DATE}\s?,?\s?{_AGENCY}\Z"
    rf"|(?:www\.|https?://)?[\w.-]+\.[a-z]{{2,10}}\s\({_DATE}\)\Z"
)
_FIELDS = re.compile(
    r"((?:Date|Datum|Source|Quelle|Published|Veröffentlicht|By|Von)\s?:\s?[^|\n]{2,60}?)"
    r"(?:\s*\|\s*((?:Date|Datum|Source|Quelle|Published|Veröffentlicht|By|Von)\s?:\s?[^|\n]{2,60}?))*(?=\s*(?:\||\Z))"
)
_BYLINE = re.compile(rf"(?:By|Von)\s+{_PLACE}(?:\s(?:and|und)\s{_PLACE})?\Z")
_NAME = re.compile(r"[^\W\d_a-z][^\W\d_]*\.?(?:[ -][^\W\d_a-z][^\W\d_]*\.?){1,3}\Z")
_LINE = re.compile(r"[^\r\n]+")
_LONGEST = 160


def find_issued(text: str) -> list[Range]:
    """Every date line, source line and byline, in order; a line holds at most one."""
    lines = [(one.start(), one.group()) for one in _LINE.finditer(text) if one.group().strip()]
    found: list[Range] = []
    for number, (start, line) in enumerate(lines):
        mine = _in_line(line[:_LONGEST], whole=len(line) <= _LONGEST)
        if mine is None and _signs(lines, number):
            mine = (len(line) - len(line.lstrip()), len(line.rstrip()))
        if mine is not None:
            found.append(Range(start + mine[0], start + mine[1]))
    return found


def _in_line(line: str, *, whole: bool) -> tuple[int, int] | None:
    indent = len(line) - len(line.lstrip())
    dated = _DATELINE.match(line, indent)
    if dated and _is_dateline(line, dated):
        return dated.span("pub")
    if not whole:
        return None
    bare = line.rstrip()
    for shape in (_SOURCE_LINE, _BYLINE):
        if shape.match(bare, indent):
            return indent, len(bare)
    fields = _FIELDS.match(bare, indent)
    return fields.span() if fields else None


def _is_dateline(line: str, found: re.Match[str]) -> bool:
    """Without a day it needs capitals or a short place: "The Harbour Union (HU) - it …" is no date line."""
    after = line[found.end() : found.end() + 1]
    place = found["place"]
    if found["day"] is None and "(" not in found["pub"]:
        return not after.islower()
    return not after.islower() and (found["day"] is not None or place.isupper() or len(place.split()) < 3)


def _signs(lines: list[tuple[int, str]], number: int) -> bool:
    """Whether a line is a name and nothing else, between the text and its source line."""
    if not 0 < number < len(lines) - 1 or not _NAME.match(lines[number][1].strip()):
        return False
    after = lines[number + 1][1]
    return len(after) <= _LONGEST and _SOURCE_LINE.match(after.strip()) is not None
