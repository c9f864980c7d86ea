"""Split the lines of a page into articles.

A walk over the lines that can belong to an article, with one article open at a time. It ends at an
end mark or at the source line below its text; a headline above a date line, source line or byline
begins the next. A source line alone does not say whether it stands above or below its article: its
neighbours do, and where they leave it open, the other lines of that form on the page.

Where the evidence is thin, nothing is split: the line stays in the article it follows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from annotate.sources.items import LIVE, Item

Role = Literal["header", "trailer"]
_FEW_LINES = 3


@dataclass(slots=True)
class Article:
    """The items of one article, and which of its source lines head or end it."""

    items: list[Item] = field(default_factory=list)
    headers: list[Item] = field(default_factory=list)
    trailers: list[Item] = field(default_factory=list)
    texts: int = 0
    sentences: int = 0
    closed: Literal["", "end", "page"] = ""
    strays: list[Item] = field(default_factory=list)

    @property
    def has_body(self) -> bool:
        """Whether more than a head has been read: prose, or many lines."""
        return self.sentences > 0 or self.texts > _FEW_LINES

    def add(self, item: Item) -> None:
        """Append a line. The first is no prose where it can be a headline that asks or exclaims."""
        headline = item.line.title_like and self.texts == 0
        self.items.append(item)
        self.texts += item.cls == "text"
        prose = item.cls == "text" and item.line.sentence_like and not headline
        if prose or (item.cls == "dateline" and item.dateline and not item.dateline.whole_line):
            self.sentences += 1
        if item.endmark is not None:
            self.closed = "end"


def split_articles(items: list[Item]) -> list[Article]:
    """The articles of a page; items that belong to none keep what they are."""
    return _Walk(items).run()


class _Walk:
    def __init__(self, items: list[Item]) -> None:
        self._live: list[Item] = []
        self._broken: list[str] = []  # what stood between a live item and the one before
        between = ""
        for item in items:
            if item.cls in LIVE:
                self._live.append(item)
                self._broken.append(between)
                between = ""
            else:
                between = _stronger(between, _break_of(item))
        self._broken.append(between or "end")
        self._done: list[Article] = []
        self._open: Article | None = None
        self._style: dict[str, Role] = self._closing_dates()
        self._next_source = self._sources_ahead()

    def run(self) -> list[Article]:
        """Visit every line once."""
        for at, item in enumerate(self._live):
            if self._open is not None and self._broken[at] and self._open.has_body and not self._open.closed:
                self._open.closed = "end" if self._broken[at] == "path" else "page"
            if item.cls == "source":
                self._source(at, item)
            elif item.cls == "dateline":
                self._dateline(at, item)
            elif item.cls == "byline":
                self._byline(at, item)
            elif item.cls == "endmark":
                self._append(item)
            else:
                self._text(at, item)
        self._finish()
        return self._done

    # --- looking around ---------------------------------------------------------------------------
    def _at(self, at: int) -> Item | None:
        return self._live[at] if 0 <= at < len(self._live) else None

    def _closing_dates(self) -> dict[str, Role]:
        """Dates alone end articles on a page whose very last line is one, under text."""
        last = self._live[-1] if self._live else None
        if last is None or last.source is None or last.source.form != "date_alone":
            return {}
        above = self._at(len(self._live) - 2)
        return {"date_alone": "trailer"} if above is not None and above.line.sentence_like else {}

    def _sources_ahead(self) -> list[int]:
        """For each live item the index of the first source line behind it, or the end."""
        ahead = [len(self._live)] * (len(self._live) + 1)
        for at in range(len(self._live) - 1, -1, -1):
            source = self._live[at].source
            named = source is not None and source.form != "date_alone"
            ahead[at] = at if named else ahead[at + 1]
        return ahead

    def _starts_article(self, at: int) -> bool:
        """Whether a text line reads as the first of an article: headline, then its head or its text."""
        item, after = self._live[at], self._at(at + 1)
        if after is None or self._broken[at + 1] == "path":
            return False
        if item.line.title_like and not item.endmark:
            if after.cls != "text":
                return after.cls != "endmark"
            beyond = self._at(at + 2)
            return after.line.sentence_like or (
                after.line.title_like and beyond is not None and (beyond.cls != "text" or _prose(beyond))
            )
        if after.cls == "dateline" or _labelled(after):
            return len(item.line.text) <= 150
        # Prose without a headline: an article of its own if a source line ends it.
        stop = self._next_source[at + 1]
        last = self._at(stop - 1)
        return stop < len(self._live) and last is not None and (_prose(last) or last.endmark is not None)

    def _head_follows(self, at: int) -> bool:
        following = (self._at(at + 1), self._at(at + 2))
        return any(item is not None and item.cls in ("source", "dateline", "byline") for item in following)

    def _headline_before(self, at: int) -> int | None:
        """Index of the headline that stands above the head line ``at`` inside the open article."""
        if self._open is None:
            return None
        first = at - len(self._open.items)
        j = at - 1
        while (
            j > first
            and self._live[j].cls in ("source", "byline", "dateline")
            and not _has_prose(self._live[j])
        ):
            j -= 1
        if j <= first or not _headline(self._live[j]):
            return None
        above = self._live[j - 1]
        if self._live[j].line.name_like and j - 1 > first and _headline(above):
            return j - 1  # headline, then a name: the name is the byline
        return j

    # --- one line at a time -----------------------------------------------------------------------
    def _append(self, item: Item) -> None:
        if self._open is None:
            self._open = Article()
        self._open.add(item)

    def _text(self, at: int, item: Item) -> None:
        article = self._open
        if article is not None and article.closed:
            begins = self._starts_article(at) and (article.closed == "end" or self._head_follows(at))
            if begins:
                self._finish()
            else:
                article.strays.append(item)
                item.rule = "after_end"
        self._append(item)

    def _source(self, at: int, item: Item) -> None:
        role = self._role(at, item)
        if role == "header" and self._open is not None and (self._open.has_body or self._open.closed):
            head = self._headline_before(at)
            if head is None and not self._open.closed:
                role = None
            else:
                self._begin_at(at if head is None else head, at)
        if role is None:
            item.as_body()
            self._text(at, item)
            return
        self._append(item)
        article = self._open
        if article is None or item.source is None:
            return
        self._style.setdefault(item.source.form, role)
        if role == "header":
            article.headers.append(item)
        else:
            article.trailers.append(item)
            article.closed = "end"

    def _role(self, at: int, item: Item) -> Role | None:
        article, source = self._open, item.source
        if article is None or source is None:
            return "header"
        if article.closed == "end":
            return "trailer"
        if self._at(at + 1) is None:
            return "trailer"
        if not article.has_body:
            return "header"
        if self._broken[at + 1] and article.closed != "page":
            return "trailer"
        return self._role_between(at, source.form)

    def _role_between(self, at: int, form: str) -> Role | None:
        """Above or below its article? Text stands on both sides."""
        before, after = self._live[at - 1], self._live[at + 1]
        headline_before = _headline(before) and not before.endmark
        name_before = before.cls == "byline" or before.line.name_like
        headline_after = after.cls == "text" and after.line.title_like and self._starts_article(at + 1)
        text_after = after.cls in ("dateline", "byline") or _prose(after)
        usual = self._style.get(form)
        if form == "date_alone":
            if usual == "trailer":
                return "trailer" if headline_after else None
            return "header" if usual == "header" and headline_before and text_after else None
        default: Role = usual or ("header" if form == "labelled" else "trailer")
        if headline_before and text_after and not name_before:
            return "header"
        if headline_after:
            return default if headline_before and not name_before else "trailer"
        if headline_before or name_before:
            return default
        return "trailer" if usual == "trailer" and form != "labelled" else None

    def _dateline(self, at: int, item: Item) -> None:
        article = self._open
        if article is not None and article.has_body and not article.closed:
            head = self._headline_before(at)
            if head is None:
                item.as_body()
                self._text(at, item)
                return
            self._begin_at(head, at)
        elif article is not None and article.closed:
            self._finish()
        self._append(item)

    def _byline(self, at: int, item: Item) -> None:
        article, after = self._open, self._at(at + 1)
        if article is not None and article.has_body and not article.closed:
            ends = self._broken[at + 1] or after is None or after.cls in ("source", "endmark")
            head = None if ends else self._headline_before(at)
            if head is not None and after is not None and (_prose(after) or after.cls == "dateline"):
                self._begin_at(head, at)
            elif not ends:
                item.as_body()
        self._append(item)

    def _begin_at(self, head: int, at: int) -> None:
        """Finish the open article before live item ``head``; what stands from there to ``at`` is new."""
        if self._open is not None and head < at:
            del self._open.items[-(at - head) :]
        self._finish()
        for item in self._live[head:at]:
            self._append(item)
            if item.cls == "source" and self._open is not None:
                self._open.headers.append(item)

    def _finish(self) -> None:
        article = self._open
        if article is not None:
            kept = {id(item) for item in article.items}
            article.headers = [item for item in article.headers if id(item) in kept]
            self._done.append(article)
        self._open = None


def _break_of(item: Item) -> str:
    if item.cls == "breadcrumb":
        return "path"
    if item.cls == "teaser":
        return "" if item.rule == "lexicon:teaser" else "page"  # one link inside a text is no end of it
    return "page" if item.cls == "divider" or item.kind == "legal" else ""


def _stronger(first: str, second: str) -> str:
    return "path" if "path" in (first, second) else first or second


def _prose(item: Item) -> bool:
    return item.cls == "text" and item.line.sentence_like


def _has_prose(item: Item) -> bool:
    return item.cls == "dateline" and item.dateline is not None and not item.dateline.whole_line


def _headline(item: Item) -> bool:
    return (
        item.cls == "text"
        and item.line.title_like
        and not (item.line.final_stop and len(item.line.text) > 150)
    )


def _labelled(item: Item) -> bool:
    return item.source is not None and item.source.form == "labelled"
