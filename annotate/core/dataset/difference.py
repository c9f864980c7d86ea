"""What changed between two datasets, row by row and cell by cell: pure, over cells as text.

Rows are matched by the key of their table. A label that went and one that came are matched too where
they say the same thing by the same person: the web page moves a label by deleting it and drawing
another one, and a server made anew numbers its labels anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from annotate.core.offsets import Range

Kind = Literal["added", "removed", "moved", "relabelled", "changed"]
KINDS: Final[tuple[Kind, ...]] = ("added", "removed", "moved", "relabelled", "changed")
_PLACE: Final = ("source_id", "source_file", "source_start", "source_end", "source_ranges")
_PEOPLE: Final = ("annotator", "assignee", "adjudicator")
_STATES: Final = ("status", "fate", "reason")

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """One table as it was found: the columns that identify a row, all columns, and the rows."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Sequence[Cells]


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell before and after; empty is "unknown"."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One row that is not in both as it was.

    ``key`` identifies it in the newer dataset (in the older one, where it was removed), ``old_key`` in
    the older one where that differs. ``label``, ``annotator`` and ``status`` are those of the newer row;
    ``status`` is the fate of a suggestion. ``where`` is the source file and place.
    """

    table: str
    kind: Kind
    key: str
    old_key: str
    label: str
    annotator: str
    status: str
    where: str
    quote: str
    cells: tuple[CellChange, ...]


@dataclass(frozen=True, slots=True)
class TableDifference:
    """One table: how many rows each side has and share unchanged, and every change in order.

    ``only_before`` and ``only_after`` are columns that one side lacks; they are not compared.
    """

    table: str
    before: int
    after: int
    same: int
    changes: tuple[Change, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]

    def count(self, kind: Kind) -> int:
        """How many changes are of a kind."""
        return sum(one.kind == kind for one in self.changes)

    def cells(self) -> dict[str, int]:
        """Changed cells by column, the most first; rows that came or went do not count."""
        found = Counter(cell.column for one in self.changes for cell in one.cells)
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


@dataclass(frozen=True, slots=True)
class Difference:
    """All tables that both sides have; ``only_before`` and ``only_after`` are tables that one lacks."""

    tables: tuple[TableDifference, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether anything changed: a row, a column, a table."""
        columns = any(one.only_before or one.only_after for one in self.tables)
        return bool(self.only_before or self.only_after or columns or any(one.changes for one in self.tables))

    def table(self, name: str) -> TableDifference | None:
        """The difference of one table, None where a side lacks it."""
        return next((one for one in self.tables if one.table == name), None)


def difference(before: Mapping[str, Table], after: Mapping[str, Table]) -> Difference:
    """Compare two datasets, given as tables by name; the order of ``after`` is that of the result."""
    return Difference(
        tables=tuple(_table(before[name], table) for name, table in after.items() if name in before),
        only_before=tuple(name for name in before if name not in after),
        only_after=tuple(name for name in after if name not in before),
    )


def by_group(
    found: TableDifference, column: Literal["label", "annotator", "status"]
) -> dict[str, dict[str, int]]:
    """Changes by kind for each label, annotator or status, in the order of names."""
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for one in found.changes:
        groups[getattr(one, column)][one.kind] += 1
    return {name: {kind: groups[name][kind] for kind in KINDS} for name in sorted(groups)}


def transitions(found: TableDifference, column: str) -> dict[tuple[str, str], int]:
    """How often a column went from one value to another, in rows that both sides have."""
    pairs = Counter(
        (cell.before, cell.after) for one in found.changes for cell in one.cells if cell.column == column
    )
    return dict(sorted(pairs.items()))


def _table(before: Table, after: Table) -> TableDifference:
    shared = tuple(name for name in after.columns if name in before.columns)
    old, new = _by_key(before), _by_key(after)
    gone = {key: row for key, row in old.items() if key not in new}
    came = {key: row for key, row in new.items() if key not in old}
    pairs = dict(_pairs(gone, came)) if after.name == "labels" else {}
    former = {key: other for other, key in pairs.items()}
    changes: list[Change] = []
    for key, row in new.items():
        if key in old or key in former:
            earlier = key if key in old else former[key]
            cells = tuple(_cells(shared, old[earlier], row))
            if cells:
                changes.append(_change(after, _kind(after, cells), key, earlier, row, cells))
        else:
            changes.append(_change(after, "added", key, key, row, ()))
    lost = (key for key in gone if key not in pairs)
    changes.extend(_change(before, "removed", key, key, old[key], ()) for key in lost)
    changed = sum(one.kind not in ("added", "removed") for one in changes)
    return TableDifference(
        table=after.name,
        before=len(old),
        after=len(new),
        same=len(new) - len(came) + len(pairs) - changed,
        changes=tuple(sorted(changes, key=lambda one: KINDS.index(one.kind))),
        only_before=tuple(name for name in before.columns if name not in after.columns),
        only_after=tuple(name for name in after.columns if name not in before.columns),
    )


