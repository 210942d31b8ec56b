"""Defines the steps of statements about the session, and of those that change neither schema nor rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from rung.diagnostics import Span
from rung.migrations.dialects.postgres_footprint import Touched, touched
from rung.migrations.dialects.postgres_parameters import parameter_value, unsettable
from rung.migrations.dialects.postgres_parser import Context, Read, node_of, pb
from rung.migrations.dialects.postgres_plpgsql import block_steps
from rung.migrations.dialects.postgres_queries import query_references
from rung.migrations.dialects.postgres_requirements import required, taken_for_granted
from rung.migrations.dialects.postgres_types import qualified, relation
from rung.migrations.schema import Name
from rung.migrations.scopes import Thing
from rung.migrations.steps import (
    ChangePolicy,
    Demand,
    Footprint,
    LockTable,
    NoEffect,
    Opaque,
    Refused,
    Requires,
    SetParameter,
    Step,
    Transaction,
)

_LOCK_MODES = (
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)
_TRANSACTIONS: dict[int, Literal["begin", "commit", "rollback", "savepoint", "release", "rollback to"]] = {
    pb.TRANS_STMT_BEGIN: "begin",
    pb.TRANS_STMT_START: "begin",
    pb.TRANS_STMT_COMMIT: "commit",
    pb.TRANS_STMT_ROLLBACK: "rollback",
    pb.TRANS_STMT_SAVEPOINT: "savepoint",
    pb.TRANS_STMT_RELEASE: "release",
    pb.TRANS_STMT_ROLLBACK_TO: "rollback to",
}


# what these statements make or change holds no rows, and no column, constraint or view is made of it
_WITHOUT_EFFECT_WORDS = """
    alter_collation alter_database alter_database_set alter_default_privileges alter_extension
    alter_function alter_object_depends alter_op_family alter_operator alter_owner alter_policy
    alter_publication alter_role alter_role_set alter_stats alter_system alter_tsconfiguration
    alter_tsdictionary alter_type check_point cluster comment constraints_set create_am create_cast
    create_conversion create_fdw create_foreign_server create_op_class create_op_family create_plang
    create_policy create_publication create_role create_stats create_subscription create_table_space
    create_transform create_user_mapping deallocate discard drop_role drop_subscription drop_table_space
    grant grant_role listen load notify prepare reassign_owned refresh_mat_view reindex sec_label
    unlisten vacuum variable_show
