"""What changes for live code outside names and rows is never PROVED; what only looks like it stays so."""

from __future__ import annotations

import pytest

from rung.migrations.verdicts import Level, Verdict
from tests.agreement.migrations_rollouts import rollout, verdict

T = "CREATE TABLE t (id integer PRIMARY KEY, a integer, b text, c varchar(10) NOT NULL DEFAULT 'x');"
F = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} END $$;"
G = "CREATE TRIGGER g BEFORE {} ON t FOR EACH ROW EXECUTE FUNCTION f();"
OK = "CREATE FUNCTION ok(integer) RETURNS boolean LANGUAGE sql AS 'SELECT $1 > {}';"
KEPT = F.format("RETURN NEW;")
RANGES = "CREATE TABLE t (id integer PRIMARY KEY, d daterange, CONSTRAINT e EXCLUDE USING gist (d WITH &&));"
SERIAL = "CREATE TABLE t (id serial PRIMARY KEY);"
FAMILY = "CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE t (id integer PRIMARY KEY, p integer);"
REFERS = FAMILY + "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (p) REFERENCES p {};"
AGAIN = "ALTER TABLE t DROP CONSTRAINT f; ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (p) REFERENCES p;"
MOODS = "CREATE TYPE m AS ENUM ('a'); CREATE DOMAIN d AS m; CREATE TABLE t (id integer PRIMARY KEY, x {});"
ANOTHER = "ALTER TYPE m ADD VALUE 'b';"
POLICY = "CREATE POLICY x ON t USING (true);"
SECURE = "ALTER TABLE t ENABLE ROW LEVEL SECURITY;"

DOUBTED = {
    "a trigger's function": (T + KEPT + G.format("INSERT"), KEPT.replace("CREATE", "CREATE OR REPLACE", 1)
        .replace("RETURN NEW", "RETURN NULL")),
    "a trigger on deletions": (T + KEPT, G.format("DELETE")),
    "a trigger that is gone": (T + KEPT + G.format("INSERT"), "DROP TRIGGER g ON t;"),
    "a trigger that is off": (T + KEPT + G.format("INSERT"), "ALTER TABLE t DISABLE TRIGGER g;"),
    "a function": (OK.format(0), OK.format(5).replace("CREATE", "CREATE OR REPLACE")),
    "a function made anew": (OK.format(0), "DROP FUNCTION ok; " + OK.format(5)),
    "a function in a CHECK": (
        OK.format(0) + "CREATE TABLE t (id integer PRIMARY KEY CHECK (ok(id)));",
        OK.format(5).replace("CREATE", "CREATE OR REPLACE"),
    ),
    "a view's query": (
        T + "CREATE VIEW v AS SELECT a FROM t;",
        "CREATE OR REPLACE VIEW v AS SELECT a FROM t WHERE a > 0;",
    ),
    "a deferred key": (
        T + "ALTER TABLE t ADD CONSTRAINT u UNIQUE (a) DEFERRABLE;",
        "ALTER TABLE t DROP CONSTRAINT u; ALTER TABLE t ADD CONSTRAINT u UNIQUE (a);",
    ),
    "a deferred reference": (REFERS.format("DEFERRABLE"), "ALTER TABLE t ALTER CONSTRAINT f NOT DEFERRABLE;"),
    "what happens to children": (REFERS.format("ON DELETE CASCADE"), AGAIN),
    "an exclusion that is gone": (RANGES, "ALTER TABLE t DROP CONSTRAINT e;"),
    "a sequence's type": (SERIAL, "ALTER SEQUENCE t_id_seq AS smallint;"),
    "a sequence's start": (SERIAL, "ALTER SEQUENCE t_id_seq RESTART;"),
    "a sequence's number": (SERIAL, "SELECT setval('t_id_seq', 1);"),
    "rights": (T, "REVOKE INSERT ON t FROM PUBLIC;"),
    "an owner": (T, "ALTER TABLE t OWNER TO somebody;"),
    "a policy": (T + SECURE + POLICY, "DROP POLICY x ON t;"),
    "row security that is off": (T + SECURE, "ALTER TABLE t DISABLE ROW LEVEL SECURITY;"),
    "where names are looked up": (T, "ALTER ROLE app SET search_path TO elsewhere;"),
    "a table made again": (T, "DROP TABLE t; " + T),
    "a column made again": (T, "ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a integer;"),
    "a collation": (T + "CREATE UNIQUE INDEX i ON t (b);", 'ALTER TABLE t ALTER b TYPE text COLLATE "C";'),
    "a generated column": (
        "CREATE TABLE t (id integer PRIMARY KEY, g integer GENERATED ALWAYS AS (id) STORED);",
        "ALTER TABLE t ALTER g DROP EXPRESSION;",
    ),
    "an index that divides": (T, "CREATE INDEX ON t ((1 / a));"),
    "an index that converts": (T, "CREATE INDEX ON t ((b::integer));"),
    "an index of some rows": (T, "CREATE INDEX ON t (b) WHERE 10 / a > 1;"),
    "another key than the one of ON CONFLICT": (
        "CREATE TABLE t (id integer PRIMARY KEY, k text UNIQUE);",
        "INSERT INTO t VALUES (1, 'a') ON CONFLICT (id) DO NOTHING;",
    ),
    "a row that ON CONFLICT changes": (
        T + "ALTER TABLE t ADD CHECK (a > 0);",
        "INSERT INTO t (id, a) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET a = -1;",
    ),
    "rows from a query": (
        T + "CREATE TABLE u (id integer);",
        "INSERT INTO t (id, c) SELECT id, NULL FROM u;",
    ),
    "rows of a MERGE": (
        T + "CREATE TABLE u (id integer);",
        "MERGE INTO t USING u ON t.id = u.id WHEN NOT MATCHED THEN INSERT (id, c) VALUES (u.id, NULL);",
    ),
    "an enum in an array": (MOODS.format("m[]"), ANOTHER),
    "an enum in a domain": (MOODS.format("d"), ANOTHER),
    "a domain in an array": (MOODS.format("d[]"), "ALTER DOMAIN d ADD CHECK (value <> 'a');"),
}  # fmt: skip


