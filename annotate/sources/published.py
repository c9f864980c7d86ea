"""The publication date of every article of a corpus: one pure pass over all drafts.

``11/10/2018`` alone is open. What decides it, in this order: another date line of the same article;
lines of the same wording elsewhere in the corpus whose day cannot be a month; the day on which the
file was retrieved; a day named in the text within two weeks of one reading and of no other. What is
still open stays open, as an EDTF set, with a doubt. Every decision says its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from annotate.core.model import Evidence
from annotate.sources.draft import DateCandidate, Draft, NamedDay

Order = Literal["day first", "month first"]
_NEAR_DAYS = 14

UNDATED = "no publication date stated"


@dataclass(frozen=True, slots=True)
class Published:
    """EDTF or None, the evidence for it, and what remains in doubt."""

    value: str | None
    evidence: Evidence | None
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Vote:
    order: Order
    place: str
    text: str


class Orders:
    """Which date lines of the corpus show their order of day and month, by wording and outlet."""

    def __init__(self, drafts: Iterable[tuple[str, Draft]]) -> None:
        self._votes: dict[tuple[str, ...], list[_Vote]] = {}
        for file, draft in drafts:
            for candidate in draft.candidates:
                order = shown_order(candidate)
                if order is not None:
                    vote = _Vote(order, file, candidate.text)
                    for key in _keys(candidate, draft):
                        self._votes.setdefault(key, []).append(vote)

    def decide(self, candidate: DateCandidate, draft: Draft) -> tuple[Order, str] | None:
        """The order and the reason; None where no line shows it, or lines of one wording disagree."""
        for key in _keys(candidate, draft):
            votes = self._votes.get(key, [])
            if len({vote.order for vote in votes}) == 1:
                first = min(votes, key=lambda vote: (vote.place, vote.text))
                what = f"{key[0]} {key[-1]!r}" if key[0] != "wording" else "the same wording"
                more = f" and {len(votes) - 1} more" if len(votes) > 1 else ""
                return first.order, f"{first.order}: {first.text} in {first.place}{more}, {what}"
            if votes:
                return None
        return None


def _keys(candidate: DateCandidate, draft: Draft) -> Iterator[tuple[str, ...]]:
    """From the closest company of a line to the widest."""
    shape = "".join("9" if character.isdigit() else character for character in candidate.text)
    separators = shape.strip("9")[:1]
    if candidate.outlet:
        yield ("outlet", candidate.template, separators, candidate.outlet)
    if draft.aggregator:
        yield ("aggregator", candidate.template, separators, draft.aggregator)
    yield ("wording", candidate.template, separators)


def shown_order(candidate: DateCandidate) -> Order | None:
    """The order of day and month that a numeric date shows by itself, None where it does not."""
    numbers = [part for part in _numbers(candidate.text) if part]
    if len(candidate.readings) != 1 or len(numbers) != 3 or len(numbers[2]) != 4 or "." in candidate.text:
        return None
    first, second = int(numbers[0]), int(numbers[1])
    if first > 12 >= second:
        return "day first"
    return "month first" if second > 12 >= first else None


def _numbers(text: str) -> list[str]:
    if any(character.isalpha() for character in text):
        return []
    return "".join(character if character.isdigit() else " " for character in text).split()


def resolve(draft: Draft, orders: Orders, *, retrieved: str = "") -> Published:
    """The publication date of one article. ``retrieved`` is RFC 3339, or empty where unknown."""
    ranked = sorted(draft.candidates, key=_usefulness)
    if not ranked:
        return Published(None, None, (UNDATED,))
    best = ranked[0]
    value, reason = _decide(best, ranked[1:], draft, orders, retrieved)
    finer = _finer(value, ranked[1:])
    if finer is not None:
        value, reason = f"{value[:4]}{finer.readings[0][4:]}", f"the year is from {best.text!r}"
        best = finer
    evidence = Evidence(best.start, best.end, best.text, best.rule, reason)
    doubts = tuple(_doubts(best, value, ranked[1:], retrieved))
    return Published(value, evidence, doubts)


def _usefulness(candidate: DateCandidate) -> tuple[bool, bool, int, int]:
    """Dates with a year before those without, days before months, then the better witness."""
    reading = candidate.readings[0]
    return reading.startswith("XXXX"), len(reading) < len("2025-08-20"), candidate.rank, candidate.start


def _decide(
    best: DateCandidate, others: Sequence[DateCandidate], draft: Draft, orders: Orders, retrieved: str
) -> tuple[str, str]:
    if len(best.readings) == 1:
        return best.readings[0], ""
    for other in others:
        if len(other.readings) == 1 and sum(_agrees(other.readings[0], one) for one in best.readings) == 1:
            value = next(one for one in best.readings if _agrees(other.readings[0], one))
            return value, f"the article's other date line says {other.text}"
    found = orders.decide(best, draft)
    if found is not None:
        order, reason = found
        return _in_order(best, order), reason
    past = [one for one in best.readings if not _after(one, retrieved)]
    if len(past) == 1:
        return past[0], f"the other reading is later than the retrieval ({retrieved})"
    near = _near(best.readings, draft.named_days)
    if near is not None:
        value, day = near
        return value, f"the text names {day.text!r}, within {_NEAR_DAYS} days of this reading only"
    return f"[{','.join(sorted(best.readings))}]", "the order of day and month is open"


def _finer(value: str, others: Sequence[DateCandidate]) -> DateCandidate | None:
    """A day without a year that lies in the month or year that another line states."""
    if len(value) not in (4, 7):
        return None
    for other in others:
        if other.readings[0].startswith("XXXX") and other.readings[0][4:].startswith(value[4:]):
            return other
    return None


def _in_order(candidate: DateCandidate, order: Order) -> str:
    first = f"{int(_numbers(candidate.text)[0]):02d}"
    for one in candidate.readings:
        _, month, day = one.split("-")
        if (day if order == "day first" else month) == first:
            return one
    return candidate.readings[0]


def _agrees(stated: str, reading: str) -> bool:
    """Whether a coarser or yearless date can be the same day as a reading."""
    return reading.startswith(stated) or (stated.startswith("XXXX") and reading[4:] == stated[4:])


def _after(reading: str, retrieved: str) -> bool:
    return bool(retrieved) and reading > retrieved[:10]


def _near(readings: Sequence[str], named: Sequence[NamedDay]) -> tuple[str, NamedDay] | None:
    found: dict[str, NamedDay] = {}
    for reading in readings:
        for day in named:
            if _distance(reading, day) <= _NEAR_DAYS:
                found.setdefault(reading, day)
    return next(iter(found.items())) if len(found) == 1 else None


def _distance(reading: str, day: NamedDay) -> int:
    """Days between a reading and a day named in the text; without a year it is the reading's."""
    published = date.fromisoformat(reading)
    try:
        return abs((date(day.year or published.year, day.month, day.day) - published).days)
    except ValueError:
        return 10**6


def _doubts(
    best: DateCandidate, value: str, others: Sequence[DateCandidate], retrieved: str
) -> Iterator[str]:
    if value.startswith("["):
        yield f"publication date {best.text} is ambiguous: day first or month first"
    if value.startswith("XXXX"):
        yield f"the publication date {best.text} has no year"
    if value[:4].isdigit() and _after(value, retrieved):
        yield f"published {value}, but retrieved before ({retrieved})"
    if best.rule.startswith("updated:"):
        yield f"only the date of a later update is stated ({best.text})"
    for other in others:
        if other.rule.startswith("updated:"):
            continue
        if not any(_agrees(one, value) or value in one for one in other.readings) and not value.startswith(
            "["
        ):
            yield f"another date is stated as well: {other.text} ({other.rule.split(':')[0]})"
