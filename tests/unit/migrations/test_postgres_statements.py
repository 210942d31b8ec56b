"""PostgreSQL statements become steps: each has at least one, with its place, and what is unknown says so."""

from __future__ import annotations

import pytest

from rung.diagnostics import Source
from rung.migrations.apply import apply, replay, resolved
from rung.migrations.dialects import postgres
from rung.migrations.expressions import ColumnRef, Comparison, Constant
from rung.migrations.schema import Name, Schema
from rung.migrations.steps import (
    AddColumn,
    AlterColumnType,
    Assignment,
    Copy,
    CreateIndex,
    CreateTable,
    Delete,
    Drop,
    DropColumn,
    Insert,
    LockTable,
    NoEffect,
    Opaque,
    Requires,
    SetParameter,
    Step,
    Transaction,
    Truncate,
    Update,
    When,
)


def steps(sql: str) -> list[Step]:
    """What the statements do; what they require is left out."""
    script = postgres.read(Source("m.sql", sql))
    found = [step for statement in script.statements for step in statement.steps]
    return [step for step in found if not isinstance(step, Requires)]


def only(sql: str) -> Step:
    (step,) = steps(sql)
    return step


def test_spans_count_characters_and_leave_out_leading_comments() -> None:
    text = "-- é\nCREATE TABLE ü (a int);\n/* ö */ ALTER TABLE ü\n  ADD ß text NOT NULL, DROP a; "
    script = postgres.read(Source("m.sql", text))
    spans = [text[statement.span.start : statement.span.end] for statement in script.statements]
    assert spans == ["CREATE TABLE ü (a int)", "ALTER TABLE ü\n  ADD ß text NOT NULL, DROP a"]
    dropped, added = script.statements[1].steps
    assert isinstance(dropped, DropColumn)
    assert isinstance(added, AddColumn)
    assert added.column.span is not None
    assert text[added.column.span.start : added.column.span.end] == "ß text NOT NULL"


def test_a_part_of_a_file_keeps_the_places_of_the_file() -> None:
    text = "-- +goose Up\nCREATE TABLE t (a int);\n-- +goose Down\nDROP TABLE t;\n"
    down = text.index("DROP")
    (statement,) = postgres.read(Source("m.sql", text), down).statements
    assert text[statement.span.start : statement.span.end] == "DROP TABLE t"
    assert len(postgres.read(Source("m.sql", text), 0, text.index("-- +goose Down")).statements) == 1


def test_one_bad_statement_does_not_hide_the_others() -> None:
    text = "CREATE TABLE t (a int);\nCREATE TABEL u (a int);\nDROP TABLE t;"
    script = postgres.read(Source("m.sql", text))
    kinds = [type(statement.steps[0]) for statement in script.statements]
    assert kinds == [CreateTable, Opaque, Drop]
    (diagnostic,) = script.diagnostics
    assert diagnostic.message == "syntax error at or near `TABEL`"
    assert diagnostic.span is not None
    assert text[diagnostic.span.start :].startswith("TABEL")


def test_psql_and_dumped_data_are_passed_over() -> None:
    text = (
        "\\restrict x\nCREATE TABLE t (a text);\nCOPY t (a) FROM stdin;\nit's; DROP\n\\.\n"
        "\nDROP TABLE t;\n\\q\n"
    )
    assert [type(step) for step in steps(text)] == [CreateTable, Copy, Drop]


def test_rows_are_facts() -> None:
    ten = Constant("integer", 10)
    where = Comparison("<", ColumnRef("price"), ten)
    update = only("UPDATE items SET price = 10 WHERE price < 10")
    assert isinstance(update, Update)
    assert (update.table, update.assignments, update.where) == (
        Name(None, "items"),
        (Assignment("price", ten),),
        where,
    )
    delete = only("DELETE FROM s.items i USING other WHERE i.a = other.a")
    assert isinstance(delete, Delete)
    assert (delete.table, delete.alias, delete.joined) == (Name("s", "items"), "i", (Name(None, "other"),))
    insert = only("INSERT INTO t (a, b) VALUES (1, DEFAULT), (2, NULL) ON CONFLICT DO NOTHING")
    assert isinstance(insert, Insert)
    assert insert.columns == ("a", "b")
    assert insert.rows is not None
    assert insert.rows[0] == (Constant("integer", 1), None)
    assert insert.conflict == "nothing"
    query = only("INSERT INTO t SELECT * FROM u")
    assert isinstance(query, Insert)
    assert query.rows is None
    assert isinstance(only("TRUNCATE t CASCADE"), Truncate)


