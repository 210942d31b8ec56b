"""Defines `to_sql`: an expression as PostgreSQL text, fully parenthesised, with names and literals quoted."""

from __future__ import annotations

import re
from typing import assert_never

from rung.migrations.expressions import (
    And,
    Arithmetic,
    Between,
    BooleanTest,
    Call,
    Case,
    Cast,
    ColumnRef,
    Comparison,
    Concatenation,
    Constant,
    Expression,
    InList,
    IsDistinct,
    IsNull,
    Like,
    Negative,
    Not,
    Opaque,
    Or,
    Parameter,
    Quantified,
    SqlType,
)

_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")
# PostgreSQL's reserved words: a name spelt so must be quoted wherever it stands.
_RESERVED_WORDS = (
    "all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate "
    "collation column concurrently constraint create cross current_catalog current_date current_role "
    "current_schema current_time current_timestamp current_user default deferrable desc distinct do else "
    "end except false fetch for foreign freeze from full grant group having ilike in initially inner "
    "intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not "
    "notnull null "
    "offset on only or order outer overlaps placing primary references returning right select session_user "
    "similar some symmetric system_user table tablesample then to trailing true union unique user using "
    "variadic verbose when where window with values between bigint bit boolean char character coalesce dec "
    "decimal exists extract float greatest grouping inout int integer interval least national nchar none "
    "normalize nullif numeric out overlay position precision real row setof smallint substring time "
    "timestamp treat trim varchar xmlattributes xmlconcat"
)
# Functions whose syntax is a keyword without parentheses.
_BARE_CALL_WORDS = (
    "current_date current_time current_timestamp localtime localtimestamp current_user session_user "
    "current_role current_catalog current_schema user"
)
_RESERVED = frozenset(_RESERVED_WORDS.split())
_BARE_CALLS = frozenset(_BARE_CALL_WORDS.split())
_KEYWORD_TYPES = frozenset({"bit", "interval", "numeric", "time", "timestamp", "varchar"})
_KEYWORD_CALLS = frozenset({"coalesce", "nullif", "greatest", "least"})


def quote_name(name: str) -> str:
    """An identifier, quoted where it needs to be."""
    if _PLAIN_NAME.match(name) and name not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def quote_text(value: str) -> str:
    """A string literal; a backslash needs no escape under standard_conforming_strings."""
    return "'" + value.replace("'", "''") + "'"


def type_to_sql(type_: SqlType) -> str:
    """A type as a cast or a column definition writes it."""
    modifiers = f"({', '.join(map(str, type_.modifiers))})" if type_.modifiers else ""
    # The internal one-byte type keeps its quotes; `char` unquoted is bpchar.
    name = '"char"' if type_.name == "char" and type_.schema is None else _type_name(type_)
    return f"{name}{modifiers}{'[]' * type_.array}"


def _type_name(type_: SqlType) -> str:
    if type_.schema is not None:
        return f"{quote_name(type_.schema)}.{quote_name(type_.name)}"
    return type_.name if type_.name in _KEYWORD_TYPES else quote_name(type_.name)


def _list(parts: tuple[Expression, ...]) -> str:
    return ", ".join(to_sql(part) for part in parts)


def to_sql(expression: Expression) -> str:
    """The expression as text that PostgreSQL reads back as the same tree."""
    match expression:
        case Constant("null", _):
            return "NULL"
        case Constant("boolean", value):
            return "true" if value else "false"
        case Constant("string", value):
            return quote_text(str(value))
        case Constant(_, value):
            return str(value)
        case ColumnRef(name, table, schema):
            return ".".join(quote_name(part) for part in (schema, table, name) if part is not None)
        case Parameter(name):
            return f"${name}" if name.isdigit() else f"@{name}"
        case Comparison(operator, left, right):
            return f"({to_sql(left)} {operator} {to_sql(right)})"
        case IsNull(operand, negated):
            return f"({to_sql(operand)} IS {'NOT ' if negated else ''}NULL)"
        case IsDistinct(left, right, negated):
            return f"({to_sql(left)} IS {'NOT ' if negated else ''}DISTINCT FROM {to_sql(right)})"
        case BooleanTest(operand, test, negated):
            return f"({to_sql(operand)} IS {'NOT ' if negated else ''}{test.upper()})"
        case InList(operand, items, negated):
            return f"({to_sql(operand)} {'NOT ' if negated else ''}IN ({_list(items)}))"
        case Quantified(operator, operand, items, every):
            return f"({to_sql(operand)} {operator} {'ALL' if every else 'ANY'} (ARRAY[{_list(items)}]))"
        case Between(operand, low, high, negated, symmetric):
            word = f"{'NOT ' if negated else ''}BETWEEN{' SYMMETRIC' if symmetric else ''}"
            return f"({to_sql(operand)} {word} {to_sql(low)} AND {to_sql(high)})"
        case And(parts):
            return f"({' AND '.join(map(to_sql, parts))})" if parts else "true"
        case Or(parts):
            return f"({' OR '.join(map(to_sql, parts))})" if parts else "false"
        case Not(operand):
            return f"(NOT {to_sql(operand)})"
        case Arithmetic(arithmetic, left, right):
            return f"({to_sql(left)} {arithmetic} {to_sql(right)})"
        case Negative(operand):
            return f"(- {to_sql(operand)})"
        case Concatenation(left, right):
            return f"({to_sql(left)} || {to_sql(right)})"
        case Like(operand, pattern, negated, case_insensitive, escape):
            word = f"{'NOT ' if negated else ''}{'I' if case_insensitive else ''}LIKE"
            ending = "" if escape is None else f" ESCAPE {quote_text(escape)}"
            return f"({to_sql(operand)} {word} {to_sql(pattern)}{ending})"
        case Call(name, (), None) if name in _BARE_CALLS:
            return name.upper()
        case Call(name, arguments, schema):
            if schema is None and name in _KEYWORD_CALLS:
                return f"{name}({_list(arguments)})"
            path = ".".join(quote_name(part) for part in (schema, name) if part is not None)
            return f"{path}({_list(arguments)})"
        case Case(branches, default):
            whens = " ".join(f"WHEN {to_sql(test)} THEN {to_sql(result)}" for test, result in branches)
            return f"CASE {whens}{'' if default is None else f' ELSE {to_sql(default)}'} END"
        case Cast(operand, type_):
            return f"CAST({to_sql(operand)} AS {type_to_sql(type_)})"
        case Opaque(text):
            return text
        case _:
            assert_never(expression)
