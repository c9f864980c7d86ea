"""Stated dates: where a text names a day, month, year or period of the calendar, and what it means.

Offsets are code points of the given text, half-open. Values are TIMEX3; ``edtf`` is the same reading
in EDTF (ISO 8601-2), or None where EDTF has no form for it. Relative expressions ("last year") are
not read here. The grammar is data: ``languages/*.toml``.
"""

from annotate.core.dates.edtf import edtf_is_valid
from annotate.core.dates.find import (
    LANGUAGES,
    DatesRead,
    find_calendar_dates,
    find_stated_dates,
    read_date,
    read_dates,
)
from annotate.core.dates.grammar import grammar_sha256
from annotate.core.dates.model import Anchor, DatePart, StatedDate

__all__ = [
    "LANGUAGES",
    "Anchor",
    "DatePart",
    "DatesRead",
    "StatedDate",
    "edtf_is_valid",
    "find_calendar_dates",
    "find_stated_dates",
    "grammar_sha256",
    "read_date",
    "read_dates",
]