def test_session_words_are_kept() -> None:
    timeout = only("SET LOCAL lock_timeout = '2s'")
    assert isinstance(timeout, SetParameter)
    assert (timeout.name, timeout.value, timeout.local) == ("lock_timeout", ("2s",), True)
    path = only("SELECT pg_catalog.set_config('search_path', '', false)")
    assert isinstance(path, SetParameter)
    assert path.value == ()
    assert [step.action for step in steps("BEGIN; COMMIT") if isinstance(step, Transaction)] == [
        "begin",
        "commit",
    ]
    lock = only("LOCK TABLE t IN SHARE ROW EXCLUSIVE MODE")
    assert isinstance(lock, LockTable)
    assert lock.mode == "SHARE ROW EXCLUSIVE"
    index = only("CREATE INDEX CONCURRENTLY i ON t (a)")
    assert isinstance(index, CreateIndex)
    assert index.concurrently


def test_the_actions_of_an_alter_table_are_in_the_order_in_which_they_run() -> None:
    found = steps("ALTER TABLE t ADD COLUMN a int, ALTER b TYPE text, DROP COLUMN a")
    assert [type(step) for step in found] == [DropColumn, AlterColumnType, AddColumn]


@pytest.mark.parametrize(
    ("sql", "reason", "tables"),
    [
        ("DO $$ BEGIN EXECUTE 'DROP TABLE ' || 't'; END $$", "DO block", None),
        ("DO $$ BEGIN FOR i IN 1..2 LOOP ALTER TABLE t ADD a int; END LOOP; END $$", "DO block", ("t",)),
        ("DO LANGUAGE plpython3u $$ pass $$", "DO block", None),
        ("CREATE RULE r AS ON INSERT TO t DO ALSO DELETE FROM u", "CREATE RULE", ("t", "u")),
        ("MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE", "MERGE", ("t",)),
        ("SELECT * INTO t FROM u", "SELECT INTO", ("t",)),
        ("WITH gone AS (DELETE FROM t RETURNING a) SELECT a FROM gone", "data-modifying WITH", ("t",)),
        ("IMPORT FOREIGN SCHEMA s FROM SERVER x INTO y", "statement `IMPORT FOREIGN SCHEMA`", None),
    ],
)
def test_what_is_not_understood_names_itself_and_what_it_may_touch(
    sql: str, reason: str, tables: tuple[str, ...] | None
) -> None:
    step = only(sql)
    assert isinstance(step, Opaque)
    assert step.reason == reason
    names = None if step.footprint.tables is None else {name.name for name in step.footprint.tables}
    assert names == (None if tables is None else set(tables))


def after(*statements: str) -> Schema:
    return replay(Schema(), [postgres.read(Source("m.sql", ";".join(statements)))]).schema


def test_a_call_touches_what_the_function_changes() -> None:
    reading = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT a FROM t'"
    writing = "CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'UPDATE t SET a = 1 RETURNING f()'"
    table = "CREATE TABLE t (a int)"
    assert after(table, reading, "SELECT f()") == after(table, reading)
    touched = after(table, reading, writing, "SELECT g()")
    assert [reason.reason for reason in touched.tables[Name("public", "t")].opaque] == ["call of `g`"]
    assert touched.opaque == ()
    assert [reason.reason for reason in after(table, "SELECT unknown_to_all()").opaque] == [
        "call of `unknown_to_all`"
    ]


def test_a_block_goes_the_way_that_the_catalog_decides() -> None:
    block = (
        "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'mood') THEN"
        " CREATE TYPE mood AS ENUM ('ok'); END IF; END $$"
    )
    (statement,) = postgres.read(Source("m.sql", block)).statements
    assert isinstance(statement.steps[0], When)
    assert Name("public", "mood") in after(block).enums
    there = after("CREATE TYPE mood AS ENUM ('sad')")
    assert apply(there, statement.steps[0]).schema == there
    assert [type(step) for step in resolved(there, statement).steps] == [NoEffect]
    doubtful = after("SELECT unknown_to_all()")
    assert apply(doubtful, statement.steps[0]).schema.doubtful != {}


