"""The model of a schema agrees with the catalog of a real PostgreSQL that ran the same statements."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings

from rung.diagnostics import Diagnostic, Source
from rung.migrations import catalog, oracle
from rung.migrations.apply import apply
from rung.migrations.dialects import postgres
from rung.migrations.schema import Schema
from tests.generators import ddl

# the refusals that the model knows: of names that are not there, or there already, or still needed
_KNOWN_REFUSALS = {
    "2BP01": "dependent objects still exist",
    "3F000": "schema does not exist",
    "42701": "column exists already",
    "42703": "column does not exist",
    "42710": "object exists already",
    "42P01": "table does not exist",
    "42P07": "relation exists already",
}


@pytest.fixture(scope="module")
def server() -> Iterator[oracle.Server]:
    with oracle.start() as started:
        assert not isinstance(started, Diagnostic), started.message
        yield started


@pytest.fixture(scope="module")
def database(server: oracle.Server) -> Iterator[oracle.Database]:
    with server.database() as fresh:
        yield fresh


def model_after(schema: Schema, sql: str) -> tuple[Schema, list[Diagnostic]]:
    """The model after one statement: unchanged where any of its steps is refused."""
    before = schema
    for statement in postgres.read(Source("m.sql", sql)).statements:
        for step in statement.steps:
            applied = apply(schema, step)
            if applied.diagnostics:
                return before, list(applied.diagnostics)
            schema = applied.schema
    return schema, []


def _has_query(sql: str) -> bool:
    """The columns that a query names are not looked up: they may be those of a subquery."""
    return "VIEW" in sql or "AS SELECT" in sql


def agree(database: oracle.Database, statements: list[str]) -> None:
    """Runs the statements in both, and compares after each; a refusal that the model knows is one of both."""
    schema = Schema()
    with database.attempt():
        for sql in statements:
            failure = database.execute(sql)
            after, refused = model_after(schema, sql)
            if failure is None:
                assert refused == [], sql
                schema = after
            elif failure.sqlstate in _KNOWN_REFUSALS and not (
                _has_query(sql) and failure.sqlstate == "42703"
            ):
                assert refused, f"{sql}: {failure.message}"
        expected = catalog.of_database(database)
        found = catalog.of_schema(schema)
        assert sorted(found - expected) == sorted(expected - found), "\n".join(statements)


HISTORIES = {
    "names are made as PostgreSQL makes them": [
        "CREATE TABLE t (a int UNIQUE, b int CHECK (b > 0) CHECK (b < 9), c int REFERENCES t (a),"
        " CHECK (a < b))",
        "ALTER TABLE t ADD UNIQUE (a, b), ADD CHECK (a > b), ADD FOREIGN KEY (b) REFERENCES t (a)",
        "CREATE INDEX ON t (a, lower(b::text), (a + b), (b - a))",
        "CREATE INDEX ON t (a, lower(b::text), (a + b), (b - a))",
        "CREATE UNIQUE INDEX ON t (coalesce(a, b)) INCLUDE (c)",
        "ALTER TABLE t ADD EXCLUDE USING btree (a WITH =)",
    ],
    "long names are cut": [
        "CREATE TABLE a_table_whose_name_takes_almost_all_of_the_room_there_is"
        " (é_column_with_a_long_name_as_well serial PRIMARY KEY UNIQUE, b int CHECK (b > 0), c text UNIQUE)",
        "CREATE INDEX ON a_table_whose_name_takes_almost_all_of_the_room_there_is"
        " (é_column_with_a_long_name_as_well, c)",
    ],
    "the same key twice is one": ["CREATE TABLE t (id int PRIMARY KEY UNIQUE, a int UNIQUE, UNIQUE (a))"],
    "a serial's sequence goes with its column": [
        "CREATE TABLE t (id serial, a int)",
        "CREATE TABLE u (id int DEFAULT 1)",
        "ALTER TABLE t RENAME COLUMN id TO number",
        "ALTER TABLE t RENAME TO things",
        "ALTER TABLE things ADD COLUMN id bigserial PRIMARY KEY, DROP COLUMN number",
        "CREATE SEQUENCE s AS smallint OWNED BY u.id",
        "DROP TABLE u",
    ],
    "defaults of NULL are kept where they are converted": [
        "CREATE TABLE t (a int DEFAULT NULL, b varchar(3) DEFAULT NULL, c text DEFAULT NULL::text)",
        "ALTER TABLE t ALTER a SET DEFAULT 1, ALTER b SET DEFAULT NULL",
        "ALTER TABLE t ALTER a SET DEFAULT NULL",
    ],
    "partitions follow their parent": [
        "CREATE TABLE p (id int, at date NOT NULL, a int, CHECK (id > 0), UNIQUE (id, at))"
        " PARTITION BY RANGE (at)",
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
        "CREATE INDEX ON p (a)",
        "CREATE TABLE p2 PARTITION OF p DEFAULT",
        "ALTER TABLE p ADD COLUMN b text NOT NULL DEFAULT 'x', ADD CHECK (a > 0), ADD PRIMARY KEY (at, id)",
        "ALTER TABLE p RENAME COLUMN a TO aa",
        "CREATE TABLE p3 (LIKE p INCLUDING ALL)",
        "ALTER TABLE p DETACH PARTITION p2",
        "ALTER TABLE p ATTACH PARTITION p3 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
        "ALTER TABLE p ALTER COLUMN aa TYPE bigint, ALTER b DROP NOT NULL",
        "DROP INDEX p_a_idx",
    ],
    "heirs have what their parents have": [
        "CREATE TABLE base (id serial, a int CHECK (a > 0), CHECK (id > 0) NO INHERIT)",
        "CREATE TABLE heir (b text) INHERITS (base)",
        "ALTER TABLE base ADD COLUMN c int NOT NULL, ADD CONSTRAINT c_small CHECK (c < 10)",
        "ALTER TABLE base DROP COLUMN a",
    ],
    "what needs a column goes with it": [
        "CREATE TABLE t (id int PRIMARY KEY, a int, b int, g int GENERATED ALWAYS AS (a + 1) STORED,"
        " CHECK (a < b))",
        "CREATE INDEX ON t (b) WHERE a > 0",
        "CREATE TABLE u (t int REFERENCES t)",
        "CREATE VIEW v AS SELECT x.id FROM t x JOIN u ON u.t = x.id WHERE b > 0",
        "CREATE VIEW w AS SELECT * FROM v",
        "ALTER TABLE t DROP COLUMN a",
        "ALTER TABLE t DROP COLUMN a CASCADE",
        "ALTER TABLE t DROP COLUMN b",
        "ALTER TABLE t DROP COLUMN id",
        "ALTER TABLE t DROP COLUMN b CASCADE",
        "ALTER TABLE t DROP CONSTRAINT t_pkey",
        "ALTER TABLE t DROP CONSTRAINT t_pkey CASCADE",
        "DROP TABLE t, u",
    ],
    "types are renamed, moved and dropped": [
        "CREATE SCHEMA s",
        "CREATE TYPE mood AS ENUM ('sad', 'happy')",
        "CREATE TABLE t (m mood, ms mood[], d int)",
        "ALTER TYPE mood ADD VALUE 'ok' BEFORE 'happy'",
        "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'",
        "ALTER TYPE mood RENAME TO temper",
        "ALTER TYPE temper SET SCHEMA s",
        "CREATE DOMAIN short AS varchar(5) DEFAULT 'x' CHECK (value <> '')"
        " CONSTRAINT named CHECK (value <> 'z')",
        "ALTER DOMAIN short ADD CHECK (length(value) > 1) NOT VALID",
        "ALTER DOMAIN short VALIDATE CONSTRAINT short_check1",
        "ALTER DOMAIN short DROP CONSTRAINT named",
        "CREATE TYPE pair AS (left_part int, right_part short)",
        "ALTER TABLE t ALTER COLUMN d TYPE short USING 'ab', ADD COLUMN p pair",
        "DROP TYPE s.temper",
        "DROP TYPE s.temper CASCADE",
    ],
    "schemas hold and move what is in them": [
        "CREATE SCHEMA app",
        "SET search_path TO app, public",
        "CREATE TABLE t (id serial PRIMARY KEY, other int REFERENCES t)",
        "CREATE TABLE public.u (t int REFERENCES t)",
        "ALTER TABLE t SET SCHEMA public",
        "RESET search_path",
        "CREATE TABLE app.w (t int REFERENCES t)",
        "ALTER SCHEMA app RENAME TO legacy",
        "CREATE TABLE legacy.x (id int)",
        "DROP SCHEMA legacy",
        "DROP SCHEMA legacy CASCADE",
    ],
    "indexes become constraints": [
        "CREATE TABLE t (a int NOT NULL, b int)",
        "CREATE UNIQUE INDEX t_unique ON t (a, b)",
        "CREATE UNIQUE INDEX t_first ON t (a)",
        "ALTER TABLE t ADD CONSTRAINT t_key UNIQUE USING INDEX t_unique",
        "ALTER TABLE t ADD PRIMARY KEY USING INDEX t_first",
        "ALTER INDEX t_key RENAME TO t_renamed",
        "ALTER TABLE t RENAME CONSTRAINT t_first TO t_pkey",
        "DROP INDEX t_renamed",
        "ALTER TABLE t DROP CONSTRAINT t_renamed, DROP CONSTRAINT t_pkey",
    ],
    "constraints wait to be validated": [
        "CREATE TABLE t (id int PRIMARY KEY, a int)",
        "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID, ADD FOREIGN KEY (a) REFERENCES t NOT VALID",
        "ALTER TABLE t ADD CONSTRAINT nn NOT NULL a NOT VALID",
        "ALTER TABLE t VALIDATE CONSTRAINT c, VALIDATE CONSTRAINT t_a_fkey",
        "ALTER TABLE t VALIDATE CONSTRAINT nn",
        "ALTER TABLE t ALTER CONSTRAINT t_a_fkey DEFERRABLE, ALTER CONSTRAINT t_a_fkey NOT ENFORCED",
        "ALTER TABLE t DROP CONSTRAINT nn",
    ],
    "triggers stand on tables and views": [
        "CREATE TABLE t (a int)",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "CREATE TRIGGER g BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()",
        "CREATE OR REPLACE TRIGGER g AFTER DELETE ON t FOR EACH ROW EXECUTE FUNCTION f()",
        "ALTER TRIGGER g ON t RENAME TO h",
        "DROP FUNCTION f()",
        "DROP FUNCTION f() CASCADE",
    ],
    "a column keeps its place and its constraint their columns": [
        "CREATE TABLE t (a int, b int, c int, UNIQUE (c, a), CHECK (a > c))",
        "ALTER TABLE t DROP COLUMN b, ADD COLUMN d numeric(4), ADD COLUMN b varchar[], ADD e timestamptz(2)",
        "ALTER TABLE t RENAME c TO cc",
        "ALTER TABLE t ALTER d TYPE double precision, ALTER b TYPE text USING b[1]",
    ],
}


@pytest.mark.parametrize("name", HISTORIES)
def test_history(database: oracle.Database, name: str) -> None:
    agree(database, HISTORIES[name])


@settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(statements=ddl.migrations())
def test_random_histories(database: oracle.Database, statements: list[str]) -> None:
    agree(database, statements)
