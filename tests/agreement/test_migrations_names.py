"""What a statement names is there, or the migration is not proved; what PostgreSQL takes is not refused.

The migrations here run on one base, each in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rung.diagnostics import Diagnostic, Source
from rung.migrations import oracle
from rung.migrations.dialects.postgres import read
from rung.migrations.verdicts import Level, Verdict
from tests.agreement.migrations_rollouts import refuted, rollout

BASE = """
CREATE TABLE t (id int PRIMARY KEY, a int, b text, c jsonb);
CREATE TABLE u (id int PRIMARY KEY, t_id int REFERENCES t, a int);
CREATE VIEW v AS SELECT id, a FROM t;
CREATE MATERIALIZED VIEW m AS SELECT id, b FROM t;
CREATE TYPE mood AS ENUM ('ok', 'sad');
CREATE TYPE pair AS (x int, y text);
CREATE SEQUENCE s;
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION tf();
CREATE INDEX ix ON t (a);
CREATE POLICY pol ON t USING (a > 0);
CREATE DOMAIN dom AS int CHECK (value > 0);
"""
ROWS = "INSERT INTO t VALUES (1, 1, 'x', '{}'), (2, 2, 'y', '{}'); INSERT INTO u VALUES (1, 1, 1);"


@pytest.fixture(scope="module")
def database() -> Iterator[oracle.Database]:
    with oracle.start() as server:
        assert not isinstance(server, Diagnostic), server
        with server.database() as found:
            assert found.execute(BASE + ROWS) is None
            yield found


def passes(database: oracle.Database, migration: str) -> bool:
    """Whether the server takes the migration; it is undone."""
    statements = [each.span for each in read(Source("m.sql", migration)).statements]
    database.execute("BEGIN")
    try:
        return all(database.execute(migration[each.start : each.end]) is None for each in statements)
    finally:
        database.execute("ROLLBACK")


REFUSED = """
SELECT id, count(*) FROM t;
SELECT a, count(*) FROM t GROUP BY b;
SELECT t.a, u.a, count(*) FROM t, u GROUP BY t.id;
SELECT a + 1, max(id) FROM v GROUP BY id;
CREATE VIEW w AS SELECT b, sum(a) FROM t;
SELECT gone FROM t;
SELECT x.id FROM t;
SELECT a FROM t, u;
SELECT id FROM t JOIN u USING (a);
SELECT q.gone FROM (SELECT id FROM t) q;
WITH q AS (SELECT id FROM t) SELECT a FROM q;
WITH q AS (SELECT gone FROM t) SELECT 1;
WITH RECURSIVE q AS (SELECT id FROM t UNION ALL SELECT zzz FROM q WHERE id < 0) SELECT id FROM q;
SELECT id FROM t GROUP BY gone;
SELECT id FROM t UNION SELECT id FROM u ORDER BY a;
SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.t_id = t.gone);
SELECT (SELECT a FROM u WHERE x.id = 1) FROM t;
SELECT x FROM (VALUES (1, 2)) AS v(y, z);
SELECT s.id FROM t, (SELECT id FROM u WHERE u.t_id = t.id) s;
SELECT gone FROM v;
SELECT count(gone) FROM t;
SELECT 1 FROM t WINDOW w AS (ORDER BY gone);
SELECT gone FROM t, generate_series(1,2) g;
SELECT DISTINCT ON (gone) id FROM t;
SELECT NEW.id FROM t;
SELECT 1 FROM t a, u a;
CREATE VIEW w AS SELECT t.gone FROM t;
CREATE VIEW w AS SELECT t.id, u.id FROM t, u;
CREATE VIEW w AS SELECT a FROM t JOIN u ON u.t_id = t.id;
CREATE MATERIALIZED VIEW w AS SELECT id FROM t WHERE gone;
CREATE TABLE w AS SELECT t.id, u.id FROM t, u;
CREATE TABLE w (x, y) AS SELECT id FROM t;
INSERT INTO u (id) SELECT t.gone FROM t;
INSERT INTO u VALUES (1, 1, 1, 1);
INSERT INTO u (id, a) VALUES (7);
INSERT INTO u (id, id) VALUES (7, 7);
INSERT INTO u (id) VALUES (7) RETURNING gone;
INSERT INTO u (id) VALUES (7) ON CONFLICT (id) DO UPDATE SET a = a + 1;
INSERT INTO u (id) VALUES (7) ON CONFLICT (id) DO UPDATE SET a = 1 WHERE gone > 0;
UPDATE t SET a = gone;
UPDATE t SET a = u.a WHERE u.id = t.id;
UPDATE t x SET a = t.a;
UPDATE t SET a = a FROM u;
UPDATE t SET (a, b) = (SELECT gone, 'x' FROM u LIMIT 1);
UPDATE t SET a = 1 WHERE id IN (SELECT t_id FROM u WHERE gone);
DELETE FROM u USING t WHERE u.t_id = t.gone;
DELETE FROM u WHERE id IN (SELECT gone FROM t);
ALTER TABLE t ADD CONSTRAINT k CHECK (gone > 0);
CREATE TABLE w (x int, CHECK (y > 0));
CREATE TABLE w (x int, PRIMARY KEY (y));
CREATE TABLE w (x int, FOREIGN KEY (y) REFERENCES t);
ALTER TABLE t ALTER COLUMN b TYPE int USING gone::int;
CREATE INDEX w ON t (lower(gone));
CREATE INDEX w ON t (a) WHERE gone;
CREATE INDEX w ON m (gone);
CREATE TRIGGER w BEFORE UPDATE ON t FOR EACH ROW WHEN (OLD.gone = NEW.id) EXECUTE FUNCTION tf();
CREATE TRIGGER w BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION gone();
CREATE TRIGGER w BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
CREATE POLICY w ON gone USING (true);
ALTER POLICY pol ON t USING (gone > 0);
CREATE STATISTICS w ON a, gone FROM t;
CREATE PUBLICATION w FOR TABLE gone;
CREATE OR REPLACE VIEW v AS SELECT id FROM t;
CREATE OR REPLACE VIEW m AS SELECT id, b FROM t;
ALTER TABLE t DROP COLUMN b;
ALTER TABLE t ALTER COLUMN b TYPE varchar(10);
DROP VIEW m;
DROP TABLE v;
COMMENT ON COLUMN t.gone IS 'x';
COMMENT ON COLUMN gone.id IS 'x';
COMMENT ON SEQUENCE gone IS 'x';
COMMENT ON VIEW t IS 'x';
COMMENT ON MATERIALIZED VIEW gone IS 'x';
COMMENT ON DOMAIN gone IS 'x';
COMMENT ON FUNCTION gone(int) IS 'x';
COMMENT ON TRIGGER gone ON t IS 'x';
COMMENT ON SCHEMA gone IS 'x';
COMMENT ON CONSTRAINT gone ON DOMAIN dom IS 'x';
GRANT SELECT (gone) ON t TO PUBLIC;
GRANT USAGE ON SEQUENCE gone TO PUBLIC;
GRANT USAGE ON TYPE gone TO PUBLIC;
REVOKE ALL ON gone FROM PUBLIC;
ALTER VIEW gone OWNER TO CURRENT_USER;
ALTER FUNCTION gone(int) OWNER TO CURRENT_USER;
ALTER FUNCTION gone(int) RENAME TO g;
ALTER TYPE gone RENAME TO g;
ALTER DEFAULT PRIVILEGES IN SCHEMA gone GRANT SELECT ON TABLES TO PUBLIC;
ALTER SEQUENCE s OWNED BY t.gone;
CREATE SEQUENCE w OWNED BY t.gone;
DROP SEQUENCE gone;
DROP DOMAIN gone;
DROP TRIGGER tr ON gone;
ALTER TRIGGER gone ON t RENAME TO g;
DROP FUNCTION f(text);
DROP AGGREGATE gone(int);
DROP EXTENSION gone;
DROP VIEW gone;
ALTER TABLE t RENAME CONSTRAINT gone TO g;
ALTER TABLE t ALTER CONSTRAINT gone DEFERRABLE;
ALTER TABLE t DISABLE TRIGGER gone;
ALTER TABLE t REPLICA IDENTITY USING INDEX gone;
ALTER TABLE t ALTER COLUMN gone SET STORAGE MAIN;
ALTER TABLE gone SET (fillfactor = 70);
ALTER VIEW gone RENAME TO g;
ALTER INDEX gone RENAME TO g;
ALTER EXTENSION gone UPDATE;
ALTER DOMAIN gone SET NOT NULL;
ALTER DOMAIN dom ADD CHECK (gone > 0);
ALTER TABLE t ADD COLUMN z gone;
ALTER TABLE t ALTER COLUMN b TYPE citext;
CREATE TABLE w OF gone;
CREATE DOMAIN w AS gone;
CREATE FUNCTION w() RETURNS gone LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION w() RETURNS int LANGUAGE sql AS 'SELECT id FROM gone';
SELECT a::gone FROM t;
UPDATE t SET b = 'x'::mood2;
REFRESH MATERIALIZED VIEW gone;
ANALYZE gone;
LOCK TABLE gone;
REINDEX INDEX gone;
SELECT nextval('gone');
SELECT 'gone'::regclass;
CREATE TABLE w (LIKE gone);
CREATE TABLE w PARTITION OF t FOR VALUES IN (1);
SELECT a.id FROM t a JOIN u b ON b.t_id = t.id;
SELECT id FROM t x WHERE t.a = 1;
SELECT s.a FROM (SELECT t.a, u.a FROM t JOIN u ON u.t_id = t.id) s;
SELECT id FROM t UNION ALL SELECT id FROM u UNION ALL SELECT id, a FROM u;
SELECT s.x FROM (SELECT id AS y FROM t UNION SELECT id FROM u) s;
WITH q AS (INSERT INTO u (id) VALUES (9) RETURNING id) SELECT a FROM q;
INSERT INTO u (id, a) SELECT id, a, b FROM t;
INSERT INTO u (id) VALUES (u.a);
INSERT INTO t (id) VALUES (99) ON CONFLICT (id) WHERE gone DO NOTHING;
UPDATE t SET a = x.a FROM (SELECT id FROM u) x WHERE x.id = t.id;
CREATE VIEW w AS SELECT id FROM t UNION SELECT id, a FROM u;
CREATE VIEW w AS SELECT s.a FROM (SELECT id FROM t) s;
CREATE VIEW w AS WITH q AS (SELECT id FROM t) SELECT q.gone FROM q;
CREATE TABLE w AS SELECT a.x FROM t a;
CREATE TABLE w (z) AS SELECT t.gone FROM t;
CREATE POLICY w ON v USING (true);
CREATE TRIGGER w BEFORE UPDATE OF a, gone ON t FOR EACH ROW EXECUTE FUNCTION tf();
CREATE TRIGGER w AFTER INSERT ON t FOR EACH ROW WHEN (NEWW.id > 1) EXECUTE FUNCTION tf();
CREATE PUBLICATION w FOR TABLE t, gone;
CREATE FUNCTION w(p int) RETURNS int LANGUAGE sql AS 'SELECT q + 1';
CREATE DOMAIN w AS int CHECK (x > 0);
CREATE TABLE w (x int DEFAULT (t.id));
CREATE TABLE w (x int CHECK (x::gone IS NULL));
ALTER TABLE t ALTER COLUMN a TYPE text USING u.a;
CREATE INDEX w ON t (a) WHERE u.a > 0;
COMMENT ON COLUMN public.t.gone IS 'x';
COMMENT ON TABLE nope.t IS 'x';
COMMENT ON SEQUENCE t IS 'x';
GRANT SELECT ON t, gone TO PUBLIC;
GRANT USAGE ON TYPE mood, gone TO PUBLIC;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA gone TO PUBLIC;
ALTER SEQUENCE gone OWNER TO CURRENT_USER;
ALTER TABLE v ALTER COLUMN gone SET DEFAULT 1;
ALTER TYPE mood ADD VALUE 'x' AFTER 'gone';
DROP VIEW v, gone;
DROP SEQUENCE s, gone;
ALTER FUNCTION f(text) RENAME TO g;
ALTER TABLE gone SET SCHEMA public;
ALTER TABLE t INHERIT gone;
SELECT nextval('t');
SELECT (SELECT gone);
SELECT id FROM t CROSS JOIN LATERAL (SELECT x.gone FROM u x WHERE x.t_id = t.id) s;
SELECT sum(a) FILTER (WHERE gone) FROM t;
SELECT CASE WHEN gone THEN 1 END FROM t;
SELECT a[gone] FROM (SELECT ARRAY[1] AS a) s;
SELECT id AS k FROM t ORDER BY k + 1;
SELECT id FROM t HAVING gone > 1;
VALUES (gone);
SELECT t.gone FROM t;
SELECT gone FROM (SELECT id FROM t) q;
SELECT id AS x FROM t WHERE x > 0;
SELECT column3 FROM (VALUES (1, 2)) v;
SELECT g.gone FROM generate_series(1,2) g;
CREATE VIEW w AS SELECT gone FROM t;
CREATE TABLE w AS SELECT gone FROM t;
INSERT INTO u (id) VALUES (7, 7);
INSERT INTO u (id) VALUES (7) ON CONFLICT (id) DO UPDATE SET a = excluded.gone;
UPDATE t SET a = 1 FROM u JOIN v ON v.id = t.id;
DELETE FROM u WHERE t.id = 1;
CREATE TABLE w (x int, UNIQUE (y));
CREATE INDEX w ON t (a) INCLUDE (gone);
CREATE POLICY w ON t USING (gone > 0);
CREATE PUBLICATION w FOR TABLE t (gone);
DROP TABLE t;
COMMENT ON INDEX gone IS 'x';
COMMENT ON DOMAIN mood IS 'x';
GRANT SELECT ON gone TO PUBLIC;
ALTER TABLE gone OWNER TO CURRENT_USER;
ALTER TYPE gone ADD VALUE 'x';
DROP TYPE gone;
DROP FUNCTION tf();
ALTER TABLE t VALIDATE CONSTRAINT gone;
ALTER TABLE t ALTER COLUMN gone SET (n_distinct = 5);
ALTER EXTENSION gone SET SCHEMA public;
CREATE TABLE w (x gone);
SELECT '1'::gone;
ANALYZE t (gone);
SELECT pg_get_serial_sequence('t', 'gone');
SELECT a FROM (SELECT t.a, u.a FROM t JOIN u ON u.t_id = t.id) s;
WITH q AS (UPDATE t SET a = 1 RETURNING t.id) SELECT q.a FROM q;
DELETE FROM t x USING u WHERE t.id = u.t_id;
CREATE TABLE w AS WITH q AS (SELECT 1 AS x) SELECT y FROM q;
CREATE STATISTICS w ON (gone + 1), id FROM t;
CREATE TABLE w (x int, y int GENERATED ALWAYS AS (t.a) STORED);
COMMENT ON COLUMN nope.t.a IS 'x';
GRANT EXECUTE ON FUNCTION f(text) TO PUBLIC;
DROP TYPE mood, gone;
ALTER TABLE t ATTACH PARTITION u FOR VALUES IN (1);
SELECT jsonb_agg(gone ORDER BY id) FROM t;
SELECT id AS k FROM t GROUP BY k + 1;
CREATE POLICY pol ON t USING (true);
ALTER POLICY gone ON t USING (true);
COMMENT ON POLICY gone ON t IS 'x';
DROP POLICY gone ON t;
ALTER POLICY gone ON t RENAME TO other;
CREATE OPERATOR === (leftarg = int, rightarg = int, function = gone);
""".strip().splitlines()


@pytest.mark.parametrize("migration", REFUSED)
def test_what_names_a_thing_that_is_not_there_is_refused(database: oracle.Database, migration: str) -> None:
    assert not passes(database, migration)
    report = rollout(BASE, migration)
    assert [each.severity for each in report.diagnostics] == ["error"]
    assert report.verdict is not Verdict.PROVED


GRANTED = """
COMMENT ON RULE gone ON t IS 'x';
GRANT SELECT ON t TO nobody_here;
ALTER SCHEMA public OWNER TO nobody_here;
ALTER TYPE mood OWNER TO nobody_here;
ALTER DEFAULT PRIVILEGES FOR ROLE nobody_here GRANT SELECT ON TABLES TO PUBLIC;
SET SESSION AUTHORIZATION nobody_here;
ALTER ROLE nobody_here LOGIN;
CREATE SCHEMA w AUTHORIZATION nobody_here;
DROP STATISTICS gone;
DROP COLLATION gone;
DROP EVENT TRIGGER gone;
DROP SERVER gone;
DROP SUBSCRIPTION gone;
ALTER PUBLICATION gone ADD TABLE t;
ALTER ROLE nobody_here RENAME TO g;
ALTER TABLE t ADD COLUMN z hstore;
ALTER TABLE t ADD COLUMN z geometry;
ALTER TABLE t ADD COLUMN z public.citext;
ALTER TABLE t ADD COLUMN z text COLLATE gone;
CREATE CAST (gone AS int) WITH INOUT;
CLUSTER t;
SECURITY LABEL ON TABLE t IS 'x';
ALTER SEQUENCE s OWNER TO nobody;
""".strip().splitlines()


@pytest.mark.parametrize("migration", GRANTED)
def test_what_no_schema_tells_is_taken_for_granted(database: oracle.Database, migration: str) -> None:
    assert not passes(database, migration)
    report = rollout(BASE, migration)
    assert report.diagnostics == ()
    assert any(each.assumptions and each.message.endswith(" passes") for each in report.findings)


TAKEN = """
SELECT a + 1, count(*) FROM t GROUP BY a;
SELECT a AS x, b, count(*) FROM t GROUP BY x, 2;
SELECT t.a, t.b, u.a, count(*) FROM t JOIN u ON u.t_id = t.id GROUP BY t.id, u.a;
SELECT a + id AS z, count(*) FROM t GROUP BY z;
SELECT lower(b), count(*) FROM t GROUP BY lower(b);
SELECT (SELECT max(u.id) FROM u WHERE u.t_id = t.id) FROM t;
SELECT (SELECT t.a + max(u.id) FROM u) FROM t;
SELECT id FROM t;
SELECT t.* FROM t;
SELECT public.t.id FROM t;
SELECT id, a FROM t JOIN u USING (id, a);
SELECT ctid, xmin, tableoid FROM t;
SELECT ctid FROM m;
SELECT id AS x FROM t GROUP BY x;
SELECT DISTINCT ON (x) id AS x FROM t;
SELECT id AS z FROM t UNION SELECT t_id FROM u ORDER BY z;
WITH q(z) AS (SELECT id, a FROM t) SELECT z, a FROM q;
WITH q AS (SELECT id FROM t), r AS (SELECT id FROM q) SELECT r.id FROM r JOIN q ON q.id = r.id;
SELECT e FROM t, jsonb_array_elements('[]') e;
SELECT value FROM t, jsonb_array_elements('[]');
SELECT e.key FROM jsonb_each('{}') e;
SELECT jsonb_object_keys FROM jsonb_object_keys('{}');
SELECT g.g FROM generate_series(1, 3) g;
SELECT n FROM generate_series(1, 3) AS g(n);
SELECT x, o FROM unnest(ARRAY[1]) WITH ORDINALITY AS g(x, o);
SELECT x, y FROM unnest(ARRAY[ROW(1,'a')::pair]) g;
SELECT a FROM ROWS FROM (generate_series(1,2), generate_series(1,3)) AS q(a, b);
SELECT y FROM (VALUES (1, 2)) AS v(y, z);
SELECT (p).y FROM (SELECT ROW(1,'x')::pair AS p) q;
SELECT (t).id FROM t;
SELECT count(*) FROM t;
SELECT t.count FROM t;
SELECT count(DISTINCT id) FILTER (WHERE a > 0) FROM t;
SELECT t.*, count(*) FROM t GROUP BY t.id;
SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY id);
SELECT id FROM t WHERE (id, a) IN (SELECT t_id, a FROM u);
SELECT t.a, k.id FROM t JOIN u USING (id) AS k;
SELECT table_name FROM information_schema.tables;
SELECT current_user, user, current_date, session_user;
SELECT id FROM ONLY t;
TABLE t;
SELECT s.* FROM (SELECT * FROM t) s WHERE s.id > 0;
SELECT s.b FROM (SELECT t.* FROM t) s;
SELECT b FROM m;
SELECT ARRAY(SELECT id FROM u WHERE u.t_id = t.id) FROM t;
SELECT array_agg(id ORDER BY a) FROM t;
SELECT a, b, count(*) FROM t GROUP BY GROUPING SETS ((a), (b));
SELECT id + 1 AS k FROM t ORDER BY id;
SELECT name FROM pg_settings WHERE name = 'x';
INSERT INTO u (id) VALUES (1) ON CONFLICT ON CONSTRAINT u_pkey DO NOTHING;
UPDATE t SET b = public.t.a WHERE false;
CREATE VIEW w (x, y) AS SELECT id, a FROM t;
CREATE VIEW w AS SELECT * FROM t JOIN u USING (id, a);
CREATE VIEW w AS SELECT * FROM v;
CREATE VIEW w AS SELECT v.id FROM v JOIN t ON t.id = v.id;
CREATE TABLE w AS SELECT id, b FROM t;
CREATE TABLE w AS VALUES (1, 2);
CREATE TABLE w (x int, y int GENERATED ALWAYS AS (x * 2) STORED, CHECK (y > x), CHECK (w.x > 0));
CREATE POLICY w ON t USING (a > 0 AND EXISTS (SELECT 1 FROM u WHERE u.t_id = t.id));
ALTER POLICY pol ON t USING (id > 0);
CREATE STATISTICS w ON (a + 1), id FROM t; DROP STATISTICS w;
CREATE PUBLICATION w FOR TABLE t WHERE (id > 0); ALTER PUBLICATION w ADD TABLE u;
COMMENT ON COLUMN t.a IS 'x';
COMMENT ON COLUMN v.a IS 'x';
COMMENT ON COLUMN pair.x IS 'x';
COMMENT ON INDEX t_pkey IS 'x';
COMMENT ON VIEW v IS 'x';
COMMENT ON TYPE mood IS 'x';
COMMENT ON DOMAIN dom IS 'x';
COMMENT ON FUNCTION f IS 'x';
COMMENT ON TRIGGER tr ON t IS 'x';
COMMENT ON CONSTRAINT t_pkey ON t IS 'x';
COMMENT ON CONSTRAINT t_id_not_null ON t IS 'x';
COMMENT ON SCHEMA public IS 'x';
COMMENT ON LANGUAGE plpgsql IS 'x';
COMMENT ON FUNCTION pg_catalog.lower(text) IS 'x';
GRANT SELECT ON v, m TO PUBLIC;
GRANT USAGE ON SCHEMA public TO PUBLIC;
GRANT SELECT ON s TO PUBLIC;
GRANT EXECUTE ON FUNCTION f TO PUBLIC;
GRANT USAGE ON TYPE mood TO PUBLIC;
GRANT SELECT ON pg_class TO PUBLIC;
REVOKE ALL ON FUNCTION pg_catalog.lower(text) FROM PUBLIC;
ALTER SEQUENCE s OWNER TO CURRENT_USER;
ALTER TYPE mood OWNER TO SESSION_USER;
ALTER DOMAIN dom OWNER TO CURRENT_USER;
ALTER TABLE IF EXISTS gone OWNER TO CURRENT_USER;
ALTER VIEW IF EXISTS gone OWNER TO CURRENT_USER;
ALTER INDEX ix SET (fillfactor = 70);
ALTER INDEX t_pkey RENAME TO tp;
ALTER TABLE t REPLICA IDENTITY USING INDEX t_pkey;
CREATE TABLE w (x mood, y dom, z pair, q mood[], tt t);
CREATE FUNCTION w(x int) RETURNS int LANGUAGE sql AS 'SELECT x + $1';
CREATE FUNCTION w() RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM t';
SELECT 'ok'::mood;
SELECT nextval('s');
SELECT setval(pg_get_serial_sequence('t', 'id'), 5);
ANALYZE t;
LOCK TABLE t IN SHARE MODE;
REINDEX INDEX ix;
SET ROLE NONE;
DO $$ BEGIN PERFORM id FROM t; END $$;
SELECT s.* FROM t, LATERAL (SELECT t.id AS tid, x.* FROM u x WHERE x.t_id = t.id) s;
SELECT t.id FROM t LEFT JOIN (u JOIN v USING (id)) ON u.t_id = t.id;
SELECT id FROM t FULL JOIN u USING (id);
SELECT id FROM t WHERE id = (SELECT max(t_id) FROM u WHERE u.a = t.a);
SELECT max(id) FROM t ORDER BY max(id);
SELECT a AS b, count(*) FROM t GROUP BY a, b;
SELECT t.a, t.b, count(u.id) FROM t LEFT JOIN u ON u.t_id = t.id GROUP BY t.id;
WITH x AS (SELECT 1 AS id), y AS MATERIALIZED (SELECT * FROM x) SELECT y.id FROM y;
UPDATE t SET b = sub.b FROM (VALUES (1, 'x'), (2, 'y')) AS sub(id, b) WHERE t.id = sub.id;
UPDATE public.t SET a = t.id WHERE public.t.id > 0;
CREATE VIEW w AS SELECT x.id FROM (SELECT * FROM v) x; DROP VIEW w;
CREATE VIEW w AS SELECT c->>'x' AS x, (c->'y')::text FROM t; SELECT x, text FROM w;
CREATE TEMP TABLE t AS SELECT id, a FROM t; UPDATE t SET a = 1; DROP TABLE t;
CREATE SCHEMA app; CREATE TABLE app.t (z int); SELECT app.t.z FROM app.t; SELECT t.z FROM app.t;
SELECT * FROM pg_stat_user_tables;
SELECT ID, T.A FROM T;
SELECT EXTRACT(epoch FROM now()), x.* FROM (SELECT id FROM t) x;
SELECT (u).a, u.* FROM u;
SELECT to_jsonb(t) - 'id' FROM t;
SELECT hashtext(b), pg_advisory_xact_lock(1) FROM t;
SELECT array_position(ARRAY[1], x) FROM unnest(ARRAY[1,2]) x;
SELECT unnest FROM unnest(ARRAY[1,2]);
SELECT json_build_object('x', t.a) FROM t;
SELECT p.x FROM jsonb_populate_record(NULL::pair, '{}') p;
SELECT d::date FROM generate_series('2020-01-01'::timestamp, '2020-01-02', '1 day') d;
SELECT 'mood'::regtype;
SELECT NULL::t, NULL::v, NULL::u[];
CREATE FUNCTION w(OUT x int, OUT y int) LANGUAGE sql AS $$ SELECT 1, 2 $$;
CREATE FUNCTION w(p int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT a FROM t WHERE id = p; END;
CREATE FUNCTION w(anyelement) RETURNS anyelement LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION w() RETURNS void LANGUAGE sql AS $$ TRUNCATE u $$;
SELECT t FROM t;
SELECT id FROM t NATURAL JOIN u;
SELECT id AS x, count(*) FROM t GROUP BY x ORDER BY x, count DESC;
WITH RECURSIVE q(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM q WHERE n < 3) SELECT n FROM q;
SELECT key, value FROM jsonb_each('{}');
SELECT generate_series FROM generate_series(1, 3);
SELECT r.a FROM json_to_record('{}') AS r(a int, b text);
SELECT (q.p).y FROM (SELECT ROW(1,'x')::pair AS p) q;
SELECT row_to_json(t) FROM t;
SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.t_id = t.id AND b = 'x');
SELECT oid FROM pg_class;
SELECT * FROM t a, u b WHERE a.id = b.t_id;
SELECT id FROM t LIMIT 1 OFFSET 0;
SELECT max(id) AS id FROM t GROUP BY a ORDER BY max(id);
UPDATE t SET a = u.a FROM u WHERE u.t_id = t.id;
DELETE FROM u USING t WHERE u.t_id = t.id;
CREATE VIEW w AS SELECT id, a + 1 AS a2, count(*) OVER () FROM t;
CREATE TABLE w AS SELECT t.*, u.a AS ua FROM t, u;
CREATE POLICY w ON t FOR INSERT TO PUBLIC WITH CHECK (a > 0);
COMMENT ON TABLE t IS 'x';
COMMENT ON INDEX ix IS 'x';
COMMENT ON TYPE dom IS 'x';
COMMENT ON POLICY pol ON t IS 'x';
COMMENT ON EXTENSION plpgsql IS 'x';
GRANT SELECT (id, a), UPDATE (b) ON t TO PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC;
ALTER TABLE ix RENAME TO ix2;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC;
ALTER INDEX IF EXISTS gone SET (fillfactor = 70);
CREATE TABLE w (x pg_catalog.int4, y "char", z name, o oid, r regclass);
SELECT 't'::regclass;
ANALYZE t (a);
SET SESSION AUTHORIZATION DEFAULT;
SELECT id FROM t JOIN u USING (id) JOIN v USING (id);
SELECT a, sum(id) FROM t GROUP BY 1 ORDER BY 2;
WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT 1 AS x) SELECT x FROM a;
CREATE VIEW w AS TABLE t; SELECT c FROM w;
CREATE SCHEMA app; CREATE TABLE app.t (z int); SELECT app.t.z, public.t.id FROM app.t, public.t;
SELECT ROW(t.*) FROM t;
SELECT 1 FROM t WHERE a BETWEEN id AND id + 10 AND b LIKE 'x%' ESCAPE '!' AND c ? 'k';
SELECT r.* FROM jsonb_to_recordset('[]') AS r(a int, b text) JOIN t ON t.a = r.a;
SELECT NULL::mood[], '{}'::_mood, NULL::public.mood;
CREATE FUNCTION w(p t) RETURNS int LANGUAGE sql AS 'SELECT p.a + (p).id';
""".strip().splitlines()


def test_a_language_that_no_migration_makes_is_in_doubt() -> None:
    report = rollout(BASE, "CREATE FUNCTION w() RETURNS int LANGUAGE gone AS 'SELECT 1';")
    assert report.diagnostics == ()
    assert report.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("migration", TAKEN)
def test_what_names_what_is_there_is_proved(database: oracle.Database, migration: str) -> None:
    assert passes(database, migration)
    report = rollout(BASE, migration)
    assert report.diagnostics == ()
    assert report.verdict is Verdict.PROVED


FALLIBLE = """
UPDATE t x SET a = x.a + y.a FROM u y WHERE y.t_id = x.id;
UPDATE t SET a = s.n FROM (SELECT t_id, count(*) AS n FROM u GROUP BY t_id) s WHERE s.t_id = t.id;
DELETE FROM u a USING u b WHERE a.ctid < b.ctid AND a.a = b.a;
""".strip().splitlines()


@pytest.mark.parametrize("migration", FALLIBLE)
def test_what_fails_for_some_rows_names_what_is_there(database: oracle.Database, migration: str) -> None:
    assert passes(database, migration)
    report = rollout(BASE, migration)
    assert report.diagnostics == ()
    assert report.verdict is Verdict.UNKNOWN


LATE = """
CREATE TABLE p (id int PRIMARY KEY, x int);
CREATE TABLE c (id int, p int REFERENCES p DEFERRABLE INITIALLY DEFERRED, z int);
CREATE TABLE q (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE r (id int PRIMARY KEY, p int REFERENCES p);
"""
LATE_ROWS = "INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 1, 1); INSERT INTO q VALUES (1), (2);"
WAITING = [
    ("UPDATE c SET p = 2 WHERE p = 1; ALTER TABLE c ADD n int;", False),
    ("UPDATE c SET p = 2 WHERE p = 1; CREATE INDEX ON c (z);", False),
    ("UPDATE c SET p = 2 WHERE p = 1; TRUNCATE c;", False),
    ("SAVEPOINT s; UPDATE c SET p = 2 WHERE p = 1; RELEASE s; ALTER TABLE c ADD n int;", False),
    ("UPDATE p SET id = 3 WHERE id = 2; ALTER TABLE p ADD n int;", False),
    ("DELETE FROM p WHERE id = 2; ALTER TABLE p ADD n int;", False),
    ("UPDATE q SET id = 3 - id; ALTER TABLE q ADD n int;", False),
    ("UPDATE c SET p = 2 WHERE p = 1; ALTER TABLE p ADD n int;", True),
    ("UPDATE c SET p = 2 WHERE p = 1; ALTER TABLE c RENAME z TO y;", True),
    ("UPDATE c SET p = 2 WHERE p = 1; COMMENT ON TABLE c IS 'x';", True),
    ("UPDATE c SET z = 2; ALTER TABLE c ADD n int;", True),
    ("UPDATE c SET p = 2 WHERE p = 1; SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE c ADD n int;", True),
    ("SAVEPOINT s; UPDATE c SET p = 2 WHERE p = 1; ROLLBACK TO s; ALTER TABLE c ADD n int;", True),
]


@pytest.fixture(scope="module")
def late() -> Iterator[oracle.Database]:
    with oracle.start() as server:
        assert not isinstance(server, Diagnostic), server
        with server.database() as found:
            assert found.execute(LATE + LATE_ROWS) is None
            yield found


@pytest.mark.parametrize(("migration", "taken"), WAITING)
def test_a_table_whose_checks_wait_keeps_its_shape(
    late: oracle.Database, migration: str, taken: bool
) -> None:
    assert passes(late, migration) is taken
    report = rollout(LATE, migration)
    reasons = {reason for each in report.findings for reason in each.reasons}
    assert any("while checks of its rows wait" in reason for reason in reasons) is not taken


REPLICA = "SET session_replication_role = replica;"
SESSIONS = [
    (f"{REPLICA} INSERT INTO r VALUES (1, 99);", Verdict.UNKNOWN),
    ("SET LOCAL session_replication_role = replica; INSERT INTO r VALUES (1, 99);", Verdict.UNKNOWN),
    (f"{REPLICA} ALTER TABLE r ADD n int;", Verdict.PROVED),
    (f"{REPLICA} RESET session_replication_role; INSERT INTO r VALUES (1, 99);", Verdict.REFUTED),
    (f"{REPLICA} SET session_replication_role = 'origin'; INSERT INTO r VALUES (1, 99);", Verdict.REFUTED),
    (f"SAVEPOINT s; {REPLICA} ROLLBACK TO s; INSERT INTO r VALUES (1, 99);", Verdict.REFUTED),
]


@pytest.mark.parametrize(("migration", "verdict"), SESSIONS)
def test_a_session_without_foreign_keys_refuses_by_none(
    late: oracle.Database, migration: str, verdict: Verdict
) -> None:
    assert passes(late, migration) is not (verdict is Verdict.REFUTED)
    assert rollout(LATE, migration).verdict is verdict


def test_live_code_writes_before_a_statement_that_rests_on_more() -> None:
    """The first step of the second statement only says what is taken for granted."""
    migration = "UPDATE p SET x = 0 WHERE x IS NULL; ALTER TABLE p ALTER x SET NOT NULL, ADD z citext;"
    report = rollout(LATE, migration, atomic=False)
    assert [each.message for each in refuted(report, Level.DATA)] == [
        "NOT NULL of `p.x` refuses the row x = NULL"
    ]
    assert report.granted == ("type `citext` exists",)
