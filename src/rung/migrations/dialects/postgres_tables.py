"""Defines the steps of CREATE TABLE, ALTER TABLE and CREATE INDEX."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

from rung.diagnostics import Span
from rung.migrations.dialects.postgres_columns import (
    column_definition,
    identity_kind,
    index_definition,
    not_null,
    table_constraint,
)
from rung.migrations.dialects.postgres_expressions import expression
from rung.migrations.dialects.postgres_parser import Context, node_of, pb
from rung.migrations.dialects.postgres_table_requirements import (
    WITHOUT_EFFECT,
    altered,
    created,
    granted,
    indexed,
)
from rung.migrations.dialects.postgres_types import qualified, relation, sql_type
from rung.migrations.expressions import ColumnRef, Expression
from rung.migrations.schema import (
    Bound,
    Column,
    Constraint,
    Exclusion,
    Name,
    NotNull,
    Partitioning,
    PrimaryKey,
    Table,
    Unique,
)
from rung.migrations.steps import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    AlterConstraint,
    AttachPartition,
    CreateIndex,
    CreateTable,
    DetachPartition,
    DropColumn,
    DropConstraint,
    DropNotNull,
    Footprint,
    Like,
    LikeOption,
    Limits,
    NoEffect,
    Opaque,
    SetDefault,
    SetExpression,
    SetIdentity,
    SetInherit,
    SetNotNull,
    SetRowSecurity,
    SetTriggers,
    Step,
    ValidateConstraint,
)

# the bits of LIKE's options, in the order of the parser's own enumeration
_LIKE_OPTIONS: tuple[tuple[int, LikeOption], ...] = (
    (1 << 0, "comments"),
    (1 << 1, "compression"),
    (1 << 2, "constraints"),
    (1 << 3, "defaults"),
    (1 << 4, "generated"),
    (1 << 5, "identity"),
    (1 << 6, "indexes"),
)
_STRATEGIES: dict[int, Any] = {
    pb.PARTITION_STRATEGY_RANGE: "range",
    pb.PARTITION_STRATEGY_LIST: "list",
    pb.PARTITION_STRATEGY_HASH: "hash",
}
_LIST = "l"
_ENABLE = {pb.AT_EnableTrig, pb.AT_EnableAlwaysTrig, pb.AT_EnableReplicaTrig}
_ALL_TRIGGERS = {
    pb.AT_EnableTrigAll: True,
    pb.AT_EnableTrigUser: True,
    pb.AT_DisableTrigAll: False,
    pb.AT_DisableTrigUser: False,
}
_ROW_SECURITY = {
    pb.AT_EnableRowSecurity: True,
    pb.AT_ForceRowSecurity: True,
    pb.AT_DisableRowSecurity: False,
}


def create_table(context: Context, statement: pb.CreateStmt, span: Span) -> Iterator[Step]:
    columns: list[Column] = []
    constraints: list[Constraint] = []
    likes, serials = [], []
    not_nulls: dict[str, NotNull] = {}
    for node in [*statement.table_elts, *statement.constraints, *statement.nnconstraints]:
        kind, element = node_of(node)
        if kind == "column_def":
            definition = column_definition(context, element, span)
            columns.append(definition.column)
            constraints.extend(definition.constraints)
            if definition.serial:
                serials.append(definition.column.name)
        elif kind == "table_like_clause":
            options = frozenset(name for bit, name in _LIKE_OPTIONS if element.options & bit)
            likes.append(Like(relation(element.relation), options, len(columns)))
        elif element.contype == pb.CONSTR_NOTNULL:
            not_nulls[_first_key(element)] = not_null(element)
        else:
            constraints.append(table_constraint(context, element, span))
    partition = statement.HasField("partbound")
    table = Table(
        relation(statement.relation),
        tuple(replace(column, not_null=not_nulls.pop(column.name, column.not_null)) for column in columns),
        tuple(constraints),
        parents=tuple(relation(node.range_var) for node in statement.inh_relations),
        partitioning=_partitioning(statement.partspec) if statement.HasField("partspec") else None,
        bounds=_bounds(context, statement.partbound, span) if partition else None,
        bound=_bound(statement.partbound) if partition else None,
        temporary=statement.relation.relpersistence == "t",
        dropped_on_commit=statement.oncommit == pb.ONCOMMIT_DROP,
        span=span,
    )
    yield from created(statement, span)
    of_type = qualified(statement.of_typename.names) if statement.HasField("of_typename") else None
    yield CreateTable(
        span,
        table,
        statement.if_not_exists,
        tuple(serials),
        tuple(likes),
        of_type,
        computed=_computed(statement.partspec),
        limits=_limits(statement.partbound),
    )
    for column_name, constraint in not_nulls.items():
        # a column that a parent or LIKE brings
        yield SetNotNull(span, table.name, column_name, constraint)


def _first_key(constraint: pb.Constraint) -> str:
    return str(constraint.keys[0].string.sval)


def _partitioning(spec: pb.PartitionSpec) -> Partitioning:
    elements = [node.partition_elem for node in spec.part_params]
    columns = tuple(element.name or None for element in elements)
    return Partitioning(_STRATEGIES[spec.strategy], columns, ", ".join(name or "(…)" for name in columns))


def _computed(spec: pb.PartitionSpec) -> tuple[Expression, ...]:
    elements = (node.partition_elem for node in spec.part_params)
    return tuple(expression(element.expr) for element in elements if element.HasField("expr"))


def _limits(bound: pb.PartitionBoundSpec) -> Limits:
    if bound.strategy == _LIST:
        return tuple((expression(node),) for node in bound.listdatums)
    return tuple(tuple(map(_limit, values)) for values in (bound.lowerdatums, bound.upperdatums) if values)


def _limit(node: pb.Node) -> Expression | None:
    # MINVALUE and MAXVALUE are read as columns
    return None if node_of(node)[0] == "column_ref" else expression(node)


def _bound(bound: pb.PartitionBoundSpec) -> Bound:
    if bound.is_default:
        return Bound("default")
    match bound.strategy:
        case "h":
            return Bound("hash", hash=(bound.modulus, bound.remainder))
        case "l":
            return Bound("list", tuple((expression(node),) for node in bound.listdatums))
        case _:
            ends = (bound.lowerdatums, bound.upperdatums)
            return Bound("range", tuple(tuple(map(_end, values)) for values in ends))


def _end(node: pb.Node) -> Expression | Literal["minvalue", "maxvalue"]:
    value = expression(node)
    match value:
        case ColumnRef(name="minvalue", table=None):
            return "minvalue"
        case ColumnRef(name="maxvalue", table=None):
            return "maxvalue"
        case _:
            return value


def _bounds(context: Context, bound: pb.PartitionBoundSpec, within: Span) -> str:
    span = context.element(bound.location, within)
    return context.source.text[span.start : span.end]


def create_index(context: Context, statement: pb.IndexStmt, span: Span) -> Iterator[Step]:
    index = index_definition(context, statement, span)
    yield from indexed(statement, span)
    yield CreateIndex(
        span, relation(statement.relation), index, statement.if_not_exists, statement.concurrent
    )


def alter_table(context: Context, statement: pb.AlterTableStmt, span: Span) -> Iterator[Step]:
    name = relation(statement.relation)
    if statement.objtype in (pb.OBJECT_TABLE, pb.OBJECT_FOREIGN_TABLE):
        yield from altered(statement, span)
        steps = [
            _altered(context, node.alter_table_cmd, name, span, statement.missing_ok)
            for node in statement.cmds
        ]
        yield from sorted(steps, key=_pass)
    elif statement.objtype == pb.OBJECT_TYPE:
        yield Opaque(span, "ALTER TYPE of a composite type", Footprint(None))
    elif all(node.alter_table_cmd.subtype in WITHOUT_EFFECT for node in statement.cmds):
        yield from altered(statement, span)
        resting = tuple(each for node in statement.cmds for each in granted(node.alter_table_cmd))
        yield NoEffect(span, f"ALTER {object_word(statement.objtype)}", name, resting)
    elif statement.objtype == pb.OBJECT_INDEX:
        yield NoEffect(span, "ALTER INDEX ATTACH PARTITION")
    else:
        # SET DEFAULT of a view's column
        yield Opaque(span, f"ALTER {object_word(statement.objtype)}", Footprint((name,)))


def _pass(step: Step) -> int:
    """When PostgreSQL runs an action among those of its ALTER TABLE, whatever order they are written in."""
    match step:
        case DropColumn() | DropConstraint() | DropNotNull():
            return 0
        case SetDefault(default=None) | SetIdentity(identity=None) | SetExpression(expression=None):
            return 0
        case AlterColumnType():
            return 1
        case AddColumn():
            return 2
        case SetExpression():
            return 3
        case SetNotNull():
            return 4
        case AddConstraint(constraint=PrimaryKey() | Unique() | Exclusion()):
            return 5
        case AddConstraint() | SetDefault() | SetIdentity():
            return 6
        case _:
            return 7


def object_word(object_type: int) -> str:
    """The word SQL uses for a kind of object: `MATERIALIZED VIEW`."""
    word: str = pb.ObjectType.Name(object_type).removeprefix("OBJECT_").replace("_", " ")
    return {"MATVIEW": "MATERIALIZED VIEW"}.get(word, word)


def _altered(context: Context, command: pb.AlterTableCmd, table: Name, span: Span, if_exists: bool) -> Step:
    kind = command.subtype
    definition: Any = getattr(command, "def")
    if kind in WITHOUT_EFFECT:
        return NoEffect(span, WITHOUT_EFFECT[kind], table, granted(command))
    if kind in _ROW_SECURITY:
        return SetRowSecurity(span, table, _ROW_SECURITY[kind])
    if kind in _ALL_TRIGGERS:
        return SetTriggers(span, table, None, _ALL_TRIGGERS[kind])
    match kind:
        case pb.AT_AddColumn:
            column = column_definition(context, definition.column_def, span)
            return AddColumn(
                span, table, column.column, column.constraints, column.serial, command.missing_ok, if_exists
            )
        case pb.AT_DropColumn:
            cascade = command.behavior == pb.DROP_CASCADE
            return DropColumn(span, table, command.name, command.missing_ok, cascade, if_exists)
        case pb.AT_AlterColumnType:
            return _column_type(command.name, definition.column_def, table, span, if_exists)
        case pb.AT_ColumnDefault:
            default = expression(definition) if node_of(definition)[0] else None
            return SetDefault(span, table, command.name, default, if_exists)
        case pb.AT_SetNotNull:
            return SetNotNull(span, table, command.name, NotNull(), if_exists)
        case pb.AT_DropNotNull:
            return DropNotNull(span, table, command.name, if_exists)
        case pb.AT_AddIdentity:
            identity = identity_kind(definition.constraint.generated_when)
            return SetIdentity(span, table, command.name, identity, False, if_exists, adds=True)
        case pb.AT_SetIdentity:
            return _set_identity(command.name, definition, table, span, if_exists)
        case pb.AT_DropIdentity:
            return SetIdentity(span, table, command.name, None, command.missing_ok, if_exists)
        case pb.AT_SetExpression:
            return SetExpression(span, table, command.name, expression(definition), False, if_exists)
        case pb.AT_DropExpression:
            return SetExpression(span, table, command.name, None, command.missing_ok, if_exists)
        case pb.AT_AddConstraint:
            return _add_constraint(context, definition.constraint, table, span, if_exists)
        case pb.AT_DropConstraint:
            cascade = command.behavior == pb.DROP_CASCADE
            return DropConstraint(span, table, command.name, command.missing_ok, cascade, if_exists)
        case pb.AT_ValidateConstraint:
            return ValidateConstraint(span, table, command.name, if_exists)
        case pb.AT_AlterConstraint:
            return _alter_constraint(definition.atalter_constraint, table, span, if_exists)
        case pb.AT_AttachPartition:
            partition = definition.partition_cmd
            bounds = _bounds(context, partition.bound, span)
            limits = _limits(partition.bound)
            bound = _bound(partition.bound)
            return AttachPartition(span, table, relation(partition.name), bounds, limits, bound)
        case pb.AT_DetachPartition:
            partition = definition.partition_cmd
            return DetachPartition(span, table, relation(partition.name), partition.concurrent)
        case pb.AT_AddInherit | pb.AT_DropInherit:
            return SetInherit(span, table, relation(definition.range_var), kind == pb.AT_AddInherit)
        case pb.AT_DisableTrig:
            return SetTriggers(span, table, command.name, False)
        case _ if kind in _ENABLE:
            return SetTriggers(span, table, command.name, True)
        case _ if kind == pb.AT_NoForceRowSecurity:
            return NoEffect(span, "NO FORCE ROW LEVEL SECURITY", table)
        case _:
            word = pb.AlterTableType.Name(kind).removeprefix("AT_")
            return Opaque(span, f"ALTER TABLE `{word}`", Footprint((table,)))


def _column_type(name: str, definition: pb.ColumnDef, table: Name, span: Span, if_exists: bool) -> Step:
    using = expression(definition.raw_default) if node_of(definition.raw_default)[0] else None
    collation = qualified(definition.coll_clause.collname) if definition.HasField("coll_clause") else None
    return AlterColumnType(span, table, name, sql_type(definition.type_name), using, collation, if_exists)


def _set_identity(name: str, definition: pb.Node, table: Name, span: Span, if_exists: bool) -> Step:
    for item in definition.list.items:
        if item.def_elem.defname == "generated":
            letter = chr(item.def_elem.arg.integer.ival)
            return SetIdentity(span, table, name, identity_kind(letter), False, if_exists)
    return NoEffect(span, "ALTER COLUMN SET (sequence option)", table)


def _add_constraint(
    context: Context, constraint: pb.Constraint, table: Name, span: Span, if_exists: bool
) -> Step:
    if constraint.contype == pb.CONSTR_NOTNULL:
        return SetNotNull(span, table, _first_key(constraint), not_null(constraint), if_exists)
    using_index = constraint.indexname or None
    return AddConstraint(span, table, table_constraint(context, constraint, span), using_index, if_exists)


def _alter_constraint(change: pb.ATAlterConstraint, table: Name, span: Span, if_exists: bool) -> Step:
    return AlterConstraint(
        span,
        table,
        change.conname,
        change.deferrable if change.alter_deferrability else None,
        change.is_enforced if change.alter_enforceability else None,
        change.noinherit if change.alter_inheritability else None,
        if_exists,
    )
