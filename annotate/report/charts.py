"""Vega-Lite as SVG whose bytes do not depend on the machine, with a name and a description for all readers.

As in the plot of a dataset, nothing is laid out by measured text: padding and sizes are told, long names
are cut, tick labels are thinned here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import escape

_VEGA_LITE: Final = "6.4"
_FONT: Final = "Liberation Sans, Arial, Helvetica, sans-serif"
ABOVE: Final = 0.68
"""Height of slanted names above a plot, as a share of their length."""
PALETTE: Final = ("#00695c", "#b4530a", "#3f51b5", "#8e245f", "#5d6d1e", "#546e7a", "#a1741a", "#283593")
"""Hues that differ in lightness too, each dark enough to be read on white (4.5 to 1)."""
DARK, MIDDLE, PALE, INK = "#00695c", "#7fb5ad", "#dbe7e5", "#263238"
_CONFIG: Final[dict[str, Any]] = {
    "font": _FONT,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 12,
        "labelColor": INK,
        "labelLimit": 0,
        "labelOverlap": False,
        "labelFlush": False,
        "domainColor": "#90a4ae",
        "tickColor": "#90a4ae",
        "gridColor": "#eceff1",
        "titleColor": INK,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "legend": {"labelFontSize": 12, "labelColor": INK, "title": None, "symbolSize": 90, "labelLimit": 0},
}

Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """The size of a plot and the room around it, in pixels."""

    width: int
    height: int
    left: int = 60
    right: int = 30
    top: int = 12
    bottom: int = 34


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot as inline SVG; ``about`` says in a sentence what it shows."""

    title: str
    about: str
    svg: str


def draw(key: str, title: str, about: str, layers: Sequence[Spec], frame: Frame) -> Plot:
    """The plot of some layers. ``key`` makes the ids of this SVG differ from those of others on the page."""
    import vl_convert

    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "config": _CONFIG,
        "width": frame.width,
        "height": frame.height,
        "padding": {"left": frame.left, "right": frame.right, "top": frame.top, "bottom": frame.bottom},
        "autosize": "none",
        "layer": list(layers),
    }
    svg = vl_convert.vegalite_to_svg(spec, vl_version=_VEGA_LITE)
    return Plot(title, about, _named(svg, key, title, about))


def _named(svg: str, key: str, title: str, about: str) -> str:
    """The SVG with ids of its own, a role, a title and a description."""
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{key}-", svg)
    head, _, rest = svg.partition(">")
    ids = f"{key}-title {key}-about"
    names = f'<title id="{key}-title">{escape(title)}</title><desc id="{key}-about">{escape(about)}</desc>'
    return f'{head} role="img" aria-labelledby="{ids}">{names}{rest}'


def layer(mark: Spec, rows: Sequence[Spec], **encoding: Spec) -> Spec:
    """One layer over its own rows."""
    return {"mark": mark, "data": {"values": list(rows)}, "encoding": encoding}


def legend(columns: int) -> Spec:
    """A legend above the plot, in one row."""
    return {"orient": "none", "legendX": 0, "legendY": -30, "direction": "horizontal", "columns": columns}


def thinned(names: Sequence[str], most: int) -> list[str]:
    """At most so many of the names, evenly, the first among them."""
    step = max(1, -(-len(names) // most))
    return list(names[::step])


def whole_ticks(most: int, first: int = 0) -> list[int]:
    """Whole numbers from ``first`` to ``most`` in round steps, about six of them."""
    span = max(most - first, 1)
    size = 10 ** (len(str(span)) - 1)
    step = next(
        (one for one in (size // 10, size // 5, size // 2, size, 2 * size) if one and span / one <= 6), 0
    )
    return list(range(first, most + 1, step or 5 * size))


def room(names: Iterable[str]) -> int:
    """Pixels left of a plot for names of its rows, by their length and not by a measured font."""
    return 24 + 7 * max((_width(name) for name in names), default=0)


def _width(name: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in name)


def cut(name: str, width: int) -> str:
    """A name of others as one short line: nothing that turns or breaks the text, wide letters as two."""
    plain = "".join(char if char.isprintable() else "\ufffd" for char in name)
    taken = 0
    for at, char in enumerate(plain):
        taken += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if taken > width:
            return plain[: max(0, at - 1)] + "…"
    return plain


def distinct(names: Sequence[str], width: int) -> dict[str, str]:
    """Each name to its short form; two that would look the same get a number."""
    short: dict[str, str] = {}
    for name in names:
        found = cut(name, width)
        number = 2
        while found in short.values():
            found = f"{cut(name, width - 4)} ({number})"
            number += 1
        short[name] = found
    return short
