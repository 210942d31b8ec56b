"""Migrations as people write them: what fails on a real PostgreSQL is not proved, what passes not refuted.

Each is a base, the rows that are in it, and a migration.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rung.diagnostics import Diagnostic, Source
from rung.migrations import catalog, oracle
from rung.migrations.apply import replay
from rung.migrations.dialects.postgres import read
from rung.migrations.replaying import replay as run
from rung.migrations.schema import Schema
from rung.migrations.verdicts import Verdict
from tests.agreement.migrations_rollouts import rollout

T = "CREATE TABLE t (id int PRIMARY KEY, a int CHECK (a < 100), b text);"
ROWS = "INSERT INTO t VALUES (1, NULL, 'x'), (2, 2, 'y');"
APP = "CREATE SCHEMA app; CREATE TABLE app.t (x int); CREATE TABLE t (a int);"
REFERRING = "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int, p int NOT NULL REFERENCES p {});"
REFERRED = "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1);"
PARTS = (
    "CREATE TABLE t (id int, d int) PARTITION BY RANGE (d);"
    "CREATE TABLE p1 PARTITION OF t FOR VALUES FROM (0) TO (10);"
)
EVIL = T + "CREATE FUNCTION evil() RETURNS int LANGUAGE plpgsql AS 'BEGIN DROP TABLE t; RETURN 1; END';"
VIEW = T + "CREATE VIEW v AS SELECT id, a FROM t;"


@pytest.fixture(scope="module")
def server() -> Iterator[oracle.Server]:
    with oracle.start() as found:
        assert not isinstance(found, Diagnostic), found
        yield found


def fresh(condition: str) -> str:
    return f"DO $$ BEGIN IF {condition} THEN CREATE TABLE fresh (a int); END IF; END $$;"


def block(body: str, declared: str = "") -> str:
    return f"DO $$ {declared} BEGIN {body} END $$;"


FAILING = [
    (T, ROWS, "SAVEPOINT s; UPDATE t SET a = 0; ROLLBACK TO s; ALTER TABLE t ALTER a SET NOT NULL;"),
    (T, "", block("SELECT count(*) FROM t;")),
    (T, "", block("PERFORM 1 FROM gone;")),
    (T, "", block("SELECT count(*) INTO n FROM gone;", "DECLARE n int;")),
    (T, "", block("IF EXISTS (SELECT 1 FROM gone) THEN RAISE NOTICE 'rows'; END IF;")),
    (T, "", block("VACUUM t;")),
    (T, "", "CREATE INDEX CONCURRENTLY ON t (a);"),
    (T, "", "SELECT 1 FROM gone;"),
    (T, "", "UPDATE gone SET a = 1;"),
    (T, "", "UPDATE t SET gone = 1;"),
    (T, "", fresh("NOT EXISTS (SELECT FROM pg_constraint WHERE conname='x' AND conrelid='gone'::regclass)")),
    (T, "", fresh("EXISTS (SELECT FROM pg_class WHERE relname='x' AND relnamespace='gone'::regnamespace)")),
    (VIEW, ROWS, "UPDATE v SET a = 200 WHERE id = 2;"),
    (VIEW, "", "INSERT INTO v VALUES (1, 500);"),
    (PARTS, "INSERT INTO t VALUES (1, 5);", "UPDATE t SET d = 50;"),
    (PARTS, "", "INSERT INTO t VALUES (1, 50);"),
    (REFERRING.format(""), REFERRED, "DELETE FROM p;"),
    (REFERRING.format(""), REFERRED, "TRUNCATE p;"),
    (REFERRING.format("ON DELETE SET NULL"), REFERRED, "DELETE FROM p;"),
    (
        "CREATE TABLE t (id int, g int GENERATED ALWAYS AS (id * 2) STORED);",
        "",
        "INSERT INTO t VALUES (1, 5);",
    ),
    ("CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY);", "", "INSERT INTO t VALUES (1);"),
    (
        "",
        "",
        T + "INSERT INTO t VALUES (1, 1, 'x'); INSERT INTO t VALUES (2, 1, 'y'); INSERT INTO t VALUES (1);",
    ),
    ("", "", T + "INSERT INTO t VALUES (1, 1, 'x'); INSERT INTO t VALUES (2, 100, 'y');"),
    (T, "INSERT INTO t VALUES (2);", "INSERT INTO t (id) VALUES (1); INSERT INTO t (id) VALUES (2);"),
]


@pytest.mark.parametrize(("base", "rows", "migration"), FAILING)
def test_what_fails_is_not_proved(server: oracle.Server, base: str, rows: str, migration: str) -> None:
    report = rollout(base, migration, replayer=lambda base: lambda witness: run(server, [base], witness))
    assert report.verdict is not Verdict.PROVED
    with server.database() as database:
        assert database.execute(base + rows) is None
        assert database.execute("BEGIN") is None
        statements = [each.span for each in read(Source("m.sql", migration)).statements]
        assert any(database.execute(migration[span.start : span.end]) is not None for span in statements)


@pytest.mark.parametrize(
    "migration", ["COMMIT AND CHAIN;", "ROLLBACK AND CHAIN;", "BEGIN; COMMIT; COMMIT AND CHAIN;"]
)
def test_no_transaction_follows_where_none_is_open(server: oracle.Server, migration: str) -> None:
    assert rollout(T, migration, atomic=False).verdict is not Verdict.PROVED
    statements = [each.span for each in read(Source("m.sql", migration)).statements]
    with server.database() as database:
        assert database.execute(migration[statements[-1].start :]) is not None


def known(schema: Schema) -> bool:
    return not (schema.opaque or schema.doubtful or any(table.opaque for table in schema.tables.values()))


# Each with whether the model knows what becomes of it.
COURSES = [
    (T, "ALTER TABLE t DROP COLUMN b; ROLLBACK;", False, True),
    (T, "BEGIN; SAVEPOINT s; ALTER TABLE t DROP COLUMN b; ROLLBACK TO s; COMMIT;", False, True),
    (T, "BEGIN; ALTER TABLE t ADD c int; SAVEPOINT s; RELEASE s; ROLLBACK;", False, True),
    (T, "BEGIN; COMMIT AND CHAIN; ALTER TABLE t DROP COLUMN b; ROLLBACK;", False, True),
    (T, "BEGIN; DROP TABLE t; ROLLBACK AND CHAIN; ALTER TABLE t DROP COLUMN b; ROLLBACK;", False, True),
    (APP, "BEGIN; SET LOCAL search_path = app; COMMIT; CREATE TABLE q (a int);", False, True),
    (APP, "SET LOCAL search_path = app; CREATE TABLE q (a int);", False, True),
    (APP, "SET LOCAL search_path = app; CREATE TABLE q (a int);", True, True),
    (APP, "BEGIN; SET search_path = app; ROLLBACK; CREATE TABLE q (a int);", False, True),
    (APP, block("PERFORM set_config('search_path', 'app', false);") + "CREATE TABLE q (a int);", True, False),
    (T, "BEGIN; CREATE TEMP TABLE t (z int) ON COMMIT DROP; COMMIT; ALTER TABLE t DROP b;", False, True),
    (EVIL, block("NULL;", "DECLARE x int := evil();"), True, False),
    (EVIL, block("RAISE NOTICE '%', evil();"), True, False),
    (T, block("<<b>> BEGIN FOR i IN 1..2 LOOP EXIT b; END LOOP; CREATE TABLE q (); END;"), True, False),
    (
        T,
        block("BEGIN RAISE duplicate_table; EXCEPTION WHEN duplicate_table THEN CREATE TABLE q (); END;"),
        True,
        False,
    ),
    ("CREATE TABLE users ();", fresh("to_regclass('Users') IS NULL"), True, True),
    ('CREATE TABLE "Users" ();', fresh("to_regclass('Users') IS NULL"), True, True),
    ('CREATE TABLE "a.b" ();', fresh("""to_regclass('"a.b"') IS NULL"""), True, True),
    ("CREATE TYPE c AS (a int);", fresh("to_regclass('c') IS NULL"), True, True),
    (
        "CREATE VIEW v AS SELECT 1 AS x;",
        fresh("NOT EXISTS (SELECT FROM pg_type WHERE typname = 'v')"),
        True,
        True,
    ),
    ("", fresh("to_regclass('pg_class') IS NULL"), True, False),
    ("", fresh("NOT EXISTS (SELECT FROM pg_type WHERE typname = 'money')"), True, False),
    (
        "CREATE TYPE m AS ENUM ();",
        fresh("NOT EXISTS (SELECT FROM pg_type WHERE typname = '_m')"),
        True,
        False,
    ),
    (
        f"CREATE TABLE t (a int CONSTRAINT {'x' * 70} CHECK (a > 0));",
        fresh(f"NOT EXISTS (SELECT FROM pg_constraint WHERE conname = '{'x' * 70}')"),
        True,
        True,
    ),
    (
        "CREATE DOMAIN d AS int CONSTRAINT positive CHECK (value > 0);",
        fresh("NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'positive')"),
        True,
        True,
    ),
    (
        APP,
        "SET search_path = app, public;"
        + fresh("EXISTS (SELECT FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'a')"),
        True,
        True,
    ),
    (
        T,
        "SET search_path = nowhere, public;"
        + fresh("NOT EXISTS (SELECT FROM pg_tables WHERE tablename='t' AND schemaname=current_schema())"),
        True,
        True,
    ),
    ("", fresh("EXISTS (SELECT count(*) FROM pg_class WHERE relname = 'gone')"), True, False),
    (
        "CREATE MATERIALIZED VIEW m AS SELECT 1 AS x; CREATE INDEX mx ON m (x);",
        fresh("NOT EXISTS (SELECT FROM pg_indexes WHERE indexname = 'mx')"),
        True,
        True,
    ),
    (
        "CREATE TABLE t (id int, a int NOT NULL);",
        fresh("NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 't_a_not_null')"),
        True,
        False,
    ),
]


@pytest.mark.parametrize(("base", "migration", "wrapped", "told"), COURSES)
def test_the_schema_is_what_the_server_has(
    server: oracle.Server, base: str, migration: str, wrapped: bool, told: bool
) -> None:
    script = read(Source("m.sql", migration))
    before = replay(Schema(), [read(Source("base.sql", base))]).schema
    after = replay(before, [script], wrapped=wrapped).schema
    assert known(after) == told
    with server.database() as database:
        assert database.execute(base) is None
        assert database.run(script, in_transaction=wrapped) == []
        if told:
            assert catalog.of_schema(after) == catalog.of_database(database)


DEFERRED = (
    "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED);"
)


@pytest.mark.parametrize(
    ("base", "migration"),
    [
        (DEFERRED, "INSERT INTO c VALUES (7); INSERT INTO p VALUES (7) ON CONFLICT DO NOTHING;"),
        (
            "CREATE TABLE t (pos int UNIQUE DEFERRABLE INITIALLY DEFERRED);",
            "DELETE FROM t; INSERT INTO t VALUES (1); INSERT INTO t VALUES (1); DELETE FROM t;",
        ),
    ],
)
def test_what_is_checked_at_the_end_is_not_refuted_before(
    server: oracle.Server, base: str, migration: str
) -> None:
    report = rollout(base, migration, replayer=lambda base: lambda witness: run(server, [base], witness))
    assert report.verdict is Verdict.UNKNOWN
