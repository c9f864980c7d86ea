"""The page of a report: chapters, each with its plots and the tables behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from annotate.core.dataset.rows import Cell
from annotate.core.figures import Column, Section, Sheet
from annotate.report.charts import Plot
from annotate.report.plots import plots_of

if TYPE_CHECKING:
    import jinja2

SHORT: Final = 12
"""Tables up to so many rows are open from the start."""


@dataclass(frozen=True, slots=True)
class Number:
    """A key number at the head of the page; ``of`` says of how many, or what it means."""

    name: str
    value: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above and below the chapters."""

    study: str
    about: str
    numbers: tuple[Number, ...]
    foot: str
    version: str


@dataclass(frozen=True, slots=True)
class Part:
    """A sheet with its plots; a plot that has no sheet of its own stands alone."""

    plots: tuple[Plot, ...]
    sheet: Sheet | None
    open: bool = False


@dataclass(frozen=True, slots=True)
class Chapter:
    """A section with its parts in order."""

    section: Section
    parts: tuple[Part, ...]


def page(head: Head, sections: Sequence[Section], more: Mapping[str, Sequence[Plot]] | None = None) -> str:
    """The whole page. ``more`` are plots that somebody else drew, by section: they come first in it."""
    chapters = [Chapter(one, tuple(_parts(one, (more or {}).get(one.key, ())))) for one in sections]
    return _template().render(
        study=head.study,
        about=head.about,
        numbers=head.numbers,
        foot=head.foot,
        version=head.version,
        chapters=chapters,
        cells=_cells,
        style=_resource("report.css"),
    )


def _parts(section: Section, more: Sequence[Plot]) -> Iterator[Part]:
    if more:
        yield Part(tuple(more), None)
    for sheet in section.sheets:
        drawn = plots_of(section, sheet)
        yield Part(drawn, sheet, open=len(sheet.rows) <= SHORT and not drawn)


def _template() -> jinja2.Template:
    # Loaded here: the command line starts without it.
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True, loader=None
    )
    return environment.from_string(_resource("report.html.j2"))


def _resource(name: str) -> str:
    return (files("annotate.report") / "templates" / name).read_text("utf-8")


def _cells(sheet: Sheet, row: Sequence[Cell]) -> Iterator[tuple[Column, str]]:
    for column, cell in zip(sheet.columns, row, strict=True):
        yield column, shown(column, cell)


def shown(column: Column, cell: Cell) -> str:
    """A cell as people read it; unknown is a dash."""
    if cell is None or cell == "":
        return "–"
    if column.kind == "share" and isinstance(cell, int | float):
        return f"{cell:.0%}"
    if column.kind == "rate" and isinstance(cell, int | float):
        return f"{round(cell, 2) or 0.0:.2f}"
    if column.kind == "count" and isinstance(cell, int):
        return f"{cell:,}"
    text = str(cell)
    is_time = len(text) >= 20 and text[10] == "T" and text.endswith("Z")
    return f"{text[:10]} {text[11:16]} UTC" if is_time else text
