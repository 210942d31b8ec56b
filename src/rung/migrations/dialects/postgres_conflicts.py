"""Defines `conflicts`: that PostgreSQL refuses a statement by its own words, which its grammar takes.

Options said twice, clauses that exclude each other, and clauses that are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rung.migrations.dialects.postgres_parser import RawStatement, node_of, pb
from rung.migrations.dialects.postgres_storage import misplaced
from rung.migrations.dialects.postgres_types import relation, serial_type, words
from rung.migrations.schema import Name
from rung.migrations.steps import CatalogHas, Refused, Step, When

_TWICE = "conflicting or redundant options: `{}`"
_SYSTEM = {"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"}
_OUTPUTS = (pb.FUNC_PARAM_OUT, pb.FUNC_PARAM_INOUT, pb.FUNC_PARAM_TABLE)
# what may follow a constraint, and say something of it
_ATTRIBUTES = {
    pb.CONSTR_ATTR_DEFERRABLE: "DEFERRABLE",
    pb.CONSTR_ATTR_DEFERRED: "INITIALLY DEFERRED",
    pb.CONSTR_ATTR_NOT_DEFERRABLE: "NOT DEFERRABLE",
    pb.CONSTR_ATTR_IMMEDIATE: "INITIALLY IMMEDIATE",
}
_DEFERRABLE = (pb.CONSTR_PRIMARY, pb.CONSTR_UNIQUE, pb.CONSTR_EXCLUSION, pb.CONSTR_FOREIGN)
_ONCE = {
    pb.CONSTR_DEFAULT: "defaults",
    pb.CONSTR_IDENTITY: "identities",
    pb.CONSTR_GENERATED: "expressions that it is generated from",
}
_STORAGES = {"default", "extended", "external", "main", "plain"}
_COMPRESSIONS = {"default", "lz4", "pglz"}
_OF_DOMAINS = (pb.CONSTR_NULL, pb.CONSTR_NOTNULL, pb.CONSTR_DEFAULT, pb.CONSTR_CHECK)


def conflicts(raw: RawStatement) -> Iterator[Step]:
    """What is wrong with a statement, if anything: of what it makes IF NOT EXISTS, only where it makes it."""
    check = _CHECKS.get(raw.kind)
    found = [Refused(raw.span, wrong) for wrong in check(raw.message)][:1] if check is not None else []
    yield from _where_done(raw, [*found, *misplaced(raw)])
    yield from _of_columns(raw) if raw.kind == "alter_table_stmt" else ()


def _where_done(raw: RawStatement, steps: list[Step]) -> Iterator[Step]:
    """The steps, of a statement IF EXISTS or IF NOT EXISTS only where there is something to do."""
    statement = raw.message
    if not steps:
        return
    made = getattr(statement, "if_not_exists", False)
    match raw.kind:
        case "create_stmt" if made:
            name = relation(statement.relation)
        case "create_table_as_stmt" if made:
            name = relation(statement.into.rel)
        case "index_stmt" if made:
            name = Name(relation(statement.relation).schema, statement.idxname)
        case "alter_table_stmt" if statement.missing_ok:
            name = relation(statement.relation)
        case _:
            yield from steps
            return
    yield When(raw.span, ((CatalogHas("to_regclass", (("to_regclass", name),)), not made),), tuple(steps))


def _of_columns(raw: RawStatement) -> Iterator[Step]:
    """What is wrong with the columns that are added."""
    for command in _added(raw.message):
        column = getattr(command, "def").column_def
        refused = tuple(Refused(raw.span, wrong) for wrong in _column(column))
        where = (("attrelid", relation(raw.message.relation)), ("attname", column.colname))
        if refused and command.missing_ok:
            yield When(raw.span, ((CatalogHas("pg_attribute", where), False),), refused[:1])
        else:
            yield from refused[:1]


def _added(statement: pb.AlterTableStmt) -> Iterator[pb.AlterTableCmd]:
    commands = (node.alter_table_cmd for node in statement.cmds)
    return (command for command in commands if command.subtype == pb.AT_AddColumn)


def _repeated(options: Iterable[pb.Node], besides: tuple[str, ...] = ()) -> Iterator[str]:
    seen = set()
    for node in options:
        option = node.def_elem
        key = (option.defnamespace, option.defname)
        if key in seen and option.defname not in besides:
            yield _TWICE.format(option.defname)
        seen.add(key)


def _function(statement: pb.CreateFunctionStmt) -> Iterator[str]:
    yield from _repeated(statement.options, besides=("set",))
    options = {node.def_elem.defname: node.def_elem.arg for node in statement.options}
    inline = statement.HasField("sql_body")
    if not inline and "language" not in options:
        yield "no language is named"
    if not inline and "as" not in options:
        yield "the function has no body"
    if inline and "as" in options:
        yield "the function has two bodies"
    if inline and "language" in options and options["language"].string.sval.lower() != "sql":
        yield "only an SQL function has its body outside a text"
    parameters = [node.function_parameter for node in statement.parameters]
    gives = statement.HasField("return_type") or any(each.mode in _OUTPUTS for each in parameters)
    if not gives and not statement.is_procedure:
        yield "the function says not what it returns"
    optional = False
    for each in parameters:
        if each.mode in (pb.FUNC_PARAM_OUT, pb.FUNC_PARAM_TABLE):
            continue
        if optional and not each.HasField("defexpr"):
            yield f"parameter `{each.name}` has no default, and one before it has"
        optional = optional or each.HasField("defexpr")


def _table(statement: pb.CreateStmt) -> Iterator[str]:
    yield from _repeated(statement.options)
    temporary = statement.relation.relpersistence == "t"
    if temporary and statement.relation.schemaname not in ("", "pg_temp"):
        yield f"a temporary table in schema `{statement.relation.schemaname}`"
    if not temporary and statement.oncommit not in (
        pb.ONCOMMIT_NOOP,
        pb.ON_COMMIT_ACTION_UNDEFINED,
    ):
        yield "ON COMMIT is for temporary tables"
    for node in statement.table_elts:
        if node.HasField("column_def"):
            yield from _column(node.column_def)
            for each in node.column_def.constraints:
                yield from _set_columns(each.constraint, [node.column_def.colname])
        elif node.HasField("constraint"):
            yield from _set_columns(node.constraint, words(node.constraint.fk_attrs))


def _column(column: pb.ColumnDef) -> Iterator[str]:
    if column.colname in _SYSTEM:
        yield f"`{column.colname}` is the name of a column that every table has"
    constraints = [node.constraint for node in column.constraints]
    kinds = [each.contype for each in constraints]
    filled = {pb.CONSTR_NOTNULL, pb.CONSTR_PRIMARY, pb.CONSTR_IDENTITY} & set(kinds)
    if pb.CONSTR_NULL in kinds and (filled or serial_type(column.type_name) is not None):
        yield f"column `{column.colname}` is NULL and NOT NULL"
    for kind, plural in _ONCE.items():
        if kinds.count(kind) > 1:
            yield f"column `{column.colname}` has two {plural}"
    last, fixed = None, False
    for kind in kinds:
        if kind not in _ATTRIBUTES:
            last, fixed = kind, False
        elif last not in _DEFERRABLE:
            yield f"misplaced {_ATTRIBUTES[kind]} at column `{column.colname}`"
        elif fixed and kind in (pb.CONSTR_ATTR_DEFERRABLE, pb.CONSTR_ATTR_DEFERRED):
            yield f"a key of `{column.colname}` is NOT DEFERRABLE and {_ATTRIBUTES[kind]}"
        else:
            fixed = fixed or kind == pb.CONSTR_ATTR_NOT_DEFERRABLE


def _domain(statement: pb.CreateDomainStmt) -> Iterator[str]:
    kinds = [node.constraint.contype for node in statement.constraints]
    if pb.CONSTR_NULL in kinds and pb.CONSTR_NOTNULL in kinds:
        yield "the domain is NULL and NOT NULL"
    if kinds.count(pb.CONSTR_DEFAULT) > 1:
        yield "the domain has two defaults"
    if any(kind not in _OF_DOMAINS for kind in kinds):
        yield "a constraint that no domain can have"


def _composite(statement: pb.CompositeTypeStmt) -> Iterator[str]:
    names = [node.column_def.colname for node in statement.coldeflist]
    yield from (f"`{name}` is written twice" for name in names if names.count(name) > 1)


def _view(statement: pb.ViewStmt) -> Iterator[str]:
    yield from _repeated(statement.options)
    if statement.query.select_stmt.HasField("into_clause"):
        yield "a view of SELECT INTO"
    yield from _query(statement.query.select_stmt)


def _query(statement: Any) -> Iterator[str]:
    names = [node.common_table_expr.ctename for node in statement.with_clause.ctes]
    yield from (f"WITH gives `{name}` twice" for name in names if names.count(name) > 1)


def _insert(statement: pb.InsertStmt) -> Iterator[str]:
    yield from _query(statement)
    _, select = node_of(statement.select_stmt)
    if select is not None and len({len(row.list.items) for row in select.values_lists}) > 1:
        yield "the lists of VALUES are of different lengths"


def _update(statement: pb.UpdateStmt) -> Iterator[str]:
    yield from _query(statement)


def _rename(statement: pb.RenameStmt) -> Iterator[str]:
    if statement.rename_type == pb.OBJECT_COLUMN and statement.newname in _SYSTEM:
        yield f"`{statement.newname}` is the name of a column that every table has"


def _trigger(statement: pb.CreateTrigStmt) -> Iterator[str]:
    if statement.row and statement.events & 32:
        yield "a trigger FOR EACH ROW at TRUNCATE"
    if statement.timing == 64 and not statement.row:
        yield "a trigger INSTEAD OF that is not FOR EACH ROW"
    if statement.timing == 64 and statement.HasField("when_clause"):
        yield "a trigger INSTEAD OF with a condition"


def _policy(statement: pb.CreatePolicyStmt) -> Iterator[str]:
    if statement.cmd_name == "insert" and statement.HasField("qual"):
        yield "a policy FOR INSERT has WITH CHECK and no USING"
    if statement.cmd_name in ("select", "delete") and statement.HasField("with_check"):
        yield f"a policy FOR {statement.cmd_name.upper()} has USING and no WITH CHECK"


def _refresh(statement: pb.RefreshMatViewStmt) -> Iterator[str]:
    if statement.concurrent and statement.skip_data:
        yield "CONCURRENTLY is not for WITH NO DATA"


def _operator(statement: pb.DefineStmt) -> Iterator[str]:
    given = {node.def_elem.defname for node in statement.definition}
    if statement.kind == pb.OBJECT_OPERATOR and given.isdisjoint({"function", "procedure"}):
        yield "the operator is made of no function"


def _alter(statement: pb.AlterTableStmt) -> Iterator[str]:
    for node in statement.cmds:
        command = node.alter_table_cmd
        definition: Any = getattr(command, "def")
        word = definition.string.sval.lower()
        match command.subtype:
            case pb.AT_SetStorage if word not in _STORAGES:
                yield f"no storage is called `{word}`"
            case pb.AT_SetCompression if word not in _COMPRESSIONS:
                yield f"no compression is called `{word}`"
            case pb.AT_SetStatistics if definition.integer.ival < -1:
                yield f"a statistics target of {definition.integer.ival}"
            case pb.AT_AddConstraint:
                yield from _set_columns(definition.constraint, words(definition.constraint.fk_attrs))
            case pb.AT_AddColumn:
                for each in definition.column_def.constraints:
                    yield from _set_columns(each.constraint, [definition.column_def.colname])


def _set_columns(constraint: pb.Constraint, key: list[str]) -> Iterator[str]:
    """ON DELETE SET NULL and SET DEFAULT of columns: they are of the key."""
    yield from (
        f"ON DELETE sets column `{name}`, which is not of the foreign key"
        for name in words(constraint.fk_del_set_cols)
        if name not in key
    )


def _of_options(statement: Any) -> Iterator[str]:
    return _repeated(statement.options)


_CHECKS: dict[str, Callable[[Any], Iterator[str]]] = {
    "alter_seq_stmt": _of_options,
    "alter_table_stmt": _alter,
    "composite_type_stmt": _composite,
    "copy_stmt": _of_options,
    "create_domain_stmt": _domain,
    "create_extension_stmt": _of_options,
    "create_function_stmt": _function,
    "create_policy_stmt": _policy,
    "create_role_stmt": _of_options,
    "create_seq_stmt": _of_options,
    "create_stmt": _table,
    "create_trig_stmt": _trigger,
    "define_stmt": _operator,
    "delete_stmt": _query,
    "index_stmt": _of_options,
    "insert_stmt": _insert,
    "refresh_mat_view_stmt": _refresh,
    "rename_stmt": _rename,
    "select_stmt": _query,
    "update_stmt": _update,
    "view_stmt": _view,
}
