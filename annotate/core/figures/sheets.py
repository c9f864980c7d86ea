"""What a section of a report is made of: sentences, and tables that plots are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from annotate.core.dataset.rows import Cell

Kind = Literal["text", "count", "share", "rate"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet: its key, what people read, and how its cells are to be shown.

    ``count`` cells are integers, ``share`` cells lie between 0 and 1, ``rate`` cells are any number.
    """

    name: str
    title: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a report; None is "unknown" or "does not apply"."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def records(self) -> list[dict[str, Cell]]:
        """The rows by column name."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter of a report. Where ``sheets`` is empty, ``words`` say why."""

    key: str
    title: str
    words: tuple[str, ...]
    sheets: tuple[Sheet, ...] = ()


def text(name: str, title: str) -> Column:
    """A column of text."""
    return Column(name, title)


def count(name: str, title: str) -> Column:
    """A column of whole numbers."""
    return Column(name, title, "count")


def share(name: str, title: str) -> Column:
    """A column of shares from 0 to 1."""
    return Column(name, title, "share")


def rate(name: str, title: str) -> Column:
    """A column of other numbers."""
    return Column(name, title, "rate")
