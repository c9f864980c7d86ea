"""Tables as Arrow tables: typed as their Table Schema says, which they carry.

Text is dictionary-encoded where a column has few different values, times are microseconds in UTC, unknown
is null. The same rows give the same table: dictionaries are sorted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from annotate.core.dataset import Row
from annotate.formats.schemas import Field, TableSchema, schema_bytes
from annotate.formats.tables import CATEGORIES, columns_of

if TYPE_CHECKING:
    import pyarrow

SCHEMA_KEY = b"table_schema"
"""Key of the schema metadata under which a file carries its Table Schema (JSON)."""


def arrow_table(schema: TableSchema, rows: Sequence[Row]) -> pyarrow.Table:
    """Rows as an Arrow table, columns in the order of the schema."""
    import pyarrow

    columns = columns_of(schema, rows)
    arrays = [typed(pyarrow.array(columns[one.name], raw_type(one)), one) for one in schema.fields]
    return pyarrow.table(arrays, schema=arrow_schema(schema))


def arrow_schema(schema: TableSchema) -> pyarrow.Schema:
    """The Arrow schema of a table, its Table Schema in the metadata."""
    import pyarrow

    return pyarrow.schema(
        [pyarrow.field(one.name, arrow_type(one)) for one in schema.fields],
        metadata={b"table": schema.name.encode(), SCHEMA_KEY: schema_bytes(schema.name)},
    )


def raw_type(field: Field) -> pyarrow.DataType:
    """The type of a column as cells come: times and categories still as text."""
    import pyarrow

    plain = {"integer": pyarrow.int64(), "number": pyarrow.float64(), "boolean": pyarrow.bool_()}
    return plain.get(field.kind, pyarrow.string())


def arrow_type(field: Field) -> pyarrow.DataType:
    """The type of a column as it is kept."""
    import pyarrow

    if field.kind == "datetime":
        return pyarrow.timestamp("us", "UTC")
    if field.kind == "string" and (field.enum or field.name in CATEGORIES):
        return pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
    return raw_type(field)


def typed(array: pyarrow.Array, field: Field) -> pyarrow.Array:
    """A column of the raw type in the type that it is kept in."""
    import pyarrow
    import pyarrow.compute

    kind = arrow_type(field)
    if not pyarrow.types.is_dictionary(kind):
        return array.cast(kind)
    values = pyarrow.compute.unique(array).drop_null().sort()
    index = pyarrow.compute.index_in(array, value_set=values)
    return pyarrow.DictionaryArray.from_arrays(index, values)
