"""The tables of a dataset's folder as typed pandas frames; nothing beside the folder is needed."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from annotate.core.dataset import ROW_TYPES
from annotate.core.errors import BadInput, UsageError
from annotate.formats.arrow import raw_type, typed
from annotate.formats.package import RECORD, Record, parse_record
from annotate.formats.schemas import TableSchema, parse_schema

if TYPE_CHECKING:
    import pyarrow
    from pandas import DataFrame as DataFrame

_LARGEST_BLOCK = (1 << 31) - 1
_GUARDED = "^'('*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20])"


class Tables:
    """A dataset's tables, each read when it is first asked for.

    Types follow the Table Schemas of the dataset: nullable integers, floats and booleans, categories where a
    column has few different values, times as ``datetime64[us, UTC]``, text as ``string``. Unknown is NA.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.record = read_record(folder)

    def table(self, name: str) -> DataFrame:
        """A table by name. Raises UsageError for one that is none, BadInput for one that cannot be read."""
        if name not in ROW_TYPES:
            raise UsageError(f"there is no table {name!r}", hint=f"tables: {', '.join(ROW_TYPES)}")
        return read_frame(self.folder, name, excel=self.record.excel)

    @cached_property
    def sources(self) -> DataFrame:
        """One row a file as received."""
        return self.table("sources")

    @cached_property
    def documents(self) -> DataFrame:
        """One row an article."""
        return self.table("documents")

    @cached_property
    def passages(self) -> DataFrame:
        """One row a text that annotators saw."""
        return self.table("passages")

    @cached_property
    def annotators(self) -> DataFrame:
        """One row a person (or script) named in the other tables."""
        return self.table("annotators")

    @cached_property
    def assignments(self) -> DataFrame:
        """One row a passage and annotator."""
        return self.table("assignments")

    @cached_property
    def labels(self) -> DataFrame:
        """One row a label and annotator."""
        return self.table("labels")

    @cached_property
    def gold(self) -> DataFrame:
        """One row a decision about a span."""
        return self.table("gold")

    @cached_property
    def gold_relations(self) -> DataFrame:
        """One row a decision about a relation."""
        return self.table("gold_relations")

    @cached_property
    def relations(self) -> DataFrame:
        """One row a relation between two labels."""
        return self.table("relations")

    @cached_property
    def suggestions(self) -> DataFrame:
        """One row a machine label and project."""
        return self.table("suggestions")

    @cached_property
    def suggested_relations(self) -> DataFrame:
        """One row a relation that a machine drew and project."""
        return self.table("suggested_relations")

    @cached_property
    def runs(self) -> DataFrame:
        """One row a suggester run."""
        return self.table("runs")

    @cached_property
    def comments(self) -> DataFrame:
        """One row a remark on a passage."""
        return self.table("comments")

    @cached_property
    def chronology(self) -> DataFrame:
        """One row a DATE label, in the order of time."""
        return self.table("chronology")

    @cached_property
    def quarantine(self) -> DataFrame:
        """One row a label, relation or comment that could not be proven."""
        return self.table("quarantine")


def read_record(folder: Path) -> Record:
    """dataset.json of a folder. Raises UsageError where there is none, BadInput where it cannot be read."""
    path = folder / RECORD
    if not path.is_file():
        raise UsageError(
            f"{folder} is no dataset: it has no {RECORD}", hint="name a folder that `annotate export` wrote"
        )
    try:
        return parse_record(path.read_bytes())
    except ValueError as error:
        raise BadInput(f"{path} cannot be read: {error}") from error


def read_frame(folder: Path, table: str, *, excel: bool = False) -> DataFrame:
    """One table, typed as the schema in the dataset says. Raises BadInput."""
    import pandas
    import pyarrow

    try:
        schema = parse_schema(json.loads((folder / "schemas" / f"{table}.json").read_bytes()))
        found = _read_arrow(folder / f"{table}.csv", schema, excel=excel)
    except (OSError, ValueError, KeyError, pyarrow.ArrowException) as error:
        raise BadInput(
            f"{folder / table}.csv cannot be read: {error}",
            hint="`annotate verify` says what is wrong with the dataset",
        ) from error
    kinds = {
        pyarrow.int64(): pandas.Int64Dtype(),
        pyarrow.float64(): pandas.Float64Dtype(),
        pyarrow.bool_(): pandas.BooleanDtype(),
        pyarrow.string(): pandas.StringDtype("pyarrow"),
    }
    frame: DataFrame = found.to_pandas(types_mapper=kinds.get)
    return frame


def _read_arrow(path: Path, schema: TableSchema, *, excel: bool) -> pyarrow.Table:
    import pyarrow
    from pyarrow import csv

    # A row must fit into a block, and a passage can be long.
    size = min(max(path.stat().st_size, 1 << 16), _LARGEST_BLOCK)
    found = csv.read_csv(
        path,
        read_options=csv.ReadOptions(block_size=size),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types={field.name: raw_type(field) for field in schema.fields},
            include_columns=list(schema.columns),
            null_values=[""],
            strings_can_be_null=True,
            true_values=["true"],
            false_values=["false"],
        ),
    )
    columns = []
    for field in schema.fields:
        array = found.column(field.name).combine_chunks()
        if excel and array.type == pyarrow.string():
            array = _unguarded(array)
        columns.append(typed(array, field))
    return pyarrow.table(columns, names=list(schema.columns))


def _unguarded(array: pyarrow.Array) -> pyarrow.Array:
    from pyarrow import compute

    return compute.replace_substring_regex(array, pattern=_GUARDED, replacement="\\1", max_replacements=1)
