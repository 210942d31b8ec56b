"""Defines what a statement or a body of code may touch: `Touched`, its relations, columns and calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rung.migrations.dialects.postgres_parser import messages_in, node_of, pb, plpgsql_tree, statement_tree
from rung.migrations.dialects.postgres_types import qualified, relation, words
from rung.migrations.schema import Name

# built-in and common extension functions that change no table; any other function might
_HARMLESS_WORDS = """
    abs age array_agg array_append array_cat array_length array_position array_remove array_replace
    array_to_json array_to_string ascii avg bit_and bit_or bool_and bool_or btrim cardinality ceil ceiling
    char_length character_length chr coalesce concat concat_ws count cume_dist current_database
    current_schema current_setting currval date_bin date_part date_trunc decode dense_rank digest encode
    every exp extract first_value floor format gen_random_bytes gen_random_uuid generate_series greatest
    initcap json_agg json_array_elements json_array_elements_text json_build_array json_build_object
    json_each json_each_text json_extract_path json_extract_path_text json_object json_object_agg
    json_object_keys json_strip_nulls json_typeof jsonb_agg jsonb_array_elements
    jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each
    jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object_agg
    jsonb_object_keys jsonb_path_exists jsonb_path_query jsonb_set jsonb_strip_nulls jsonb_to_recordset
    jsonb_typeof lag last_value lastval lead least left length like_escape ln log lower lpad ltrim
    make_date make_interval make_time make_timestamp make_timestamptz max md5 min mod nextval now nth_value
    ntile nullif num_nonnulls num_nulls octet_length overlaps overlay parse_ident percent_rank
    percentile_cont pg_advisory_lock pg_advisory_unlock pg_advisory_unlock_all pg_advisory_xact_lock
    pg_get_constraintdef pg_get_indexdef pg_get_serial_sequence pg_sleep pg_try_advisory_lock
    pg_try_advisory_xact_lock plainto_tsquery position power quote_ident quote_literal quote_nullable
    random rank regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table
    repeat replace reverse right round row_number row_to_json rpad rtrim session_user set_config setval
    setweight sha256 sha512 sign similar_to_escape split_part sqrt starts_with statement_timestamp
    string_agg string_to_array strpos substr substring sum timezone to_char to_date to_json to_jsonb
    to_number to_regclass to_regtype to_timestamp to_tsquery to_tsvector transaction_timestamp translate
    trim trunc tsvector_update_trigger txid_current unnest upper uuid_generate_v1 uuid_generate_v4
    uuid_nil uuidv4 uuidv7 version width_bucket clock_timestamp xmlagg
"""
_HARMLESS = frozenset(_HARMLESS_WORDS.split())


# the relation that such a statement changes, among others that it only reads
_TARGETS = {
    "InsertStmt": "relation",
    "UpdateStmt": "relation",
    "DeleteStmt": "relation",
    "MergeStmt": "relation",
    "CopyStmt": "relation",
    "ViewStmt": "view",
}


@dataclass(slots=True)
class Touched:
    """Collected while reading: relations named, those of them that are changed, functions called that may
    do more, and `unknown`, set where the text of what is run is not known."""

    relations: dict[Name, None] = field(default_factory=dict)
    changed: dict[Name, None] = field(default_factory=dict)
    calls: dict[Name, None] = field(default_factory=dict)
    unknown: bool = False

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
        if name.schema != "pg_catalog" and name.name not in _HARMLESS:
            self.calls[name] = None

    def read_sql(self, sql: str) -> None:
        """Adds what the statements of an SQL text name."""
        statements = statement_tree(sql)
        if statements is None:
            self.unknown = True
            return
        for _, message in statements:
            self.read(message)

    def read_plpgsql(self, statement: str) -> None:
        """Adds what the body of a `DO` or `CREATE FUNCTION` statement in PL/pgSQL names."""
        tree = plpgsql_tree(statement)
        if tree is None:
            self.unknown = True
            return
        for kind, value in _plpgsql_nodes(tree):
            if kind in ("PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors"):
                self.unknown = True
            elif kind == "PLpgSQL_expr":
                # modes 2 and above are expressions and assignments, not whole statements
                self.read_sql(value["query"] if value.get("parseMode", 0) == 0 else _as_select(value))


def _as_select(expression: dict[str, Any]) -> str:
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
