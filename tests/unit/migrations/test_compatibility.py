"""What is said of rollouts: unknowns are named, windows kept, directions told apart, plans laid out."""

from __future__ import annotations

from rung.migrations.plan import check_rollout
from rung.migrations.rollout import Code, Plan
from rung.migrations.schema import Schema
from rung.migrations.verdicts import Level, Verdict
from tests.agreement.migrations_rollouts import refuted, rollout, verdict

PROVED, REFUTED, UNKNOWN = Verdict.PROVED, Verdict.REFUTED, Verdict.UNKNOWN
USERS = "CREATE TABLE users (id integer PRIMARY KEY, name text, age integer);"
OTHER = "CREATE TABLE other (id integer PRIMARY KEY, size integer);"
BLOCK = "DO $$ BEGIN EXECUTE 'UPDATE ' || 'users' || ' SET age = -1'; END $$;"


def reasons(report: object) -> set[str]:
    return {reason for each in report.findings for reason in each.reasons}  # type: ignore[attr-defined]  # a report


def test_a_nullable_column_is_safe_in_each_strategy() -> None:
    for strategy in ("rolling", "canary", "blue_green", "recreate"):
        report = rollout(USERS, "ALTER TABLE users ADD COLUMN mail text;", strategy=strategy)  # type: ignore[arg-type]  # one of its values
        assert report.verdict is PROVED


def test_a_required_column_refuses_what_old_code_writes() -> None:
    report = rollout(USERS, "ALTER TABLE users ADD COLUMN mail text NOT NULL;")
    assert {each.subject for each in refuted(report, Level.WRITE)} == {"users.mail"}
    assert {each.code for each in refuted(report, Level.WRITE)} == {"old code"}
    assert report.direction("forward") is REFUTED


def test_an_opaque_statement_makes_unknown_what_it_may_touch() -> None:
    report = rollout(USERS + OTHER, BLOCK + "ALTER TABLE users ADD CHECK (age > 0);", strategy="recreate")
    assert verdict(report, Level.DATA) is UNKNOWN
    assert any("DO" in reason for reason in reasons(report))


def test_a_statement_that_may_raise_an_error_is_not_proved_to_pass() -> None:
    counted = "DO $$ BEGIN IF EXISTS (SELECT 1 FROM users) THEN RAISE EXCEPTION 'no'; END IF; END $$;"
    asserted = "DO $$ BEGIN ASSERT NOT EXISTS (SELECT 1 FROM users); END $$;"
    function = "CREATE FUNCTION refuse() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
    for after in (counted, asserted, function + "SELECT refuse();"):
        report = rollout(USERS, after)
        assert verdict(report, Level.DATA) is UNKNOWN, after
    assert rollout(USERS, counted.replace("EXCEPTION", "NOTICE")).verdict is PROVED


def test_of_rows_that_a_loop_changed_nothing_is_known() -> None:
    loop = "DO $$ BEGIN FOR i IN 1..9 LOOP UPDATE users SET age = i WHERE id = i; END LOOP; END $$;"
    check = "ALTER TABLE users ADD CHECK (age > 0);"
    report = rollout(USERS + "CREATE TABLE other (a int);", loop + check, strategy="recreate")
    assert {each.subject for each in report.findings if each.verdict is not PROVED} >= {"users"}
    filled = "ALTER TABLE other ADD b int NOT NULL DEFAULT 1;"
    found = rollout(USERS + OTHER, loop + filled, strategy="recreate").findings
    assert {each.verdict for each in found if each.subject == "other"} == {PROVED}


def test_a_new_trigger_is_named() -> None:
    trigger = """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
        CREATE TRIGGER guard BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION refuse();
    """
    report = rollout(USERS, trigger)
    assert verdict(report, Level.WRITE, "old code") is UNKNOWN
    assert "trigger `guard` on `users`" in reasons(report)


def test_an_old_trigger_does_as_before() -> None:
    trigger = """
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
        CREATE TRIGGER touch BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch();
    """
    report = rollout(USERS + trigger, "ALTER TABLE users ADD COLUMN mail text;")
    assert verdict(report, Level.WRITE, "old code") is PROVED


def test_a_constraint_that_is_not_understood_stays_the_same() -> None:
    base = "CREATE TABLE pages (id integer PRIMARY KEY, slug text CHECK (slug ~ '^[a-z]+$'), n integer);"
    kept = rollout(base, "ALTER TABLE pages ADD CONSTRAINT again CHECK (slug ~ '^[a-z]+$');")
    assert verdict(kept, Level.DATA) is PROVED
    assert any("slug ~" in each for finding in kept.findings for each in finding.assumptions)
    changed = rollout(base, "ALTER TABLE pages ADD CONSTRAINT again CHECK (slug ~ '^[a-z0-9]+$');")
    assert verdict(changed, Level.DATA) is UNKNOWN


