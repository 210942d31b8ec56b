"""Defines the steps that create objects other than tables: types, domains, sequences, views, functions …"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
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
from rung.migrations.dialects.postgres_footprint import Touched, touched
from rung.migrations.dialects.postgres_named import type_things
from rung.migrations.dialects.postgres_outputs import query_outputs
from rung.migrations.dialects.postgres_parameters import unsettable
from rung.migrations.dialects.postgres_parser import (
    Context,
    messages_in,
    node_of,
    pb,
    plpgsql_mistake,
    statement_tree,
)
from rung.migrations.dialects.postgres_queries import query_references
from rung.migrations.dialects.postgres_requirements import role_names
from rung.migrations.dialects.postgres_scopes import body_scope, condition_scope, query_scope, row_scope
from rung.migrations.dialects.postgres_types import qualified, relation, sql_type, words
from rung.migrations.expressions import ColumnRef, Expression, Parameter, SqlType, map_columns
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
    Refused,
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
    yield from _types(span, [statement.type_name])
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
    yield from _types(span, (node.column_def.type_name for node in statement.coldeflist))
    yield CreateType(span, UserType(relation(statement.typevar), "composite", columns, span))


def _types(span: Span, type_names: Iterable[pb.TypeName]) -> Iterator[Step]:
    """That the types are there."""
    things = tuple(dict.fromkeys(thing for each in type_names for thing in type_things(each)))
    if things:
        yield Requires(span, things)


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
_CHECKED = "check_function_bodies"


def create_function(context: Context, statement: pb.CreateFunctionStmt, span: Span) -> Iterator[Step]:
    options = {node.def_elem.defname: node.def_elem.arg for node in statement.options}
    language = options["language"].string.sval.lower() if "language" in options else "sql"
    found = Touched()
    if statement.HasField("sql_body"):
        found.read(statement.sql_body)
    elif "as" not in options:
        found.unknown = True
    elif language == "sql":
        found.read_sql(words(options["as"].list.items)[0])
    elif language == "plpgsql":
        if not found.read_plpgsql(context.source.text[span.start : span.end]):
            # the server reads it when the function is made
            reason = f"body of function `{qualified(statement.funcname)}`"
            yield Opaque(span, reason, Footprint((), schema=False))
    else:
        found.unknown = True
    inputs = [
        node.function_parameter for node in statement.parameters if node.function_parameter.mode not in _GIVEN
    ]
    function = Function(
        qualified(statement.funcname),
        tuple(sql_type(parameter.arg_type) for parameter in inputs),
        language,
        found.tables,
        tuple(found.calls),
        statement.is_procedure,
        _plain(context.source.text[span.start : span.end]),
        _volatility(options),
        sql_type(statement.return_type) if _gives_one(statement) else None,
        _selected(options, [parameter.name for parameter in inputs]) if language == "sql" else None,
        tuple(map(sql_type, _given(statement))),
        statement.HasField("sql_body"),
        None
        if any(parameter.mode == pb.FUNC_PARAM_VARIADIC for parameter in inputs)
        else sum(parameter.HasField("defexpr") for parameter in inputs),
        tuple(parameter.name for parameter in inputs),
        span,
    )
    if language == "sql" and _CHECKED not in context.source.text:
        yield from _body(statement, options, tuple(found.relations), span)
    if language in ("sql", "plpgsql"):
        parameters = [node.function_parameter.arg_type for node in statement.parameters]
        yield from _types(span, [*parameters, *[statement.return_type] * statement.HasField("return_type")])
    # without a body the library ends the process
    if language == "plpgsql" and "as" in options and found.unknown and _CHECKED not in context.source.text:
        mistake = plpgsql_mistake(context.source.text[span.start : span.end])
        if mistake is not None and mistake.startswith("syntax error"):
            yield Refused(span, f"the body of `{function.name}`: {mistake}")
        elif mistake is not None and "pseudo-type" not in mistake:
            # which types are rows, the library does not know
            yield Opaque(span, f"function body with a mistake: {mistake}", Footprint((), schema=False))
    for node in statement.options:
        if node.def_elem.defname == "set":
            yield from unsettable(node.def_elem.arg.variable_set_stmt, span, later=True)
    defaults = tuple(
        (sql_type(parameter.arg_type), expression(parameter.defexpr))
        for parameter in inputs
        if parameter.HasField("defexpr")
    )
    yield CreateFunction(span, function, statement.replace, defaults)


def _body(
    statement: pb.CreateFunctionStmt, options: Mapping[str, Any], reads: tuple[Name, ...], span: Span
) -> Iterator[Step]:
    """That what the body of an SQL function names is there when the function is made."""
    if statement.HasField("sql_body"):
        kind, body = node_of(statement.sql_body)
        # `RETURN x` stands alone
        bodies = [node for each in body.items for node in each.list.items] if kind == "list" else None
        parts = [body] if bodies is None else [node_of(node)[1] for node in bodies]
    elif "as" not in options:
        return
    else:
        parts = [each for _, each in statement_tree(words(options["as"].list.items)[0]) or ()]
    parameters = [node.function_parameter for node in statement.parameters]
    inputs = [each for each in parameters if each.mode not in _GIVEN]
    known = [(each.name, sql_type(each.arg_type)) for each in parameters]
    numbered = [(f"${place}", sql_type(each.arg_type)) for place, each in enumerate(inputs, 1)]
    scope = body_scope(qualified(statement.funcname).name, [*known, *numbered], parts)
    if scope is not None:
        things = tuple(Thing("relation", name) for name in reads)
        yield Requires(span, things, scope, returns=_returned(statement))


_GIVEN = (pb.FUNC_PARAM_OUT, pb.FUNC_PARAM_TABLE)


def _returned(statement: pb.CreateFunctionStmt) -> tuple[SqlType, ...] | None:
    """The types of the columns that a function gives; None where that is not known."""
    parameters = [node.function_parameter for node in statement.parameters]
    given = [each for each in parameters if each.mode in (*_GIVEN, pb.FUNC_PARAM_INOUT)]
    if given or not statement.HasField("return_type"):
        return tuple(sql_type(each.arg_type) for each in given) or None
    return None if statement.return_type.pct_type else (sql_type(statement.return_type),)


def _given(statement: pb.CreateFunctionStmt) -> Iterator[pb.TypeName]:
    """The types of what a function returns; of `t.a%TYPE` it keeps no more than what that is now."""
    parameters = [node.function_parameter for node in statement.parameters]
    named = [each.arg_type for each in parameters if each.mode in (pb.FUNC_PARAM_OUT, pb.FUNC_PARAM_TABLE)]
    named += [statement.return_type] * statement.HasField("return_type")
    yield from (each for each in named if not each.pct_type)


def _gives_one(statement: pb.CreateFunctionStmt) -> bool:
    kind = statement.return_type
    return statement.HasField("return_type") and not (kind.setof or kind.pct_type)


# such a function is called, and not what it stands for
_CALLED = {"security", "set", "strict"}
_SELECTED = {"target_list", "limit_option", "op"}


def _selected(options: Mapping[str, pb.Node], names: list[str]) -> Expression | None:
    """The expression of a body that is `SELECT expression`, its arguments by their numbers."""
    if "as" not in options or _CALLED & options.keys():
        return None
    statements = statement_tree(words(options["as"].list.items)[0]) or []
    if len(statements) != 1 or statements[0][0] != "select_stmt":
        return None
    select = statements[0][1]
    if {field.name for field, _ in select.ListFields()} != _SELECTED or len(select.target_list) != 1:
        return None

    def argument(column: ColumnRef) -> Expression:
        return Parameter(str(names.index(column.name) + 1)) if column.name in names else column

    return map_columns(expression(select.target_list[0].res_target.val), argument)


def _volatility(options: Mapping[str, pb.Node]) -> Literal["i", "s", "v"]:
    match options["volatility"].string.sval if "volatility" in options else "volatile":
        case "immutable":
            return "i"
        case "stable":
            return "s"
        case _:
            return "v"


def _plain(text: str) -> str:
    """The statement's text, however it is laid out, and whether or not it may replace another."""
    words = " ".join(text.split())
    return re.sub(r"^create or replace\b", "CREATE", words, flags=re.IGNORECASE)


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
