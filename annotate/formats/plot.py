"""The chronology as a picture (SVG): stated dates of each document, beside its publication date.

The bytes must not depend on the machine. So nothing is laid out by measured text (other machines have
other fonts): the padding is fixed and long titles are cut here. Years are plain numbers, not times,
which would have a zone.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor
from types import ModuleType
from typing import Any, Final
from xml.sax.saxutils import escape

from annotate.core.dataset.rows import DatedRow
from annotate.core.dates.bounds import Day, days_of

PLOT: Final = "chronology.svg"
MOST_DOCUMENTS: Final = 40
"""How many documents a plot shows at most: those with the most dates."""
_TITLE_WIDTH: Final = 44
_VEGA_LITE: Final = "6.4"
_FONT: Final = "Liberation Sans, Arial, Helvetica, sans-serif"
_CONFIRMED, _DRAFT, _PUBLISHED = "stated (confirmed)", "stated (draft)", "published"
_DAYS_OF_YEAR: Final = 372


@dataclass(frozen=True, slots=True)
class _Line:
    """A document of the plot; ``dates`` are (first, last) in years, with the kind of mark."""

    title: str
    published: tuple[float, float] | None
    dates: tuple[tuple[float, float, str], ...]


def plot_bytes(rows: Sequence[DatedRow]) -> bytes | None:
    """The plot of a chronology; None where no label has both ends of a place in time."""
    lines = _lines(rows)
    if not lines:
        return None
    shown = _shown(lines)
    return _accessible(_drawn(tuple(shown)), _about(lines, shown)).encode("utf-8")


@lru_cache(maxsize=8)
def _drawn(lines: tuple[_Line, ...]) -> str:
    """The SVG of some lines. Kept: an export, its proof and a report draw the same plot in one process."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(_spec(lines), vl_version=_VEGA_LITE)
    return svg


def documents_of(rows: Iterable[DatedRow]) -> int:
    """How many documents have a date that a plot can show."""
    return len(_lines(rows))


def _lines(rows: Iterable[DatedRow]) -> list[_Line]:
    found: dict[tuple[str, str], list[DatedRow]] = defaultdict(list)
    for row in rows:
        if _span(row.value):
            found[row.source_file, row.document_id].append(row)
    return [_line(found[key]) for key in sorted(found)]


def _line(rows: Sequence[DatedRow]) -> _Line:
    dates = {
        (*span, _CONFIRMED if row.status == "confirmed" else _DRAFT)
        for row in rows
        if (span := _span(row.value))
    }
    return _Line(rows[0].title or rows[0].source_file, _span(rows[0].published), tuple(sorted(dates)))


def _span(edtf: str) -> tuple[float, float] | None:
    days = days_of(edtf)
    if days.first is None or days.last is None:
        return None
    return _year(days.first, 0), _year(days.last, 1)


def _year(day: Day, more: int) -> float:
    # Months of 31 days: exact enough for a picture, and the same on every machine.
    year, month, number = day
    return round(year + ((month - 1) * 31 + number - 1 + more) / _DAYS_OF_YEAR, 4)


def _shown(lines: Sequence[_Line]) -> list[_Line]:
    most = sorted(lines, key=lambda line: -len(line.dates))[:MOST_DOCUMENTS]
    return sorted(most, key=lambda line: (line.published is None, line.published or (), line.title))


def _about(lines: Sequence[_Line], shown: Sequence[_Line]) -> str:
    part = f"{len(shown)} of {len(lines)}" if len(shown) < len(lines) else str(len(shown))
    dates = sum(len(line.dates) for line in shown)
    return (
        f"One line for each of {part} document(s), in the order of publication; undated ones last. Dots are "
        f"stated dates, bars the time that each can mean, diamonds the publication dates. {dates} different "
        "stated date(s). The same in full, and what has no place in time: chronology.csv."
    )


def _spec(lines: Sequence[_Line]) -> dict[str, Any]:
    """The Vega-Lite specification of a plot."""
    import altair
    from altair.utils.schemapi import debug_mode

    # Checking the specification against its schema takes longer than drawing it; the tests check it.
    with debug_mode(False):
        return _chart(altair, lines)


def _chart(altair: ModuleType, lines: Sequence[_Line]) -> dict[str, Any]:
    names = [f"{number}. {_cut(line.title)}" for number, line in enumerate(lines, 1)]
    marks = [mark for name, line in zip(names, lines, strict=True) for mark in _marks(name, line)]
    low, high = _domain(marks)
    kinds = altair.Scale(domain=[_CONFIRMED, _DRAFT, _PUBLISHED], range=["#00695c", "#80a8a2", "#c62828"])
    shapes = altair.Scale(domain=[_CONFIRMED, _DRAFT, _PUBLISHED], range=["circle", "circle", "diamond"])
    legend = altair.Legend(
        title=None, orient="none", legendX=0, legendY=-28, direction="horizontal", columns=3
    )
    axis = altair.Axis(
        format="d",
        tickMinStep=1,
        tickCount=10,
        title=None,
        grid=True,
        gridColor="#e0e0e0",
        labelOverlap=False,
    )
    left = altair.Axis(title=None, labelLimit=0, labelOverlap=False, grid=True, gridColor="#f0f0f0")
    y = altair.Y("name:N", sort=None, scale=altair.Scale(domain=names), axis=left)
    x = altair.X("middle:Q", scale=altair.Scale(domain=[low, high], nice=False, zero=False), axis=axis)
    base = altair.Chart(altair.InlineData(values=marks))
    bars = base.mark_rule(strokeWidth=4, opacity=0.45).encode(
        x=altair.X("first:Q"), x2="last:Q", y=y, color=altair.Color("kind:N", scale=kinds, legend=legend)
    )
    dots = base.mark_point(filled=True, size=45, opacity=1).encode(
        x=x,
        y=y,
        color=altair.Color("kind:N", scale=kinds, legend=legend),
        shape=altair.Shape("kind:N", scale=shapes, legend=legend),
    )
    framed = altair.layer(bars, dots).properties(
        width=560,
        height=24 * len(names),
        padding={"left": 330, "right": 30, "top": 60, "bottom": 30},
        autosize="none",
    )
    spec: dict[str, Any] = framed.configure(font=_FONT).to_dict(validate=False)
    return spec


def _domain(marks: Sequence[dict[str, Any]]) -> tuple[int, int]:
    low, high = floor(min(mark["first"] for mark in marks)), ceil(max(mark["last"] for mark in marks))
    room = max(1, (high - low) // 50)
    return low - room, high + room


def _marks(name: str, line: _Line) -> list[dict[str, Any]]:
    spans = list(line.dates)
    if line.published:
        spans.append((*line.published, _PUBLISHED))
    return [
        {
            "name": name,
            "first": first,
            "last": last,
            "middle": round((first + last) / 2, 4),
            "kind": kind,
        }
        for first, last, kind in spans
    ]


def _cut(title: str) -> str:
    """A title of others as one short line: nothing that turns or breaks the text, wide letters as two."""
    plain = "".join(char if char.isprintable() else "�" for char in title)
    width = 0
    for at, char in enumerate(plain):
        width += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if width > _TITLE_WIDTH:
            return plain[: max(0, at - 1)] + "…"
    return plain


def _accessible(svg: str, about: str) -> str:
    head, _, rest = svg.partition(">")
    named = f'{head} role="img" aria-labelledby="chronology-title chronology-about">'
    title = '<title id="chronology-title">Stated dates by document</title>'
    return f'{named}{title}<desc id="chronology-about">{escape(about)}</desc>{rest}\n'
