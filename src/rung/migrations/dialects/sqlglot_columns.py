"""Defines how columns, constraints and indexes are written in MySQL and SQLite, as sqlglot reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, get_args

from rung.diagnostics import Span
from rung.migrations.dialects.sqlglot_expressions import Folding, expression, sql_type
from rung.migrations.dialects.sqlglot_parser import exp, text_of
from rung.migrations.schema import (
    Action,
    Check,
    Column,
    Constraint,
    ForeignKey,
    Generated,
    Index,
    IndexKey,
    Name,
    NotNull,
    PrimaryKey,
    Unique,
)

# said of a column, and no part of what rows it accepts
_WITHOUT_EFFECT = (
    exp.CharacterSetColumnConstraint,
    exp.CollateColumnConstraint,
    exp.CommentColumnConstraint,
    exp.OnUpdateColumnConstraint,
)


class NotRead(Exception):  # noqa: N818  # says that a clause is not known; it never leaves the dialect
    """A clause that is not known: the statement that holds it is opaque."""


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    column: Column
    constraints: tuple[Constraint, ...]


def column_definition(tree: Any, folding: Folding, span: Span) -> ColumnDefinition:
    """A column with the table constraints that are written with it."""
    name = folding.column(tree.name)
    column = Column(name, sql_type(tree.args.get("kind"), folding.dialect), span=span)
    constraints: list[Constraint] = []
    for wrapped in tree.args.get("constraints") or ():
        kind, given = wrapped.args["kind"], wrapped.name
        match kind:
            case exp.NotNullColumnConstraint():
                column = replace(column, not_null=None if kind.args.get("allow_null") else NotNull())
            case exp.DefaultColumnConstraint():
                value = expression(kind.this, folding)
                column = replace(column, default=None if isinstance(kind.this, exp.Null) else value)
            case exp.AutoIncrementColumnConstraint():
                column = replace(column, identity="by default")
            case exp.ComputedColumnConstraint():
                generated = Generated(expression(kind.this, folding), bool(kind.args.get("persisted")))
                column = replace(column, generated=generated)
            case exp.PrimaryKeyColumnConstraint():
                constraints.append(PrimaryKey(given, (name,), span=span))
            case exp.UniqueColumnConstraint():
                constraints.append(Unique(given, (name,), span=span))
            case exp.CheckColumnConstraint():
                constraints.append(Check(given, expression(kind.this, folding), span=span))
            case exp.Reference():
                # MySQL reads REFERENCES beside a column and, before version 9, ignores it
                if folding.dialect == "sqlite":
                    constraints.append(foreign_key(given, (name,), kind, folding, span))
            case _ if isinstance(kind, _WITHOUT_EFFECT):
                pass
            case _:
                raise NotRead(text_of(wrapped, folding.dialect))
    return ColumnDefinition(column, tuple(constraints))


def foreign_key(name: str, columns: tuple[str, ...], tree: Any, folding: Folding, span: Span) -> ForeignKey:
    target = tree.this
    referenced = names(target.expressions, folding) if isinstance(target, exp.Schema) else ()
    table = target.this if isinstance(target, exp.Schema) else target
    actions: dict[str, Action] = {"delete": "no action", "update": "no action"}
    for option in tree.args.get("options") or ():
        words = str(option).lower().split()
        action = next((found for found in get_args(Action) if found == " ".join(words[2:])), None)
        if words[0] == "on" and action is not None:
            actions[words[1]] = action
    return ForeignKey(
        name,
        columns,
        Name(table.db or None, folding.table(table.name)),
        referenced,
        actions["delete"],
        actions["update"],
        span=span,
    )


def names(trees: Iterable[Any], folding: Folding) -> tuple[str, ...]:
    """The names of columns, given as identifiers, columns, or ordered ones."""
    return tuple(folding.column(index_key(tree, folding).column or "") for tree in trees)


def index_key(tree: Any, folding: Folding) -> IndexKey:
    """A key of an index; MySQL's prefix length, `name(10)`, looks like a call."""
    inner = tree.this if isinstance(tree, exp.Ordered) else tree
    if isinstance(inner, (exp.Identifier, exp.Column)):
        name = folding.column(inner.name)
        return IndexKey(name, label=name)
    if isinstance(inner, exp.Anonymous) and all(isinstance(part, exp.Literal) for part in inner.expressions):
        name = folding.column(str(inner.this))
        return IndexKey(name, label=name)
    return IndexKey(None, expression(inner, folding), "expr")


def table_element(tree: Any, folding: Folding, span: Span, name: str = "") -> Constraint | Index:
    """A constraint or an index among the elements of a table."""
    match tree:
        case exp.Constraint() if len(tree.expressions) == 1:
            return table_element(tree.expressions[0], folding, span, tree.name)
        case exp.PrimaryKey():
            return PrimaryKey(name, names(tree.expressions, folding), span=span)
        case exp.UniqueColumnConstraint() if isinstance(tree.this, exp.Schema):
            own = tree.this.this
            given = name or (own.name if own is not None else "")
            return Unique(given, names(tree.this.expressions, folding), span=span)
        case exp.CheckColumnConstraint():
            return Check(name, expression(tree.this, folding), span=span)
        case exp.ForeignKey():
            columns = names(tree.expressions, folding)
            return foreign_key(name, columns, tree.args["reference"], folding, span)
        case exp.IndexColumnConstraint():
            keys = tuple(index_key(part, folding) for part in tree.expressions)
            kind = str(tree.args.get("kind") or "btree").lower()
            return Index(tree.name, keys, method=kind, span=span)
        case _:
            raise NotRead(text_of(tree, folding.dialect))
