"""Between PostgreSQL's CSV (COPY … FORMAT csv) and Arrow, both ways, without losing a NULL, a digit or a zone.

Pure conversion: no connection here. PostgreSQL writes NULL as nothing and '' as "": both directions keep them apart.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

CHUNK_ROWS = 65_536
NUMERIC = 1700
# Object ids of PostgreSQL's built-in types never change.
SCALARS: dict[int, pa.DataType] = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int16(),
    23: pa.int32(),
    26: pa.int64(),
    700: pa.float32(),
    701: pa.float64(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
    1184: pa.timestamp("us", "UTC"),
}
ARRAYS: dict[int, pa.DataType] = {
    1005: pa.int16(),
    1007: pa.int32(),
    1016: pa.int64(),
    1021: pa.float32(),
    1022: pa.float64(),
    1231: pa.float64(),
}


class Field(NamedTuple):
    """A result column as the server describes it: name, type's object id, type modifier."""

    name: str
    oid: int
    modifier: int


def arrow_type(field: Field, *, exact: bool) -> pa.DataType:
    """Arrow type of a result column; `exact` keeps numeric(p,s) decimal."""
    if field.oid in ARRAYS:
        return pa.list_(ARRAYS[field.oid])
    if field.oid == NUMERIC:
        if exact and field.modifier >= 4:
            packed = field.modifier - 4
            return pa.decimal128((packed >> 16) & 0xFFFF, packed & 0x7FF)
        return pa.float64()
    return SCALARS.get(field.oid, pa.string())


def parse(data: memoryview, fields: Sequence[Field], *, exact: bool) -> pa.Table:
    """Arrow table of what COPY … TO STDOUT (FORMAT csv) sent. Raises ValueError for two columns of one name."""
    names = [field.name for field in fields]
    if len(set(names)) < len(names):
        raise ValueError(f"the query gives a column name twice: {', '.join(names)}")
    types = [arrow_type(field, exact=exact) for field in fields]
    schema = pa.schema(list(zip(names, types, strict=True)))
    if not len(data):
        return schema.empty_table()
    table = pacsv.read_csv(
        pa.py_buffer(data),
        read_options=pacsv.ReadOptions(column_names=names),
        parse_options=pacsv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=pacsv.ConvertOptions(
            column_types={n: pa.string() if pa.types.is_list(t) else t for n, t in zip(names, types, strict=True)},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )
    for position, type_ in enumerate(types):
        if pa.types.is_list(type_):
            lists = _parse_arrays(table.column(position).combine_chunks(), type_.value_type)
            table = table.set_column(position, pa.field(names[position], type_), lists)
    return table


def write(batch: pa.RecordBatch, columns: Sequence[str]) -> Iterator[memoryview]:
    """Blocks of CSV for COPY … FROM STDIN (FORMAT csv), the columns in the given order. KeyError for a missing one."""
    missing = [name for name in columns if name not in batch.schema.names]
    if missing:
        raise KeyError(f"rows lack the columns {', '.join(missing)}")
    ready = pa.RecordBatch.from_arrays([_writable(batch.column(name)) for name in columns], names=list(columns))
    for start in range(0, ready.num_rows, CHUNK_ROWS):
        sink = io.BytesIO()
        pacsv.write_csv(ready.slice(start, CHUNK_ROWS), sink, pacsv.WriteOptions(include_header=False))
        yield sink.getbuffer()


def _parse_arrays(texts: pa.Array, value_type: pa.DataType) -> pa.ListArray:
    """`{1,NULL,3}` to [1, null, 3]; numbers only, so that no element is ever quoted."""
    parts = pc.split_pattern(pc.utf8_slice_codeunits(texts, 1, -1), ",")
    empty = pc.equal(texts, "{}")
    lengths = pc.if_else(pc.fill_null(empty, True), 0, pc.fill_null(pc.list_value_length(parts), 0))
    elements = pc.list_flatten(parts)
    elements = elements.filter(pc.not_equal(elements, ""))
    values = pc.if_else(pc.equal(elements, "NULL"), pa.scalar(None, pa.string()), elements).cast(value_type)
    return pa.ListArray.from_arrays(_offsets(lengths), values, mask=texts.is_null())


def _offsets(lengths: pa.Array) -> pa.Array:
    return pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast(pa.int32())])


def _writable(array: pa.Array) -> pa.Array:
    """The same values in a type that Arrow's CSV writer knows."""
    type_ = array.type
    if pa.types.is_dictionary(type_):
        return _writable(array.dictionary_decode())
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        return _array_texts(array)
    if pa.types.is_struct(type_) or pa.types.is_map(type_):
        return pa.array([None if value is None else json.dumps(value) for value in array.to_pylist()], pa.string())
    if pa.types.is_decimal(type_):
        return array.cast(pa.string())
    return array


def _array_texts(array: pa.Array) -> pa.Array:
    """[1, null, 3] to `{1,NULL,3}`, null to null. Elements must be numbers, dates or booleans."""
    lists = array.cast(pa.list_(array.type.value_type))
    if pa.types.is_string(lists.type.value_type) or pa.types.is_large_string(lists.type.value_type):
        return _text_array_texts(lists)
    texts = lists.cast(pa.list_(pa.string()))
    # A slice's values buffer holds its neighbours too: rebuilt from the flattened elements.
    lengths = pc.fill_null(pc.list_value_length(texts), 0)
    elements = pc.fill_null(pc.list_flatten(texts), "NULL")
    filled = pa.ListArray.from_arrays(_offsets(lengths), elements, mask=texts.is_null())
    return pc.binary_join_element_wise("{", pc.binary_join(filled, ","), "}", "")


def _text_array_texts(lists: pa.ListArray) -> pa.Array:
    def quoted(value: str | None) -> str:
        return "NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    texts = (None if row is None else "{" + ",".join(map(quoted, row)) + "}" for row in lists.to_pylist())
    return pa.array(list(texts), pa.string())
