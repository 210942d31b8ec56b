"""Draws PostgreSQL schema changes: small pools of names, so that statements meet, clash and depend."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

_TABLES = st.sampled_from(["t", "u", "parts", "orders_with_a_name_so_long_that_generated_names_must_be_cut"])
_COLUMNS = st.sampled_from(["id", "a", "b", "c", "kind_of_thing_described_at_length"])
_NAMES = st.sampled_from(["n1", "n2", "t_a_key", "t_pkey", "u_a_check", "t_a_idx", "t_id_seq"])
_TYPES = st.sampled_from(
    [
        "integer",
        "bigint",
        "text",
        "varchar(20)",
        "numeric(10, 2)",
        "numeric(5)",
        "boolean",
        "timestamptz",
        "timestamp(3)",
        "char(3)",
        "text[]",
        "uuid",
        "interval",
        "mood",
        "positive",
        "serial",
        "bigserial",
    ]
)
_IF_EXISTS = st.sampled_from(["", "IF EXISTS "])
_IF_NOT_EXISTS = st.sampled_from(["", "IF NOT EXISTS "])
_CASCADE = st.sampled_from(["", " CASCADE", " RESTRICT"])
_NAMED = st.one_of(st.just(""), _NAMES.map(lambda name: f"CONSTRAINT {name} "))
_ACTION = st.sampled_from(["", " ON DELETE CASCADE", " ON UPDATE SET NULL", " DEFERRABLE", " NOT VALID"])


def _sql(template: str, **parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.fixed_dictionaries(parts).map(lambda drawn: template.format(**drawn))


def _column_constraint() -> st.SearchStrategy[str]:
    return st.one_of(
        st.just("NOT NULL"),
        st.just("DEFAULT NULL"),
        st.just("UNIQUE"),
        st.just("PRIMARY KEY"),
        _sql("{named}CHECK ({column} IS NOT NULL)", named=_NAMED, column=_COLUMNS),
        _sql("{named}REFERENCES {table}", named=_NAMED, table=_TABLES),
    )


def _definition() -> st.SearchStrategy[str]:
    constraints = st.lists(_column_constraint(), max_size=3, unique=True).map(" ".join)
    return _sql("{column} {type} {constraints}", column=_COLUMNS, type=_TYPES, constraints=constraints)


def _constraint() -> st.SearchStrategy[str]:
    pair = st.lists(_COLUMNS, min_size=1, max_size=2, unique=True).map(", ".join)
    return st.one_of(
        _sql("{named}UNIQUE ({columns})", named=_NAMED, columns=pair),
        _sql("{named}UNIQUE NULLS NOT DISTINCT ({columns})", named=_NAMED, columns=pair),
        _sql("{named}PRIMARY KEY ({columns})", named=_NAMED, columns=pair),
        _sql("{named}CHECK ({a} IS NOT NULL OR {b} IS NULL)", named=_NAMED, a=_COLUMNS, b=_COLUMNS),
        _sql("{named}CHECK (true)", named=_NAMED),
        _sql(
            "{named}FOREIGN KEY ({column}) REFERENCES {table} (id){action}",
            named=_NAMED,
            column=_COLUMNS,
            table=_TABLES,
            action=_ACTION,
        ),
    )


def _create_table() -> st.SearchStrategy[str]:
    return _sql(
        "CREATE TABLE {guard}{table} ({body})",
        guard=_IF_NOT_EXISTS,
        table=_TABLES,
        body=st.tuples(
            st.lists(_definition(), min_size=1, max_size=4, unique_by=lambda text: text.split(" ")[0]),
            st.lists(_constraint(), max_size=2),
        ).map(lambda parts: ", ".join([*parts[0], *parts[1]])),
    )


def _alteration() -> st.SearchStrategy[str]:
    return st.one_of(
        _sql("ADD COLUMN {guard}{definition}", guard=_IF_NOT_EXISTS, definition=_definition()),
        _sql("DROP COLUMN {guard}{column}{cascade}", guard=_IF_EXISTS, column=_COLUMNS, cascade=_CASCADE),
        _sql("ALTER COLUMN {column} SET NOT NULL", column=_COLUMNS),
        _sql("ALTER COLUMN {column} DROP NOT NULL", column=_COLUMNS),
        _sql("ALTER COLUMN {column} SET DEFAULT NULL", column=_COLUMNS),
        _sql("ALTER COLUMN {column} DROP DEFAULT", column=_COLUMNS),
        _sql("ALTER COLUMN {column} TYPE text USING NULL", column=_COLUMNS),
        _sql("ALTER COLUMN {column} ADD GENERATED ALWAYS AS IDENTITY", column=_COLUMNS),
        _sql("ALTER COLUMN {column} DROP IDENTITY {guard}", column=_COLUMNS, guard=_IF_EXISTS),
        _sql("ADD {constraint}", constraint=_constraint()),
        _sql("DROP CONSTRAINT {guard}{name}{cascade}", guard=_IF_EXISTS, name=_NAMES, cascade=_CASCADE),
        _sql("VALIDATE CONSTRAINT {name}", name=_NAMES),
    )


def _rename() -> st.SearchStrategy[str]:
    return st.one_of(
        _sql("ALTER TABLE {table} RENAME TO {new}", table=_TABLES, new=_TABLES),
        _sql("ALTER TABLE {table} RENAME COLUMN {old} TO {new}", table=_TABLES, old=_COLUMNS, new=_COLUMNS),
        _sql("ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}", table=_TABLES, old=_NAMES, new=_NAMES),
        _sql("ALTER INDEX {old} RENAME TO {new}", old=_NAMES, new=_NAMES),
        st.just("ALTER TYPE mood RENAME TO temper"),
        st.just("ALTER TABLE t SET SCHEMA other"),
    )


def _other() -> st.SearchStrategy[str]:
    return st.one_of(
        _sql("DROP TABLE {guard}{table}{cascade}", guard=_IF_EXISTS, table=_TABLES, cascade=_CASCADE),
        _sql("CREATE INDEX ON {table} ({column}, lower('x'))", table=_TABLES, column=_COLUMNS),
        _sql("CREATE UNIQUE INDEX {name} ON {table} ({column})", name=_NAMES, table=_TABLES, column=_COLUMNS),
        _sql("DROP INDEX {guard}{name}", guard=_IF_EXISTS, name=_NAMES),
        _sql("CREATE TABLE {table} (LIKE {source} INCLUDING ALL)", table=_TABLES, source=_TABLES),
        _sql("CREATE TABLE {table} (c text) INHERITS ({parent})", table=_TABLES, parent=_TABLES),
        _sql("CREATE VIEW v AS SELECT {column} FROM {table}", column=_COLUMNS, table=_TABLES),
        _sql("CREATE OR REPLACE VIEW w AS SELECT * FROM {table}", table=_TABLES),
        _sql("DROP VIEW {guard}v{cascade}", guard=_IF_EXISTS, cascade=_CASCADE),
        _sql("ALTER TYPE mood ADD VALUE {guard}'{value}'", guard=_IF_NOT_EXISTS, value=_COLUMNS),
        _sql("DROP TYPE {guard}mood{cascade}", guard=_IF_EXISTS, cascade=_CASCADE),
        st.just("CREATE TYPE mood AS ENUM ('ok')"),
        st.just("ALTER DOMAIN positive DROP NOT NULL"),
        st.just("SET search_path TO other, public"),
    )


def _partitions() -> st.SearchStrategy[str]:
    return st.one_of(
        st.just(
            "CREATE TABLE parts (id integer NOT NULL, a integer DEFAULT 1, b text) PARTITION BY LIST (id)"
        ),
        _sql(
            "CREATE TABLE {part} PARTITION OF parts FOR VALUES IN ({value})",
            part=st.sampled_from(["p1", "p2"]),
            value=st.sampled_from(["1", "2"]),
        ),
        _sql("ALTER TABLE parts DETACH PARTITION {part}", part=st.sampled_from(["p1", "p2"])),
        _sql(
            "ALTER TABLE parts ATTACH PARTITION {part} FOR VALUES IN ({value})",
            part=st.sampled_from(["p1", "p2", "t"]),
            value=st.sampled_from(["1", "2"]),
        ),
        _sql("ALTER TABLE parts {change}", change=_alteration()),
        _sql("CREATE INDEX {name} ON parts ({column})", name=_NAMES, column=_COLUMNS),
        _sql("CREATE INDEX ON parts ({column})", column=_COLUMNS),
    )


def _rare() -> st.SearchStrategy[str]:
    names = st.sampled_from(["s1", "t_id_seq", "u_id_seq"])
    return st.one_of(
        _sql("CREATE SEQUENCE {guard}{name}", guard=_IF_NOT_EXISTS, name=names),
        _sql("ALTER SEQUENCE {name} OWNED BY {table}.id", name=names, table=_TABLES),
        _sql("DROP SEQUENCE {guard}{name}", guard=_IF_EXISTS, name=names),
        _sql(
            "ALTER TABLE {table} ADD COLUMN g integer GENERATED ALWAYS AS ({column} + 1) STORED",
            table=_TABLES,
            column=st.sampled_from(["id", "a"]),
        ),
        _sql("ALTER TABLE {table} ALTER COLUMN g DROP EXPRESSION", table=_TABLES),
        _sql("CREATE TABLE {table} AS SELECT id, a AS b, count(*) FROM t GROUP BY id, a", table=_TABLES),
        _sql("CREATE TABLE {table} AS TABLE {source}", table=_TABLES, source=_TABLES),
        _sql("CREATE MATERIALIZED VIEW m AS SELECT {column} FROM {table}", column=_COLUMNS, table=_TABLES),
        _sql("CREATE INDEX ON m ({column})", column=_COLUMNS),
        _sql("DROP TABLE {guard}t, u{cascade}", guard=_IF_EXISTS, cascade=_CASCADE),
        _sql("ALTER TYPE mood RENAME VALUE 'ok' TO '{value}'", value=_COLUMNS),
        _sql("ALTER DOMAIN positive ADD CONSTRAINT {name} CHECK (value < 9)", name=_NAMES),
        _sql("ALTER DOMAIN positive DROP CONSTRAINT {guard}{name}", guard=_IF_EXISTS, name=_NAMES),
        _sql("ALTER TABLE {table} NO INHERIT {parent}", table=_TABLES, parent=_TABLES),
        _sql("ALTER VIEW v RENAME TO {name}", name=_TABLES),
        _sql("DROP TYPE {guard}positive{cascade}", guard=_IF_EXISTS, cascade=_CASCADE),
        _sql("DROP SCHEMA other{cascade}", cascade=_CASCADE),
    )


def statements() -> st.SearchStrategy[str]:
    """One statement of schema change; many of them are refused by most schemas."""
    altered = _sql("ALTER TABLE {guard}{table} {first}", guard=_IF_EXISTS, table=_TABLES, first=_alteration())
    twice = _sql(
        "ALTER TABLE {table} {first}, {second}", table=_TABLES, first=_alteration(), second=_alteration()
    )
    pools: list[Callable[[], st.SearchStrategy[str]]] = [_create_table, _rename, _other, _partitions, _rare]
    return st.one_of(altered, altered, altered, twice, *(pool() for pool in pools))


def migrations(most: int = 14) -> st.SearchStrategy[list[str]]:
    """A history of statements, after two tables to work on."""
    return st.lists(statements(), min_size=1, max_size=most).map(lambda drawn: [*PRELUDE, *drawn])


PRELUDE = (
    "CREATE SCHEMA other",
    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
    "CREATE DOMAIN positive AS integer NOT NULL CHECK (value > 0)",
    "CREATE TABLE t (id serial PRIMARY KEY, a integer UNIQUE, b text)",
    "CREATE TABLE u (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " a integer REFERENCES t CHECK (a > 0))",
)
