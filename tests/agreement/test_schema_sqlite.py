"""The model of an SQLite schema agrees with what SQLite itself says after the same statements."""

from __future__ import annotations

import sqlite3

import pytest

from rung.diagnostics import Source
from rung.migrations.apply import replay
from rung.migrations.dialects import sqlite
from rung.migrations.schema import ForeignKey, Schema

HISTORIES = {
    "tables and columns": """
        CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email VARCHAR(40) NOT NULL UNIQUE, age INT);
        ALTER TABLE users ADD COLUMN Nick TEXT DEFAULT 'x' CHECK (nick <> '');
        ALTER TABLE users RENAME COLUMN age TO years;
        ALTER TABLE users RENAME nick TO handle;
        ALTER TABLE users DROP COLUMN years;
    """,
    "a table built anew": """
        CREATE TABLE Old (a INTEGER NOT NULL, b TEXT, PRIMARY KEY (a, b));
        ALTER TABLE old RENAME TO before;
        CREATE TABLE old (a INTEGER NOT NULL PRIMARY KEY, b TEXT NOT NULL, c);
        INSERT INTO old (a, b) SELECT a, b FROM before;
        DROP TABLE before;
        PRAGMA foreign_keys = ON;
    """,
    "keys that lead forward": """
        CREATE TABLE orders (id INTEGER PRIMARY KEY, buyer INTEGER REFERENCES users (id) ON DELETE CASCADE);
        CREATE TABLE users (id INTEGER PRIMARY KEY);
        CREATE TABLE lines (o INTEGER, n INTEGER, FOREIGN KEY (o) REFERENCES orders (id) ON UPDATE SET NULL);
    """,
    "indexes": """
        CREATE TABLE t (a INTEGER, b TEXT);
        CREATE INDEX one ON t (a);
        CREATE UNIQUE INDEX IF NOT EXISTS two ON t (b, a) WHERE a > 0;
        DROP INDEX one;
        DROP INDEX IF EXISTS one;
    """,
    "a trigger's semicolons are its own": """
        CREATE TABLE t (a INTEGER);
        CREATE TABLE log (a INTEGER);
        BEGIN;
        CREATE TABLE gone (a INTEGER);
        ROLLBACK;
    """,
}


def modelled(schema: Schema) -> dict[str, object]:
    found: dict[str, object] = {}
    for table in schema.tables.values():
        key = table.primary_key.columns if table.primary_key else ()
        columns = [(column.name, not column.nullable, column.name in key) for column in table.columns]
        foreign = {
            (
                constraint.columns,
                constraint.table.name,
                constraint.on_delete.upper(),
                constraint.on_update.upper(),
            )
            for constraint in table.constraints
            if isinstance(constraint, ForeignKey)
        }
        indexes = {(index.name, index.unique) for index in table.indexes}
        found[table.name.name] = (columns, foreign, indexes)
    return found


def actual(connection: sqlite3.Connection) -> dict[str, object]:
    found: dict[str, object] = {}
    names = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    )
    for (name,) in names.fetchall():
        info = connection.execute(f"PRAGMA table_info('{name}')").fetchall()
        columns = [(row[1].lower(), bool(row[3]), row[5] > 0) for row in info]
        keys: dict[int, list[tuple[str, ...]]] = {}
        for row in connection.execute(f"PRAGMA foreign_key_list('{name}')"):
            keys.setdefault(row[0], []).append((row[3].lower(), row[2].lower(), row[6], row[5]))
        foreign = {(tuple(part[0] for part in parts), *parts[0][1:]) for parts in keys.values()}
        listed = connection.execute(f"PRAGMA index_list('{name}')").fetchall()
        indexes = {(row[1], bool(row[2])) for row in listed if row[3] == "c"}
        found[name.lower()] = (columns, foreign, indexes)
    return found


@pytest.mark.parametrize("name", HISTORIES)
def test_history(name: str) -> None:
    applied = replay(Schema(dialect="sqlite"), [sqlite.read(Source("m.sql", HISTORIES[name]))])
    with sqlite3.connect(":memory:", isolation_level=None) as connection:
        connection.executescript(HISTORIES[name])
        expected = actual(connection)
    connection.close()
    assert applied.diagnostics == ()
    assert applied.opaque == ()
    assert modelled(applied.schema) == expected
