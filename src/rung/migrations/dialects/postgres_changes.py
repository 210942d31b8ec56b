"""Defines the steps of DROP, RENAME and SET SCHEMA of any object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rung.diagnostics import Span
from rung.migrations.dialects.postgres_parser import Context, node_of, pb
from rung.migrations.dialects.postgres_requirements import signature, thing_name
from rung.migrations.dialects.postgres_tables import object_word
from rung.migrations.dialects.postgres_types import qualified, relation, sql_type, words
from rung.migrations.schema import Kind, Name
from rung.migrations.scopes import Thing
from rung.migrations.steps import (
    AlterDomain,
    ChangePolicy,
    Drop,
    Footprint,
    NoEffect,
    Opaque,
    Rename,
    RenameColumn,
    RenameConstraint,
    Requires,
    SetSchema,
    Step,
)

_KINDS = {
    pb.OBJECT_TABLE: Kind.TABLE,
    pb.OBJECT_FOREIGN_TABLE: Kind.TABLE,
    pb.OBJECT_VIEW: Kind.VIEW,
    pb.OBJECT_MATVIEW: Kind.MATERIALIZED_VIEW,
    pb.OBJECT_INDEX: Kind.INDEX,
    pb.OBJECT_SEQUENCE: Kind.SEQUENCE,
    pb.OBJECT_TYPE: Kind.TYPE,
    pb.OBJECT_DOMAIN: Kind.DOMAIN,
    pb.OBJECT_FUNCTION: Kind.FUNCTION,
    pb.OBJECT_PROCEDURE: Kind.FUNCTION,
    pb.OBJECT_ROUTINE: Kind.FUNCTION,
    pb.OBJECT_AGGREGATE: Kind.FUNCTION,
    pb.OBJECT_TRIGGER: Kind.TRIGGER,
    pb.OBJECT_SCHEMA: Kind.SCHEMA,
    pb.OBJECT_EXTENSION: Kind.EXTENSION,
}
_RELATIONS = {Kind.TABLE, Kind.VIEW, Kind.MATERIALIZED_VIEW, Kind.INDEX, Kind.SEQUENCE}
# objects that hold no rows and that no column, constraint or view of the model is made of
_OUTSIDE = {
    pb.OBJECT_ACCESS_METHOD,
    pb.OBJECT_COLLATION,
    pb.OBJECT_CONVERSION,
    pb.OBJECT_DATABASE,
    pb.OBJECT_DEFACL,
    pb.OBJECT_EVENT_TRIGGER,
    pb.OBJECT_FDW,
    pb.OBJECT_FOREIGN_SERVER,
    pb.OBJECT_LANGUAGE,
    pb.OBJECT_LARGEOBJECT,
    pb.OBJECT_OPCLASS,
    pb.OBJECT_OPERATOR,
    pb.OBJECT_OPFAMILY,
    pb.OBJECT_POLICY,
    pb.OBJECT_PUBLICATION,
    pb.OBJECT_ROLE,
    pb.OBJECT_STATISTIC_EXT,
    pb.OBJECT_SUBSCRIPTION,
    pb.OBJECT_TABLESPACE,
    pb.OBJECT_TSCONFIGURATION,
    pb.OBJECT_TSDICTIONARY,
    pb.OBJECT_TSPARSER,
    pb.OBJECT_TSTEMPLATE,
    pb.OBJECT_USER_MAPPING,
}


def drop(context: Context, statement: pb.DropStmt, span: Span) -> Iterator[Step]:
    kind = _KINDS.get(statement.remove_type)
    cascade = statement.behavior == pb.DROP_CASCADE
    if kind is None:
        what = f"DROP {object_word(statement.remove_type)}"
        if statement.remove_type in _OUTSIDE and not cascade:
            for node in statement.objects:
                table = _held_by(statement, node)
                word = object_word(statement.remove_type).lower()
                told = statement.missing_ok or table is not None
                granted = () if told else (f"{word} `{thing_name(node)}` exists",)
                if table is not None and not statement.missing_ok:
                    yield Requires(span, (Thing("relation", table),))
                yield NoEffect(span, what, table, granted)
                if table is not None:
                    policy = words(node.list.items)[-1]
                    yield ChangePolicy(span, table, policy, "drop", if_exists=statement.missing_ok)
        else:
            yield Opaque(span, what, Footprint(None))
        return
    objects = [_dropped(kind, node) for node in statement.objects]
    together = tuple(name for name, _, _ in objects)
    for name, arguments, table in objects:
        yield Drop(
            span,
            kind,
            name,
            statement.missing_ok,
            cascade,
            statement.concurrent,
            arguments,
            table,
            together,
        )


def _held_by(statement: pb.DropStmt, node: pb.Node) -> Name | None:
    """The table of a policy."""
    return qualified(node.list.items[:-1]) if statement.remove_type == pb.OBJECT_POLICY else None


def _dropped(kind: Kind, node: pb.Node) -> tuple[Name, Any, Name | None]:
    """The object's name, the types of its arguments where they are written, and a trigger's table."""
    form, message = node_of(node)
    if form == "object_with_args":
        arguments = None if message.args_unspecified else tuple(_types(message.objargs))
        return qualified(message.objname), arguments, None
    if form == "type_name":
        return qualified(message.names), None, None
    if form == "string":
        return Name(None, message.sval), None, None
    if kind is Kind.TRIGGER:
        *table, name = words(message.items)
        return Name(None, name), None, Name(table[-2] if len(table) > 1 else None, table[-1])
    return qualified(message.items), None, None


def _types(nodes: Any) -> Iterator[Any]:
    for node in nodes:
        kind, message = node_of(node)
        if kind == "type_name":
            yield sql_type(message)


def rename(context: Context, statement: pb.RenameStmt, span: Span) -> Iterator[Step]:
    yield from _of_arguments(statement, span)
    if statement.rename_type == pb.OBJECT_POLICY:
        yield from _policy(statement, span)
    else:
        yield _renamed(statement, span)


def _policy(statement: pb.RenameStmt, span: Span) -> Iterator[Step]:
    table = relation(statement.relation)
    if not statement.missing_ok:
        yield Requires(span, (Thing("table", table),))
    yield NoEffect(span, "ALTER POLICY RENAME", None)
    yield ChangePolicy(
        span,
        table,
        statement.subname,
        "rename",
        new_name=statement.newname,
        if_exists=statement.missing_ok,
    )


def _of_arguments(statement: Any, span: Span) -> Iterator[Step]:
    form, message = node_of(statement.object)
    if form == "object_with_args":
        yield Requires(span, signature(message))


def _renamed(statement: pb.RenameStmt, span: Span) -> Step:
    missing_ok, new = statement.missing_ok, statement.newname
    kind = _KINDS.get(statement.rename_type)
    table = relation(statement.relation) if statement.HasField("relation") else None
    match statement.rename_type:
        case pb.OBJECT_COLUMN if table is not None:
            return RenameColumn(span, table, statement.subname, new, missing_ok)
        case pb.OBJECT_TABCONSTRAINT if table is not None:
            return RenameConstraint(span, table, statement.subname, new, missing_ok)
        case pb.OBJECT_TRIGGER:
            return Rename(span, Kind.TRIGGER, Name(None, statement.subname), new, missing_ok, table)
        case pb.OBJECT_DOMCONSTRAINT:
            domain = qualified(statement.object.list.items)
            return AlterDomain(span, domain, "rename", constraint=statement.subname, new_name=new)
        case pb.OBJECT_SCHEMA:
            return Rename(span, Kind.SCHEMA, Name(None, statement.subname), new, missing_ok)
        case _ if kind in _RELATIONS and table is not None:
            assert kind is not None
            return Rename(span, kind, table, new, missing_ok)
        case _ if kind is not None:
            form, message = node_of(statement.object)
            parts = message.objname if form == "object_with_args" else message.items
            return Rename(span, kind, qualified(parts), new, missing_ok)
        case other if other in _OUTSIDE:
            word = object_word(other)
            old = statement.subname or thing_name(statement.object)
            granted = () if missing_ok else (f"{word.lower()} `{old}` exists",)
            return NoEffect(span, f"ALTER {word} RENAME", None, granted)
        case other:
            return Opaque(span, f"RENAME of {object_word(other)}", Footprint(None))


def set_schema(context: Context, statement: pb.AlterObjectSchemaStmt, span: Span) -> Iterator[Step]:
    kind = _KINDS.get(statement.object_type)
    form, message = node_of(statement.object)
    if kind is None:
        word = object_word(statement.object_type)
        granted = () if statement.missing_ok else (f"{word.lower()} `{thing_name(statement.object)}` exists",)
        yield NoEffect(span, f"ALTER {word} SET SCHEMA", None, granted)
        return
    yield from _of_arguments(statement, span)
    if statement.HasField("relation"):
        name = relation(statement.relation)
    elif form == "object_with_args":
        name = qualified(message.objname)
    elif form == "string":
        name = Name(None, message.sval)
    else:
        name = qualified(message.items)
    yield SetSchema(span, kind, name, statement.newschema, statement.missing_ok)