def test_a_block_that_passes_over_duplicates_does_all_or_nothing() -> None:
    block = (
        "DO $$ BEGIN ALTER TABLE t ADD b int; ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);"
        " EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    table = "CREATE TABLE t (a int)"
    assert [column.name for column in after(table, block).tables[Name("public", "t")].columns] == ["a", "b"]
    taken = "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1)"
    assert after(table, taken, block) == after(table, taken)


def test_a_rolled_back_transaction_leaves_nothing() -> None:
    assert after("BEGIN", "CREATE TABLE t (a int)", "ROLLBACK") == Schema()
    kept = after("BEGIN", "CREATE TABLE t (a int)", "SAVEPOINT s", "DROP TABLE t", "ROLLBACK TO s", "COMMIT")
    assert list(kept.tables) == [Name("public", "t")]


@pytest.mark.parametrize(
    ("sql", "code", "hint"),
    [
        ("ALTER TABLE order_item ADD a int", "unknown-table", "did you mean `order_items`?"),
        ("ALTER TABLE order_items DROP COLUMN pric", "unknown-column", "did you mean `price`?"),
        ("CREATE TABLE order_items (a int)", "duplicate-object", None),
        ("ALTER TABLE order_items ADD price int", "duplicate-object", None),
        ("CREATE TABLE t (a nope)", "unknown-type", None),
        ("ALTER TABLE order_items DROP CONSTRAINT order_items_pkey", "dependent-objects", None),
        ("CREATE TABLE t (a int REFERENCES order_items (price))", "unmatched-key", None),
        ("CREATE TABLE t (a int REFERENCES lines)", "unmatched-key", None),
        (
            "CREATE TABLE t (a int, b int, UNIQUE (a), FOREIGN KEY (b) REFERENCES t (b))",
            "unmatched-key",
            None,
        ),
    ],
)
def test_a_step_that_cannot_apply_is_a_diagnostic(sql: str, code: str, hint: str | None) -> None:
    base = (
        "CREATE TABLE order_items (id int PRIMARY KEY, price int);"
        "CREATE TABLE lines (item int REFERENCES order_items)"
    )
    applied = replay(after(base), [postgres.read(Source("m.sql", sql))])
    assert [(found.code, found.hint) for found in applied.diagnostics] == [(code, hint)]
    assert applied.schema == after(base)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (
            "CREATE INDEX ON t (to_char(at, 'YYYY'))",
            "an index holds `to_char(at, 'YYYY')`, which is not immutable",
        ),
        (
            "CREATE INDEX ON t USING gin (id)",
            "an index by `gin` of `id`, of type int4, which has no operator class for it",
        ),
        (
            "CREATE TABLE s (t text REFERENCES t)",
            "a foreign key of `t`, of type text, to `id`, of type int4",
        ),
        ("ALTER TABLE t ALTER id SET DEFAULT 'x'", "'x' is no value of type int4"),
        ("ALTER TABLE t ADD CHECK (id || name)", "CHECK is of type text, not boolean"),
        ("ALTER TABLE t ADD CHECK (id = name)", "operator `=` of int4 and text does not exist"),
        ("CREATE VIEW v AS SELECT made_up(id) FROM t", "function `made_up` does not exist"),
        (
            "INSERT INTO t VALUES (1) ON CONFLICT (name) DO NOTHING",
            "`t` has no unique key of `name` for ON CONFLICT to name",
        ),
    ],
)
def test_what_the_server_refuses_whatever_the_rows_are_is_told(sql: str, message: str) -> None:
    base = after("CREATE TABLE t (id int PRIMARY KEY, name text, at timestamptz)")
    applied = replay(base, [postgres.read(Source("m.sql", sql))])
    assert [(found.code, found.message) for found in applied.diagnostics] == [("refused-statement", message)]


@pytest.mark.parametrize(
    ("sql", "doubt"),
    [
        (
            "CREATE VIEW v AS SELECT similarity(name, 'x') FROM t",
            "call of `similarity`, which no migration makes",
        ),
        (
            "CREATE INDEX ON t USING gin (name gin_trgm_ops)",
            "operator class `gin_trgm_ops` of `gin`, which no migration makes",
        ),
    ],
)
def test_what_an_extension_would_bring_is_in_doubt(sql: str, doubt: str) -> None:
    base = after("CREATE TABLE t (id int PRIMARY KEY, name text)")
    (statement,) = postgres.read(Source("m.sql", sql)).statements
    steps = resolved(base, statement).steps
    assert [step.reason for step in steps if isinstance(step, Opaque)] == [doubt]


@pytest.mark.parametrize(
    "key",
    [
        "UNIQUE (b, a)",
        "PRIMARY KEY (a, b)",
        "CHECK (a > b)); CREATE UNIQUE INDEX ON t (a, b",
    ],
)
def test_a_foreign_key_may_refer_to_any_unique_key(key: str) -> None:
    other = "CREATE TABLE s (c int, d int, FOREIGN KEY (c, d) REFERENCES t (a, b))"
    sql = f"CREATE TABLE t (a int, b int, {key}); {other}"
    applied = replay(Schema(), [postgres.read(Source("m.sql", sql))])
    assert not applied.diagnostics


@pytest.mark.parametrize(
    ("sql", "deep"),
    [
        ("SELECT " + "+".join(["a"] * 60), False),
        ("SELECT " + "+".join(["a"] * 900), True),
        ("SELECT " + "+".join(["a"] * 90_000), True),
        ("SELECT " + "not " * 5_000 + "true", True),
        ("SELECT " + " OR ".join(["a = 1"] * 9_000), False),
        ("INSERT INTO t VALUES " + ", ".join(["(-1, 1 + 1)"] * 5_000), False),
    ],
)
def test_depth_is_bounded_and_length_is_not(sql: str, deep: bool) -> None:
    first, last = postgres.read(Source("m.sql", f"{sql}; DROP TABLE t")).statements
    assert isinstance(first.steps[0], Opaque) is deep
    assert isinstance(last.steps[0], Drop)
