"""Headings of the page: lines above a breadcrumb, the name of the site, a line above an advertisement."""

from __future__ import annotations

import re
from collections.abc import Iterable

from annotate.sources.items import LIVE, Item
from annotate.sources.lines import fold

_SITE = re.compile(r"\s*[–—:|-]\s*|\s+")
_MOST_HEADINGS = 3


def mark_headings(items: list[Item], names: Iterable[str]) -> None:
    """Settle which headline-like lines belong to the page; ``names`` are outlets that the page names."""
    for at, item in enumerate(items):
        if item.cls == "breadcrumb":
            _above_path(items, at)
    _at_top(items, {fold(name) for name in names if len(name) > 2})


def _above_path(items: list[Item], path: int) -> None:
    """A headline above a path of pages names the page, if another stands below the path."""
    below = next((item for item in items[path + 1 : path + 6] if item.cls in LIVE), None)
    if below is None or below.cls != "text" or not below.line.title_like:
        return
    top = path
    while top > 0 and path - top < _MOST_HEADINGS and _headline(items[top - 1]):
        top -= 1
        if top > 0 and _ends_article(items[top - 1]):
            break
    # Right under the prose of an article only the nearest line is the page's.
    if top > 0 and items[top - 1].cls == "text":
        top = max(top, path - 1)
    for item in items[top:path]:
        item.become("furniture", "heading", "above_path")


def _ends_article(item: Item) -> bool:
    return item.endmark is not None or item.cls in ("source", "endmark")


def _headline(item: Item) -> bool:
    return item.cls == "text" and item.line.title_like and not item.line.sentence_like


def _at_top(items: list[Item], names: set[str]) -> None:
    first = next((at for at, item in enumerate(items) if item.cls in LIVE), None)
    if first is None or not _headline(items[first]):
        return
    live = [at for at in range(first + 1, min(len(items), first + 12)) if items[at].cls in LIVE][:2]
    if len(live) < 2 or not (items[live[0]].cls == "text" and items[live[0]].line.title_like):
        return
    if _is_site_name(items[first].line.folded, names):
        items[first].become("furniture", "heading", "site_name")
    elif items[first + 1].kind in ("advertisement", "navigation") and items[live[1]].cls != "text":
        items[first].become("furniture", "heading", "above_furniture")


def _is_site_name(folded: str, names: set[str]) -> bool:
    """The name of an outlet, alone or with up to four words after it ("NAME – Nachrichten")."""
    for name in names:
        if folded == name:
            return True
        if folded.startswith(name):
            rest = folded[len(name) :]
            if re.match(r"\s*[–—:|-]\s", rest) and len(rest.split()) <= 7:
                return True
    return False
