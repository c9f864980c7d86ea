"""Visible lines with what they are by themselves, before the page around them is looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from annotate.core.model import Kind
from annotate.sources.datelines import Dateline, read_dateline
from annotate.sources.lexicon import FURNITURE_LISTS, alternation, furniture, words
from annotate.sources.lines import Line, fold, is_name
from annotate.sources.sourcelines import SourceLine, read_sourceline

ItemClass = Literal[
    "text", "source", "dateline", "byline", "endmark", "furniture", "breadcrumb", "divider", "teaser"
]
LIVE: frozenset[str] = frozenset({"text", "source", "dateline", "byline", "endmark"})
"""Classes that can belong to an article."""


@dataclass(slots=True)
class Item:
    """One visible line. ``kind`` and ``rule`` are its segment's; the segmenter's later steps settle them."""

    line: Line
    cls: ItemClass
    kind: Kind
    rule: str
    source: SourceLine | None = None
    dateline: Dateline | None = None
    byline: str | None = None
    endmark: tuple[int, int] | None = None
    owner: str | None = field(default=None)

    def become(self, cls: ItemClass, kind: Kind, rule: str) -> None:
        """Settle what the line is."""
        self.cls, self.kind, self.rule = cls, kind, rule

    def as_body(self, rule: str = "paragraph") -> None:
        """Nothing special after all: a line of the article."""
        self.become("text", "body", rule)
        self.source = self.dateline = self.byline = None


_COPYRIGHT = re.compile(
    r"(?:copyright\s*)?(?:©|\(c\)\s*(?=\d{4}|copyright))|copyright\s*(?:by\b|:|\d{4})"
    r"|(?:19|20)\d\d(?:\s*[-–]\s*(?:19|20)?\d\d)?\s*(?:©|\(c\))",
    re.IGNORECASE,
)
_RESERVED = re.compile(r"(?:all rights reserved|alle rechte vorbehalten)\W*$", re.IGNORECASE)
_HOLDER_NOISE = re.compile(
    r"copyright|©|\(c\)|(?:19|20)\d\d|all rights reserved|alle rechte vorbehalten|\bby\b", re.IGNORECASE
)
_BREADCRUMB = re.compile(r"\s+(?:>+|»|›|→|::)\s+|\s*[>›»]\s*(?=\S)|\s+[/|]\s+")
_HERE = re.compile(r"(?:you are here|sie sind hier|sie befinden sich hier|pfad|path)\s*:\s*", re.IGNORECASE)
_DIVIDER = re.compile(r"[-=_*~#–—.·\s]{5,}")
_ENDMARK = re.compile(
    r"(?:(?<=\s)|^)(?:[-–—]\s?0\s?[-–—]|-30-|###|# # #|■|◼|∎|[-–—/(\[]\s?(?:[A-Z]{2,8}|"
    rf"{alternation('end')})\s?[-–—/)\]])$",
    re.IGNORECASE,
)
_CODE_IN_BRACKETS = re.compile(r"[(\[/]")
_BY = re.compile(
    rf"(?:{alternation('by')})\s+(?:(?:our|unserem|unserer)\s+\w+\s+)?(?P<name>\S.*)", re.IGNORECASE
)
_AUTHOR = re.compile(rf"(?:{alternation('author')})\s*:\s*(?P<name>\S.*)", re.IGNORECASE)


def read_items(lines: list[Line]) -> list[Item]:
    """The visible lines of a source, in order."""
    return [_item(line) for line in lines if not line.blank]


def _item(line: Line) -> Item:
    found = _furniture(line) or _issue(line) or _byline(line) or Item(line, "text", "body", "paragraph")
    mark = _ENDMARK.search(line.text[-12:]) if found.cls in ("text", "dateline") else None
    if mark is None:
        return found
    start = line.text_end - len(line.text[-12:]) + mark.start()
    if start == line.text_start:
        return Item(line, "endmark", "endmark", "end_mark", endmark=(start, line.text_end))
    if not _CODE_IN_BRACKETS.match(mark.group()):  # "(DVRK)" may end a headline
        found.endmark = (start, line.text_end)
    return found


def _furniture(line: Line) -> Item | None:
    if is_breadcrumb(line.shown):
        return Item(line, "breadcrumb", "breadcrumb", "path")
    if _DIVIDER.fullmatch(line.text):
        return Item(line, "divider", "navigation", "divider")
    if len(line.text) > 300:
        return None
    if is_copyright(line.shown):
        return Item(line, "furniture", "legal", "copyright", owner=copyright_holder(line.shown))
    for name, kind in FURNITURE_LISTS:
        if furniture(name).matches(line.shown):
            cls: ItemClass = "teaser" if kind == "teaser" else "furniture"
            owner = subscription_owner(line.shown) if kind == "advertisement" else None
            return Item(line, cls, kind, f"lexicon:{name}", owner=owner)
    return None


def is_breadcrumb(shown: str) -> bool:
    """Whether a line is a path of pages: short steps between arrows, or between slashes from "Home" on."""
    if len(shown) > 250 or shown.endswith((".", "!", "?", ":", ";", ",")):
        return False
    here = _HERE.match(shown)
    path = shown[here.end() :] if here else shown
    steps = [step.strip() for step in _BREADCRUMB.split(path)]
    if len(steps) < 2 or any(not 1 <= len(step) <= 60 for step in steps) or "«" in shown:
        return False
    if not all(any(character.isalpha() for character in step) for step in steps[:-1]):
        return False
    arrows = re.search(r"\s(?:>+|»|›|→|::)\s|\S[>›]\s?\S", path) is not None
    begins = fold(steps[0]) in furniture("breadcrumb").phrases
    spaced = len(_BREADCRUMB.split(path)) == len(re.split(r"\s+(?:>+|»|›|→|::|/|\|)\s+", path))
    if arrows:
        return here is not None or begins or (spaced and len(steps) >= 3) or (spaced and " > " in path)
    return (here is not None or begins) and len(steps) >= 3 and " | " not in path


def is_copyright(shown: str) -> bool:
    """Whether a line claims copyright and says nothing else."""
    if len(shown) > 250:
        return False
    return bool(_COPYRIGHT.match(shown) or _RESERVED.search(shown) or ("©" in shown and len(shown) < 150))


def copyright_holder(shown: str) -> str | None:
    """Who claims the copyright; None where the line names nobody."""
    name = " ".join(_HOLDER_NOISE.sub(" ", shown).split()).strip(" .,:;|–—-")
    if not name or len(name) > 120 or not name[0].isalnum() or _RESERVED.search(name):
        return None
    return re.split(r"\s*[|]\s*|\.\s+", name)[0] or None


_SUBSCRIBE = re.compile(
    r"(?:subscribe to|sign up (?:for|to)|join|abonnieren sie|melden sie sich (?:für|zu|beim?))\s+"
    r"(?:(?:the|our|den|die|das|dem|der|zum|zur|our free)\s+)?(?P<rest>.+)",
    re.IGNORECASE,
)
_PROPER = re.compile(r"(?:[A-ZÄÖÜ][\w’'&.\-]*\s+){0,4}[A-ZÄÖÜ][\w’'&.\-]*")
_PRODUCT_NAME = re.compile(r"(?:^|\s+)(?:Newsletter|Daily|Weekly|Brief|Briefing)(?:\s+Brief(?:ing)?)?$")
_PRODUCT = re.compile(r"\s*(?:['\"‘“„»«]|newsletter\b|daily\b|weekly\b|today\b|now\b|for\b)", re.IGNORECASE)


def subscription_owner(shown: str) -> str | None:
    """Whose subscription a line offers: "Subscribe to the NAME 'Brief'"."""
    match = _SUBSCRIBE.match(shown)
    name = _PROPER.match(match["rest"]) if match else None
    if match is None or name is None:
        return None
    found = _PRODUCT_NAME.sub("", name.group())
    offers = found != name.group() or _PRODUCT.match(match["rest"], name.end()) is not None
    return found if offers and not _PRODUCT_NAME.fullmatch(found) else None


def _issue(line: Line) -> Item | None:
    source = read_sourceline(line)
    if source is not None:
        kind: Kind = "dateline" if source.form == "date_alone" else "sourceline"
        return Item(line, "source", kind, source.form, source=source)
    dateline = read_dateline(line.text, line.text_start)
    if dateline is not None:
        return Item(line, "dateline", "dateline", "dateline", dateline=dateline)
    return None


def _byline(line: Line) -> Item | None:
    if len(line.text) > 90 or (line.final_stop and not line.shown.endswith(".")):
        return None
    match = _AUTHOR.fullmatch(line.shown)
    if match is not None:
        name = _person(_BY.sub(r"\g<name>", match["name"]), least=1)
        return Item(line, "byline", "byline", "author_label", byline=name) if name else None
    match = _BY.fullmatch(line.shown)
    name = _person(match["name"], least=2) if match else None
    return Item(line, "byline", "byline", "by_name", byline=name) if name else None


def _person(text: str, *, least: int) -> str | None:
    """The name in ``NAME``, ``NAME, correspondent`` or ``NAME in Place``; None where there is none."""
    head, _, tail = text.partition(",")
    if not tail:
        head, _, tail = text.partition(" | ")
    if not tail:
        head = re.split(r"\s+(?:in|aus|from)\s+", text)[0]
    names = re.split(r"\s+(?:and|und|&)\s+", head.strip())
    if tail and fold(tail) not in words("roles") and not is_name(tail.strip()) and len(tail.split()) > 4:
        return None
    return head.strip() if all(is_name(name, least=least, labelled=True) for name in names) else None