"""
WITHOUT_EFFECT = frozenset(f"{word}_stmt" for word in _WITHOUT_EFFECT_WORDS.split())


def no_effect(context: Context, message: Any, span: Span) -> Iterator[Step]:
    things, scope = required(message)
    if things or scope is not None:
        yield Requires(span, tuple(things), scope)
    if message.DESCRIPTOR.name in ("CreatePolicyStmt", "AlterPolicyStmt"):
        yield _policy(message, span)
    if "setstmt" in message.DESCRIPTOR.fields_by_name and message.DESCRIPTOR.name != "AlterSystemStmt":
        yield from unsettable(message.setstmt, span, later=True)
    granted = taken_for_granted(message)
    fields = message.DESCRIPTOR.fields_by_name
    table = relation(message.relation) if "relation" in fields else None
    if "rels" in fields and message.rels:
        table = relation(message.rels[0].vacuum_relation.relation)
    elif "table" in fields:
        table = relation(message.table)
    if message.DESCRIPTOR.name == "GrantStmt" and message.targtype == pb.ACL_TARGET_OBJECT:
        for node in message.objects:
            yield NoEffect(span, _what(message), _granted(node), granted)
        return
    yield NoEffect(span, _what(message), table if table and table.name else None, granted)


def _policy(statement: Any, span: Span) -> Step:
    seen, written = (
        _demand(statement.table, getattr(statement, part)) if statement.HasField(part) else None
        for part in ("qual", "with_check")
    )
    action: Literal["create", "alter"] = "create" if "Create" in statement.DESCRIPTOR.name else "alter"
    return ChangePolicy(span, relation(statement.table), statement.policy_name, action, seen, written)


def _demand(table: pb.RangeVar, condition: pb.Node) -> Demand:
    """A condition on the rows of a table as the query of those rows has it."""
    select = pb.SelectStmt(from_clause=[pb.Node(range_var=table)], where_clause=condition, op=pb.SETOP_NONE)
    calls = tuple(touched(condition).calls)
    references = query_references(pb.Node(select_stmt=select))
    named = {found.column for found in references}
    # `f(t)` needs the table, and none of its columns
    rows = [found for found in references if found.column is None and found.candidates[0][0].name in named]
    return Demand(tuple(found for found in references if found not in rows), calls)


def _granted(node: pb.Node) -> Name | None:
    """The table, view, sequence or function whose rights are given or taken."""
    kind, message = node_of(node)
    if kind == "range_var":
        return relation(message)
    return qualified(message.objname) if kind == "object_with_args" else None


def _what(message: Any) -> str:
    """What the statement does, with the option that decides how it locks."""
    name: str = message.DESCRIPTOR.name
    options = {node.def_elem.defname for node in message.params} if hasattr(message, "params") else set()
    match name:
        case "VacuumStmt" if not message.is_vacuumcmd:
            return "ANALYZE"
        case "VacuumStmt":
            full = any(node.def_elem.defname == "full" for node in message.options)
            return "VACUUM FULL" if full else "VACUUM"
        case "ReindexStmt":
            kind: str = pb.ReindexObjectType.Name(message.kind).removeprefix("REINDEX_OBJECT_")
            return f"REINDEX {kind}{' CONCURRENTLY' if 'concurrently' in options else ''}"
        case "RefreshMatViewStmt":
            return (
                "REFRESH MATERIALIZED VIEW CONCURRENTLY"
                if message.concurrent
                else "REFRESH MATERIALIZED VIEW"
            )
        case "AlterRoleSetStmt" | "AlterDatabaseSetStmt" | "AlterSystemStmt":
            return f"{_words(name.removesuffix('Stmt'))} `{message.setstmt.name}`"
        case "ConstraintsSetStmt":
            all_at_once = not message.deferred and not message.constraints
            return "SET CONSTRAINTS ALL IMMEDIATE" if all_at_once else "SET CONSTRAINTS"
        case "GrantStmt" | "GrantRoleStmt" if not message.is_grant:
            return "REVOKE"
        case _:
            return _words(name.removesuffix("Stmt"))


def _words(name: str) -> str:
    """`CreatePolicy` → `CREATE POLICY`."""
    return "".join(f" {letter}" if letter.isupper() else letter for letter in name).strip().upper()


def set_variable(context: Context, statement: pb.VariableSetStmt, span: Span) -> Iterator[Step]:
    yield from unsettable(statement, span)
    match statement.kind:
        case pb.VAR_SET_VALUE:
            values = tuple(parameter_value(node) for node in statement.args)
            yield SetParameter(span, statement.name, values, statement.is_local)
            if statement.name in ("role", "session_authorization") and values != ("none",):
                yield NoEffect(span, "SET ROLE", granted=(f"role `{values[0]}` exists",))
        case pb.VAR_RESET_ALL:
            yield SetParameter(span, "all", None)
        case pb.VAR_SET_DEFAULT | pb.VAR_RESET:
            yield SetParameter(span, statement.name, None, statement.is_local)
        case _:
            # SET TRANSACTION and SET … FROM CURRENT
            yield NoEffect(span, f"SET {statement.name}")


def transaction(context: Context, statement: pb.TransactionStmt, span: Span) -> Iterator[Step]:
    action = _TRANSACTIONS.get(statement.kind)
    if action is None:
        yield Opaque(span, "two-phase commit", Footprint(None))
    else:
        yield Transaction(span, action, statement.savepoint_name, statement.chain)


def lock(context: Context, statement: pb.LockStmt, span: Span) -> Iterator[Step]:
    tables = tuple(relation(node.range_var) for node in statement.relations)
    yield Requires(span, tuple(Thing("relation", table) for table in tables))
    yield LockTable(span, tables, _LOCK_MODES[statement.mode - 1])


def do(context: Context, statement: pb.DoStmt, span: Span, read: Read) -> Iterator[Step]:
    """The steps of a DO block, or one that says what it may change where its course cannot be told."""
    if all(node.def_elem.defname != "as" for node in statement.args):
        yield Refused(span, "a DO without a block")
        yield NoEffect(span, "DO")
        return
    found = Touched()
    languages = [node.def_elem for node in statement.args if node.def_elem.defname == "language"]
    if languages and languages[0].arg.string.sval.lower() != "plpgsql":
        found.unknown = True
    else:
        steps = block_steps(context, span, read)
        if steps is not None:
            yield from steps or [NoEffect(span, "DO")]
            return
        found.read_plpgsql(context.source.text[span.start : span.end])
    reshapes = found.unknown or found.reshapes or bool(found.calls)
    yield Opaque(span, "DO block", Footprint(found.tables, reshapes, tuple(found.calls)))


def explain(context: Context, statement: pb.ExplainStmt, span: Span) -> Iterator[Step]:
    yield Opaque(span, "EXPLAIN", Footprint(None, schema=False))


def call(context: Context, statement: pb.CallStmt, span: Span) -> Iterator[Step]:
    found = touched(statement)
    yield Opaque(span, "CALL", Footprint((), calls=tuple(found.calls)))


def create_rule(context: Context, statement: pb.RuleStmt, span: Span) -> Iterator[Step]:
    yield Opaque(span, "CREATE RULE", Footprint(touched(statement).tables))
