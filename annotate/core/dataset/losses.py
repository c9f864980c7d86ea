"""What a format could not hold, counted from the rows of the dataset that is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields

from annotate.core.dataset.rows import ROW_TYPES, Dataset, columns


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that a format could not hold.

    ``what`` is a column (``labels.score``) or a named thing (``overlapping labels``), ``count`` the cells or
    rows of this dataset that it concerns (0: not reported), ``why`` one sentence for a researcher.
    """

    what: str
    count: int
    why: str


def reported(losses: Iterable[Loss]) -> tuple[Loss, ...]:
    """Those that concern something, each thing once."""
    found: dict[tuple[str, str], int] = {}
    for one in losses:
        found[one.what, one.why] = found.get((one.what, one.why), 0) + one.count
    return tuple(Loss(what, count, why) for (what, why), count in found.items() if count)


def lost_columns(dataset: Dataset, table: str, held: Collection[str], why: str) -> list[Loss]:
    """A loss for each column of a table that is not ``held``, with how many of its cells are not empty.

    Raises ValueError for a held column that the table does not have.
    """
    names = columns(ROW_TYPES[table])
    if set(held) - set(names):
        raise ValueError(f"{table} has no column {sorted(set(held) - set(names))}")
    rows = getattr(dataset, table)
    counts = dict.fromkeys(names, 0)
    attributes = [one.name for one in fields(ROW_TYPES[table])]
    for name, attribute in zip(names, attributes, strict=True):
        if name not in held:
            counts[name] = sum(getattr(row, attribute) not in ("", None) for row in rows)
    return [Loss(f"{table}.{name}", count, why) for name, count in counts.items() if count]


def lost_tables(dataset: Dataset, held: Collection[str], why: str) -> list[Loss]:
    """A loss for each table of which a format holds nothing, with its number of rows."""
    unknown = set(held) - set(ROW_TYPES)
    if unknown:
        raise ValueError(f"a dataset has no table {sorted(unknown)}")
    return [Loss(name, len(rows), why) for name, rows in dataset.tables() if rows and name not in held]
