"""DO blocks: the model takes the course that a real PostgreSQL takes, or says that it does not know it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rung.diagnostics import Diagnostic, Source
from rung.migrations import catalog, oracle
from rung.migrations.apply import apply, resolved
from rung.migrations.apply.failures import CONDITIONS
from rung.migrations.dialects import postgres
from rung.migrations.schema import Schema
from rung.migrations.steps import Opaque, Statement

PLACE = """
    CREATE SCHEMA app;
    CREATE TABLE t (id int PRIMARY KEY, a int, b text, CONSTRAINT positive CHECK (a > 0), UNIQUE (a, b));
    CREATE TABLE child (t int REFERENCES t);
    CREATE TABLE app.t (only_here int);
    CREATE INDEX t_b ON t (b);
    CREATE TYPE mood AS ENUM ('sad', 'ok');
    CREATE VIEW v AS SELECT id FROM child, t;
    CREATE MATERIALIZED VIEW m AS SELECT 1 AS one;
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    CREATE TRIGGER touched BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
    CREATE TABLE p (at date) PARTITION BY RANGE (at);
    CREATE SEQUENCE s;
"""


@pytest.fixture(scope="module")
def database() -> Iterator[oracle.Database]:
    with oracle.start() as server:
        assert not isinstance(server, Diagnostic), server.message
        with server.database() as fresh:
            assert fresh.execute(PLACE) is None
            yield fresh


def followed(schema: Schema, sql: str) -> Schema | None:
    """The model after the statements; None where one is refused."""
    for statement in postgres.read(Source("m.sql", sql)).statements:
        for step in resolved(schema, statement).steps:
            applied = apply(schema, step)
            if applied.diagnostics:
                return None
            schema = applied.schema
    return schema


PRESENT = followed(Schema(), PLACE)


def unclear(statement: Statement) -> bool:
    assert PRESENT is not None
    return any(isinstance(step, Opaque) for step in resolved(PRESENT, statement).steps)


def agree(database: oracle.Database, sql: str) -> bool:
    """Whether the model knows what becomes of the statement; it must then be what happens."""
    assert PRESENT is not None
    (statement,) = postgres.read(Source("m.sql", sql)).statements
    if unclear(statement):
        return False
    after = followed(PRESENT, sql)
    with database.attempt():
        failure = database.execute(sql)
        assert (failure is None) == (after is not None), f"{sql}: {failure}"
        if after is not None:
            found, expected = catalog.of_schema(after), catalog.of_database(database)
            assert sorted(found - expected) == sorted(expected - found), sql
    return True


# ---------------------------------------------------------------- handlers

STATEMENTS = [
    "CREATE TABLE t (z int)",
    "CREATE TABLE u (z int)",
    "CREATE TABLE nowhere.t (z int)",
    "CREATE TYPE mood AS ENUM ('x')",
    "CREATE SCHEMA app",
    "CREATE INDEX t_b ON t (a)",
    "CREATE SEQUENCE s",
    "ALTER TABLE t ADD COLUMN a int",
    "ALTER TABLE t ADD COLUMN c int",
    "ALTER TABLE gone ADD COLUMN c int",
    "ALTER TABLE t ADD CONSTRAINT positive CHECK (id > 0)",
    "ALTER TABLE t ADD CONSTRAINT t_a_b_key UNIQUE (b)",
    "ALTER TABLE t ADD CONSTRAINT positive UNIQUE (b)",
    "ALTER TABLE t ADD PRIMARY KEY (a)",
    "ALTER TABLE child ADD CONSTRAINT child_t_fkey FOREIGN KEY (t) REFERENCES t",
    "ALTER TABLE t DROP COLUMN gone",
    "ALTER TABLE t DROP COLUMN a",
    "ALTER TABLE t DROP CONSTRAINT gone",
    "ALTER TABLE t RENAME TO child",
    "ALTER TABLE gone RENAME TO other",
    "ALTER TABLE nowhere.gone RENAME TO other",
    "ALTER TABLE t RENAME COLUMN a TO b",
    "ALTER TABLE t RENAME COLUMN gone TO other",
    "ALTER TABLE t RENAME CONSTRAINT gone TO other",
    "ALTER TABLE t RENAME CONSTRAINT positive TO t_a_b_key",
    "ALTER INDEX t_b RENAME TO t_pkey",
    "ALTER INDEX gone RENAME TO other",
    "ALTER TABLE t ALTER gone DROP NOT NULL",
    "ALTER TABLE t ALTER gone SET NOT NULL",
    "ALTER TYPE mood RENAME VALUE 'gone' TO 'other'",
    "ALTER TYPE mood RENAME VALUE 'sad' TO 'ok'",
    "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'",
    "ALTER TYPE gone RENAME VALUE 'sad' TO 'blue'",
    "ALTER TYPE mood RENAME TO t",
    "DROP TABLE gone",
    "DROP TABLE nowhere.gone",
    "DROP TABLE child CASCADE",
    "DROP INDEX gone",
    "DROP VIEW gone",
    "DROP SEQUENCE gone",
    "DROP TYPE gone",
    "DROP TABLE t",
    "CREATE TRIGGER touched BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()",
]


@pytest.mark.parametrize("sql", STATEMENTS)
def test_a_handler_runs_where_the_server_runs_it(database: oracle.Database, sql: str) -> None:
    """Whatever condition is handled: the block passes, fails, or runs its handler as on the server."""
    known = [
        agree(
            database,
            f"DO $$ BEGIN CREATE TABLE undone (a int); {sql};"
            f" EXCEPTION WHEN {condition} THEN CREATE TABLE handled (a int); END $$",
        )
        for condition in sorted(CONDITIONS)
    ]
    assert sum(known) >= 4
    for condition in sorted(CONDITIONS):
        agree(
            database, f"DO $$ BEGIN {sql}; EXCEPTION WHEN {condition} THEN RAISE NOTICE 'passed over'; END $$"
        )


# ---------------------------------------------------------------- conditions

QUESTIONS = {
    "pg_class c WHERE c.relname = 't_b' AND c.relkind = 'i'": True,
    "pg_class c WHERE c.relname = 't_b' AND c.relkind = 'r'": True,
    "pg_class WHERE relname = 't' AND relnamespace = 'app'::regnamespace": True,
    "pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relname = 't' AND nspname = 'public'": True,
    "pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE relname = 'child' AND nspname = 'app'": True,
    "pg_catalog.pg_class, pg_namespace n WHERE relnamespace=n.oid AND relname = 'm' AND relkind = 'm'": True,
    "pg_class WHERE relname = 'p' AND relkind = 'p'": True,
    "pg_constraint WHERE conname = 'positive' AND conrelid = 't'::regclass": True,
    "pg_constraint WHERE conname = 'positive' AND conrelid = 'child'::regclass": True,
    "pg_constraint WHERE contype = 'p' AND conrelid = 'public.child'::regclass": True,
    "pg_constraint WHERE contype = 'f' AND conrelid = 'public.child'::regclass": True,
    "pg_constraint JOIN pg_class c ON c.oid = conrelid WHERE conname = 't_pkey' AND relname = 't'": True,
    "pg_constraint c JOIN pg_class t ON c.conrelid = t.oid JOIN pg_namespace n ON n.oid = t.relnamespace"
    " WHERE c.conname = 't_pkey' AND n.nspname = 'public' AND t.relname = 't'": True,
    "pg_attribute WHERE attrelid = 't'::regclass AND attname = 'a'": True,
    "pg_attribute WHERE attrelid = 'app.t'::regclass AND attname = 'a'": True,
    "pg_enum e JOIN pg_type t ON e.enumtypid = t.oid WHERE t.typname = 'mood' AND e.enumlabel = 'ok'": True,
    "pg_enum e JOIN pg_type t ON e.enumtypid = t.oid WHERE t.typname = 'mood' AND e.enumlabel = 'bad'": True,
    "pg_trigger WHERE tgname = 'touched' AND tgrelid = 't'::regclass": True,
    "pg_type JOIN pg_namespace n ON n.oid = typnamespace WHERE typname = 'mood' AND nspname = 'app'": True,
    "information_schema.tables WHERE table_name = 'v'": True,
    "information_schema.tables WHERE table_name = 'm'": True,
    "information_schema.columns WHERE table_name = 't' AND column_name = 'only_here'": True,
    "information_schema.columns WHERE table_name = 't' AND column_name = 'b' AND table_schema = 'app'": True,
    "information_schema.columns WHERE table_name = 'v' AND column_name = 'id'": True,
    "information_schema.table_constraints WHERE table_name = 't' AND constraint_type = 'PRIMARY KEY'": True,
    "information_schema.table_constraints WHERE table_name = 'child' AND constraint_type = 'UNIQUE'": True,
    # of these the model does not know all rows
    "information_schema.table_constraints WHERE table_name = 'child' AND constraint_type = 'CHECK'": False,
    "pg_trigger WHERE tgrelid = 'child'::regclass": False,
    "pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relname = 'gone'": False,
    "pg_class WHERE relname = 't' OR relname = 'u'": False,
    "pg_class a, pg_class b WHERE a.relname = 't' AND b.relname = 'child'": False,
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_if_takes_the_course_that_the_server_takes(database: oracle.Database, question: str) -> None:
    for condition in (f"EXISTS (SELECT 1 FROM {question})", f"NOT EXISTS (SELECT FROM {question})"):
        courses = "CREATE TABLE yes (a int); ELSE CREATE TABLE no (a int);"
        block = f"DO $$ BEGIN IF {condition} THEN {courses} END IF; END $$"
        assert agree(database, block) == QUESTIONS[question]


COURSES = [
    "IF EXISTS (SELECT 1 FROM pg_class WHERE relname = 't') THEN RETURN; END IF; CREATE TABLE u (a int);",
    "IF to_regclass('gone') IS NULL THEN CREATE TABLE u (a int); RETURN; END IF; CREATE TABLE w (a int);",
    "CREATE TABLE u (a int); RETURN; CREATE TABLE w (a int);",
    "IF to_regclass('gone') IS NOT NULL THEN CREATE TABLE u (a int);"
    " ELSIF to_regclass('app.t') IS NOT NULL THEN CREATE TABLE w (a int); ELSE CREATE TABLE x (); END IF;",
    "IF to_regclass('only_here') IS NULL THEN BEGIN CREATE TABLE t (a int);"
    " EXCEPTION WHEN duplicate_table THEN ALTER TABLE t DROP CONSTRAINT positive; END; END IF;",
    "BEGIN ALTER TABLE gone RENAME TO u; EXCEPTION WHEN duplicate_table THEN NULL;"
    " WHEN undefined_table OR undefined_column THEN CREATE TABLE u (a int); END;",
]


@pytest.mark.parametrize("body", COURSES)
def test_a_course_is_followed_to_its_end(database: oracle.Database, body: str) -> None:
    assert agree(database, f"DO $$ BEGIN {body} END $$")


UNCLEAR = [
    "IF EXISTS (SELECT 1 FROM t) THEN RAISE EXCEPTION 'rows'; END IF;",
    "IF to_regclass('t') IS NOT NULL THEN RAISE 'no'; END IF;",
    "ASSERT (SELECT count(*) FROM t) = 0;",
    "IF (SELECT count(*) FROM t) > 5 THEN CREATE TABLE u (a int); END IF;",
    "FOR i IN 1..2 LOOP IF i > 1 THEN RETURN; END IF; END LOOP; CREATE TABLE u (a int);",
    "BEGIN CREATE TABLE u (); INSERT INTO gone VALUES (1); EXCEPTION WHEN undefined_table THEN NULL; END;",
    "BEGIN CREATE TABLE u (a int); EXCEPTION WHEN OTHERS THEN NULL; END;",
    "BEGIN CREATE TABLE t (a int); EXCEPTION WHEN duplicate_table THEN RAISE EXCEPTION 'no'; END;",
]


@pytest.mark.parametrize("body", UNCLEAR)
def test_what_the_catalog_does_not_decide_is_not_known(body: str) -> None:
    (statement,) = postgres.read(Source("m.sql", f"DO $$ BEGIN {body} END $$")).statements
    assert unclear(statement)


BOTH = [
    "IF (SELECT count(*) FROM t) < 5 THEN"
    " ALTER TABLE t ADD c int; UPDATE t SET c = 1; ALTER TABLE t ALTER c SET NOT NULL;"
    " ELSE TRUNCATE t, child; ALTER TABLE t ADD c int NOT NULL; END IF;",
    "IF (SELECT count(*) FROM t) < 5 THEN DELETE FROM child; END IF; ALTER TABLE t ADD d int;",
    "FOR i IN 1..2 LOOP INSERT INTO child (t) VALUES (NULL); END LOOP; ALTER TABLE t ADD d int;",
    "DECLARE n bigint; BEGIN SELECT count(*) INTO n FROM t;"
    " INSERT INTO child (t) VALUES (NULL) RETURNING t INTO n; CREATE TABLE u (a int); END;",
]


@pytest.mark.parametrize("body", BOTH)
def test_where_rows_decide_the_schema_may_be_known(database: oracle.Database, body: str) -> None:
    """The rows are in doubt, and the schema is what the server has."""
    sql = f"DO $$ BEGIN {body} END $$"
    (statement,) = postgres.read(Source("m.sql", sql)).statements
    assert unclear(statement)
    assert PRESENT is not None
    after = followed(PRESENT, sql)
    assert after is not None
    assert after.opaque == ()
    assert all(table.opaque == () for table in after.tables.values())
    with database.attempt():
        assert database.execute(sql) is None
        found, expected = catalog.of_schema(after), catalog.of_database(database)
        assert sorted(found - expected) == sorted(expected - found)
