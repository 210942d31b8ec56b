"""Defines the steps that create objects other than tables: types, domains, sequences, views, functions …"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Literal

from rung.diagnostics import Span
from rung.migrations import server
from rung.migrations.dialects.postgres_columns import (
    column_definition,
    not_null,
    table_constraint,
)
from rung.migrations.dialects.postgres_expressions import expression
from rung.migrations.dialects.postgres_footprint import touched
from rung.migrations.dialects.postgres_outputs import query_outputs
from rung.migrations.dialects.postgres_parser import (
    Context,
    messages_in,
    node_of,
    pb,
)
from rung.migrations.dialects.postgres_queries import query_references
from rung.migrations.dialects.postgres_requirements import role_names
from rung.migrations.dialects.postgres_routines import types_there
from rung.migrations.dialects.postgres_scopes import condition_scope, query_scope, row_scope
from rung.migrations.dialects.postgres_types import qualified, relation, sql_type, words
from rung.migrations.schema import (
    Check,
    Domain,
    EnumType,
    Function,
    Name,
    NotNull,
    Sequence,
    Table,
    Trigger,
    UserType,
    View,
)
from rung.migrations.scopes import Scope, Source, Thing
from rung.migrations.steps import (
    AddEnumValue,
    AlterDomain,
    AlterSequence,
    CreateDomain,
    CreateEnum,
    CreateExtension,
    CreateFunction,
    CreateSchema,
    CreateSequence,
    CreateTable,
    CreateTrigger,
    CreateType,
    CreateView,
    Footprint,
    NoEffect,
    Opaque,
    Output,
    RenameEnumValue,
    Requires,
    Step,
)

Event = Literal["insert", "update", "delete", "truncate"]
_EVENTS: tuple[tuple[int, Event], ...] = ((4, "insert"), (16, "update"), (8, "delete"), (32, "truncate"))
_BEFORE, _INSTEAD = 2, 64
# the row that a trigger does not have
_LACKING = {"insert": "old", "delete": "new"}


_OWN_TRIGGERS = {
    "suppress_redundant_updates_trigger",
    "tsvector_update_trigger",
    "tsvector_update_trigger_column",
}


def create_enum(context: Context, statement: pb.CreateEnumStmt, span: Span) -> Iterator[Step]:
    yield CreateEnum(span, EnumType(qualified(statement.type_name), tuple(words(statement.vals)), span=span))


def alter_enum(context: Context, statement: pb.AlterEnumStmt, span: Span) -> Iterator[Step]:
    enum = qualified(statement.type_name)
    if statement.old_val:
        yield RenameEnumValue(span, enum, statement.old_val, statement.new_val)
        return
    neighbor, after = statement.new_val_neighbor or None, statement.new_val_is_after
    yield AddEnumValue(
        span,
        enum,
        statement.new_val,
        statement.skip_if_new_val_exists,
        before=None if after else neighbor,
        after=neighbor if after else None,
    )


def create_domain(context: Context, statement: pb.CreateDomainStmt, span: Span) -> Iterator[Step]:
    default, refused = None, None
    checks: list[Check] = []
    for node in statement.constraints:
        match node.constraint.contype:
            case pb.CONSTR_NOTNULL:
                refused = not_null(node.constraint)
            case pb.CONSTR_DEFAULT:
                yield Requires(span, scope=row_scope((), node.constraint.raw_expr))
                default = expression(node.constraint.raw_expr)
            case pb.CONSTR_CHECK:
                yield Requires(span, scope=_value_scope(node.constraint))
                check = table_constraint(context, node.constraint, span)
                assert isinstance(check, Check)
                checks.append(check)
    type_ = sql_type(statement.type_name)
    yield from types_there(span, [statement.type_name])
    yield CreateDomain(
        span, Domain(qualified(statement.domainname), type_, refused, default, tuple(checks), span=span)
    )


def _value_scope(constraint: pb.Constraint) -> Scope:
    """What the CHECK of a domain names: nothing but the value."""
    return row_scope([Source("", ("value",))], constraint.raw_expr)


def alter_domain(context: Context, statement: pb.AlterDomainStmt, span: Span) -> Iterator[Step]:
    name = qualified(statement.type_name)
    definition: Any = getattr(statement, "def")
    match statement.subtype:
        case "T":
            default = expression(definition) if node_of(definition)[0] else None
            yield AlterDomain(span, name, "set default", default=default)
        case "N":
            yield AlterDomain(span, name, "drop not null")
        case "O":
            yield AlterDomain(span, name, "set not null", not_null=NotNull())
        case "C" if definition.constraint.contype == pb.CONSTR_NOTNULL:
            yield AlterDomain(span, name, "set not null", not_null=not_null(definition.constraint))
        case "C":
            yield Requires(span, scope=_value_scope(definition.constraint))
            check = table_constraint(context, definition.constraint, span)
            assert isinstance(check, Check)
            yield AlterDomain(span, name, "add check", check=check)
        case "X":
            yield AlterDomain(
                span, name, "drop constraint", constraint=statement.name, missing_ok=statement.missing_ok
            )
        case "V":
            yield AlterDomain(span, name, "validate", constraint=statement.name)
        case other:
            yield Opaque(span, f"ALTER DOMAIN `{other}`", Footprint(None))


def create_composite(context: Context, statement: pb.CompositeTypeStmt, span: Span) -> Iterator[Step]:
    columns = tuple(column_definition(context, node.column_def, span).column for node in statement.coldeflist)
    yield from types_there(span, (node.column_def.type_name for node in statement.coldeflist))
    yield CreateType(span, UserType(relation(statement.typevar), "composite", columns, span))


def create_range(context: Context, statement: pb.CreateRangeStmt, span: Span) -> Iterator[Step]:
    yield CreateType(span, UserType(qualified(statement.type_name), "range", span=span))


def define(context: Context, statement: pb.DefineStmt, span: Span) -> Iterator[Step]:
    if statement.kind == pb.OBJECT_TYPE:
        yield CreateType(span, UserType(qualified(statement.defnames), "base", span=span))
    elif statement.kind == pb.OBJECT_AGGREGATE:
        name = qualified(statement.defnames)
        yield CreateFunction(span, Function(name, (), "aggregate", (), span=span), statement.replace)
        granted = (f"what the aggregate `{name}` is made of exists",)
        yield NoEffect(span, "CREATE AGGREGATE", granted=granted)
    else:
        for node in statement.definition if statement.kind == pb.OBJECT_OPERATOR else ():
            if node.def_elem.defname in ("function", "procedure"):
                called = qualified(node.def_elem.arg.type_name.names)
                if not server.has_function(called.name):
                    yield Requires(span, (Thing("function", called),))
        word = pb.ObjectType.Name(statement.kind).removeprefix("OBJECT_").replace("_", " ")
        yield NoEffect(span, f"CREATE {word}", granted=(f"what the {word.lower()} is made of exists",))


def _sequence_options(options: Iterable[pb.Node]) -> tuple[Any, tuple[Name, str] | None]:
    type_, owner = None, None
    for node in options:
        option = node.def_elem
        if option.defname == "as":
            type_ = sql_type(option.arg.type_name)
        elif option.defname == "owned_by":
            parts = words(option.arg.list.items)
            if parts == ["none"]:
                owner = (Name(None, ""), "")
            else:
                owner = (Name(parts[-3] if len(parts) > 2 else None, parts[-2]), parts[-1])
    return type_, owner


def create_sequence(context: Context, statement: pb.CreateSeqStmt, span: Span) -> Iterator[Step]:
    type_, owner = _sequence_options(statement.options)
    name = relation(statement.sequence)
    sequence = (
        Sequence(name, owner=owner, span=span) if type_ is None else Sequence(name, type_, owner, span=span)
    )
    yield CreateSequence(span, sequence, statement.if_not_exists)


def alter_sequence(context: Context, statement: pb.AlterSeqStmt, span: Span) -> Iterator[Step]:
    type_, owner = _sequence_options(statement.options)
    settings = tuple(
        node.def_elem.defname
        for node in statement.options
        if node.def_elem.defname not in ("as", "owned_by", "cache")
    )
    yield AlterSequence(span, relation(statement.sequence), type_, owner, settings, statement.missing_ok)


def create_view(context: Context, statement: pb.ViewStmt, span: Span) -> Iterator[Step]:
    view = replace(_view(context, relation(statement.view), span), calls=_calls(statement.query))
    outputs = _named(query_outputs(statement.query), words(statement.aliases))
    yield Requires(span, scope=query_scope(statement.query), named=tuple(words(statement.aliases)))
    if statement.view.relpersistence == "t":
        yield NoEffect(span, "CREATE TEMPORARY VIEW")
    else:
        yield CreateView(span, view, query_references(statement.query), outputs, statement.replace)


def create_table_as(context: Context, statement: pb.CreateTableAsStmt, span: Span) -> Iterator[Step]:
    name = relation(statement.into.rel)
    outputs = _named(query_outputs(statement.query), words(statement.into.col_names))
    yield Requires(span, scope=query_scope(statement.query), named=tuple(words(statement.into.col_names)))
    if statement.objtype == pb.OBJECT_MATVIEW:
        view = replace(_view(context, name, span, materialized=True), calls=_calls(statement.query))
        references = query_references(statement.query)
        yield CreateView(span, view, references, outputs, if_not_exists=statement.if_not_exists)
        return
    temporary = statement.into.rel.relpersistence == "t"
    dropped = statement.into.on_commit == pb.ONCOMMIT_DROP
    table = Table(name, temporary=temporary, dropped_on_commit=dropped, span=span)
    filled = not statement.into.skip_data
    references = query_references(statement.query)
    yield CreateTable(
        span,
        table,
        statement.if_not_exists,
        outputs=outputs,
        reads=tuple(
            dict.fromkeys(name for found in references for group in found.candidates for name in group)
        ),
        columns_known=outputs is not None,
        filled=filled,
    )


def _view(context: Context, name: Name, span: Span, *, materialized: bool = False) -> View:
    return View(name, (), None, materialized, context.source.text[span.start : span.end], span=span)


def _calls(query: pb.Node) -> tuple[Name, ...]:
    return tuple(touched(query).calls)


def _named(outputs: tuple[Output, ...] | None, aliases: list[str]) -> tuple[Output, ...] | None:
    """The columns of a query under the names that the statement gives to the first of them."""
    if outputs is None or not aliases:
        return outputs
    if any(output.name is None for output in outputs[: len(aliases)]):
        return None
    renamed = (output._replace(name=alias) for output, alias in zip(outputs, aliases, strict=False))
    return (*renamed, *outputs[len(aliases) :])


# bodies are read by the server unless this is set to off
def create_trigger(context: Context, statement: pb.CreateTrigStmt, span: Span) -> Iterator[Step]:
    name = relation(statement.relation)
    gone = {_LACKING.get(event) for bit, event in _EVENTS if statement.events & bit}
    aliases = [alias for alias in ("old", "new") if statement.row and alias not in gone]
    rows = [Source(alias, name, qualified=True) for alias in aliases]
    condition = [statement.when_clause] if statement.HasField("when_clause") else []
    things = [Thing("column", name, column) for column in words(statement.columns)]
    called = qualified(statement.funcname)
    if called.name not in _OWN_TRIGGERS:
        things.append(Thing("function", called, arguments=()))
    yield Requires(span, tuple(things), condition_scope(rows, *condition))
    timing: Literal["before", "after", "instead of"] = "after"
    if statement.timing & _BEFORE:
        timing = "before"
    elif statement.timing & _INSTEAD:
        timing = "instead of"
    trigger = Trigger(
        statement.trigname,
        timing,
        tuple(event for bit, event in _EVENTS if statement.events & bit),
        called,
        frozenset([*words(statement.columns), *_row_columns(statement)]),
        tuple(touched(statement.when_clause).calls),
        deferrable=statement.deferrable,
        span=span,
    )
    yield CreateTrigger(span, name, trigger, statement.replace)


def _row_columns(statement: pb.CreateTrigStmt) -> Iterator[str]:
    """The columns of the rows before and after that the condition of a trigger names."""
    for message in messages_in(statement.when_clause):
        if message.DESCRIPTOR.name == "ColumnRef":
            yield from words(message.fields)[-1:]


def create_extension(context: Context, statement: pb.CreateExtensionStmt, span: Span) -> Iterator[Step]:
    schema = None
    for node in statement.options:
        if node.def_elem.defname == "schema":
            schema = node.def_elem.arg.string.sval
    yield CreateExtension(span, statement.extname, schema, statement.if_not_exists)


def create_schema(context: Context, statement: pb.CreateSchemaStmt, span: Span) -> Iterator[Step]:
    name = statement.schemaname or statement.authrole.rolename
    yield CreateSchema(span, name, statement.if_not_exists)
    roles = tuple(f"role `{role}` exists" for role in role_names([statement.authrole]))
    if roles:
        yield NoEffect(span, "AUTHORIZATION", granted=roles)
    if statement.schema_elts:
        yield Opaque(span, "elements of CREATE SCHEMA", Footprint(None))
