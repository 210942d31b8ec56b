"""Defines `check_partitioning` and `check_limits`: what partitions may be made by, and what may bound them.

Each raises `NoMeaningError` where the server refuses it, and gives what is in doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rung.migrations.apply.expression_types import Reader
from rung.migrations.apply.index_methods import check_key
from rung.migrations.apply.kinds import kind_of
from rung.migrations.apply.places import check_fixed, check_special
from rung.migrations.expressions import Expression, SqlType
from rung.migrations.resolution import NoMeaningError
from rung.migrations.schema import Column, Partitioning, Schema, Table
from rung.migrations.steps import Limits


def check_partitioning(
    schema: Schema,
    by: Partitioning,
    computed: Iterable[Expression],
    types: Mapping[str, SqlType],
    columns: Iterable[Column],
) -> Iterator[str]:
    if by.strategy == "list" and len(by.columns) > 1:
        raise NoMeaningError("partitions by list have one key")
    method = "hash" if by.strategy == "hash" else "btree"
    generated = {found.name for found in columns if found.generated is not None}
    for name in by.columns:
        if name is None:
            continue
        if name not in types:
            raise NoMeaningError(f"partitions are by `{name}`, which is no column")
        if name in generated:
            raise NoMeaningError(f"partitions are by `{name}`, which is generated")
        check_key(method, kind_of(schema, types[name]), f"`{name}`")
    for key in computed:
        reader = Reader(schema, types)
        check_key(method, reader.kind(key), "what partitions are made by")
        yield from check_fixed(reader, "what partitions are made by")


def check_limits(schema: Schema, whole: Table, limits: Limits) -> Iterator[str]:
    """That what bounds a partition can be values of the columns that partitions are made by."""
    keys = () if whole.partitioning is None else whole.partitioning.columns
    reader = Reader(schema, {})
    for values in limits if keys else ():
        if len(values) != len(keys):
            raise NoMeaningError(f"a bound of {len(values)} values for {len(keys)} keys")
        for name, value in zip(keys, values, strict=True):
            column = None if name is None else whole.column(name)
            if column is not None and value is not None:
                reader.assigned(value, column.type, f"`{name}`")
    check_special(reader, "a bound")
    yield from reader.doubts
