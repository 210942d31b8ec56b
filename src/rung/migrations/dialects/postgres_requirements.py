"""Defines what must be there for a statement that changes neither schema nor rows to pass: `required`, as far
as the schema tells, and `taken_for_granted`, what else it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rung.migrations.dialects.postgres_functions import HARMLESS
from rung.migrations.dialects.postgres_parser import node_of, pb
from rung.migrations.dialects.postgres_scopes import condition_scope, row_scope
from rung.migrations.dialects.postgres_types import qualified, relation, sql_type, words
from rung.migrations.schema import Name
from rung.migrations.scopes import Scope, Source, Thing

_RELATIONS = {
    pb.OBJECT_FOREIGN_TABLE: "table",
    pb.OBJECT_INDEX: "index",
    pb.OBJECT_MATVIEW: "materialized view",
    pb.OBJECT_SEQUENCE: "sequence",
    pb.OBJECT_TABLE: "table",
    pb.OBJECT_VIEW: "view",
}
_PARTS = {
    pb.OBJECT_COLUMN: "column",
    pb.OBJECT_POLICY: "policy",
    pb.OBJECT_TABCONSTRAINT: "constraint",
    pb.OBJECT_TRIGGER: "trigger",
}
_FUNCTIONS = {pb.OBJECT_AGGREGATE, pb.OBJECT_FUNCTION, pb.OBJECT_PROCEDURE, pb.OBJECT_ROUTINE}
_TYPES = {pb.OBJECT_DOMAIN: "domain", pb.OBJECT_TYPE: "type"}
_NAMED = {pb.OBJECT_EXTENSION: "extension", pb.OBJECT_SCHEMA: "schema"}
# the extension that every database has
_OWN_EXTENSION = "plpgsql"


def required(statement: Any) -> tuple[list[Thing], Scope | None]:
    """What the statement names of what a schema holds: things, and columns in expressions."""
    things = list(_things(statement))
    match statement.DESCRIPTOR.name:
        case "CreatePolicyStmt" | "AlterPolicyStmt":
            source = _source(statement.table)
            parts = [part for part in ("qual", "with_check") if statement.HasField(part)]
            return things, condition_scope([source], *(getattr(statement, part) for part in parts))
        case "CreateStatsStmt" if len(statement.relations) == 1:
            source = _source(statement.relations[0].range_var)
            exprs = [node.stats_elem.expr for node in statement.exprs if node.stats_elem.HasField("expr")]
            return things, row_scope([source], *exprs)
        case "CreatePublicationStmt" | "AlterPublicationStmt":
            tables = [node.publication_obj_spec.pubtable for node in statement.pubobjects]
            shown = [each for each in tables if each.HasField("where_clause")]
            inner = tuple(condition_scope([_source(each.relation)], each.where_clause) for each in shown)
            return things, Scope(inner=inner)
        case _:
            return things, None


def _source(range_var: pb.RangeVar) -> Source:
    name = relation(range_var)
    return Source(range_var.alias.aliasname or name.name, name)


def _things(statement: Any) -> Iterator[Thing]:
    match statement.DESCRIPTOR.name:
        case "CommentStmt" | "SecLabelStmt":
            yield from _thing(statement.objtype, statement.object)
        case "AlterOwnerStmt":
            yield from _thing(statement.object_type, statement.object)
        case "GrantStmt":
            yield from _granted(statement)
        case "AlterDefaultPrivilegesStmt":
            for node in statement.options:
                if node.def_elem.defname == "schemas":
                    yield from (
                        Thing("schema", Name(None, each)) for each in words(node.def_elem.arg.list.items)
                    )
        case "AlterFunctionStmt":
            yield from _function(statement.func)
        case "AlterExtensionStmt" | "AlterExtensionContentsStmt":
            yield from _extension(statement.extname)
        case "CreatePolicyStmt" | "AlterPolicyStmt":
            yield Thing("table", relation(statement.table))
        case "CreateStatsStmt":
            for node in statement.relations:
                yield Thing("table", relation(node.range_var))
                for each in statement.exprs:
                    if each.stats_elem.name:
                        yield Thing("column", relation(node.range_var), each.stats_elem.name)
        case "CreatePublicationStmt" | "AlterPublicationStmt":
            for node in statement.pubobjects:
                table = node.publication_obj_spec.pubtable
                if table.relation.relname:
                    yield Thing("table", relation(table.relation))
                    for column in words(table.columns):
                        yield Thing("column", relation(table.relation), column)
        case "RefreshMatViewStmt":
            kind = "concurrent view" if statement.concurrent else "materialized view"
            yield Thing(kind, relation(statement.relation))
        case "VacuumStmt":
            for node in statement.rels:
                table = node.vacuum_relation
                yield Thing("relation", relation(table.relation))
                for column in words(table.va_cols):
                    yield Thing("column", relation(table.relation), column)
        case "ReindexStmt" if statement.relation.relname:
            index = statement.kind == pb.REINDEX_OBJECT_INDEX
            yield Thing("index" if index else "relation", relation(statement.relation))
        case "ClusterStmt" if statement.relation.relname:
            yield Thing("relation", relation(statement.relation))
            if statement.indexname:
                yield Thing("order", relation(statement.relation), statement.indexname)
        case "AlterTypeStmt":
            yield Thing("type", qualified(statement.type_name))
        case _:
            return


def _thing(kind: int, node: pb.Node) -> Iterator[Thing]:
    """What COMMENT ON and OWNER TO are about, where the schema holds its kind."""
    form, message = node_of(node)
    if kind in _RELATIONS and form == "list":
        yield Thing(_RELATIONS[kind], qualified(message.items))
    elif kind in _PARTS:
        parts = words(message.items)
        yield Thing(_PARTS[kind], Name(parts[-3] if len(parts) > 2 else None, parts[-2]), parts[-1])
    elif kind == pb.OBJECT_RULE:
        yield Thing("relation", qualified(message.items[:-1]))
    elif kind in _FUNCTIONS and form == "object_with_args":
        yield from _function(message)
    elif kind in _TYPES and form == "type_name":
        yield from _type(message, _TYPES[kind])
    elif kind in _TYPES and form == "list":
        yield Thing(_TYPES[kind], qualified(message.items))
    elif kind == pb.OBJECT_DOMCONSTRAINT:
        domain = message.items[0].type_name
        yield from (each._replace(part=words(message.items)[-1]) for each in _type(domain, "domain"))
    elif kind == pb.OBJECT_EXTENSION:
        yield from _extension(message.sval)
    elif kind == pb.OBJECT_SCHEMA:
        yield Thing("schema", Name(None, message.sval))


def _type(type_name: pb.TypeName, kind: str) -> Iterator[Thing]:
    type_ = sql_type(type_name)
    if type_.schema is not None:
        yield Thing(kind, Name(type_.schema or None, type_.name))


def _extension(name: str) -> Iterator[Thing]:
    if name != _OWN_EXTENSION:
        yield Thing("extension", Name(None, name))


def _function(function: pb.ObjectWithArgs) -> Iterator[Thing]:
    name = qualified(function.objname)
    if name.name in HARMLESS:
        # the server's own
        return
    arguments = None
    if not function.args_unspecified:
        arguments = tuple(sql_type(node.type_name) for node in function.objargs if node_of(node)[0])
    yield Thing("function", name, arguments=arguments)


def signature(function: pb.ObjectWithArgs) -> tuple[Thing, ...]:
    """That a function, if there is one of the name, takes these arguments."""
    return tuple(thing._replace(kind="signature") for thing in _function(function))


def _granted(statement: pb.GrantStmt) -> Iterator[Thing]:
    if statement.targtype == pb.ACL_TARGET_ALL_IN_SCHEMA:
        yield from (Thing("schema", Name(None, each)) for each in words(statement.objects))
        return
    columns = [column for node in statement.privileges for column in words(node.access_priv.cols)]
    for node in statement.objects:
        kind, message = node_of(node)
        match statement.objtype:
            case pb.OBJECT_SEQUENCE:
                yield Thing("sequence", relation(message))
            case pb.OBJECT_TABLE:
                yield Thing("relation", relation(message))
                yield from (Thing("column", relation(message), column) for column in columns)
            case pb.OBJECT_SCHEMA:
                yield Thing("schema", Name(None, message.sval))
            case each if each in _FUNCTIONS:
                yield from _function(message)
            case each if each in _TYPES and kind == "list":
                name = qualified(message.items)
                yield from _type(pb.TypeName(names=message.items), _TYPES[each]) if name.name else ()
            case _:
                continue


# ---------------------------------------------------------------- what no schema tells

_OTHERS = {
    "AlterDatabaseSetStmt": ("database", "dbname"),
    "AlterPublicationStmt": ("publication", "pubname"),
    "DeallocateStmt": ("prepared statement", "name"),
    "DropSubscriptionStmt": ("subscription", "subname"),
    "DropTableSpaceStmt": ("tablespace", "tablespacename"),
}


# statements about what no schema holds
_OF_OTHERS = {
    "AlterCollationStmt",
    "AlterObjectDependsStmt",
    "AlterOpFamilyStmt",
    "AlterOperatorStmt",
    "AlterTSConfigurationStmt",
    "AlterTSDictionaryStmt",
    "CreateCastStmt",
    "CreateConversionStmt",
    "CreateFdwStmt",
    "CreateForeignServerStmt",
    "CreateOpClassStmt",
    "CreateOpFamilyStmt",
    "CreatePLangStmt",
    "CreateSubscriptionStmt",
    "CreateTableSpaceStmt",
    "CreateTransformStmt",
    "CreateUserMappingStmt",
    "LoadStmt",
}


def taken_for_granted(statement: Any) -> tuple[str, ...]:
    """What the statement rests on and the migrations do not tell: roles, and other things of the server."""
    found = [f"role `{name}` exists" for name in _roles(statement)]
    name = statement.DESCRIPTOR.name
    if name in _OTHERS and not getattr(statement, "missing_ok", False):
        kind, attribute = _OTHERS[name]
        if getattr(statement, attribute):
            found.append(f"{kind} `{getattr(statement, attribute)}` exists")
    match name:
        case "CreateRoleStmt":
            found.append(f"no role `{statement.role}` exists yet")
        case "AlterStatsStmt" if not statement.missing_ok:
            found.append(f"statistics object `{qualified(statement.defnames)}` exists")
        case "SecLabelStmt":
            found.append("a provider of security labels is loaded")
        case "RefreshMatViewStmt" if statement.concurrent:
            found.append(f"`{relation(statement.relation)}` has been filled")
        case "ClusterStmt" if not statement.indexname:
            found.append("the tables were clustered before")
        case "ConstraintsSetStmt":
            found += [
                f"constraint `{relation(node.range_var)}` is deferrable" for node in statement.constraints
            ]
        case "CommentStmt" | "AlterOwnerStmt":
            kind = statement.objtype if name == "CommentStmt" else statement.object_type
            found += _unmodelled(kind, statement.object)
        case _ if name in _OF_OTHERS:
            found.append("what it names exists")
        case _:
            pass
    return tuple(dict.fromkeys(found))


_MODELLED = {*_RELATIONS, *_PARTS, *_FUNCTIONS, *_TYPES, *_NAMED, pb.OBJECT_DOMCONSTRAINT, pb.OBJECT_DATABASE}


def _unmodelled(kind: int, node: pb.Node) -> list[str]:
    """That a thing is there of which the schema holds no kind."""
    if kind in _MODELLED:
        return []
    word = pb.ObjectType.Name(kind).removeprefix("OBJECT_").replace("_", " ").lower()
    return [f"{word} `{thing_name(node)}` exists"]


def thing_name(node: pb.Node) -> str:
    """The name of a thing as it is written."""
    form, message = node_of(node)
    match form:
        case "string":
            return str(message.sval)
        case "list":
            return ".".join(words(message.items))
        case "object_with_args":
            return ".".join(words(message.objname))
        case "type_name":
            return str(qualified(message.names))
        case "role_spec":
            return str(message.rolename)
        case _:
            return form.replace("_", " ")


def role_names(nodes: Iterable[Any]) -> Iterator[str]:
    """The roles that are named, PUBLIC and the session's own left out."""
    for node in nodes:
        spec = node.role_spec if node.DESCRIPTOR.name == "Node" else node
        if spec.roletype == pb.ROLESPEC_CSTRING and spec.rolename:
            yield spec.rolename


def _roles(statement: Any) -> Iterator[str]:
    if getattr(statement, "missing_ok", False):
        return
    for part in ("grantees", "grantee_roles", "roles"):
        yield from role_names(getattr(statement, part, ()))
    for part in ("newowner", "newrole", "role", "authrole"):
        spec = getattr(statement, part, None)
        if spec is not None and not isinstance(spec, str):
            yield from role_names([spec])
    match statement.DESCRIPTOR.name:
        case "GrantRoleStmt":
            yield from (node.access_priv.priv_name for node in statement.granted_roles)
        case "AlterDefaultPrivilegesStmt":
            yield from role_names(statement.action.grantees)
            for node in statement.options:
                if node.def_elem.defname == "roles":
                    yield from role_names(node.def_elem.arg.list.items)
        case _:
            return
