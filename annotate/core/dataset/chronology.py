"""The chronology of a study: every DATE label with the days that its value can mean."""

from __future__ import annotations

from collections.abc import Iterable

from annotate.core.dataset.rows import DatedRow, LabelRow
from annotate.core.dates.bounds import Days, day_text, days_of, relation

DATE = "DATE"
"""The label name that stands for a stated date, in the schemes that ship and in `stated_dates`."""


def chronology_rows(labels: Iterable[LabelRow]) -> list[DatedRow]:
    """A row for each DATE label, in the order of time; those without a place in time last."""
    dated = [(row, days_of(_edtf(row))) for row in labels if row.label == DATE]
    return [_row(row, days) for row, days in sorted(dated, key=_order)]


def _edtf(row: LabelRow) -> str:
    return row.value if row.value_type == "EDTF" else ""


def _order(dated: tuple[LabelRow, Days]) -> tuple[object, ...]:
    row, days = dated
    known = days.first or days.last
    place = (row.source_file, row.source_start, row.source_end, row.label_id)
    return (known is None, known or (), days.last or known or (), *place)


def _row(row: LabelRow, days: Days) -> DatedRow:
    return DatedRow(
        document_id=row.document_id,
        source_file=row.source_file,
        title=row.title,
        published=row.published,
        label_id=row.label_id,
        annotator=row.annotator,
        quote=row.quote,
        value=_edtf(row),
        earliest=day_text(days.first),
        latest=day_text(days.last),
        to_publication=relation(_edtf(row), row.published),
        status=row.status,
        origin=row.origin,
    )
