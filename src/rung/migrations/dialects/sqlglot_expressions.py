"""Defines `expression` and `sql_type`: sqlglot's nodes → `Expression` and `SqlType`, for MySQL and SQLite."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from rung.migrations.dialects.sqlglot_parser import Dialect, exp, text_of
from rung.migrations.expressions import (
    NULL,
    And,
    Arithmetic,
    ArithmeticOperator,
    Between,
    Call,
    ColumnRef,
    Comparison,
    ComparisonOperator,
    Constant,
    Expression,
    InList,
    IsNull,
    Negative,
    Not,
    Opaque,
    Or,
    SqlType,
)

_COMPARISONS = {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
_ARITHMETIC = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}
_OTHERWISE = frozenset({"bool", "bytea", "text", "time", "timestamp", "timestamptz", "uuid"})
# types that hold in MySQL what the PostgreSQL type holds; of others nothing is known but their name
_MYSQL_TYPES = {
    "BIGINT": "int8",
    "DATE": "date",
    "DATETIME": "timestamp",
    "DECIMAL": "numeric",
    "DOUBLE": "float8",
    "FLOAT": "float4",
    "INT": "int4",
    "SMALLINT": "int2",
    "VARCHAR": "varchar",
}


@dataclass(frozen=True, slots=True)
class Folding:
    """How a dialect compares names: columns without case in both, tables so in SQLite."""

    dialect: Dialect

    def column(self, name: str) -> str:
        return name.lower()

    def table(self, name: str) -> str:
        return name.lower() if self.dialect == "sqlite" else name


def sql_type(tree: Any, dialect: Dialect) -> SqlType:
    """A column's type. SQLite keeps no length and no type but an affinity, so any of its types is its own."""
    if tree is None:
        return SqlType("any")
    text = text_of(tree, dialect).lower()
    if dialect == "sqlite":
        return SqlType(text)
    name = _MYSQL_TYPES.get(tree.this.value)
    if name is None:
        # in upper case where PostgreSQL has another type of that name
        return SqlType(text.upper() if text.partition("(")[0] in _OTHERWISE else text)
    modifiers = tuple(int(part.this.this) for part in tree.expressions if _is_number(part))
    if name in ("int2", "int4", "int8"):
        # a display width says nothing of the values
        modifiers = ()
    if name == "timestamp":
        modifiers = modifiers or (0,)
    if name == "numeric":
        modifiers = (*modifiers, *(10, 0)[len(modifiers) :])
    return SqlType(name, modifiers)


def _is_number(part: Any) -> bool:
    return isinstance(part, exp.DataTypeParam) and isinstance(part.this, exp.Literal)


def expression(tree: Any, folding: Folding) -> Expression:
    """The expression that a node stands for; what could mean something else in PostgreSQL is opaque."""

    def read(part: Any) -> Expression:
        return expression(part, folding)

    match tree:
        case exp.Paren():
            return read(tree.this)
        case exp.Null():
            return NULL
        case exp.Boolean():
            return Constant("boolean", bool(tree.this))
        case exp.Literal():
            return _literal(tree)
        case exp.Column():
            return ColumnRef(folding.column(tree.name), folding.table(tree.table) if tree.table else None)
        case exp.Neg():
            return Negative(read(tree.this))
        case exp.Not() if isinstance(tree.this, exp.Is):
            found = read(tree.this)
            return IsNull(found.operand, not found.negated) if isinstance(found, IsNull) else Not(found)
        case exp.Not():
            return Not(read(tree.this))
        case exp.And() | exp.Or():
            parts = tuple(read(part) for part in tree.flatten())
            return And(parts) if isinstance(tree, exp.And) else Or(parts)
        case exp.Is() if isinstance(tree.expression, exp.Null):
            return IsNull(read(tree.this))
        case exp.Between():
            return Between(read(tree.this), read(tree.args["low"]), read(tree.args["high"]))
        case exp.In() if tree.expressions:
            return InList(read(tree.this), tuple(read(part) for part in tree.expressions))
        case exp.Length():
            return Call("octet_length" if folding.dialect == "mysql" else "length", (read(tree.this),))
        case exp.CurrentTimestamp():
            return Call("current_timestamp", ())
        case _ if type(tree) in _COMPARISONS:
            operator = cast(ComparisonOperator, _COMPARISONS[type(tree)])
            return Comparison(operator, read(tree.left), read(tree.right))
        case _ if type(tree) in _ARITHMETIC:
            arithmetic = cast(ArithmeticOperator, _ARITHMETIC[type(tree)])
            return Arithmetic(arithmetic, read(tree.left), read(tree.right))
        case _:
            return _opaque(tree, folding)


def _literal(tree: Any) -> Constant:
    if tree.is_string:
        return Constant("string", tree.this)
    if tree.this.isdigit():
        return Constant("integer", int(tree.this))
    return Constant("numeric", Decimal(tree.this))


def _opaque(tree: Any, folding: Folding) -> Opaque:
    reason = f"`{type(tree).__name__.lower()}`"
    text = text_of(tree, folding.dialect)
    if tree.find(exp.Query) is not None or tree.find(exp.Star) is not None:
        return Opaque(text, reason)
    return Opaque(text, reason, columns_of(tree.find_all(exp.Column), folding))


def columns_of(columns: Iterable[Any], folding: Folding) -> tuple[ColumnRef, ...]:
    found = (
        ColumnRef(folding.column(column.name), folding.table(column.table) if column.table else None)
        for column in columns
    )
    return tuple(dict.fromkeys(found))
