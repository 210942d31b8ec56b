"""Defines `block_steps`: a DO block whose course is certain → its steps; None where it is not.

Certain are plain statements, IF, a handler of what the catalog makes fail, and whatever changes nothing or
rows alone. A text that is made to be run is not. Statements of schema change cannot use a block's variables;
those about rows can, and then their values are not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rung.diagnostics import Source, Span
from rung.migrations.apply.failures import CONDITIONS, DUPLICATES, only_names
from rung.migrations.dialects.postgres_catalog import UncertainError, conditions
from rung.migrations.dialects.postgres_footprint import Touched
from rung.migrations.dialects.postgres_parser import Context, Read, node_of, plpgsql_tree, statement_tree
from rung.migrations.steps import (
    Attempt,
    Delete,
    Footprint,
    Handler,
    Insert,
    NoEffect,
    Opaque,
    Query,
    Requires,
    Step,
    Update,
    When,
)

_OWN_VARIABLES = {"found", "sqlstate", "sqlerrm", "tg_argv"}
_LOOPS = {f"PLpgSQL_stmt_{kind}" for kind in ("fori", "fors", "foreach_a", "loop", "while")}
# of RAISE: what is below it (NOTICE, WARNING …) passes
_ERROR = 21
_OTHERWISE = {"elsif_list", "else_body"}


@dataclass(slots=True)
class _Block:
    """A block being read: `read` reads the statements in a text, `position` is how far into the file."""

    context: Context
    span: Span
    read: Read
    position: int
    variables: bool


def block_steps(context: Context, span: Span, read: Read) -> list[Step] | None:
    """The steps of the DO statement at `span`."""
    tree = plpgsql_tree(context.source.text[span.start : span.end])
    if not tree:
        return None
    function = tree[0]["PLpgSQL_function"]
    names = {value.get("refname") for datum in function.get("datums", ()) for value in datum.values()}
    block = _Block(context, span, read, span.start, not names <= _OWN_VARIABLES)
    try:
        first = _rows_alone(block, function.get("datums", []))
        return [*first, *_inner_block(block, function["action"]["PLpgSQL_stmt_block"], _course)]
    except UncertainError:
        return None


def _course(block: _Block, statements: Sequence[dict[str, Any]]) -> list[Step]:
    """The steps of what a block runs to its end or to a RETURN, its own or that of an IF without ELSE."""
    for index, statement in enumerate(statements):
        if "PLpgSQL_stmt_return" in statement:
            return _statements(block, statements[:index])
        branches = statement.get("PLpgSQL_stmt_if", {})
        then = branches.get("then_body", ())
        if then and "PLpgSQL_stmt_return" in then[-1] and branches.keys().isdisjoint(_OTHERWISE):
            before = _statements(block, statements[:index])
            taken = _statements(block, then[:-1])
            rest = _course(block, statements[index + 1 :])
            return [*before, *_when(block, branches, taken, rest)]
    return _statements(block, statements)


def _statements(block: _Block, statements: Iterable[Any]) -> list[Step]:
    return [step for statement in statements for step in _statement(block, statement)]


def _statement(block: _Block, statement: dict[str, Any]) -> list[Step]:
    ((kind, value),) = statement.items()
    match kind:
        case "PLpgSQL_stmt_block":
            return _inner_block(block, value, _statements)
        case "PLpgSQL_stmt_null" | "PLpgSQL_stmt_getdiag":
            return []
        case "PLpgSQL_stmt_raise" if value.get("elog_level", _ERROR) < _ERROR:
            return [*_rows_alone(block, value), NoEffect(block.span, "RAISE")]
        case "PLpgSQL_stmt_raise":
            return _rows_alone(block, value, "RAISE EXCEPTION")
        case "PLpgSQL_stmt_assert":
            return _rows_alone(block, value, "ASSERT")
        case "PLpgSQL_stmt_execsql" if value.get("into"):
            return _rows_alone(block, value, "INTO STRICT" if "strict" in value else "")
        case "PLpgSQL_stmt_assign":
            return _rows_alone(block, value)
        case "PLpgSQL_stmt_execsql":
            steps = _sql(block, value["sqlstmt"]["PLpgSQL_expr"]["query"])
            # the server refuses rows that go nowhere
            lost = [Opaque(block.span, "SELECT without INTO", Footprint((), schema=False))]
            return [*steps, *lost * any(isinstance(step, Query) for step in steps)]
        case "PLpgSQL_stmt_dynexecute" if not value.get("into") and not value.get("params"):
            return _sql(block, _constant(value["query"]["PLpgSQL_expr"]["query"]))
        case "PLpgSQL_stmt_perform":
            return _rows_alone(block, value)
        case "PLpgSQL_stmt_if":
            return _conditional(block, value)
        case _ if kind in _LOOPS:
            return _rows_alone(block, statement, "loop")
        case _:
            raise UncertainError


def _inner_block(
    block: _Block, value: dict[str, Any], read: Callable[[_Block, Sequence[dict[str, Any]]], list[Step]]
) -> list[Step]:
    steps = read(block, value.get("body", ()))
    if "exceptions" not in value:
        return steps
    handlers = []
    for entry in value["exceptions"]["PLpgSQL_exception_block"]["exc_list"]:
        handler = entry["PLpgSQL_exception"]
        names = frozenset(each["PLpgSQL_condition"]["condname"] for each in handler["conditions"])
        # The model knows every name that is taken already, and what is missing where a step only names it.
        if not names <= (CONDITIONS if all(map(only_names, steps)) else DUPLICATES):
            raise UncertainError
        handlers.append(Handler(names, tuple(_statements(block, handler.get("action", ())))))
    return [Attempt(block.span, tuple(steps), tuple(handlers))]


def _rows_alone(block: _Block, tree: Any, reason: str = "") -> list[Step]:
    """The steps of a part of the tree that changes rows at most; which, is not known. With a `reason` it may
    also fail."""
    found = Touched()
    found.read_code(tree)
    if found.unknown or found.reshapes or found.calls or found.returns:
        raise UncertainError
    steps: list[Step] = [Query(block.span, tuple(found.relations))] if found.relations else []
    if found.changed or reason:
        footprint = Footprint(found.tables, schema=False)
        steps.append(Opaque(block.span, reason or "statement with variables", footprint))
    return steps


def _sql(block: _Block, query: str) -> list[Step]:
    """The steps of statements that stand word for word in the block."""
    start = block.context.source.text.find(query, block.position, block.span.end)
    if start < 0:
        raise UncertainError
    block.position = start + len(query)
    source = block.context.source
    steps = block.read(Context.of(Source(source.name, " " * start + query)))
    if any(isinstance(step, Opaque) and step.footprint.tables is None for step in steps):
        raise UncertainError
    if block.variables:
        return [_without_values(step) for step in steps if not isinstance(step, Requires)]
    return steps


def _without_values(step: Step) -> Step:
    """A statement about rows whose names may be the block's variables: only its table is known."""
    if isinstance(step, (Insert, Update, Delete)):
        footprint = Footprint((step.table,), schema=False)
        return Opaque(step.span, "statement with variables", footprint)
    return step


