"""From settled lines to segments that tile the source: joined in order they are its text, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from annotate.core.model import Kind, Segment
from annotate.sources.items import Item
from annotate.sources.lines import Line

MARK = "\ufeff"

Tile = tuple[int, int, Kind, str]


def tile(
    source_id: str, source_file: str, text: str, lines: list[Line], items: list[Item]
) -> tuple[Segment, ...]:
    """Segments of a source: one a line, or less where a date line or an end mark shares its line."""
    by_line = {item.line.number: item for item in items}
    tiles = _merged(_tiles(text, lines, by_line))
    return tuple(Segment(source_id, source_file, *part) for part in tiles)


def _tiles(text: str, lines: list[Line], by_line: dict[int, Item]) -> Iterator[Tile]:
    for line in lines:
        start = line.start
        if start == 0 and text.startswith(MARK):
            yield 0, 1, "control", "byte_order_mark"
            start = 1
        if start == line.end:
            continue
        item = by_line.get(line.number)
        if item is None:
            yield start, line.end, "blank", "blank"
        else:
            yield from _line_tiles(start, line.end, item)


def _line_tiles(start: int, end: int, item: Item) -> Iterator[Tile]:
    kind: Kind = item.kind
    rule = item.rule
    dateline = item.dateline
    if item.cls == "dateline" and dateline is not None and not dateline.whole_line:
        yield start, dateline.end, "dateline", "dateline"
        start, kind, rule = dateline.end, "body", "after_dateline"
    mark = item.endmark if item.cls != "endmark" else None
    if mark is None or mark[0] <= start:
        yield start, end, kind, rule
        return
    yield start, mark[0], kind, rule
    yield mark[0], end, "endmark", "end_mark"


def _merged(tiles: Iterable[Tile]) -> Iterator[Tile]:
    """Join runs of blank lines; every other line stays a segment of its own."""
    held: Tile | None = None
    for part in tiles:
        if held is not None and held[2] == part[2] == "blank":
            held = (held[0], part[1], "blank", "blank")
            continue
        if held is not None:
            yield held
        held = part
    if held is not None:
        yield held
