"""Defines `unsettable`: the steps that say that a parameter of the session is none, or is not set so."""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Span
from rung.migrations import server
from rung.migrations.dialects.postgres_parser import node_of, pb
from rung.migrations.dialects.postgres_settings import misfit
from rung.migrations.steps import Footprint, NoEffect, Opaque, Refused, Step

# not in the catalog, and set all the same
_HIDDEN = {
    "default_with_oids",
    "is_superuser",
    "role",
    "seed",
    "session_authorization",
    "ssl_renegotiation_limit",
}
_OLD_NAMES = {"sort_mem": "work_mem", "vacuum_mem": "maintenance_work_mem"}
_FIXED = {
    "internal": "cannot be changed",
    "postmaster": "is set when the server starts",
    "sighup": "is set for the whole server",
}
_AT_START = {"backend", "superuser-backend"}
# any text, or one that every server takes
_FREE = {"application_name", "search_path"}
_COMMON = {
    ("client_encoding", "sql_ascii"),
    ("client_encoding", "unicode"),
    ("client_encoding", "utf-8"),
    ("client_encoding", "utf8"),
    ("datestyle", "iso"),
    ("default_table_access_method", "heap"),
    ("default_tablespace", ""),
    ("lc_messages", "c"),
    ("lc_monetary", "c"),
    ("lc_numeric", "c"),
    ("lc_time", "c"),
    ("temp_tablespaces", ""),
    ("timezone", ""),
    ("timezone", "gmt"),
    ("timezone", "utc"),
}


def unsettable(statement: pb.VariableSetStmt, span: Span, *, later: bool = False) -> Iterator[Step]:
    """`later` where it is for sessions to come, for which more can be set."""
    if statement.kind in (pb.VAR_RESET_ALL, pb.VAR_SET_MULTI) or "." in statement.name:
        return
    name = statement.name.lower()
    setting = server.setting(_OLD_NAMES.get(name, name))
    if setting is None:
        if name not in _HIDDEN:
            yield Opaque(span, f"parameter `{name}`, which is not known", Footprint((), schema=False))
        return
    if setting.context in _FIXED:
        yield Refused(span, f"parameter `{name}` {_FIXED[setting.context]}")
    elif setting.context in _AT_START and not later:
        yield Refused(span, f"parameter `{name}` is set when a session starts")
    elif statement.kind == pb.VAR_SET_VALUE:
        values = tuple(map(parameter_value, statement.args))
        if setting.type == "string":
            yield from _granted(name, values, span)
        elif len(values) > 1:
            yield Refused(span, f"parameter `{name}` takes one value")
        elif (wrong := misfit(setting, values[0])) is not None:
            yield Refused(span, f"parameter `{name}` {wrong}")


def _granted(name: str, values: tuple[str, ...], span: Span) -> Iterator[Step]:
    if name not in _FREE and not all((name, value.lower()) in _COMMON for value in values):
        yield NoEffect(span, "SET", granted=(f"parameter `{name}` takes `{', '.join(values)}`",))


def parameter_value(node: pb.Node) -> str:
    """A value as it is written, without its quotes; empty where it is none of a word and a number."""
    kind, message = node_of(node)
    if kind == "type_cast":
        kind, message = node_of(message.arg)
    match message.WhichOneof("val") if kind == "a_const" else None:
        case "ival":
            return str(message.ival.ival)
        case "fval":
            return str(message.fval.fval)
        case "boolval":
            return "on" if message.boolval.boolval else "off"
        case "sval":
            return str(message.sval.sval)
        case _:
            return ""
