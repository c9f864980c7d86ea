"""A text with its dates as one self-contained HTML page: no script, nothing loaded from elsewhere.

Everything that comes from the text is escaped. Dates are marked by underline, colour and a label, so
that colour alone carries nothing; the time line is an SVG with a table beside it that says the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from annotate.core.dates import StatedDate
from annotate.core.dates.edtf import span_of

if TYPE_CHECKING:
    from annotate.flows.dates import TextDates

_WIDTH, _LEFT, _ROW = 920, 30, 20
_WORDS = 34
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #8888; padding: 1rem; }
mark { background: #fff3bf; color: #1b1b1b; border-bottom: 2px solid #00695c; padding: 0 .1em; }
mark.DURATION, mark.SET { background: #e3f2fd; border-bottom-style: dotted; }
mark.TIME { border-bottom-style: double; }
mark:target { outline: 3px solid #c62828; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem; border-bottom: 1px solid #8886; }
svg { max-width: 100%; height: auto; background: #fafafa; }
svg text { font: 12px system-ui, sans-serif; fill: #222; }
.wide { overflow-x: auto; }
"""


def page(found: TextDates) -> str:
    """The whole page. Deterministic: the same dates give the same bytes."""
    title = f"Dates of {found.name}" if found.name != "-" else "Dates of a text"
    published = found.published or "unknown"
    about = f"Language {found.language}, published {published}, mode {found.mode}: {found.reason}."
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<style>{_STYLE}</style></head><body><main>",
        f"<h1>{escape(title)}</h1><p>{escape(about)}</p>",
        "<h2>Time line</h2>",
        _time_line(found),
        "<h2>Text</h2>",
        f'<pre lang="{escape(found.language)}">{_marked(found)}</pre>',
        "<h2>Dates</h2>",
        _table(found.dates),
        "<h2>Contradictions</h2>",
        _findings(found),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _marked(found: TextDates) -> str:
    pieces, at = [], 0
    for number, date in enumerate(found.dates, 1):
        pieces.append(escape(found.text[at : date.start]))
        label = escape(f"{date.timex_type} {date.value} {date.mod}".strip(), quote=True)
        mark = f'<mark id="d{number}" class="{date.timex_type}" title="{label}">{escape(date.text)}</mark>'
        pieces.append(mark)
        at = date.end
    return "".join((*pieces, escape(found.text[at:])))


def _table(dates: Iterable[StatedDate]) -> str:
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("Text", "Type", "Value", "EDTF", "Hangs on", "Or", "Why")
    )
    rows = "".join(_row(number, date) for number, date in enumerate(dates, 1))
    if not rows:
        return "<p>No dates were found.</p>"
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _row(number: int, date: StatedDate) -> str:
    value = f"{date.value} {date.mod}".strip()
    cells = (
        date.timex_type,
        value,
        date.edtf or "not representable",
        date.anchor.kind.replace("_", " "),
        ", ".join(date.alternatives),
        date.why,
    )
    rest = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row"><a href="#d{number}">{escape(date.text)}</a></th>{rest}</tr>'


def _findings(found: TextDates) -> str:
    if not found.findings:
        return "<p>None were found.</p>"
    items = []
    for finding in found.findings:
        quotes = ", ".join(f"“{found.text[start:end]}” ({start})" for start, end in finding.spans)
        items.append(f"<li>{escape(finding.message)}: {escape(quotes)}</li>")
    return f"<ul>{''.join(items)}</ul>"


def _time_line(found: TextDates) -> str:
    """A dot for each dated mention: across is time, down is the order of the text."""
    dated = [(number, date, _years(date)) for number, date in enumerate(found.dates, 1)]
    placed = [(number, date, years) for number, date, years in dated if years is not None]
    if not placed:
        return "<p>No date of this text has a place on a time line.</p>"
    first = min(years[0] for _, _, years in placed)
    last = max(years[1] for _, _, years in placed)
    span = max(last - first, 1.0)
    height = 50 + _ROW * len(placed)

    def across(year: float) -> float:
        return round(_LEFT + (year - first) / span * (_WIDTH - 2 * _LEFT - 130), 1)

    marks = [_axis(first, last, across(first), across(last))]
    for row, (number, date, (start, end)) in enumerate(placed):
        y = 50 + row * _ROW
        width = max(across(end) - across(start), 4)
        words = date.text if len(date.text) <= _WORDS else f"{date.text[: _WORDS - 1]}…"
        label = escape(f"{words}: {date.edtf}")
        # Where a bar stands at the right, its words would run off the page: they stand before it.
        late = across(start) + width > _WIDTH / 2
        at = across(start) - 6 if late else across(start) + width + 6
        marks.append(
            f'<a href="#d{number}"><rect x="{across(start)}" y="{y - 5}" width="{width:.1f}" '
            f'height="10" rx="2" fill="#00695c"/>'
            f'<text x="{at:.1f}" y="{y + 4}" text-anchor="{"end" if late else "start"}">{label}</text></a>'
        )
    body = "".join(marks)
    return (
        f'<div class="wide"><svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="t">'
        f'<title id="t">Stated dates from {int(first)} to {int(last)}; the table below says the same</title>'
        f"{body}</svg></div>"
    )


def _axis(first: float, last: float, start: float, end: float) -> str:
    labels = ((start, first), (end, last)) if end - start > 40 else ((start, first),)
    texts = "".join(f'<text x="{x}" y="16">{int(year)}</text>' for x, year in labels)
    return f'{texts}<line x1="{start}" y1="26" x2="{end}" y2="26" stroke="#555"/>'


def _years(date: StatedDate) -> tuple[float, float] | None:
    """First and last moment as years with a fraction; None where the date has no place in time."""
    days = span_of(date.edtf)
    if days is None:
        return None
    low, high = days
    return low[0] + (low[1] - 1) / 12 + (low[2] - 1) / 372, high[0] + (high[1] - 1) / 12 + high[2] / 372