def _constant(query: str) -> str:
    """The text that EXECUTE runs, where it is a literal."""
    statements = statement_tree(f"SELECT {query}")
    if statements:
        kind, constant = node_of(statements[0][1].target_list[0].res_target.val)
        if kind == "a_const" and constant.HasField("sval"):
            return str(constant.sval.sval)
    raise UncertainError


def _conditional(block: _Block, value: dict[str, Any]) -> list[Step]:
    then = _statements(block, value.get("then_body", ()))
    others = [each["PLpgSQL_if_elsif"] for each in value.get("elsif_list", ())]
    branches = [(each, _statements(block, each.get("stmts", ()))) for each in others]
    otherwise = _statements(block, value.get("else_body", ()))
    for branch, steps in reversed(branches):
        otherwise = _when(block, branch, steps, otherwise)
    return _when(block, value, then, otherwise)


def _when(block: _Block, value: dict[str, Any], then: list[Step], otherwise: list[Step]) -> list[Step]:
    if all(isinstance(step, (NoEffect, Query)) for step in (*then, *otherwise)):
        return [*_rows_alone(block, value["cond"]), *then, *otherwise]
    statements = statement_tree(f"SELECT {value['cond']['PLpgSQL_expr']['query']}")
    if not statements:
        raise UncertainError
    try:
        asked = tuple(conditions(statements[0][1].target_list[0].res_target.val))
    except UncertainError:
        return [*_rows_alone(block, value["cond"]), When(block.span, None, tuple(then), tuple(otherwise))]
    return [When(block.span, asked, tuple(then), tuple(otherwise))]
