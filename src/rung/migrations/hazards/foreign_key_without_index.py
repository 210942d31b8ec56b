"""A foreign key whose columns have no index of their own.

When a referenced row is deleted or its key changes, the whole referencing table is read under a row lock
to look for partners. PostgreSQL makes an index for the referenced side only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.schema import Constraint, ForeignKey, Index, Name, PrimaryKey, Table, Unique
from rung.migrations.steps import AddColumn, AddConstraint, CreateIndex, CreateTable


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        match step:
            case CreateTable(table=table):
                name, constraints = table.name, table.constraints
            case AddConstraint(table=name, constraint=constraint):
                constraints = (constraint,)
            case AddColumn(table=name, constraints=constraints):
                pass
            case _:
                continue
        indexes = [
            *_indexes(constraints),
            *_indexes_before(context.table(name)),
            *_indexes_later(context, name),
        ]
        for key in constraints:
            if isinstance(key, ForeignKey) and not _serves(indexes, key):
                columns = ", ".join(key.columns)
                yield Finding(step.span, f"no index of `{name}` begins with the foreign key's `{columns}`")


def _serves(indexes: list[tuple[str, ...]], key: ForeignKey) -> bool:
    return any(set(columns[: len(key.columns)]) == set(key.columns) for columns in indexes)


def _indexes(constraints: Iterable[Constraint]) -> Iterator[tuple[str, ...]]:
    return (found.columns for found in constraints if isinstance(found, Unique | PrimaryKey))


def _indexes_before(table: Table | None) -> Iterator[tuple[str, ...]]:
    if table is not None:
        yield from _indexes(table.constraints)
        yield from (_columns(index) for index in table.indexes if index.where is None)


def _indexes_later(context: Context, table: Name) -> Iterator[tuple[str, ...]]:
    """Those that the same script makes after the foreign key."""
    for statement in context.later:
        for step in statement.steps:
            match step:
                case CreateIndex(table=name, index=index) if name == table and index.where is None:
                    yield _columns(index)
                case AddConstraint(table=name, constraint=constraint) if name == table:
                    yield from _indexes((constraint,))
                case _:
                    continue


def _columns(index: Index) -> tuple[str, ...]:
    return tuple(key.column or "" for key in index.keys)


HAZARD = Hazard(
    code="foreign-key-without-index",
    kind="style",
    hint="create an index that begins with the foreign key's columns",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY);",
    bad="CREATE TABLE version (id bigint PRIMARY KEY, crate_id bigint REFERENCES crate (id));",
    good=(
        "CREATE TABLE version (id bigint PRIMARY KEY, crate_id bigint REFERENCES crate (id));\n"
        "CREATE INDEX version_crate ON version (crate_id);"
    ),
    names={"eugene": ("E15",)},
)