def _by_key(table: Table) -> dict[tuple[str, ...], Cells]:
    return {tuple(row.get(name, "") for name in table.key): row for row in table.rows}


def _cells(columns: Iterable[str], before: Cells, after: Cells) -> Iterator[CellChange]:
    for name in columns:
        if before[name] != after[name]:
            yield CellChange(name, before[name], after[name])


def _kind(table: Table, cells: Iterable[CellChange]) -> Kind:
    columns = {cell.column for cell in cells}
    if table.name not in ("labels", "gold", "suggestions"):
        return "changed"
    if columns.intersection(_PLACE):
        return "moved"
    return "relabelled" if "label" in columns else "changed"


def _change(
    table: Table,
    kind: Kind,
    key: tuple[str, ...],
    old_key: tuple[str, ...],
    row: Cells,
    cells: tuple[CellChange, ...],
) -> Change:
    ranges = row.get("source_ranges") or "-".join(
        row[name] for name in ("source_start", "source_end") if row.get(name)
    )
    return Change(
        table=table.name,
        kind=kind,
        key=" ".join(key),
        old_key=" ".join(old_key) if old_key != key else "",
        label=row.get("label") or row.get("relation", ""),
        annotator=_first(row, _PEOPLE),
        status=_first(row, _STATES),
        where=" ".join(part for part in (row.get("source_file", ""), ranges) if part),
        quote=row.get("quote", ""),
        cells=cells,
    )


def _first(row: Cells, names: Iterable[str]) -> str:
    return next((row[name] for name in names if row.get(name)), "")


Key = tuple[str, ...]


def _pairs(gone: Mapping[Key, Cells], came: Mapping[Key, Cells]) -> Iterator[tuple[Key, Key]]:
    """Labels that live on under another id: (old key, new key), each at most once.

    The same words and label first. Then, within what one person did in one source, the same label over
    words that share a character, or another label over exactly the same words; the larger share wins.
    """
    left, right = dict(gone), dict(came)
    places: dict[tuple[str, ...], list[Key]] = defaultdict(list)
    for key, row in right.items():
        places[_place(row)].append(key)
    for key, row in gone.items():
        if places.get(_place(row)):
            other = places[_place(row)].pop(0)
            del left[key], right[other]
            yield key, other
    taken: set[Key] = set()
    done: set[Key] = set()
    for _, key, other in sorted(_candidates(left, right)):
        if key not in done and other not in taken:
            done.add(key)
            taken.add(other)
            yield key, other


def _place(row: Cells) -> tuple[str, ...]:
    names = ("source_id", "source_start", "source_end", "layer", "label", "annotator")
    return tuple(row.get(name, "") for name in names)


def _candidates(
    gone: Mapping[Key, Cells], came: Mapping[Key, Cells]
) -> Iterator[tuple[tuple[bool, float], Key, Key]]:
    groups: dict[tuple[str, str], list[tuple[Key, Cells]]] = defaultdict(list)
    for key, row in came.items():
        groups[row.get("source_id", ""), row.get("annotator", "")].append((key, row))
    for key, row in gone.items():
        for other, later in groups[row.get("source_id", ""), row.get("annotator", "")]:
            share = _share(row, later)
            same = row.get("label") == later.get("label")
            if share and (same or share == 1.0):
                yield (not same, -share), key, other


def _share(one: Cells, two: Cells) -> float:
    first, second = _range(one), _range(two)
    shared = first.overlap(second)
    return shared / (len(first) + len(second) - shared) if shared else 0.0


def _range(row: Cells) -> Range:
    try:
        return Range(int(row.get("source_start", "")), int(row.get("source_end", "")))
    except ValueError:
        return Range(0, 0)
