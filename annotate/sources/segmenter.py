"""From the text of one source to segments that tile it, and to drafts of its articles.

Pure and linear in the length of the text. The steps, each a module: lines, items (each line by
itself), teasers, headings, articles (the page around it), heads (inside one article), partition.
"""

from __future__ import annotations

from annotate.sources.articles import split_articles
from annotate.sources.draft import Segmented
from annotate.sources.fields import draft_of, page_names
from annotate.sources.headings import mark_headings
from annotate.sources.heads import settle_article
from annotate.sources.items import LIVE, Item, read_items
from annotate.sources.lines import read_lines
from annotate.sources.partition import tile
from annotate.sources.teasers import mark_teasers


def segment(text: str, *, source_id: str = "", source_file: str = "") -> Segmented:
    """Segments and drafts of one source."""
    lines = read_lines(text)
    items = read_items(lines)
    mark_teasers(items)
    _keep_only_text(items)
    names = page_names(items)
    outlets = [name for name in (names.subscription, names.copyright) if name]
    outlets += [item.source.publisher for item in items if item.source and item.source.publisher]
    mark_headings(items, outlets)
    drafts = []
    for article in split_articles(items):
        span = text[article.items[0].line.start : article.items[-1].line.end]
        settle_article(article, span)
        draft = draft_of(article, names, text)
        if draft is not None:
            drafts.append(draft)
    return Segmented(tile(source_id, source_file, text, lines, items), tuple(drafts))


def _keep_only_text(items: list[Item]) -> None:
    """A page of nothing but lines that say when and by whom: there is no article they could belong to.

    Then they are its text. A sentence of one's own may look like a source line, and must not be lost.
    """
    live = [item for item in items if item.cls in LIVE]
    if live and not any(item.cls in ("text", "endmark") for item in live):
        for item in live:
            item.as_body("only_text")
