"""Lists of other articles: teasers, their headings, and how far a list goes.

Conservative: a list ends where a line is neither repeated, nor dated, nor short and unfinished; what
may be the headline of a next article is given back to it.
"""

from __future__ import annotations

from itertools import pairwise

from annotate.sources.items import Item
from annotate.sources.lexicon import furniture

_LONGEST_ENTRY = 300
_SHORTEST_REPEAT = 15
_REPEAT_WITHIN = 4


def mark_teasers(items: list[Item]) -> None:
    """Settle which lines are teasers and which are headings of teaser lists; linear."""
    repeated = _repeated_nearby(items)
    _mark_headed_lists(items, repeated)
    _mark_sandwiches(items)
    _mark_dated_lists(items)
    _mark_linked_lists(items)


def _repeated_nearby(items: list[Item]) -> set[str]:
    """Folded lines of which two copies stand close together: a teaser and the text of its picture.

    A line that comes back far away (a refrain, the article's first words in a list) is no such thing.
    """
    last: dict[str, int] = {}
    repeated: set[str] = set()
    for at, item in enumerate(items):
        text = item.line.folded
        if item.cls != "text" or len(text) < _SHORTEST_REPEAT:
            continue
        if at - last.get(text, -_REPEAT_WITHIN - 1) <= _REPEAT_WITHIN:
            repeated.add(text)
        last[text] = at
    return repeated


def _mark_headed_lists(items: list[Item], repeated: set[str]) -> None:
    at = 0
    while at < len(items):
        if not _is_heading(items[at]):
            at += 1
            continue
        stop = _list_end(items, at + 1, repeated)
        entries = [item for item in items[at + 1 : stop] if _is_entry(item)]
        if entries:
            items[at].become("teaser", "heading", "teaser_heading")
            for item in entries:
                item.become("teaser", "teaser", "teaser_list")
        at = max(stop, at + 1)


def _is_heading(item: Item) -> bool:
    return (
        item.cls == "text"
        and len(item.line.text) <= 100
        and furniture("teaser_heading").matches(item.line.shown.rstrip(":").strip())
    )


def _is_entry(item: Item) -> bool:
    return item.cls in ("text", "source", "byline")


def _list_end(items: list[Item], start: int, repeated: set[str]) -> int:
    """Index behind the last entry of the list that begins at ``start``."""
    for at in range(start, len(items)):
        item = items[at]
        if item.cls in ("breadcrumb", "dateline", "divider") or item.kind == "legal" or _is_heading(item):
            return at
        if item.source is not None and item.source.form == "labelled":
            return at
        if item.cls != "text":
            continue
        if not _may_be_entry(items, at, repeated):
            # Prose of an article: the short line before it may be its headline.
            return at - 1 if at > start and _unsure(items, at - 1, repeated) else at
        if at + 1 < len(items) and _heads_article(items, at, repeated):
            return at
    return len(items)


def _unsure(items: list[Item], at: int, repeated: set[str]) -> bool:
    item = items[at]
    return item.cls == "text" and item.line.folded not in repeated and not _dated(items[at - 1])


def _prose(item: Item | None) -> bool:
    return item is not None and item.cls == "text" and item.line.sentence_like


def _dated(item: Item | None) -> bool:
    return (
        item is not None
        and item.cls == "source"
        and item.source is not None
        and item.source.form
        in (
            "date_alone",
            "name_and_date",
        )
    )


def _linked(item: Item | None) -> bool:
    return item is not None and furniture("more_link").matches(item.line.shown)


def _may_be_entry(items: list[Item], at: int, repeated: set[str]) -> bool:
    line = items[at].line
    if len(line.text) > _LONGEST_ENTRY:
        return False
    if line.folded in repeated or line.bulleted or not line.final_stop or line.shown.endswith(("...", "…")):
        return True
    before = items[at - 1]
    after = items[at + 1] if at + 1 < len(items) else None
    return _dated(before) or _dated(after) or _linked(after) or (line.title_like and not line.sentence_like)


def _heads_article(items: list[Item], at: int, repeated: set[str]) -> bool:
    """Whether the line is the headline of an article with a date line or source line and a body."""
    head, after = items[at].line, items[at + 1]
    if head.folded in repeated or not head.title_like:
        return False
    if after.cls == "dateline":
        return True
    if after.cls == "source" and after.source is not None:
        body = items[at + 2 : at + 5]
        long = sum(1 for item in body if _prose(item) and item.line.folded not in repeated)
        if after.source.form == "labelled":
            return long >= 1
        return long >= 2 and not any(_dated(item) for item in body)
    return False


def _mark_sandwiches(items: list[Item]) -> None:
    """A line, a date, the same line again: a teaser with its picture's text, heading or not."""
    for first, date, last in zip(items, items[1:], items[2:], strict=False):
        same = first.line.folded == last.line.folded and len(first.line.folded) >= _SHORTEST_REPEAT
        if same and _dated(date) and {first.cls, last.cls} <= {"text", "teaser"}:
            for item in (first, date, last):
                item.become("teaser", "teaser", "repeated_entry")


def _mark_dated_lists(items: list[Item]) -> None:
    """Three or more headlines in a row, each with a date under it or above it, and no prose between."""
    at = 0
    while at < len(items):
        stop = at
        while stop + 1 < len(items) and _is_pair(items[stop], items[stop + 1]):
            stop += 2
        pairs = (stop - at) // 2
        heads = stop < len(items) and (_prose(items[stop]) or items[stop].cls == "dateline")
        if pairs and heads and items[stop - 1].cls == "source":
            pairs -= 1  # the last pair heads an article
        if pairs >= 3:
            for item in items[at : at + 2 * pairs]:
                item.become("teaser", "teaser", "dated_list")
        at = max(stop, at + 1)


def _is_pair(first: Item, second: Item) -> bool:
    for text, date in ((first, second), (second, first)):
        alone = date.cls == "source" and date.source is not None and date.source.form == "date_alone"
        if alone and text.cls == "text" and text.line.title_like and not text.line.sentence_like:
            return True
    return False


def _mark_linked_lists(items: list[Item]) -> None:
    """Entries that each end in "Read more": two or more, at most four lines each."""
    links = [at for at, item in enumerate(items) if item.cls == "furniture" and _linked(item)]
    runs: list[list[int]] = []
    for at in links:
        if runs and 1 < at - runs[-1][-1] <= 5:
            runs[-1].append(at)
        else:
            runs.append([at])
    for run in runs:
        if len(run) >= 2:
            shortest = min(second - first for first, second in pairwise(run))
            _mark_run(items, max(0, run[0] - shortest + 1), run[0], run[-1])


def _mark_run(items: list[Item], first: int, link: int, last: int) -> None:
    """Settle the entries before the links from ``link`` to ``last``; the first begins at ``first``.

    Where that is no headline it may be the end of an article, and the first entry stays as it is.
    """
    headline = items[first].cls == "text" and items[first].line.title_like
    for item in items[first if headline else link : last]:
        if _is_entry(item):
            item.become("teaser", "teaser", "linked_list")
