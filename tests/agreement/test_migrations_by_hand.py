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
from rung.migrations.verdicts import Level, Verdict
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
JOINED = "CREATE TABLE p (id int, x bigint, s text); CREATE TABLE t (id int, a int, b varchar(3), p int);"
TOGETHER = "INSERT INTO p VALUES (1, {}, 'long'); INSERT INTO t VALUES (1, 1, 'a', 1);"
LEADING = "CREATE TABLE q (id int PRIMARY KEY, x int NOT NULL); CREATE TABLE t (id int, q int {}, x int);"
LED = "INSERT INTO q VALUES (1, 2); INSERT INTO t VALUES (1, 1);"
ALONE = "INSERT INTO t VALUES (1, 1);"
EMPTY = "INSERT INTO q VALUES (1); INSERT INTO t VALUES (1, 1);"
FILLED = "UPDATE t SET x = q.x FROM q WHERE q.id = t.q; ALTER TABLE t ALTER x SET NOT NULL;"


def triggered(body: str, event: str = "UPDATE") -> str:
    return (
        "CREATE TABLE t (id int PRIMARY KEY, a int, touched timestamptz NOT NULL DEFAULT now());"
        f"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$;"
        f"CREATE TRIGGER g BEFORE {event} ON t FOR EACH ROW EXECUTE FUNCTION f();"
    )


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
    (JOINED, TOGETHER.format(0), "UPDATE t SET a = 1 / p.x FROM p WHERE p.id = t.p;"),
    (JOINED, TOGETHER.format(2**40), "UPDATE t SET a = p.x FROM p WHERE p.id = t.p;"),
    (JOINED, TOGETHER.format(0), "UPDATE t SET b = p.s FROM p WHERE p.id = t.p;"),
    (JOINED, TOGETHER.format(0), "UPDATE t SET b = 'x' FROM p WHERE p.id = t.p AND 1 / p.x = 1;"),
    (JOINED, TOGETHER.format(0), "UPDATE t SET a = q.y FROM (SELECT 1 / x AS y FROM p) q;"),
    (JOINED, TOGETHER.format(0), "UPDATE t SET b = 'x' FROM p q JOIN p r ON q.id = 1 / r.x;"),
    (JOINED, TOGETHER.format(0), "WITH p AS (SELECT 'y'::text AS x) UPDATE t SET a = p.x::int FROM p;"),
    (JOINED, TOGETHER.format(0), "DELETE FROM t USING p WHERE p.id = t.p AND 1 / p.x = 1;"),
    (JOINED, TOGETHER.format(0), "DELETE FROM t WHERE id IN (SELECT 1 / x FROM p);"),
    (
        JOINED,
        TOGETHER.format(0),
        "DELETE FROM t WHERE id = (SELECT count(*) FROM p q, p r WHERE 1 / q.x = 1);",
    ),
    (
        JOINED,
        TOGETHER.format(0) + "INSERT INTO t VALUES (2);",
        "UPDATE t SET a = p.id FROM p WHERE p.id = t.p; ALTER TABLE t ALTER p SET NOT NULL;",
    ),
    (
        triggered("NEW.a := NULL; RETURN NEW;"),
        "INSERT INTO t VALUES (1, 1);",
        "UPDATE t SET a = 1; ALTER TABLE t ALTER a SET NOT NULL;",
    ),
    (
        triggered("RETURN NULL;"),
        "INSERT INTO t VALUES (1);",
        "UPDATE t SET a = 1 WHERE a IS NULL; ALTER TABLE t ALTER a SET NOT NULL;",
    ),
    (triggered("RAISE EXCEPTION 'no';"), "INSERT INTO t VALUES (1, 1);", "UPDATE t SET a = 1;"),
    (triggered("RAISE EXCEPTION 'no';", "INSERT"), "", "INSERT INTO t VALUES (1, 1);"),
    (triggered("RAISE EXCEPTION 'no';", "DELETE"), "INSERT INTO t VALUES (1);", "DELETE FROM t;"),
]

