"""Defines items of a FROM that are read alone: `aliased`, one under an alias, and `function_source`."""

from __future__ import annotations

from rung.migrations.dialects.postgres_parser import node_of, pb
from rung.migrations.dialects.postgres_types import sql_type, words
from rung.migrations.expressions import SqlType
from rung.migrations.schema import Name
from rung.migrations.scopes import Scope, Source

# the columns of functions in a FROM, with their types; one without a name is called as the function is
_FUNCTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "generate_series": (("", ""),),
    "json_array_elements": (("value", "json"),),
    "json_array_elements_text": (("value", "text"),),
    "json_each": (("key", "text"), ("value", "json")),
    "json_each_text": (("key", "text"), ("value", "text")),
    "json_object_keys": (("", "text"),),
    "jsonb_array_elements": (("value", "jsonb"),),
    "jsonb_array_elements_text": (("value", "text"),),
    "jsonb_each": (("key", "text"), ("value", "jsonb")),
    "jsonb_each_text": (("key", "text"), ("value", "text")),
    "jsonb_object_keys": (("", "text"),),
    "regexp_split_to_table": (("", "text"),),
    "string_to_table": (("", "text"),),
}


def aliased(alias: pb.Alias, of: Name | Scope | tuple[str, ...] | None, name: str = "") -> Source:
    return Source(alias.aliasname or name, of, tuple(words(alias.colnames)))


def function_source(message: pb.RangeFunction) -> Source:
    columns: tuple[str, ...] | None = None
    types: tuple[SqlType, ...] = ()
    name = ""
    if message.coldeflist:
        columns = tuple(node.column_def.colname for node in message.coldeflist)
        types = tuple(sql_type(node.column_def.type_name) for node in message.coldeflist)
    elif not message.is_rowsfrom and not message.ordinality:
        kind, call = node_of(message.functions[0].list.items[0])
        name = words(call.funcname)[-1] if kind == "func_call" else ""
        own = _FUNCTIONS.get(name)
        if own is not None:
            columns = tuple(column or message.alias.aliasname or name for column, _ in own)
            types = tuple(SqlType(type_) for _, type_ in own)
    return aliased(message.alias, columns, name)._replace(types=types)
