"""Stated dates: where a text names a day, month, year or period of the calendar, and what it means.

Offsets are code points of the given text, half-open. Values are TIMEX3; ``edtf`` is the same reading
in EDTF (ISO 8601-2), or None where EDTF has no form for it. Relative expressions ("last year") are
not read here. The grammar is data: ``languages/*.toml``.
"""

from annotate.core.dates.edtf import edtf_is_valid
from annotate.core.dates.find import LANGUAGES, find_stated_dates, read_date
from annotate.core.dates.grammar import grammar_sha256
from annotate.core.dates.model import DatePart, StatedDate

__all__ = [
    "LANGUAGES",
    "DatePart",
    "StatedDate",
    "edtf_is_valid",
    "find_stated_dates",
    "grammar_sha256",
    "read_date",
]
