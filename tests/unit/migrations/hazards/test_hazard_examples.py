"""Each hazard's examples: the bad one fires, the safe way is silent, and a real PostgreSQL runs both."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest

from rung.diagnostics import Source
from rung.migrations.apply import replay
from rung.migrations.dialects.postgres import read
from rung.migrations.hazards import HAZARDS, Hazard, find_hazards
from rung.migrations.hazards.refused_in_transaction import refuses
from rung.migrations.layouts import Wrapping
from rung.migrations.oracle import Database, Failure, Server
from rung.migrations.schema import Schema
from rung.migrations.steps import Script

by_code = pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.code)

# what the server says of the bad examples that it refuses; a required column it refuses once there is a row
REFUSALS = {
    "refused-in-transaction": "25001",
    "assigned-twice": "42601",
    "enum-value-used-at-once": "55P04",
}


def migrations(text: str) -> Iterator[tuple[Script, Wrapping]]:
    for part in text.split("-- next migration\n"):
        yield (
            read(Source("up.sql", part)),
            "statements" if part.startswith("-- no transaction\n") else "transaction",
        )


def fired(hazard: Hazard, text: str) -> list[str]:
    """What the hazard says of the migrations in `text`, which come after its setup."""
    schema = replay(Schema(), [read(Source("setup.sql", hazard.setup))]).schema
    messages = []
    for migration in migrations(text):
        found = find_hazards([migration], schema, [hazard])
        messages += [diagnostic.message for _, diagnostic in found]
        schema = replay(schema, [migration[0]]).schema
    return messages


@by_code
def test_the_bad_example_fires(hazard: Hazard) -> None:
    assert fired(hazard, hazard.bad) != []


@by_code
def test_the_safe_way_is_silent(hazard: Hazard) -> None:
    assert fired(hazard, hazard.good) == []


@by_code
def test_all_examples_are_read_without_a_diagnostic(hazard: Hazard) -> None:
    for text in (hazard.setup, hazard.bad, hazard.good):
        assert all(script.diagnostics == () for script, _ in migrations(text))


@pytest.fixture(scope="module")
def database(server: Server) -> Iterator[Database]:
    with server.database() as fresh:
        yield fresh


@by_code
def test_a_real_server_runs_the_examples(database: Database, hazard: Hazard) -> None:
    assert run(database, hazard, hazard.good) is None
    refusal = run(database, hazard, hazard.bad)
    assert (refusal.sqlstate if refusal is not None else None) == REFUSALS.get(hazard.code)


EMPTY = """
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', name);
  END LOOP;
END $$;
CREATE SCHEMA public;
"""


def run(database: Database, hazard: Hazard, text: str) -> Failure | None:
    """What an empty database says of the setup and then of the migrations in `text`: the first failure."""
    assert database.execute(EMPTY) is None
    assert database.execute(hazard.setup) is None
    for script, wrapping in migrations(text):
        failures = database.run(script, in_transaction=wrapping == "transaction")
        if failures:
            return failures[0][1]
    return None


@by_code
def test_a_hazard_is_a_file_of_its_name(hazard: Hazard) -> None:
    module = import_module(f"rung.migrations.hazards.{hazard.code.replace('-', '_')}")
    assert module.HAZARD is hazard
    assert hazard.page == module.__doc__
    assert hazard.summary.endswith(".")


# a domain holds no rows itself, and of a statement that is not read nothing is known
ABOUT_TABLES_IN_USE = [
    hazard
    for hazard in HAZARDS
    if hazard.kind == "blocking" and hazard.code not in ("domain-constraint-scans", "unread-statement")
]


@pytest.mark.parametrize("hazard", ABOUT_TABLES_IN_USE, ids=lambda hazard: hazard.code)
def test_what_a_migration_makes_itself_is_not_in_use(hazard: Hazard) -> None:
    script = read(Source("up.sql", f"{hazard.setup}\n{hazard.bad}"))
    assert list(find_hazards([(script, "transaction")], Schema(), [hazard])) == []


# these need to know the table: what its columns are, or what is on it
NEED_THE_TABLE = {"primary-key-on-nullable"}


@by_code
def test_a_table_that_no_migration_made_is_taken_to_be_in_use(hazard: Hazard) -> None:
    script, wrapping = next(migrations(hazard.bad))
    found = list(find_hazards([(script, wrapping)], Schema(), [hazard]))
    assert (found == []) == (hazard.code in NEED_THE_TABLE)


def test_codes_are_in_order_and_differ() -> None:
    codes = [hazard.code for hazard in HAZARDS]
    assert codes == sorted(set(codes))


MIXED = """\
VACUUM
VACUUM FULL crate
ANALYZE crate
CREATE DATABASE another
DROP DATABASE another
ALTER SYSTEM SET work_mem = '4MB'
CREATE TABLESPACE fast LOCATION '/nowhere'
DROP TABLESPACE fast
CREATE INDEX a ON crate (name)
CREATE INDEX CONCURRENTLY a ON crate (name)
DROP INDEX crate_name
DROP INDEX CONCURRENTLY crate_name
REINDEX TABLE crate
REINDEX TABLE CONCURRENTLY crate
REINDEX INDEX crate_name
REINDEX SCHEMA public
REFRESH MATERIALIZED VIEW CONCURRENTLY top
ALTER TABLE event DETACH PARTITION event_2024
ALTER TABLE event DETACH PARTITION event_2024 CONCURRENTLY
ALTER TYPE state ADD VALUE 'shut'
""".splitlines()
PLACES = """
CREATE TABLE crate (id bigint PRIMARY KEY, name text);
CREATE INDEX crate_name ON crate (name);
CREATE MATERIALIZED VIEW top AS SELECT 1 AS id;
CREATE UNIQUE INDEX top_id ON top (id);
CREATE TABLE event (at date) PARTITION BY RANGE (at);
CREATE TABLE event_2024 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TYPE state AS ENUM ('open');
"""


@pytest.mark.parametrize("sql", MIXED)
def test_a_real_server_refuses_the_same_statements_in_a_transaction(database: Database, sql: str) -> None:
    assert database.execute(EMPTY) is None
    assert database.execute(PLACES) is None
    (statement,) = read(Source("up.sql", sql)).statements
    with database.attempt():
        failure = database.execute(sql)
    assert (failure.sqlstate if failure is not None else None) == ("25001" if refuses(statement) else None)
