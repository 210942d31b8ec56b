"""Defines `conditions`: what an IF asks of the catalog, as the model can answer it.

Understood are EXISTS over one catalog, or several joined by their keys, with columns equal to literals;
`to_regclass`; and AND and NOT of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rung.migrations.apply.names import identifier
from rung.migrations.dialects.postgres_parser import node_of, pb
from rung.migrations.dialects.postgres_types import BUILTIN_TYPES, qualified, words, written_name
from rung.migrations.schema import Name
from rung.migrations.steps import CURRENT_SCHEMA, CatalogHas

Certain = list[tuple[CatalogHas, bool]]

# Catalogs and the columns by which the model can look in them. Each must be asked for a name, its first: of
# the others (a column's hidden triggers, the catalog's own tables) the model knows nothing.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "pg_attribute": ("attname", "attrelid"),
    "pg_class": ("relname", "relkind", "relnamespace"),
    "pg_constraint": ("conname", "conrelid", "contype"),
    "pg_enum": ("enumlabel", "enumtypid"),
    "pg_extension": ("extname",),
    "pg_indexes": ("indexname", "schemaname", "tablename"),
    "pg_namespace": ("nspname",),
    "pg_policies": ("policyname", "schemaname", "tablename"),
    "pg_policy": ("polname", "polrelid"),
    "pg_proc": ("proname",),
    "pg_tables": ("tablename", "schemaname"),
    "pg_trigger": ("tgname", "tgrelid"),
    "pg_type": ("typname", "typnamespace"),
    "information_schema.columns": ("column_name", "table_name", "table_schema"),
    "information_schema.table_constraints": (
        "constraint_name",
        "constraint_type",
        "table_name",
        "table_schema",
    ),
    "information_schema.tables": ("table_name", "table_schema"),
}
# or, of a table's constraints, for a kind of which all are known
_KINDS = {("constraint_type", kind) for kind in ("FOREIGN KEY", "PRIMARY KEY", "UNIQUE")} | {
    ("contype", kind) for kind in "fpux"
}
# what says whose column or constraint: without it, it may be one of the server's own tables
_OWNERS = {"attrelid", "attrelid.relname", "conrelid", "conrelid.relname", "table_name"}
_SCHEMAS = {"nspname", "relnamespace", "schemaname", "table_schema", "typnamespace"}
# the columns that name tables and the like, of which the server has its own
_RELATIONS = {"indexname", "relname", "table_name", "tablename"}
_INFORMATION_SCHEMA_WORDS = """
    administrable_role_authorizations applicable_roles attributes character_sets
    check_constraint_routine_usage check_constraints collation_character_set_applicability collations
    column_column_usage column_domain_usage column_options column_privileges column_udt_usage columns
    constraint_column_usage constraint_table_usage data_type_privileges domain_constraints
    domain_udt_usage domains element_types enabled_roles foreign_data_wrapper_options
    foreign_data_wrappers foreign_server_options foreign_servers foreign_table_options foreign_tables
    information_schema information_schema_catalog_name key_column_usage parameters
    referential_constraints role_column_grants role_routine_grants role_table_grants role_udt_grants
    role_usage_grants routine_column_usage routine_privileges routine_routine_usage
    routine_sequence_usage routine_table_usage routines schemata sequences table_constraints
    table_privileges tables transforms triggered_update_columns triggers udt_privileges usage_privileges
    user_defined_types user_mapping_options user_mappings view_column_usage view_routine_usage
    view_table_usage views
