"""What a relative or partial expression says, before it is known what it hangs on."""

from __future__ import annotations

from typing import NamedTuple


class Ask(NamedTuple):
    """A question to the calendar. None is "not said".

    ``n`` of ``unit`` (Y M W D WE Q DE CE H) is counted from ``base``: ``said`` (the time of telling),
    ``mention`` (the date told before), ``publication``. ``month`` to ``holiday`` name a place in the
    calendar whose year (or week, or month) is open; ``direction`` -1, 0, 1 is "last, this, next".
    ``clock`` is a TIMEX3 time (``T14:58``, ``TMO``). ``fallback`` is the value where nothing can be
    computed.
    """

    base: str = "said"
    unit: str | None = None
    n: float | None = None
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    season: str | None = None
    quarter: int | None = None
    half: int | None = None
    holiday: str | None = None
    direction: int | None = None
    clock: str | None = None
    fallback: str = ""
