"""Which time the stated dates cover, beside the dates of publication."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Final

from annotate.core.dataset.rows import Cell, DatedRow
from annotate.core.figures.material import Material
from annotate.core.figures.sheets import Section, Sheet, count, text

RELATIONS: Final = ("before", "same", "after", "unknown")


def dates_section(material: Material) -> Section:
    """Stated dates by document, with how they lie to its publication."""
    title = "Dates: stated and of publication"
    rows = material.dataset.chronology
    dated = sum(bool(one.published) for one in material.dataset.documents)
    words = [f"{dated} of {len(material.dataset.documents)} documents have a publication date."]
    if not rows:
        words.append("No label states a date yet.")
        return Section("dates", title, tuple(words))
    placed = sum(bool(one.earliest or one.latest) for one in rows)
    words.append(
        f"{len(rows)} labels state a date (drafts included), {placed} of them with a value that has a place "
        "in time. A label without a value, as an annotator draws it, has none."
    )
    return Section("dates", title, tuple(words), (_by_document(rows), _by_relation(rows)))


def _by_document(rows: tuple[DatedRow, ...]) -> Sheet:
    groups: dict[tuple[str, str], list[DatedRow]] = defaultdict(list)
    for one in rows:
        groups[one.source_file, one.document_id].append(one)
    cells: list[tuple[Cell, ...]] = []
    for (file, _), own in sorted(groups.items()):
        first = min((one.earliest for one in own if one.earliest), key=_day, default="")
        last = max((one.latest for one in own if one.latest), key=_day, default="")
        relations = Counter(one.to_publication for one in own)
        title = own[0].title or file
        numbers = (relations[name] for name in RELATIONS)
        cells.append((title, file, own[0].published, len(own), first, last, *numbers))
    columns = (
        *(text("document", "Document"), text("source", "Source"), text("published", "Published")),
        *(count("dates", "Stated dates"), text("earliest", "Earliest"), text("latest", "Latest")),
        *(count("before", "Before it"), count("same", "Same time"), count("after", "After it")),
        count("unknown", "Undecided"),
    )
    caption = "Stated dates by document, and how they lie to its publication date"
    return Sheet("by_document", caption, columns, tuple(cells))


def _day(text_: str) -> tuple[int, int, int]:
    year, month, day = text_.rsplit("-", 2)
    return int(year), int(month), int(day)


def _by_relation(rows: tuple[DatedRow, ...]) -> Sheet:
    counts = Counter(one.to_publication for one in rows)
    columns = (text("relation", "Stated date lies"), count("dates", "Labels"))
    names = {
        "before": "before publication",
        "same": "at the time of publication",
        "after": "after publication",
        "unknown": "undecided: one of the two is unknown or open",
    }
    cells = tuple((names[name], counts[name]) for name in RELATIONS)
    return Sheet("by_relation", "Stated dates and publication", columns, cells)
