"""Defines what a statement or a body of code may touch: `Touched`, its relations, columns and calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rung.migrations.dialects.postgres_functions import HARMLESS
from rung.migrations.dialects.postgres_parser import messages_in, node_of, pb, plpgsql_tree, statement_tree
from rung.migrations.dialects.postgres_types import qualified, relation, words
from rung.migrations.schema import Name

# the relation that such a statement changes, among others that it only reads
_TARGETS = {
    "InsertStmt": "relation",
    "UpdateStmt": "relation",
    "DeleteStmt": "relation",
    "MergeStmt": "relation",
    "CopyStmt": "relation",
    "ViewStmt": "view",
}


# statements that change rows at most
_OF_ROWS = {
    "CopyStmt",
    "DeleteStmt",
    "InsertStmt",
    "LockStmt",
    "MergeStmt",
    "SelectStmt",
    "TruncateStmt",
    "UpdateStmt",
}


# parameters that decide what statements mean
_DECISIVE = {"search_path", "session_replication_role", "role", "session_authorization"}


@dataclass(slots=True)
class Touched:
    """Collected while reading: relations named, those of them that are changed, functions called that may
    do more, and `unknown`, set where the text of what is run is not known.

    `reshapes` where more than rows may change, `returns` where code may end before its last statement.
    """

    relations: dict[Name, None] = field(default_factory=dict)
    changed: dict[Name, None] = field(default_factory=dict)
    calls: dict[Name, None] = field(default_factory=dict)
    unknown: bool = False
    reshapes: bool = False
    returns: bool = False

    @property
    def tables(self) -> tuple[Name, ...] | None:
        """The relations and types that may be changed, or None for any."""
        return None if self.unknown else tuple(self.changed)

    def read(self, message: Any) -> None:
        """Adds everything that a parsed statement names."""
        ctes: set[str] = set()
        relations: list[Name] = []
        for found in messages_in(message):
            kind = found.DESCRIPTOR.name
            self.reshapes |= kind == "IntoClause" or (kind.endswith("Stmt") and kind not in _OF_ROWS)
            match kind:
                case "CommonTableExpr":
                    ctes.add(found.ctename)
                case "RangeVar":
                    relations.append(relation(found))
                case "FuncCall":
                    self._call(found)
                case "DoStmt" | "ExecuteStmt" | "CallStmt":
                    self.unknown = True
                case _ if kind in _TARGETS:
                    self.changed[relation(getattr(found, _TARGETS[kind]))] = None
                case "IntoClause":
                    self.changed[relation(found.rel)] = None
                case _ if kind.endswith("Stmt") and kind != "SelectStmt":
                    self.changed.update(dict.fromkeys(_changed(found)))
        self.relations.update(
            dict.fromkeys(name for name in relations if name.schema or name.name not in ctes)
        )

    def _call(self, call: pb.FuncCall) -> None:
        name = qualified(call.funcname)
        if name.name == "set_config":
            harmless = _sets_own_parameter(call)
        else:
            harmless = name.schema == "pg_catalog" or name.name in HARMLESS
        if not harmless:
            self.calls[name] = None

    def read_sql(self, sql: str) -> None:
        """Adds what the statements of an SQL text name."""
        statements = statement_tree(sql)
        if statements is None:
            self.unknown = True
            return
        for _, message in statements:
            self.read(message)

    def read_plpgsql(self, statement: str) -> bool:
        """Adds what the PL/pgSQL body of a `DO` or `CREATE FUNCTION` names; False where it does not parse."""
        tree = plpgsql_tree(statement)
        if not tree:
            self.unknown = True
        self.read_code(tree)
        return tree is not None

    def read_code(self, tree: Any) -> None:
        """Adds what a tree of PL/pgSQL, or a part of it, names."""
        for kind, value in _plpgsql_nodes(tree):
            if kind in ("PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors"):
                self.unknown = True
            elif kind == "PLpgSQL_stmt_return" or (kind == "PLpgSQL_stmt_exit" and "label" in value):
                self.returns = True
            elif kind == "PLpgSQL_expr":
                # modes 2 and above are expressions and assignments, not whole statements
                self.read_sql(value["query"] if value.get("parseMode", 0) == 0 else as_select(value))


def _sets_own_parameter(call: pb.FuncCall) -> bool:
    """Whether a `set_config` surely sets nothing that decides what other statements mean."""
    first = call.args[0].a_const if call.args else pb.A_Const()
    return first.HasField("sval") and first.sval.sval.lower() not in _DECISIVE


def as_select(expression: dict[str, Any]) -> str:
    """An expression or assignment of PL/pgSQL as a query; modes 3 and above are assignments."""
    query: str = expression["query"]
    if expression["parseMode"] >= 3:
        query = query.split(":=", 1)[1] if ":=" in query else query.split("=", 1)[1]
    return f"SELECT {query}"


def _plpgsql_nodes(tree: Any) -> Iterator[tuple[str, Any]]:
    match tree:
        case dict():
            for key, value in tree.items():
                if key.startswith("PLpgSQL_"):
                    yield key, value
                yield from _plpgsql_nodes(value)
        case list():
            for item in tree:
                yield from _plpgsql_nodes(item)


def _changed(statement: Any) -> Iterator[Name]:
    """The relations and types that a statement of schema change names."""
    match statement.DESCRIPTOR.name:
        case "DropStmt":
            yield from _dropped(statement)
        case "CreateEnumStmt" | "AlterEnumStmt" | "AlterDomainStmt":
            yield qualified(statement.type_name)
        case "CreateDomainStmt":
            yield qualified(statement.domainname)
        case _:
            for message in messages_in(statement):
                if message.DESCRIPTOR.name == "RangeVar":
                    yield relation(message)


def _dropped(statement: pb.DropStmt) -> Iterable[Name]:
    """The relations and types of a DROP: it names them without a RangeVar."""
    for node in statement.objects:
        kind, message = node_of(node)
        if kind == "list":
            parts = words(message.items)
            if statement.remove_type in (pb.OBJECT_TRIGGER, pb.OBJECT_RULE, pb.OBJECT_POLICY):
                parts = parts[:-1]
            yield Name(parts[-2] if len(parts) > 1 else None, parts[-1])
        elif kind == "type_name":
            yield qualified(message.names)


def touched(message: Any) -> Touched:
    """What one parsed statement touches."""
    found = Touched()
    found.read(message)
    return found
