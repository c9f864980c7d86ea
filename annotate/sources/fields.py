"""The fields of an article from its settled lines: who wrote, issued and passed on the text, and where.

``agency``     the news agency that wrote the text: named in a date line, or by a code in capitals
``publisher``  the outlet that issued it: ``Source: X``, ``X, date``, else the holder of the copyright
``aggregator`` the site that passes on what it names another outlet as the source of
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from annotate.core.dates import LANGUAGES, find_calendar_dates
from annotate.sources.articles import Article
from annotate.sources.dated import ReadDate
from annotate.sources.draft import DateCandidate, Draft, NamedDay
from annotate.sources.items import Item
from annotate.sources.lines import fold

RANK_DATELINE, RANK_OWN_LINE, RANK_PASSED_ON, RANK_UPDATED = range(4)


@dataclass(frozen=True, slots=True)
class PageNames:
    """Outlets that the page names outside its articles."""

    subscription: str | None
    copyright: str | None


def page_names(items: Iterable[Item]) -> PageNames:
    """Who offers a subscription and who claims the copyright."""
    names: dict[str, str] = {}
    for item in items:
        if item.owner:
            names.setdefault(item.kind, item.owner)
    return PageNames(names.get("advertisement"), names.get("legal"))


def draft_of(article: Article, names: PageNames, text: str) -> Draft | None:
    """The article as a draft; None where it has no text at all."""
    items = article.items
    body = [item for item in items if item.kind == "body" or _has_body(item)]
    if not body and not any(item.kind == "title" for item in items):
        return None
    start, end = items[0].line.start, items[-1].line.end
    if text.startswith("\ufeff") and start == 0:
        start = 1
    agency, publisher, place = _agency(items), _publisher(items), _place(items)
    aggregator = _aggregator(items, names, publisher)
    publisher = publisher or _site(items, names, aggregator, agency)
    candidates = tuple(_candidates(article))
    shown = text[body[0].line.start : body[-1].line.end] if body else ""
    return Draft(
        start=start,
        end=end,
        title=next((item.line.shown for item in items if item.kind == "title"), None),
        byline=next((item.byline for item in items if item.byline), None)
        or next((item.source.byline for item in items if item.source and item.source.byline), None),
        agency=agency,
        publisher=publisher,
        aggregator=aggregator,
        place=place,
        candidates=candidates,
        named_days=_named_days(shown) if any(len(found.readings) > 1 for found in candidates) else (),
        text=" ".join(item.line.shown for item in items if item.kind in ("title", "body") or _has_body(item)),
        doubts=tuple(_doubts(article, body)),
    )


def _has_body(item: Item) -> bool:
    return item.cls == "dateline" and item.dateline is not None and not item.dateline.whole_line


def _doubts(article: Article, body: list[Item]) -> Iterator[str]:
    if not any(item.kind == "title" for item in article.items):
        yield "no headline found"
    if not body:
        yield "no text under the headline"
    if article.strays:
        first, last = article.strays[0].line.number, article.strays[-1].line.number
        lines = f"line {first}" if first == last else f"lines {first} to {last}"
        yield f"text after the end of the article was kept in it ({lines})"
    for item in article.items:
        if item.rule == "closing_name":
            yield f"the last line, {item.line.shown!r}, was read as a byline; it may be an outlet"


def _agency(items: list[Item]) -> str | None:
    for item in items:
        if item.dateline is not None and item.cls == "dateline" and item.dateline.agency:
            return item.dateline.agency
    named = (item.source.agency for item in items if item.source and item.kind == "sourceline")
    return next((name for name in named if name), None)


def _publisher(items: list[Item]) -> str | None:
    sources = [item.source for item in items if item.source is not None and item.kind == "sourceline"]
    return next((source.publisher for source in sources if source.publisher), None)


def _place(items: list[Item]) -> str | None:
    for item in items:
        if item.cls == "dateline" and item.dateline is not None and item.dateline.place:
            return item.dateline.place
        if item.rule == "place_and_date" and item.source is not None:
            return item.source.publisher or item.source.agency
        if item.source is not None and item.source.place:
            return item.source.place
    return None


def _aggregator(items: list[Item], names: PageNames, publisher: str | None) -> str | None:
    """A site that names another as the source of the text."""
    passed_on = any(
        item.source and item.source.form == "labelled" and item.source.publisher for item in items
    )
    for name in (names.subscription, names.copyright):
        if passed_on and name and publisher and fold(name) not in fold(publisher):
            return name
    return None


def _site(items: list[Item], names: PageNames, aggregator: str | None, agency: str | None) -> str | None:
    """The site itself: its copyright line, its subscription line, or its bare address."""
    if aggregator is None and (names.copyright or names.subscription):
        return names.copyright or names.subscription
    addresses = [item.source.address for item in items if item.source and item.source.address]
    return addresses[0] if addresses and agency is None else None


def _candidates(article: Article) -> Iterator[DateCandidate]:
    for item in article.items:
        if item.cls == "dateline" and item.dateline is not None and item.dateline.date is not None:
            rule = f"dateline:{item.dateline.date.rule}"
            yield _candidate(item.dateline.date, rule, RANK_DATELINE, "dateline", item.dateline.agency)
        source = item.source
        if source is None or item.kind not in ("sourceline", "dateline"):
            continue
        outlet = source.publisher or source.agency or source.address
        passed_on = source.form == "labelled" and outlet is not None
        if source.date is not None:
            rank = RANK_PASSED_ON if passed_on else RANK_OWN_LINE
            rank = RANK_DATELINE if item.rule == "place_and_date" else rank
            rule = f"{item.rule}:{source.date.rule}"
            yield _candidate(source.date, rule, rank, f"{source.form}: {source.template}", outlet)
        if source.updated is not None:
            rule = f"updated:{source.updated.rule}"
            yield _candidate(source.updated, rule, RANK_UPDATED, f"updated: {source.template}", outlet)


def _candidate(date: ReadDate, rule: str, rank: int, template: str, outlet: str | None) -> DateCandidate:
    return DateCandidate(date.start, date.end, date.text, date.readings, rule, rank, template, outlet)


def _named_days(text: str) -> tuple[NamedDay, ...]:
    found: dict[tuple[int, str], NamedDay] = {}
    for language in LANGUAGES:
        for date in find_calendar_dates(text, language):
            parts = (date.edtf or "").split("-")
            if len(parts) == 3 and all(part.isdigit() for part in parts[1:]) and not date.alternatives:
                year = int(parts[0]) if parts[0].isdigit() else None
                found.setdefault((date.start, ""), NamedDay(int(parts[1]), int(parts[2]), year, date.text))
    return tuple(found[key] for key in sorted(found))
