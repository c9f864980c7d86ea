"""Source lines: where and when a text was issued, on a line of their own.

``Date: 18/06/2024 | Source: Banner (En)`` · ``AGENCY, 2020-04-25`` · ``www.agency.example (2025.08.20.)`` ·
``Published: …`` · ``Quelle: X, 20.08.2025`` · a date alone. Whether such a line heads an article or ends
one is decided in ``annotate.sources.articles``: the line alone cannot say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from annotate.sources.dated import LONGEST_DATE, ReadDate, date_at
from annotate.sources.datelines import is_place
from annotate.sources.lexicon import alternation, furniture, words
from annotate.sources.lines import Line, fold, is_name

LONGEST_SOURCELINE = 250

Form = Literal["labelled", "name_and_date", "address", "date_alone", "agency_code"]

_DIVIDER = re.compile(r"\s*[|·•\t]\s*|\s{3,}|\s+[–—-]{1,2}\s+(?=[^\W\d_]{3,20}:)|\s*;\s+|\s+/\s+")
_LABEL = re.compile(r"(?P<label>[^\W\d_][^:|]{0,30}?)\s*:\s*(?P<value>\S.*)?", re.DOTALL)
_PHRASE = re.compile(
    rf"(?P<label>{alternation('published')}|{alternation('updated')})\s+(?P<value>.+)", re.IGNORECASE
)
_BY = re.compile(rf"(?:{alternation('by')})\s+(?P<name>.+)", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:https?://)?(?:[\w-]{1,60}\.){1,5}[a-z]{2,12}(?:/\S{0,200})?")
_CODE_ALONE = re.compile(r"[(\[/]\s*(?P<code>[A-Z]{2,10}(?:/[A-Za-z]{2,20})?)\s*[)\]/]")
_POSTED_BY = re.compile(
    r"(?:posted|published|veröffentlicht|geschrieben|erstellt)\s+(?:by|von)\s+(?P<name>.{3,40}?)\s+"
    r"(?:on|am|at)\s+(?P<value>.+)",
    re.IGNORECASE,
)
_NAME_POSTED = re.compile(
    rf"(?:by|von)\s+(?P<name>[^:]{{3,40}}?)\s+(?:{alternation('published')})\s*:?\s+(?P<value>.+)",
    re.IGNORECASE,
)
_NAME_DATE = re.compile(r",\s*|\s+[–—-]{1,2}\s+|\s+(?=[(\[])|\s+(?=vom\s)")
_NAME_WORD = re.compile(r"[(]?[^\W_][\w’'.&+\-/]*[)]?|&|\+")


@dataclass(frozen=True, slots=True)
class SourceLine:
    """What one source line says. ``template`` is its wording without its values: lines of one template
    were written by one program, so they write their dates the same way."""

    form: Form
    date: ReadDate | None = None
    updated: ReadDate | None = None
    publisher: str | None = None
    agency: str | None = None
    address: str | None = None
    byline: str | None = None
    place: str | None = None
    template: str = ""


def read_sourceline(line: Line) -> SourceLine | None:
    """What a line says if it is a source line, else None."""
    if not line.text or len(line.text) > LONGEST_SOURCELINE:
        return None
    for read in (_date_alone, _labelled, _address, _name_and_date, _agency_code):
        found = read(line)
        if found is not None:
            return found
    return None


def _date_alone(line: Line) -> SourceLine | None:
    date = date_at(line.text, line.text_start)
    if date is None or _bare_year(date):
        return None  # a bare year is a heading or a page number
    return SourceLine("date_alone", date=date, template="D")


def _bare_year(date: ReadDate) -> bool:
    return len(date.readings[0]) == len("2025")


def _labelled(line: Line) -> SourceLine | None:
    """``Label: value`` fields between dividers; at least a date or a source must be among them."""
    found = SourceLine("labelled")
    shape: list[str] = []
    for text, start in _fields(line):
        read = _field(found, text, start)
        if read is None:
            return None
        found, name = read
        shape.append(name)
    named = {"published", "updated", "source"} & set(shape)
    loose = "D" in shape and len(shape) > 1 and "label" not in shape
    if not (named or loose) or not (found.date or found.updated or found.publisher or found.agency):
        return None
    return replace(found, template=" | ".join(shape))


def _fields(line: Line) -> list[tuple[str, int]]:
    parts: list[tuple[str, int]] = []
    at = 0
    for match in (*_DIVIDER.finditer(line.text), None):
        stop = match.start() if match else len(line.text)
        raw = line.text[at:stop]
        text = raw.strip()
        if text:
            parts.append((text, line.text_start + at + raw.index(text)))
        at = match.end() if match else stop
    return parts


def _field(found: SourceLine, text: str, start: int) -> tuple[SourceLine, str] | None:
    match = _LABEL.fullmatch(text)
    if match and match["value"]:
        known = _labelled_field(found, match["label"].lower(), match["value"], start + match.start("value"))
        if known is not None:
            return known
    date = date_at(text, start)
    if date is not None:
        return (replace(found, date=date), "D") if found.date is None else None
    match = _PHRASE.fullmatch(text)
    if match and date_at(match["value"], start + match.start("value")):
        return _labelled_field(found, match["label"].lower(), match["value"], start + match.start("value"))
    match = _POSTED_BY.fullmatch(text) or _NAME_POSTED.fullmatch(text)
    date = match and date_at(match["value"], start + match.start("value"))
    if match and date:
        return replace(found, date=date, byline=match["name"]), "published"
    match = _BY.fullmatch(text)
    if match and is_name(match["name"]):
        return replace(found, byline=match["name"]), "by"
    if any(furniture(name).matches(text) for name in ("navigation", "share")):
        return found, fold(text)
    if fold(text) in words("sections"):
        return found, "section"
    return _loose_field(found, text)


def _loose_field(found: SourceLine, text: str) -> tuple[SourceLine, str] | None:
    """A name without a label, or a label we do not know, among fields that we do."""
    if _LABEL.fullmatch(text):
        return (found, "label") if len(text) <= 60 else None
    if not is_outlet(text):
        return None
    if found.publisher is None and found.agency is None:
        return _issued_by(found, text), "name"
    return found, "more"


def _labelled_field(found: SourceLine, label: str, value: str, start: int) -> tuple[SourceLine, str] | None:
    label = label.strip()
    if label in words("published") or label in words("updated"):
        return _date_field(found, label, value, start)
    if label in words("source"):
        return _source_field(found, value, start)
    if label in words("author"):
        name = _BY.sub(r"\g<name>", value)
        return (replace(found, byline=name), "author") if is_name(name, least=1) else None
    if label in words("place") and is_place(value):
        return replace(found, place=value), "place"
    return None


def _date_field(found: SourceLine, label: str, value: str, start: int) -> tuple[SourceLine, str] | None:
    date = date_at(value, start)
    if date is None:
        split = _split_name_and_date(value, start)
        if split is None or label in words("updated"):
            return None
        name, date = split
        return replace(found, date=date, publisher=found.publisher or name), "published"
    if label in words("updated"):
        return replace(found, updated=date), "updated"
    return replace(found, date=date), "published"


def _source_field(found: SourceLine, value: str, start: int) -> tuple[SourceLine, str] | None:
    split = _split_name_and_date(value, start)
    if split is not None:
        name, date = split
        return replace(_issued_by(found, name), date=found.date or date), "source"
    if _DOMAIN.fullmatch(value):
        return replace(found, publisher=value, address=value), "source"
    return (_issued_by(found, value), "source") if is_outlet(value) else None


def _address(line: Line) -> SourceLine | None:
    match = _DOMAIN.match(line.text)
    if match is None:
        return None
    rest = line.text[match.end() :]
    if not rest.strip():
        return SourceLine("address", address=match.group(), template="address")
    stripped = rest.lstrip(" ,:–—-")
    date = date_at(stripped, line.text_start + len(line.text) - len(stripped))
    if date is None:
        return None
    return SourceLine("address", date=date, address=match.group(), template="address D")


def _name_and_date(line: Line) -> SourceLine | None:
    text, start = line.text, line.text_start
    if len(text) > 2 and text[0] in "([" and text[-1] in ")]":
        text, start = text[1:-1], start + 1
    split = _split_name_and_date(text, start)
    if split is None or _bare_year(split[1]):
        return None
    name, date = split
    shape = text.replace(date.text, "D").replace(name, "name")
    return replace(_issued_by(SourceLine("name_and_date", date=date), name), template=shape)


def _split_name_and_date(text: str, start: int) -> tuple[str, ReadDate] | None:
    """``NAME, date`` or ``date, NAME`` and the like: the name and the date, nothing else."""
    if len(text) > 60 + LONGEST_DATE:
        return None
    for match in _NAME_DATE.finditer(text):
        head, tail = text[: match.start()].strip(" ,;"), text[match.end() :]
        if is_outlet(head):
            date = date_at(tail, start + match.end())
            if date is not None:
                return head, date
    for match in re.finditer(r",\s+|\s+[–—-]{1,2}\s+|\s+(?=\()", text):
        head, tail = text[: match.start()], text[match.end() :].strip(" ()")
        date = date_at(head, start)
        if date is not None and is_outlet(tail):
            return tail, date
    return None


def _issued_by(found: SourceLine, name: str) -> SourceLine:
    """``AGENCY/Outlet`` names both; capitals alone are an agency's code; else it is the publisher."""
    code, slash, outlet = name.partition("/")
    if slash and is_code(code.strip()) and outlet.strip():
        return replace(found, agency=code.strip(), publisher=outlet.strip())
    if is_code(name):
        return replace(found, agency=name)
    return replace(found, publisher=name)


def is_code(name: str) -> bool:
    """Whether a name is written as agencies write their codes: up to twelve capitals."""
    return re.fullmatch(r"[A-Z]{2,12}(?:-[A-Z]{2,12})?", name) is not None


def _agency_code(line: Line) -> SourceLine | None:
    match = _CODE_ALONE.fullmatch(line.text)
    return SourceLine("agency_code", agency=match["code"], template="code") if match else None


def is_outlet(name: str) -> bool:
    """Whether a text can be the name of an outlet: up to ten words, a capital, no sentence marks."""
    if not 1 <= len(name) <= 90 or name[-1] in ".,;:!?" or date_at(name, 0) is not None:
        return False
    found = name.split()
    if len(found) > 10 or not any(word[0].isupper() for word in found):
        return False
    if not (found[0][0].isupper() or found[0][0].isdigit()) and not _DOMAIN.fullmatch(name):
        return False
    return all(_NAME_WORD.fullmatch(word) for word in found)
