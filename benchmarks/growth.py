"""Draw what ``sync.py --json`` recorded: docs/growth.svg, and the table in docs/growth.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- figures: python benchmarks/sync.py --plot docs/growth.json -->", "<!-- end of figures -->"

SHOWN = {
    "import": "the server's own import",
    "push": "push",
    "push_again": "push again, nothing to do",
    "pull_database": "first pull, by database",
    "pull_http": "first pull, by HTTP",
    "second_pull": "second pull, by HTTP",
}
"""Prefixes of the recorded figures, and what the plot calls them."""


UNITS = {
    "seconds": ("seconds", 1),
    "cpu": ("seconds of our processor time", 1),
    "megabytes": ("most memory of our process, MB", 0),
}
"""What the figures end in, what that means, and digits behind the point."""


def draw(path: Path) -> None:
    """Write the picture and the table beside the recorded figures."""
    figures = {int(size): one for size, one in json.loads(path.read_text("utf-8")).items()}
    path.with_suffix(".svg").write_text(picture(figures), encoding="utf-8")
    page = path.with_suffix(".md")
    page.write_text(with_table(page.read_text("utf-8"), figures), encoding="utf-8")


def with_table(page: str, figures: dict[int, dict[str, float]]) -> str:
    """The page with the table of these figures in its place."""
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n\n{table(figures)}\n{END}{after}"


def table(figures: dict[int, dict[str, float]]) -> str:
    """Figures by size as Markdown; empty where a size was not measured so."""
    lines = ["| | " + " | ".join(f"{size:,}" for size in figures) + " |"]
    lines.append("|---|" + "---:|" * len(figures))
    for prefix, name in SHOWN.items():
        for unit, (shown, digits) in UNITS.items():
            key = f"{prefix}_{unit}"
            if any(key in one for one in figures.values()):
                cells = (f"{one[key]:,.{digits}f}" if key in one else "" for one in figures.values())
                lines.append(f"| {name}: {shown} | " + " | ".join(cells) + " |")
    for name, numerator, denominator in RATIOS:
        cells = (_ratio(one, numerator, denominator) for one in figures.values())
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


RATIOS = (
    ("push : the server's own import", "push_seconds", "import_seconds"),
    ("doccano-client, one by one : push", "client_push_seconds", "push_seconds"),
)


def _ratio(one: dict[str, float], numerator: str, denominator: str) -> str:
    return f"{one[numerator] / one[denominator]:.2f}" if numerator in one and denominator in one else ""


def picture(figures: dict[int, dict[str, float]]) -> str:
    """Each unit over the number of passages, as SVG."""
    import altair
    import vl_convert

    def chart(unit: str, title: str) -> Any:
        rows = [
            {"passages": size, "value": one[f"{prefix}_{unit}"], "what": name}
            for prefix, name in SHOWN.items()
            for size, one in figures.items()
            if f"{prefix}_{unit}" in one
        ]
        return (
            altair.Chart(altair.Data(values=rows))
            .mark_line(point=True)
            .encode(
                x=altair.X("passages:Q", title="passages, five suggestions each"),
                y=altair.Y("value:Q", title=title),
                color=altair.Color("what:N", title=None, sort=list(SHOWN.values())),
            )
            .properties(width=300, height=240)
        )

    charts = altair.hconcat(*(chart(unit, title) for unit, (title, _) in UNITS.items()))
    return str(vl_convert.vegalite_to_svg(charts.to_dict(), vl_version="6.4"))