"""
_INFORMATION_SCHEMA = frozenset(_INFORMATION_SCHEMA_WORDS.split())
_HIDDEN_COLUMNS = {"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"}
# the catalog to whose `oid` a column refers
_REFERENCES = {
    "attrelid": "pg_class",
    "conrelid": "pg_class",
    "enumtypid": "pg_type",
    "polrelid": "pg_class",
    "relnamespace": "pg_namespace",
    "tgrelid": "pg_class",
    "typnamespace": "pg_namespace",
}


class UncertainError(Exception):
    """The course of a block cannot be told; it never leaves the readers of blocks."""


def conditions(node: pb.Node, expected: bool = True) -> Certain:
    """What must be so in the catalog for the condition to hold."""
    kind, message = node_of(node)
    match kind:
        case "bool_expr" if message.boolop == pb.NOT_EXPR:
            return conditions(message.args[0], not expected)
        case "bool_expr" if message.boolop == pb.AND_EXPR and expected:
            return [found for part in message.args for found in conditions(part)]
        case "sub_link" if message.sub_link_type == pb.EXISTS_SUBLINK:
            return [(_query(message.subselect.select_stmt), expected)]
        case "sub_link" if message.sub_link_type == pb.EXPR_SUBLINK:
            # `(SELECT condition)`
            select = message.subselect.select_stmt
            if not select.from_clause and len(select.target_list) == 1:
                return conditions(select.target_list[0].res_target.val, expected)
        case "null_test":
            function, call = node_of(message.arg)
            if function == "func_call" and words(call.funcname)[-1] == "to_regclass":
                known = message.nulltesttype == pb.IS_NOT_NULL
                name = _written(_literal(call.args[0]))
                return [(CatalogHas("to_regclass", (("name", name),)), known is expected)]
    raise UncertainError


def _query(select: Any) -> CatalogHas:
    """`SELECT … FROM catalogs WHERE column = 'literal' AND …` as a question about the one that refers to the
    others, whose columns are then written after the key: `conrelid.relname`."""
    if any(select.HasField(each) for each in ("having_clause", "limit_count", "limit_offset", "with_clause")):
        raise UncertainError
    shown = {node_of(node.res_target.val)[0] for node in select.target_list}
    if select.group_clause or not shown <= {"a_const", "column_ref"}:
        # an aggregate gives a row where there is none
        raise UncertainError
    tables: dict[str, str] = {}
    equal: list[tuple[pb.Node, pb.Node]] = []
    for node in select.from_clause:
        _joined(node, tables, equal)
    if select.HasField("where_clause"):
        equal += _equalities(select.where_clause)
    keys: dict[str, str] = {}
    wanted: list[tuple[str, str, str | Name]] = []
    for left, right in equal:
        one, other = _column(left, tables), _column(right, tables)
        if one is not None and other is not None:
            (referring, column), (referred, oid) = (one, other) if other[1] == "oid" else (other, one)
            if oid != "oid" or _REFERENCES.get(column) != tables[referred] or referred in keys:
                raise UncertainError
            keys[referred] = f"{referring} {column}"
        elif one is not None:
            value = _literal(right)
            wanted.append((*one, identifier(value) if isinstance(value, str) else value))
        else:
            raise UncertainError
    roots = [alias for alias in tables if alias not in keys]
    if len(roots) != 1:
        raise UncertainError
    catalog = tables[roots[0]]
    where = tuple((_path(alias, keys) + column, value) for alias, column, value in wanted)
    if _may_be_servers(catalog, dict(where)):
        raise UncertainError
    return CatalogHas(catalog, where)


def _may_be_servers(catalog: str, where: Mapping[str, str | Name]) -> bool:
    """Whether the server may have such a row of its own, or for something that the model does not hold."""
    parts = [(column.split(".")[-1], str(value)) for column, value in where.items()]
    places = [value for column, value in parts if column in _SCHEMAS]
    if any(map(_is_servers, places)):
        return True
    if not places and any(column in _RELATIONS and _is_servers(value) for column, value in parts):
        return True
    name = str(where.get(_COLUMNS[catalog][0], ""))
    if not name:
        return _KINDS.isdisjoint(where.items()) or _OWNERS.isdisjoint(where)
    match catalog:
        case "pg_attribute" | "information_schema.columns":
            return name in _HIDDEN_COLUMNS or _OWNERS.isdisjoint(where)
        case "pg_constraint" | "information_schema.table_constraints":
            # those of NOT NULL are in the catalog since PostgreSQL 18
            return name.endswith("_not_null") or where.get("contype") in ("n", "t")
        case "pg_extension":
            return name == "plpgsql"
        case "pg_trigger":
            return name.startswith("RI_")
        case "pg_type":
            # `_mood` is the type of arrays of `mood`
            return name.startswith("_") or name in BUILTIN_TYPES or _is_servers(name)
        case _:
            return False


def _is_servers(name: str) -> bool:
    return name.startswith(("pg_", "_pg_", "sql_")) or name in _INFORMATION_SCHEMA


def _path(alias: str, keys: Mapping[str, str]) -> str:
    """The keys that lead from the catalog asked about to the one called `alias`."""
    path, seen = "", set[str]()
    while alias in keys:
        if alias in seen:
            raise UncertainError
        seen.add(alias)
        alias, _, column = keys[alias].partition(" ")
        path = f"{column}.{path}"
    return path


def _joined(node: pb.Node, tables: dict[str, str], equal: list[tuple[pb.Node, pb.Node]]) -> None:
    """Adds the catalogs of a FROM item by their aliases, and what its joins demand."""
    kind, message = node_of(node)
    if kind == "join_expr" and message.jointype == pb.JOIN_INNER and message.HasField("quals"):
        _joined(message.larg, tables, equal)
        _joined(message.rarg, tables, equal)
        equal += _equalities(message.quals)
        return
    if kind != "range_var":
        raise UncertainError
    place = "" if message.schemaname in ("", "pg_catalog") else f"{message.schemaname}."
    alias = message.alias.aliasname or message.relname
    if f"{place}{message.relname}" not in _COLUMNS or alias in tables:
        raise UncertainError
    tables[alias] = f"{place}{message.relname}"


def _column(node: pb.Node, tables: Mapping[str, str]) -> tuple[str, str] | None:
    """The alias of the catalog and the column that a node names; None where it names none."""
    kind, message = node_of(node)
    if kind != "column_ref":
        return None
    *alias, column = words(message.fields)
    places = [
        each
        for each, catalog in tables.items()
        if (not alias or alias[-1] == each) and (column in _COLUMNS[catalog] or column == "oid")
    ]
    if len(places) != 1:
        raise UncertainError
    return places[0], column


def _equalities(node: pb.Node) -> Iterator[tuple[pb.Node, pb.Node]]:
    kind, message = node_of(node)
    if kind == "bool_expr" and message.boolop == pb.AND_EXPR:
        for part in message.args:
            yield from _equalities(part)
        return
    if kind != "a_expr" or message.kind != pb.AEXPR_OP or words(message.name) != ["="]:
        raise UncertainError
    yield message.lexpr, message.rexpr


def _literal(node: pb.Node) -> str | Name:
    """A string literal, under casts; a name where it is cast to a kind of object, or `current_schema()`."""
    kind, message = node_of(node)
    if kind == "type_cast":
        value = _literal(message.arg)
        return _written(value) if qualified(message.type_name.names).name in _OBJECTS else value
    if kind == "a_const" and message.HasField("sval"):
        return str(message.sval.sval)
    if kind == "func_call" and qualified(message.funcname).name == "current_schema":
        return CURRENT_SCHEMA
    if kind == "sqlvalue_function" and message.op == pb.SVFOP_CURRENT_SCHEMA:
        return CURRENT_SCHEMA
    raise UncertainError


_OBJECTS = {"regclass", "regtype", "regnamespace"}


def _written(text: str | Name) -> Name:
    name = text if isinstance(text, Name) else written_name(text)
    if name is None:
        raise UncertainError
    return name
