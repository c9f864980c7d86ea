"""Inside one article: which line is the headline, who signed, which line repeats the outlet's name."""

from __future__ import annotations

import re

from annotate.sources.articles import Article
from annotate.sources.items import Item
from annotate.sources.lexicon import alternation, words
from annotate.sources.lines import fold, is_name
from annotate.sources.sourcelines import SourceLine, is_code

_ROUND = re.compile(r"\((.{3,40})\)")
_MOST_LINES = 4
_QUALIFIER = re.compile(r"\s*\([^()]{1,20}\)\s*$")


def settle_article(article: Article, body_text: str) -> None:
    """Settle the kinds of the lines of one article. ``body_text`` is its text, to tell places from names."""
    _title(article)
    _publisher_line(article)
    _bare_bylines(article)
    lines = [item for item in article.items if item.source and item.source.form == "name_and_date"]
    for item in lines[:_MOST_LINES]:
        _place_or_name(item, body_text)


def _title(article: Article) -> None:
    texts = [at for at, item in enumerate(article.items) if item.cls == "text"]
    if not texts:
        return
    first = texts[0]
    if any(item.cls == "dateline" for item in article.items[:first]):
        return
    item, rest = article.items[first], article.items[first + 1 :]
    after = rest[0] if rest else None
    more = len(texts) > 1 or any(other.cls == "dateline" for other in rest)
    if item.endmark is None and more and item.line.title_like:
        item.kind, item.rule = "title", "first_line"
    elif after is not None and len(item.line.text) <= 150 and _is_head(after):
        item.kind, item.rule = "title", "above_head"


def _is_head(item: Item) -> bool:
    return item.cls == "dateline" or (item.source is not None and item.source.form == "labelled")


def _publisher_line(article: Article) -> None:
    """Below the text, alone: the outlet's name, where a source line above named it, or a code in capitals."""
    names = {fold(_QUALIFIER.sub("", name)) for item in article.headers for name in _names(item.source)}
    for item in reversed(article.items[1:]):
        if item.cls in ("source", "endmark"):
            continue
        if item.cls == "text" and item.kind == "body" and article.sentences:
            if item.line.folded in names:
                item.become("source", "sourceline", "publisher_line")
                article.trailers.append(item)
            elif is_code(item.line.shown):
                item.become("source", "sourceline", "agency_code")
                item.source = SourceLine("agency_code", agency=item.line.shown)
                article.trailers.append(item)
        return


def _names(source: SourceLine | None) -> list[str]:
    found = (source.publisher, source.agency) if source else ()
    return [name for name in found if name]


def _bare_bylines(article: Article) -> None:
    """A name alone: under the headline and above a date, or below the text."""
    items = article.items
    if any(item.cls == "byline" for item in items):
        return
    title = next((at for at, item in enumerate(items) if item.kind == "title"), None)
    if title is not None and title + 2 < len(items):
        under, after = items[title + 1], items[title + 2]
        if _is_signature(under) and after.cls in ("source", "dateline"):
            _sign(under, "name_under_title")
            return
    ends = {id(item) for item in article.trailers}
    last = next((at for at in range(len(items) - 1, 0, -1) if id(items[at]) not in ends), 0)
    if last > 0 and article.sentences and _is_signature(items[last]) and items[last].kind == "body":
        followed = last + 1 < len(items)
        _sign(items[last], "name_before_sourceline" if followed else "closing_name")


def _is_signature(item: Item) -> bool:
    if item.cls != "text" or item.endmark:
        return False
    bare = _ROUND.fullmatch(item.line.shown)
    name = bare.group(1) if bare else item.line.shown
    return is_name(name) and not any(fold(word) in words("organisations") for word in name.split())


def _sign(item: Item, rule: str) -> None:
    bare = _ROUND.fullmatch(item.line.shown)
    item.byline = bare.group(1) if bare else item.line.shown
    item.become("byline", "byline", rule)


def _place_or_name(item: Item, body_text: str) -> None:
    """``City, date`` and ``AGENCY, date`` look alike: a place is one that the text is said to be in."""
    source = item.source
    if source is None or source.date is None:
        return
    name = source.publisher or source.agency
    if (
        name is None
        or "/" in item.line.shown.replace(source.date.text, "")
        or any(fold(word) in words("organisations") for word in name.split())
    ):
        return
    letter = re.match(r"\s*,\s*(?:den|dem|the)\s", item.line.shown[len(name) :], re.IGNORECASE)
    written_out = any(character.isalpha() for character in source.date.text)
    if letter or (written_out and is_said_to_be_place(name, body_text)):
        item.become("source", "dateline", "place_and_date")


def is_said_to_be_place(name: str, text: str) -> bool:
    """Whether the text says "in NAME" or the like, or speaks of a NAME that is one word and no code.

    ``text`` holds the line itself: one mention more is wanted. Outlets seldom speak of themselves.
    """
    if len(name.split()) == 1 and not name.isupper() and len(re.findall(rf"\b{re.escape(name)}\b", text)) > 1:
        return True
    pattern = rf"\b(?:{alternation('place_prepositions')})\s+{re.escape(name)}(?!\w)"
    return re.search(pattern, text, re.IGNORECASE) is not None
