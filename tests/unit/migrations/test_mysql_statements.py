"""MySQL statements become the same steps; what sqlglot does not know, or misreads, is opaque or put right."""

from __future__ import annotations

import pytest

from rung.diagnostics import Source
from rung.migrations.apply import replay
from rung.migrations.catalog import of_schema
from rung.migrations.dialects import mysql, sqlite
from rung.migrations.expressions import Constant, SqlType
from rung.migrations.schema import Name, NotNull, Schema, Table
from rung.migrations.steps import NoEffect, Opaque, RenameColumn, SetParameter


def after(sql: str) -> Schema:
    applied = replay(Schema(dialect="mysql"), [mysql.read(Source("m.sql", sql))])
    assert applied.diagnostics == ()
    return applied.schema


def table(sql: str) -> Table:
    return after(sql).tables[Name("public", "t")]


ITEMS = """
    CREATE TABLE u (id INT PRIMARY KEY);
    CREATE TABLE t (
        id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
        Name VARCHAR(20) CHARACTER SET utf8 DEFAULT 'x' COMMENT 'shown',
        price DECIMAL(10, 2) NOT NULL,
        kind ENUM('a', 'b'),
        u INT,
        UNIQUE KEY by_name (name),
        UNIQUE (price),
        KEY prices (price, u),
        CONSTRAINT to_u FOREIGN KEY (u) REFERENCES u (id) ON DELETE CASCADE,
        FOREIGN KEY (u) REFERENCES u (id),
        CHECK (price > 0)
    ) ENGINE = InnoDB;
"""


def test_a_table_as_it_is_written() -> None:
    found = table(ITEMS)
    assert [(column.name, column.type.name, column.nullable) for column in found.columns] == [
        ("id", "int8", False),
        ("name", "varchar", True),
        ("price", "numeric", False),
        ("kind", "enum('a', 'b')", True),
        ("u", "int4", True),
    ]
    assert found.columns[0].identity == "by default"
    assert found.columns[1].default == Constant("string", "x")
    # named as MySQL names them
    assert {constraint.name for constraint in found.constraints} == {
        "PRIMARY",
        "by_name",
        "price",
        "to_u",
        "t_ibfk_1",
        "t_chk_1",
    }
    assert [index.name for index in found.indexes] == ["prices"]


def test_alter_table_in_its_forms() -> None:
    found = table(
        ITEMS
        + """
        ALTER TABLE t MODIFY COLUMN name VARCHAR(30) NOT NULL, CHANGE COLUMN kind sort INT, LOCK = NONE;
        ALTER TABLE t DROP FOREIGN KEY t_ibfk_1, DROP INDEX prices, ADD UNIQUE INDEX twice (sort, u);
        ALTER TABLE t RENAME COLUMN u TO owner, DROP PRIMARY KEY, ADD PRIMARY KEY (id, owner);
        DROP INDEX by_name ON t;
        CREATE INDEX starts ON t (name(5)) ALGORITHM = INPLACE;
        """
    )
    assert found.column("name") is not None
    name, sort = found.column("name"), found.column("sort")
    assert name is not None
    assert sort is not None
    assert (name.type, name.not_null is not None, name.default) == (SqlType("varchar", (30,)), True, None)
    assert sort.type == SqlType("int4")
    assert {constraint.name for constraint in found.constraints} == {
        "PRIMARY",
        "price",
        "to_u",
        "twice",
        "t_chk_1",
    }
    assert found.primary_key is not None
    assert found.primary_key.columns == ("id", "owner")
    owner = found.column("owner")
    assert owner is not None
    assert isinstance(owner.not_null, NotNull)
    assert [index.name for index in found.indexes] == ["starts"]


@pytest.mark.parametrize(
    "sql",
    [
        "PREPARE s FROM @text",
        "CALL tidy()",
        "RENAME TABLE a TO b",
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.a = 1; SET NEW.b = 2; END",
        "ALTER TABLE t DISCARD TABLESPACE",
        "CREATE TABEL t (a INT)",
    ],
)
def test_what_is_not_known_is_opaque(sql: str) -> None:
    first, second = mysql.read(Source("m.sql", f"{sql};\nSELECT 1")).statements
    assert any(isinstance(step, Opaque) for step in first.steps)
    assert isinstance(second.steps[0], NoEffect)
    assert second.span.start == len(sql) + 2


def test_a_rename_without_the_word_column_is_one_of_a_column() -> None:
    for dialect in (mysql, sqlite):
        (statement,) = dialect.read(Source("m.sql", "ALTER TABLE t RENAME a TO b")).statements
        assert isinstance(statement.steps[0], RenameColumn)


def test_session_settings_change_nothing() -> None:
    (statement,) = mysql.read(Source("m.sql", "SET FOREIGN_KEY_CHECKS = 0")).statements
    assert isinstance(statement.steps[0], SetParameter)
    assert of_schema(after("SET NAMES utf8mb4")) == of_schema(Schema())
