"""Defines `misplaced`: the steps that say that a table, index, view or column has no such parameter, or that
it cannot be what it is set to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from rung.diagnostics import Span
from rung.migrations.dialects.postgres_parser import RawStatement, node_of, pb
from rung.migrations.dialects.postgres_settings import misfit
from rung.migrations.dialects.postgres_types import words
from rung.migrations.server import Setting
from rung.migrations.steps import Footprint, NoEffect, Opaque, Refused, Step

Parameters = Mapping[str, Setting]

_LARGEST = 2**31 - 1
_BOOLEAN = Setting("bool")
_BY_TOAST = {
    "autovacuum_enabled": _BOOLEAN,
    "autovacuum_freeze_max_age": Setting("integer", 100_000, 2_000_000_000),
    "autovacuum_freeze_min_age": Setting("integer", 0, 1_000_000_000),
    "autovacuum_freeze_table_age": Setting("integer", 0, 2_000_000_000),
    "autovacuum_multixact_freeze_max_age": Setting("integer", 10_000, 2_000_000_000),
    "autovacuum_multixact_freeze_min_age": Setting("integer", 0, 1_000_000_000),
    "autovacuum_multixact_freeze_table_age": Setting("integer", 0, 2_000_000_000),
    "autovacuum_vacuum_cost_delay": Setting("real", -1, 100),
    "autovacuum_vacuum_cost_limit": Setting("integer", 1, 10_000),
    "autovacuum_vacuum_insert_scale_factor": Setting("real", 0, 100),
    "autovacuum_vacuum_insert_threshold": Setting("integer", -1, _LARGEST),
    "autovacuum_vacuum_max_threshold": Setting("integer", -1, _LARGEST),
    "autovacuum_vacuum_scale_factor": Setting("real", 0, 100),
    "autovacuum_vacuum_threshold": Setting("integer", 0, _LARGEST),
    "log_autovacuum_min_duration": Setting("integer", -1, _LARGEST),
    "vacuum_index_cleanup": Setting("enum", labels=("auto", "on", "off")),
    "vacuum_max_eager_freeze_failure_rate": Setting("real", 0, 1),
    "vacuum_truncate": _BOOLEAN,
}
_FILL_FACTOR = Setting("integer", 10, 100)
_OF_TABLES = {
    **_BY_TOAST,
    "autovacuum_analyze_scale_factor": Setting("real", 0, 100),
    "autovacuum_analyze_threshold": Setting("integer", 0, _LARGEST),
    "fillfactor": _FILL_FACTOR,
    "oids": Setting("enum", labels=("off", "false", "no", "0")),
    "parallel_workers": Setting("integer", 0, 1024),
    "toast_tuple_target": Setting("integer", 128, 8160),
    "user_catalog_table": _BOOLEAN,
}
_OF_INDEXES: Mapping[str, Parameters] = {
    "brin": {"autosummarize": _BOOLEAN, "pages_per_range": Setting("integer", 1, 131_072)},
    "btree": {"deduplicate_items": _BOOLEAN, "fillfactor": _FILL_FACTOR},
    "gin": {"fastupdate": _BOOLEAN, "gin_pending_list_limit": Setting("integer", 64, _LARGEST)},
    "gist": {"buffering": Setting("enum", labels=("auto", "on", "off")), "fillfactor": _FILL_FACTOR},
    "hash": {"fillfactor": _FILL_FACTOR},
    "spgist": {"fillfactor": _FILL_FACTOR},
}
_OF_ANY_INDEX = {name: setting for found in _OF_INDEXES.values() for name, setting in found.items()}
_OF_VIEWS = {
    "check_option": Setting("enum", labels=("local", "cascaded")),
    "security_barrier": _BOOLEAN,
    "security_invoker": _BOOLEAN,
}
_OF_COLUMNS = {
    "n_distinct": Setting("real", -1, float("inf")),
    "n_distinct_inherited": Setting("real", -1, float("inf")),
}
# ALTER TABLE takes views and indexes as well
_ALTERED: Mapping[int, Parameters] = {
    pb.OBJECT_TABLE: {**_OF_ANY_INDEX, **_OF_VIEWS, **_OF_TABLES},
    pb.OBJECT_MATVIEW: _OF_TABLES,
    pb.OBJECT_INDEX: _OF_ANY_INDEX,
    pb.OBJECT_VIEW: _OF_VIEWS,
}
_SET = (pb.AT_SetRelOptions, pb.AT_ReplaceRelOptions)
_INDEXED = {
    pb.CONSTR_EXCLUSION: "gist",
    pb.CONSTR_PRIMARY: "btree",
    pb.CONSTR_UNIQUE: "btree",
}


def misplaced(raw: RawStatement) -> Iterator[Step]:
    reader = _READERS.get(raw.kind)
    if reader is not None:
        yield from reader(raw.message, raw.span)


def _table(statement: pb.CreateStmt, span: Span) -> Iterator[Step]:
    if statement.options and statement.HasField("partspec"):
        yield Refused(span, "a table with partitions has no storage parameters")
    elif statement.access_method in ("", "heap"):
        yield from _checked(statement.options, _OF_TABLES, span)
    for node in [*statement.table_elts, *statement.constraints]:
        kind, element = node_of(node)
        for part in element.constraints if kind == "column_def" else [node] if kind == "constraint" else ():
            yield from _key(part.constraint, span)


def _key(constraint: pb.Constraint, span: Span) -> Iterator[Step]:
    if constraint.options and constraint.contype in _INDEXED:
        method = constraint.access_method or _INDEXED[constraint.contype]
        yield from _checked(constraint.options, _OF_INDEXES.get(method), span)


def _query(statement: pb.CreateTableAsStmt, span: Span) -> Iterator[Step]:
    if statement.into.access_method in ("", "heap"):
        yield from _checked(statement.into.options, _OF_TABLES, span)


def _index(statement: pb.IndexStmt, span: Span) -> Iterator[Step]:
    yield from _checked(statement.options, _OF_INDEXES.get(statement.access_method or "btree"), span)


def _view(statement: pb.ViewStmt, span: Span) -> Iterator[Step]:
    yield from _checked(statement.options, _OF_VIEWS, span)


def _alter(statement: pb.AlterTableStmt, span: Span) -> Iterator[Step]:
    for node in statement.cmds:
        command = node.alter_table_cmd
        definition: Any = getattr(command, "def")
        match command.subtype:
            case _ if command.subtype in _SET:
                options = definition.list.items
                yield from _once(options, span)
                yield from _checked(options, _ALTERED.get(statement.objtype), span)
            case pb.AT_SetOptions:
                yield from _once(definition.list.items, span)
                yield from _checked(definition.list.items, _OF_COLUMNS, span)
            case pb.AT_ResetRelOptions | pb.AT_ResetOptions:
                if any(node_of(each.def_elem.arg)[0] for each in definition.list.items):
                    yield Refused(span, "RESET takes no values")
            case pb.AT_AddConstraint:
                yield from _key(definition.constraint, span)
            case pb.AT_AddColumn:
                for each in definition.column_def.constraints:
                    yield from _key(each.constraint, span)


def _once(options: Iterable[pb.Node], span: Span) -> Iterator[Step]:
    names = [(node.def_elem.defnamespace, node.def_elem.defname) for node in options]
    twice = next((name for space, name in names if names.count((space, name)) > 1), None)
    if twice is not None:
        yield Refused(span, f"parameter `{twice}` is set twice")


def _checked(options: Iterable[pb.Node], known: Parameters | None, span: Span) -> Iterator[Step]:
    """What is wrong with the parameters; of a kind of index that an extension brings they are not known."""
    for node in options if known is not None else ():
        option = node.def_elem
        if option.defnamespace not in ("", "toast"):
            name = f"{option.defnamespace}.{option.defname}"
            yield NoEffect(span, "SET (storage parameter)", granted=(f"an extension reads `{name}`",))
            continue
        assert known is not None, "there are no options otherwise"
        setting = (_BY_TOAST if option.defnamespace else known).get(option.defname)
        if setting is None:
            reason = f"parameter `{option.defname}`, which is not known"
            yield Opaque(span, reason, Footprint((), schema=False))
            continue
        wrong = misfit(setting, _written(option))
        if wrong is not None:
            yield Refused(span, f"parameter `{option.defname}` {wrong}")


def _written(option: pb.DefElem) -> str:
    kind, message = node_of(option.arg)
    match kind:
        case "integer":
            return str(message.ival)
        case "float":
            return str(message.fval)
        case "boolean":
            return "true" if message.boolval else "false"
        case "string":
            return str(message.sval)
        case "type_name":
            return ".".join(words(message.names))
        case _:
            # a name alone is said to be so
            return "true"


_READERS: Mapping[str, Callable[[Any, Span], Iterator[Step]]] = {
    "alter_table_stmt": _alter,
    "create_stmt": _table,
    "create_table_as_stmt": _query,
    "index_stmt": _index,
    "view_stmt": _view,
}
