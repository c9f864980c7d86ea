"""Labels by outlet, by source and by time of publication."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from annotate.core.dataset.rows import LabelRow
from annotate.core.dates.bounds import days_of
from annotate.core.figures.material import Material
from annotate.core.figures.sheets import Section, Sheet, count, text

UNKNOWN = "unknown"
UNDATED = "undated"
_MONTHS = 24
"""Up to so many months between first and last publication date are shown by month, more by year."""


def labels_section(material: Material) -> Section:
    """Confirmed labels by outlet and label, by source, and by time of publication."""
    title = "Labels by source and by time"
    labels = material.dataset.labels
    if not labels:
        return Section("labels", title, ("There are no labels yet.",))
    confirmed = [one for one in labels if one.status == "confirmed"]
    drafts = len(labels) - len(confirmed)
    words = [
        f"{len(confirmed)} labels are confirmed; {drafts} drafts stand on passages that nobody confirmed and "
        "are not counted in the plots. A place that two annotators labelled counts twice. The outlet is the "
        "publisher that a document names, else its agency."
    ]
    sheets = [_by_source(labels)]
    if confirmed:
        sheets = [_by_outlet(confirmed), _by_time(confirmed), *sheets]
    return Section("labels", title, tuple(words), tuple(sheets))


def outlet_of(row: LabelRow) -> str:
    """Publisher, else agency, else ``unknown``."""
    return row.publisher or row.agency or UNKNOWN


def _by_outlet(labels: Iterable[LabelRow]) -> Sheet:
    counts = Counter((outlet_of(one), one.layer, one.label) for one in labels)
    documents: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for one in labels:
        documents[outlet_of(one), one.layer, one.label].add(one.document_id)
    rows = tuple((*key, number, len(documents[key])) for key, number in sorted(counts.items()))
    columns = (
        *(text("outlet", "Outlet"), text("layer", "Layer"), text("label", "Label")),
        *(count("labels", "Labels"), count("documents", "in documents")),
    )
    return Sheet("by_outlet", "Confirmed labels by outlet and label", columns, rows)


def _by_source(labels: Iterable[LabelRow]) -> Sheet:
    groups: dict[str, list[LabelRow]] = defaultdict(list)
    for one in labels:
        groups[one.source_file].append(one)
    rows = []
    for file, own in sorted(groups.items()):
        confirmed = sum(one.status == "confirmed" for one in own)
        outlets = ", ".join(sorted({outlet_of(one) for one in own}))
        people = len({one.annotator for one in own})
        documents = len({one.document_id for one in own})
        rows.append((file, outlets, documents, people, confirmed, len(own) - confirmed))
    columns = (
        *(text("source", "Source"), text("outlets", "Outlets"), count("documents", "Documents")),
        *(count("annotators", "Annotators"), count("labels", "Confirmed"), count("drafts", "Drafts")),
    )
    return Sheet("by_source", "Labels by source file", columns, tuple(rows))


def _by_time(labels: Iterable[LabelRow]) -> Sheet:
    labels = list(labels)
    monthly = _monthly(labels)
    counts = Counter((period_of(one.published, monthly=monthly), one.layer) for one in labels)
    rows = sorted(counts, key=lambda key: (key[0] == UNDATED, key))
    unit = "month" if monthly else "year"
    columns = (text("period", f"Published ({unit})"), text("layer", "Layer"), count("labels", "Labels"))
    caption = f"Confirmed labels by {unit} of publication; a date that leaves the {unit} open is undated"
    return Sheet("by_time", caption, columns, tuple((*key, counts[key]) for key in rows))


def period_of(published: str, *, monthly: bool) -> str:
    """``2020`` or ``2020-04``; ``undated`` where the date is unknown or leaves it open."""
    days = days_of(published)
    if days.first is None or days.last is None:
        return UNDATED
    length = 2 if monthly else 1
    if days.first[:length] != days.last[:length]:
        return UNDATED
    year, month, _ = days.first
    return f"{year:04d}-{month:02d}" if monthly else f"{year:04d}"


def _monthly(labels: Iterable[LabelRow]) -> bool:
    firsts = [days.first for one in labels if (days := days_of(one.published)).first]
    if not firsts:
        return False
    months = [year * 12 + month for year, month, _ in firsts]
    return max(months) - min(months) <= _MONTHS