FAILING += [
    (LEADING.format(""), ALONE, FILLED),
    (LEADING.format("REFERENCES q") + "ALTER TABLE q ALTER x DROP NOT NULL;", EMPTY, FILLED),
    (LEADING.format("REFERENCES q"), LED, FILLED.replace(";", " AND q.x = 7;", 1)),
    (LEADING.format("REFERENCES q"), LED + "INSERT INTO t VALUES (2);", FILLED),
]

CALLED = (
    "CREATE TABLE w (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL UNIQUE, other text,"
    " day timestamp NOT NULL DEFAULT now(), slug text, u uuid, at timestamptz);"
)
CALLS = "UPDATE w SET slug = {}; ALTER TABLE w ALTER slug SET NOT NULL;"
CALLER = "INSERT INTO w (name) VALUES ('A'), ('a');"
FAILING += [
    (CALLED, CALLER, CALLS.format("md5(replace(other, ' ', '-'))")),
    (CALLED, CALLER, CALLS.format("substr(name, 1, -1)")),
    (CALLED, CALLER, "CREATE UNIQUE INDEX ON w (lower(name));"),
    (CALLED, CALLER, "CREATE UNIQUE INDEX ON w (upper(name));"),
    (
        CALLED,
        CALLER + "UPDATE w SET day = '294276-12-31 23:59:00'; SET TimeZone = 'America/Lima';",
        "ALTER TABLE w ALTER day TYPE timestamptz;",
    ),
]

# Each with rows on which it passes, and may on all.
PASSING = [
    (JOINED, TOGETHER.format(5), "UPDATE t SET p = p.id FROM p WHERE p.id = t.p AND t.b = 'a';"),
    (
        JOINED,
        TOGETHER.format(5),
        "UPDATE t SET b = 'x' FROM p q LEFT JOIN p r ON q.id = r.id WHERE q.s = t.b;",
    ),
    (JOINED, TOGETHER.format(5), "DELETE FROM t USING p WHERE p.id = t.p;"),
    (LEADING.format("NOT NULL REFERENCES q"), LED, FILLED),
    (LEADING.format("NOT NULL REFERENCES q"), LED, FILLED.replace(";", " AND t.x IS NULL;", 1)),
    (JOINED, TOGETHER.format(5), "DELETE FROM t WHERE id IN (SELECT id FROM p WHERE s IS NULL);"),
    (CALLED, CALLER, CALLS.format("md5(replace(name, ' ', '-'))")),
    (CALLED, CALLER, CALLS.format("concat(other, at)")),
    (CALLED, CALLER, "UPDATE w SET u = gen_random_uuid(), at = now(); ALTER TABLE w ALTER u SET NOT NULL;"),
    (CALLED, CALLER, "UPDATE w SET day = now(), name = name || '!';"),
    (CALLED, CALLER, "ALTER TABLE w ALTER day TYPE timestamptz USING day AT TIME ZONE 'UTC';"),
    (CALLED, CALLER, "ALTER TABLE w ADD tags text[] NOT NULL DEFAULT ARRAY['a', 'b']::text[];"),
    (
        triggered("NEW.touched = now(); RETURN NEW;"),
        "INSERT INTO t VALUES (1);",
        "UPDATE t SET a = 1; ALTER TABLE t ALTER a SET NOT NULL;",
    ),
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


@pytest.mark.parametrize(("base", "rows", "migration"), PASSING)
def test_what_passes_is_proved(server: oracle.Server, base: str, rows: str, migration: str) -> None:
    report = rollout(base, migration, strategy="recreate", window=False)
    assert report.verdict is Verdict.PROVED
    with server.database() as database:
        assert database.execute(base + rows) is None
        assert database.execute(migration) is None


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


@pytest.mark.parametrize("type_", ["varchar(8)", "text", "varchar"])
def test_a_key_is_lost_whatever_its_column_becomes(type_: str) -> None:
    migration = f"ALTER TABLE t DROP CONSTRAINT once, ALTER name TYPE {type_};"
    report = rollout("CREATE TABLE t (id int PRIMARY KEY, name text CONSTRAINT once UNIQUE);", migration)
    assert any(
        found.level is Level.READ and found.verdict is Verdict.REFUTED
        for stage in report.stages
        for found in stage.findings
    )
