"""News or narrative: what a text's relative dates hang on, and why we think so."""

from __future__ import annotations

from collections.abc import Iterable

from annotate.core.dates.calendar import Moment
from annotate.core.dates.context import NARRATIVE, NEWS

AUTO = "auto"
MODES = (AUTO, NEWS, NARRATIVE)
_ENOUGH = 8
_MOST = 0.7


def choose_mode(
    asked: str, published: Moment | None, years: Iterable[int], days: Iterable[Moment]
) -> tuple[str, str]:
    """The mode and the reason for it. ``years`` are the years, ``days`` the days that the text states.

    A text about another time than its publication tells a story: its "in June" follows the date
    told before. A text that carries its own publication day, or whose years are about it, reports news.
    """
    if asked != AUTO:
        return asked, "as asked"
    if published is None:
        return NARRATIVE, "the publication date is unknown"
    if published.day is not None and published in days:
        return NEWS, f"it states its own publication day, {published.iso()}"
    stated = list(years)
    far = sum(abs(year - published.year) > 1 for year in stated)
    if far >= _ENOUGH and far > _MOST * len(stated):
        return NARRATIVE, f"{far} of {len(stated)} stated years are not about {published.year}"
    return NEWS, f"only {far} of {len(stated)} stated years are not about {published.year}"
