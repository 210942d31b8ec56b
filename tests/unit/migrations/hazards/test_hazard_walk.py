"""In what context hazards see a statement: new tables, transactions, locks held, timeouts."""

from __future__ import annotations

import pytest

from rung.diagnostics import Source
from rung.migrations.apply import replay
from rung.migrations.dialects.postgres import read
from rung.migrations.hazards import Context
from rung.migrations.hazards.walk import contexts
from rung.migrations.layouts import Wrapping
from rung.migrations.schema import Name, Schema

SETUP = "CREATE TABLE crate (id bigint PRIMARY KEY, name text);"


def walked(sql: str, wrapping: Wrapping = "transaction", setup: str = SETUP) -> list[Context]:
    schema = replay(Schema(), [read(Source("setup.sql", setup))]).schema
    return list(contexts([(read(Source("up.sql", sql)), wrapping)], schema))


@pytest.mark.parametrize(
    ("sql", "is_live"),
    [
        ("SELECT 1; SELECT 2", True),
        ("CREATE TABLE package (id bigint); SELECT 1", False),
        ("CREATE TABLE IF NOT EXISTS package (id bigint); SELECT 1", False),
        ("CREATE TEMPORARY TABLE package (id bigint); SELECT 1", False),
        ("CREATE MATERIALIZED VIEW package AS SELECT 1 AS id; SELECT 1", False),
        ("CREATE TABLE package_new (id bigint); ALTER TABLE package_new RENAME TO package; SELECT 1", False),
        ("CREATE TABLE package (id bigint); DROP TABLE package; SELECT 1", True),
        ("CREATE TABLE package (); DROP TABLE package; ALTER TABLE crate RENAME TO package; SELECT 1", True),
    ],
)
def test_a_table_is_in_use_unless_the_migration_made_it(sql: str, is_live: bool) -> None:
    last = walked(sql)[-1]
    assert (last.live(Name(None, "package")) is not None) == is_live


def test_creating_a_table_that_exists_makes_nothing() -> None:
    last = walked("CREATE TABLE IF NOT EXISTS crate (id bigint); SELECT 1")[-1]
    assert last.live(Name(None, "crate")) == Name("public", "crate")


@pytest.mark.parametrize(
    ("wrapping", "sql", "expected"),
    [
        ("transaction", "SELECT 1", [True]),
        ("batch", "SELECT 1", [False]),
        ("batch", "SELECT 1; SELECT 2", [True, True]),
        ("statements", "SELECT 1; SELECT 2", [False, False]),
        ("statements", "BEGIN; SELECT 1; COMMIT; SELECT 2", [False, True, True, False]),
        ("transaction", "SELECT 1; COMMIT; SELECT 2", [True, True, False]),
        ("unless-forbidden", "CREATE INDEX CONCURRENTLY i ON crate (name)", [False]),
        ("unless-forbidden", "CREATE INDEX CONCURRENTLY i ON crate (name); SELECT 1", [True, True]),
    ],
)
def test_which_statements_share_a_transaction(wrapping: Wrapping, sql: str, expected: list[bool]) -> None:
    assert [context.in_transaction for context in walked(sql, wrapping)] == expected


def test_a_lock_is_held_until_the_commit() -> None:
    sql = "BEGIN; LOCK TABLE crate IN SHARE MODE; SELECT 1; COMMIT; SELECT 2"
    held = [
        context.held.table.name if context.held is not None else None for context in walked(sql, "statements")
    ]
    assert held == [None, None, "crate", "crate", None]


def test_a_lock_outside_of_transactions_is_gone_after_its_statement() -> None:
    assert [context.held for context in walked("DROP TABLE crate; SELECT 1", "statements")] == [None, None]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SET lock_timeout = '2s'; SELECT 1", {"lock_timeout"}),
        ("SET LOCAL statement_timeout = 500; SELECT 1", {"statement_timeout"}),
        ("SET lock_timeout = '2s'; SET lock_timeout = 0; SELECT 1", set()),
        ("SET lock_timeout = '2s'; RESET lock_timeout; SELECT 1", set()),
        ("SET lock_timeout = '2s'; RESET ALL; SELECT 1", set()),
        ("SET LOCAL lock_timeout = '2s'; COMMIT; SELECT 1", set()),
        ("SET lock_timeout = '2s'; COMMIT; SELECT 1", {"lock_timeout"}),
        ("COMMIT; SET LOCAL lock_timeout = '2s'; SELECT 1", set()),
    ],
)
def test_which_timeouts_are_set(sql: str, expected: set[str]) -> None:
    assert set(walked(sql)[-1].settings) == expected


BLOCK = """\
DO $$ BEGIN
  IF NOT EXISTS (
    SELECT FROM information_schema.columns WHERE table_name = 'crate' AND column_name = 'name'
  ) THEN
    ALTER TABLE crate ADD COLUMN name text;
  ELSE
    ALTER TABLE crate ALTER COLUMN name SET NOT NULL;
  END IF;
END $$;
"""


def test_a_block_that_can_be_followed_is_looked_into() -> None:
    (context,) = walked(BLOCK)
    assert [type(step).__name__ for step in context.statement.steps] == ["SetNotNull"]
    assert [lock.work for lock in context.locks] == ["scan"]
