"""Defines what CREATE TABLE, ALTER TABLE and CREATE INDEX require that none of their other steps says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rung.diagnostics import Span
from rung.migrations.dialects.postgres_named import collation_things, type_things
from rung.migrations.dialects.postgres_parser import node_of, pb
from rung.migrations.dialects.postgres_requirements import role_names
from rung.migrations.dialects.postgres_scopes import row_scope
from rung.migrations.dialects.postgres_types import relation, serial_type
from rung.migrations.schema import Name
from rung.migrations.scopes import Scope, Source, Thing
from rung.migrations.steps import NoEffect, Requires, Step

WITHOUT_EFFECT = {
    pb.AT_SetStatistics: "SET STATISTICS",
    pb.AT_SetOptions: "SET (attribute option)",
    pb.AT_ResetOptions: "RESET (attribute option)",
    pb.AT_SetStorage: "SET STORAGE",
    pb.AT_SetCompression: "SET COMPRESSION",
    pb.AT_ChangeOwner: "OWNER TO",
    pb.AT_ClusterOn: "CLUSTER ON",
    pb.AT_DropCluster: "SET WITHOUT CLUSTER",
    pb.AT_SetLogged: "SET LOGGED",
    pb.AT_SetUnLogged: "SET UNLOGGED",
    pb.AT_DropOids: "SET WITHOUT OIDS",
    pb.AT_SetAccessMethod: "SET ACCESS METHOD",
    pb.AT_SetTableSpace: "SET TABLESPACE",
    pb.AT_SetRelOptions: "SET (storage parameter)",
    pb.AT_ResetRelOptions: "RESET (storage parameter)",
    pb.AT_ReplicaIdentity: "REPLICA IDENTITY",
    pb.AT_DetachPartitionFinalize: "DETACH PARTITION FINALIZE",
}
"""ALTER TABLE actions that change neither what the schema accepts nor any row."""

_OF_COLUMNS = {
    pb.AT_SetStatistics,
    pb.AT_SetOptions,
    pb.AT_ResetOptions,
    pb.AT_SetStorage,
    pb.AT_SetCompression,
}


def created(statement: pb.CreateStmt, span: Span) -> Iterator[Step]:
    """What a new table is made of."""
    types = _types(node.column_def for node in statement.table_elts if node_of(node)[0] == "column_def")
    scopes = tuple(_scopes(statement))
    if types or scopes:
        yield Requires(span, types, Scope(beside=scopes))
    if statement.access_method not in ("", "heap"):
        yield NoEffect(span, "USING", granted=(f"access method `{statement.access_method}` exists",))


def indexed(statement: pb.IndexStmt, span: Span) -> Iterator[Step]:
    """What the expressions of an index name; its columns are for its own step."""
    source = Source(statement.relation.relname, None)
    keys = [node.index_elem for node in statement.index_params]
    parts = [key.expr for key in keys if node_of(key.expr)[0]]
    parts += [statement.where_clause] * statement.HasField("where_clause")
    collations = tuple(thing for key in keys for thing in collation_things(key.collation))
    if parts or collations:
        yield Requires(span, collations, row_scope([source], *parts))


def altered(statement: pb.AlterTableStmt, span: Span) -> Iterator[Step]:
    """What the actions of ALTER TABLE name besides the parts of the table that they change."""
    things = () if statement.missing_ok else tuple(_things(statement, relation(statement.relation)))
    types = _types(
        getattr(node.alter_table_cmd, "def").column_def
        for node in statement.cmds
        if node.alter_table_cmd.subtype in (pb.AT_AddColumn, pb.AT_AlterColumnType)
    )
    if things or types:
        yield Requires(span, (*things, *types))


# what only values of varying length have
_OF_LONG = {pb.AT_SetStorage: "plain", pb.AT_SetCompression: ""}


def _is_set(command: pb.AlterTableCmd) -> bool:
    return getattr(command, "def").string.sval.lower() not in ("default", _OF_LONG[command.subtype])


def _types(definitions: Iterable[pb.ColumnDef]) -> tuple[Thing, ...]:
    """The types and collations of columns; `apply` refuses a type that is certainly not there."""
    found = (
        thing
        for each in definitions
        if each.HasField("type_name") and serial_type(each.type_name) is None
        for thing in (*_type_of_column(each.type_name), *collation_things(each.coll_clause.collname))
    )
    return tuple(dict.fromkeys(found))


def _scopes(statement: pb.CreateStmt) -> Iterator[Scope]:
    """What the defaults and checks of a new table name: a default no column, a check those of the table."""
    rows = Source(statement.relation.relname, None)
    for node in [*statement.table_elts, *statement.constraints]:
        kind, element = node_of(node)
        for part in element.constraints if kind == "column_def" else [node] if kind == "constraint" else ():
            constraint = part.constraint
            if constraint.contype == pb.CONSTR_DEFAULT:
                yield row_scope((), constraint.raw_expr)
            elif constraint.contype in (pb.CONSTR_CHECK, pb.CONSTR_GENERATED):
                yield row_scope([rows], constraint.raw_expr)


def _type_of_column(type_name: pb.TypeName) -> Iterator[Thing]:
    yield from (thing._replace(kind="column type") for thing in type_things(type_name))


def _things(statement: pb.AlterTableStmt, name: Name) -> Iterator[Thing]:
    """What the actions that change no schema are about."""
    for node in statement.cmds:
        command = node.alter_table_cmd
        if command.subtype not in WITHOUT_EFFECT:
            continue
        identity = getattr(command, "def").replica_identity_stmt.name
        if command.subtype == pb.AT_ClusterOn:
            yield Thing("order", name, command.name)
        elif command.subtype == pb.AT_ReplicaIdentity and identity:
            yield Thing("identity", name, identity)
        elif command.subtype in _OF_LONG and _is_set(command):
            yield Thing("long column", name, command.name)
        elif command.subtype in _OF_COLUMNS and command.name:
            yield Thing("column", name, command.name)
        else:
            yield Thing("relation", name)


def granted(command: pb.AlterTableCmd) -> tuple[str, ...]:
    """What such an action rests on that no schema tells."""
    if command.subtype == pb.AT_ChangeOwner:
        return tuple(f"role `{name}` exists" for name in role_names([command.newowner]))
    if command.subtype == pb.AT_SetTableSpace:
        return (f"tablespace `{command.name}` exists",)
    if command.subtype == pb.AT_SetAccessMethod and command.name not in ("", "heap"):
        return (f"access method `{command.name}` exists",)
    return ()
