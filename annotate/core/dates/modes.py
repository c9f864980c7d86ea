"""News or narrative: what a text's relative dates hang on, and why we think so."""

from __future__ import annotations

from collections.abc import Iterable

from annotate.core.dates.calendar import Moment
from annotate.core.dates.resolve import NARRATIVE, NEWS

AUTO = "auto"
MODES = (AUTO, NEWS, NARRATIVE)
_ENOUGH = 3


def choose_mode(asked: str, published: Moment | None, years: Iterable[int]) -> tuple[str, str]:
    """The mode and the reason for it. ``years`` are the years that the text itself states.

    A text about another time than its publication tells a story: its "in June" follows the date
    told before. A text whose years are about its publication reports news.
    """
    if asked != AUTO:
        return asked, "as asked"
    if published is None:
        return NARRATIVE, "the publication date is unknown"
    stated = list(years)
    if len(stated) < _ENOUGH:
        return NEWS, f"it states {len(stated)} years only"
    far = sum(abs(year - published.year) > 1 for year in stated)
    if 2 * far > len(stated) and far >= _ENOUGH:
        return NARRATIVE, f"{far} of {len(stated)} stated years are not about {published.year}"
    return NEWS, f"{len(stated) - far} of {len(stated)} stated years are about {published.year}"