@pytest.mark.parametrize("case", DOUBTED)
def test_a_change_that_is_not_in_the_model_is_not_proved_harmless(case: str) -> None:
    base, change = DOUBTED[case]
    report = rollout(base, change, atomic="ADD VALUE" not in change)
    assert report.verdict is not Verdict.PROVED
    assert all(finding.reasons for finding in report.findings if finding.verdict is Verdict.UNKNOWN)


HARMLESS = {
    "the same function again": (OK.format(0), OK.format(0).replace("CREATE", "create or  replace")),
    "the same view again": (
        T + "CREATE VIEW v AS SELECT a FROM t;",
        "DROP VIEW v; CREATE VIEW v AS SELECT a FROM t;",
    ),
    "rights on what is new": (T, "CREATE TABLE n (id integer); REVOKE ALL ON n FROM PUBLIC;"),
    "an index of lower case": (T, "CREATE INDEX ON t (lower(b)) WHERE a > 0;"),
    "any key of ON CONFLICT": (
        "CREATE TABLE t (id integer PRIMARY KEY, k text UNIQUE);",
        "INSERT INTO t VALUES (1, 'a') ON CONFLICT DO NOTHING;",
    ),
    "a policy where none applies": (T, POLICY),
    "a limit of time": (T, "ALTER ROLE app SET statement_timeout TO '5s';"),
    "a number that is computed": (SERIAL, "SELECT setval('t_id_seq', (SELECT max(id) FROM t));"),
    "another owner of a sequence": (SERIAL, "ALTER SEQUENCE t_id_seq OWNED BY NONE;"),
    "a type of an extension that is made by hand": (T, "ALTER TABLE t ADD COLUMN x hstore;"),
    "a reference by another name": (
        REFERS.format("ON DELETE CASCADE"),
        "DELETE FROM p WHERE id = 1; ALTER TABLE t RENAME CONSTRAINT f TO g;",
    ),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_only_looks_like_it_is_proved(case: str) -> None:
    base, change = HARMLESS[case]
    assert rollout(base, change).verdict is Verdict.PROVED


def test_a_cascading_reference_that_is_gone_for_a_while_may_dangle() -> None:
    report = rollout(REFERS.format("ON DELETE CASCADE"), AGAIN, atomic=False)
    assert verdict(report, Level.DATA) is Verdict.UNKNOWN
    together = rollout(REFERS.format("ON DELETE CASCADE"), AGAIN)
    assert verdict(together, Level.DATA) is Verdict.PROVED


def test_a_reference_through_a_parent_holds() -> None:
    base = """
        CREATE TABLE a (id integer PRIMARY KEY);
        CREATE TABLE b (a integer REFERENCES a, name text, PRIMARY KEY (a, name));
        CREATE TABLE t (
            id integer PRIMARY KEY, a integer NOT NULL, name text NOT NULL,
            CONSTRAINT f FOREIGN KEY (a, name) REFERENCES b
        );
    """
    change = "ALTER TABLE t DROP CONSTRAINT f; ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES a;"
    report = rollout(base, change)
    assert verdict(report, Level.DATA) is Verdict.PROVED
    assert verdict(report, Level.WRITE) is Verdict.PROVED


ERRORS = {
    "in a WHERE": ("", "UPDATE t SET b = 'x' WHERE a + 1 > 100;"),
    "in a DELETE": ("", "DELETE FROM t WHERE a * 2 > 100;"),
    "in a generated column": ("", "ALTER TABLE t ADD COLUMN g integer GENERATED ALWAYS AS (a * 2) STORED;"),
    "of a constraint not validated": (
        "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID;",
        "UPDATE t SET b = 'x';",
    ),
    "of a conversion to the same type": ("", "ALTER TABLE t ALTER b TYPE text USING 'x';"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_an_error_at_an_old_row_is_found(case: str) -> None:
    base, change = ERRORS[case]
    assert verdict(rollout(T + base, change), Level.DATA) is Verdict.REFUTED


@pytest.mark.parametrize(
    ("base", "change"),
    [
        ("", "ALTER TABLE t ALTER c SET DEFAULT 'much too long';"),
        ("CREATE UNIQUE INDEX i ON t (c);", "ALTER TABLE t ALTER c SET DEFAULT 'y';"),
        ("ALTER TABLE t ADD UNIQUE (a);", "ALTER TABLE t DROP CONSTRAINT t_a_key; "
            "ALTER TABLE t ADD CONSTRAINT t_a_key UNIQUE (a) DEFERRABLE;"),
    ],
    ids=["too long", "taken", "no target of ON CONFLICT"],
)  # fmt: skip
def test_a_write_that_only_a_default_or_a_target_makes_fail_is_found(base: str, change: str) -> None:
    assert verdict(rollout(T + base, change), Level.WRITE) is Verdict.REFUTED


def test_a_view_is_read_through() -> None:
    base = T + "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0); CREATE VIEW v AS SELECT a FROM t;"
    report = rollout(base, "ALTER TABLE t DROP CONSTRAINT k;", old="-- name: All :many\nSELECT a FROM v;")
    assert verdict(report, Level.READ, "old code") is Verdict.REFUTED


U = "CREATE TABLE u (id integer, a integer);"
RENAMED = "ALTER TABLE t RENAME CONSTRAINT t_pkey TO pk;"
WRITES = "CREATE FUNCTION w() RETURNS void LANGUAGE sql AS 'UPDATE t SET a = 100';"
FEW = "ALTER TABLE t ADD CONSTRAINT few CHECK (a < 10) NOT VALID;"
QUERIES = {
    "columns that pair": (U, "ALTER TABLE u ADD x integer;", "INSERT INTO t (id, a) SELECT * FROM u;"),
    "columns that join": (U, "ALTER TABLE u ADD b text;", "SELECT 1 FROM t NATURAL JOIN u;"),
    "a constraint's name": (
        "",
        RENAMED,
        "INSERT INTO t (id) VALUES ($1) ON CONFLICT ON CONSTRAINT t_pkey DO NOTHING;",
    ),
    "a function that writes": (WRITES, FEW, "SELECT w();"),
    "a type": ("CREATE TYPE m AS ENUM ('a');", "DROP TYPE m;", "SELECT 'a'::m;"),
    "a trigger on what changed": (
        KEPT + G.format("INSERT"),
        "ALTER TABLE t DROP COLUMN b;",
        "INSERT INTO t (id) VALUES ($1);",
    ),
}


@pytest.mark.parametrize("case", QUERIES)
def test_a_query_that_hangs_on_more_than_its_columns_is_not_proved(case: str) -> None:
    base, change, query = QUERIES[case]
    new = "-- name: One :one\nSELECT 1;"
    report = rollout(T + base, change, old=f"-- name: Old :exec\n{query}", new=new)
    assert report.verdict is not Verdict.PROVED
