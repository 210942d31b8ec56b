"""Defines a table's demands over several rows: its uniquenesses (`Key`), references and exclusions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rung.migrations.expression_text import to_sql
from rung.migrations.expressions import Arithmetic, Cast, Constant, Expression, Opaque, columns, walk
from rung.migrations.schema import Exclusion, ForeignKey, Index, Name, PrimaryKey, Schema, Table, Unique


@dataclass(frozen=True, slots=True)
class Key:
    """A uniqueness: no two rows agree on `terms`. `name` is the constraint's or the index's."""

    name: str
    columns: tuple[str, ...]
    nulls_distinct: bool
    index: Index | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """Its columns, those that its expressions read among them."""
        own = [name for name in self.columns if name]
        return tuple(dict.fromkeys([*own, *(sorted(key_columns(self)) if "" in self.columns else ())]))


def keys(table: Table) -> tuple[Key, ...]:
    """The uniquenesses that the table enforces on all its rows."""
    found = []
    for constraint in table.constraints:
        if isinstance(constraint, PrimaryKey) and not constraint.without_overlaps:
            found.append(Key(constraint.name, constraint.columns, True))
        if isinstance(constraint, Unique) and not constraint.without_overlaps:
            found.append(Key(constraint.name, constraint.columns, constraint.nulls_distinct))
    found += [index_key(index) for index in table.indexes if index.unique and index.valid]
    return tuple(found)


def index_key(index: Index) -> Key:
    return Key(index.name, tuple(key.column or "" for key in index.keys), index.nulls_distinct, index)


def key_columns(key: Key) -> frozenset[str]:
    """All the columns that a uniqueness reads, also in its expressions and its predicate."""
    named = {name for name in key.columns if name}
    if key.index is not None:
        parts = [found.expression for found in key.index.keys if found.expression is not None]
        parts += [key.index.where] if key.index.where is not None else []
        named |= {column.name for part in parts for column in columns(part) or ()}
    return frozenset(named)


def foreign_keys(table: Table) -> tuple[ForeignKey, ...]:
    return tuple(found for found in table.constraints if isinstance(found, ForeignKey) and found.enforced)


Reference = tuple[tuple[str, ...], Name, tuple[str, ...]]
"""A foreign key by what it says: its columns, the table and the columns that they refer to."""


def failing(index: Index) -> list[str]:
    """The expressions of the index that may fail for some row: they calculate or convert."""
    parts = [key.expression for key in index.keys if key.expression is not None]
    parts += [index.where] if index.where is not None else []
    return [f"an error in `{to_sql(part)}`" for part in parts if any(map(_may_fail, walk(part)))]


def _may_fail(part: Expression) -> bool:
    match part:
        case Arithmetic():
            return True
        case Cast(operand, type_):
            is_text = type_.name in ("text", "varchar") and not type_.array
            return not isinstance(operand, Constant) and not is_text
        case Opaque(text):
            return any(sign in text for sign in (" / ", " % ", "::", "CAST("))
        case _:
            return False


HOLDING = ("no action", "restrict")
"""What ON DELETE says where a row that is referred to cannot be removed."""


def reference(key: ForeignKey) -> Reference:
    return key.columns, key.table, key.referenced


def implied(schema: Schema, key: ForeignKey) -> list[Reference]:
    """What a row that refers by the key refers to besides: its parent's own references by the same values."""
    parent = schema.tables.get(key.table)
    if parent is None:
        return []
    child = dict(zip(key.referenced, key.columns, strict=False))
    return [
        (tuple(child[name] for name in further.columns), further.table, further.referenced)
        for further in foreign_keys(parent)
        if further.validated and child.keys() >= set(further.columns)
    ]


def exclusions(table: Table) -> Sequence[Exclusion]:
    return [found for found in table.constraints if isinstance(found, Exclusion)]