def test_not_valid_says_nothing_of_rows_that_are_there() -> None:
    late = "ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID;"
    assert verdict(rollout(USERS, late), Level.DATA) is PROVED
    assert verdict(rollout(USERS, late), Level.WRITE, "old code") is REFUTED
    checked = rollout(USERS + late, "ALTER TABLE users VALIDATE CONSTRAINT adult;")
    assert verdict(checked, Level.DATA) is REFUTED
    assert verdict(checked, Level.WRITE, "old code") is PROVED


def test_a_unique_key_is_implied_by_a_narrower_one() -> None:
    base = USERS + "ALTER TABLE users ADD UNIQUE (name);"
    assert rollout(base, "ALTER TABLE users ADD UNIQUE (name, age);").verdict is PROVED
    report = rollout(USERS, "ALTER TABLE users ADD UNIQUE (name);")
    [finding] = refuted(report, Level.DATA)
    assert finding.witness is not None
    assert sum("INSERT" in event.sql for event in finding.witness.events) == 2


def test_a_foreign_key_refuses_a_dangling_row_and_may_be_made_again() -> None:
    base = USERS + "CREATE TABLE posts (id integer PRIMARY KEY, author integer);"
    added = "ALTER TABLE posts ADD CONSTRAINT f FOREIGN KEY (author) REFERENCES users (id){};"
    assert verdict(rollout(base, added.format("")), Level.DATA) is REFUTED
    again = "ALTER TABLE posts DROP CONSTRAINT f;" + added.format(" ON DELETE CASCADE")
    assert rollout(base + added.format(""), again).verdict is PROVED


def test_a_dropped_table_after_the_deployment_waits_for_the_window() -> None:
    queries = "-- name: A :many\nSELECT id FROM users;"
    both = queries + "\n-- name: B :many\nSELECT id FROM other;"
    base = USERS + OTHER
    report = rollout(base, post="DROP TABLE other;", old=both, new=queries)
    assert report.verdict is PROVED
    assert rollout(base, "DROP TABLE other;", old=both, new=queries).verdict is REFUTED


def test_earlier_releases_stay_possible() -> None:
    start = rollout(USERS, "").stages[0]
    assert start.name == "before"
    older = Code("release 1", _schema(USERS + OTHER), _schema(USERS + OTHER))
    report = check_rollout(_schema(USERS), [], plan=Plan(earlier=(older,)))
    assert {each.code for each in refuted(report, Level.NAME)} == {"release 1"}


def _schema(text: str) -> Schema:
    from rung.diagnostics import Source
    from rung.migrations.apply import replay
    from rung.migrations.dialects.postgres import read

    return replay(Schema(), [read(Source("base.sql", text))]).schema


def test_the_plan_tells_each_state() -> None:
    report = rollout(USERS, "ALTER TABLE users ADD COLUMN mail text;", "ALTER TABLE users DROP COLUMN age;")
    assert [(stage.name, stage.schema_version, stage.live) for stage in report.stages] == [
        ("before", "0", ("old code",)),
        ("running `pre.sql`", "1", ("old code",)),
        ("old and new side by side", "1", ("old code", "new code")),
        ("new code deployed", "1", ("new code",)),
        ("running `post.sql`", "2", ("new code",)),
        ("contracted", "2", ("new code",)),
    ]


def test_an_enum_label_that_old_code_has_never_met() -> None:
    base = "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE people (id integer PRIMARY KEY, now mood);"
    report = rollout(base, "ALTER TYPE mood ADD VALUE 'happy';", atomic=False)
    assert verdict(report, Level.WRITE, "old code") is PROVED
    assert {each.witness.row for each in refuted(report, Level.READ) if each.witness} == {"now = 'happy'"}


def test_conversions_that_lose_and_that_do_not() -> None:
    base = "CREATE TABLE m (id integer PRIMARY KEY, v numeric(8,4));"
    assert verdict(rollout(base, "ALTER TABLE m ALTER v TYPE numeric(10,6);"), Level.DATA) is PROVED
    report = rollout(base, "ALTER TABLE m ALTER v TYPE numeric(10,2);", strategy="recreate")
    assert {each.witness.differs is not None for each in refuted(report, Level.DATA) if each.witness} == {
        True
    }


def test_on_conflict_needs_its_key() -> None:
    base = USERS + "ALTER TABLE users ADD CONSTRAINT u UNIQUE (name);"
    upsert = (
        "-- name: U :exec\nINSERT INTO users (id, name) VALUES (@id, @name) ON CONFLICT (name) DO NOTHING;"
    )
    drop = "ALTER TABLE users DROP CONSTRAINT u;"
    report = rollout(base, drop, old=upsert, new=upsert)
    assert any("ON CONFLICT" in each.message for each in refuted(report, Level.WRITE))
