"""Where MySQL and SQLite differ from PostgreSQL, what holds there alone is not PROVED."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from rung.migrations.assess import Dialect, Request, assess
from rung.migrations.rollout import Strategy
from rung.migrations.verdicts import Verdict

MY = "CREATE TABLE t (id int PRIMARY KEY, a int, b varchar(20), d datetime(6), e int NOT NULL DEFAULT 3);"
LITE = "CREATE TABLE t (id integer PRIMARY KEY, a smallint, b varchar(3), c text);"


def judged(
    folder: Path, dialect: str, base: str, change: str, strategy: Strategy = "recreate"
) -> Verdict | None:
    assert dialect in get_args(Dialect)
    (folder / "001_base.sql").write_text(base, encoding="utf-8")
    (folder / "002_change.sql").write_text(change, encoding="utf-8")
    asked = Request((folder,), "001", dialect=dialect, strategy=strategy, window=0)  # type: ignore[arg-type]  # asserted above
    found = assess(asked)
    assert found.diagnostics == ()
    return found.verdict


DOUBTED = {
    "letters of another case": ("mysql", MY, "UPDATE t SET b = 'y' WHERE b = 'x'; "
        "ALTER TABLE t ADD CONSTRAINT k CHECK (b <> 'X');"),
    "text in order": ("mysql", MY, "DELETE FROM t WHERE b < 'b'; "
        "ALTER TABLE t ADD CONSTRAINT k CHECK (b >= 'B');"),
    "text that is like": ("mysql", MY, "DELETE FROM t WHERE b LIKE 'x%'; "
        "ALTER TABLE t ADD CONSTRAINT k CHECK (b NOT LIKE 'X%');"),
    "fractions of a second": ("mysql", MY, "ALTER TABLE t MODIFY d datetime;"),
    "a timestamp's years": ("mysql", MY, "ALTER TABLE t MODIFY d timestamp NULL;"),
    "how strict the server is": ("mysql", MY, "SET GLOBAL sql_mode = '';"),
    "the range of a type": ("sqlite", LITE, "CREATE TABLE n (id integer PRIMARY KEY, "
        "a smallint CHECK (a < 40000), b varchar(3), c text); INSERT INTO n SELECT * FROM t; "
        "DROP TABLE t; ALTER TABLE n RENAME TO t;"),
    "the length of a type": ("sqlite", LITE, "CREATE TABLE n (id integer PRIMARY KEY, a smallint, "
        "b varchar(3) CHECK (length(b) <= 3), c text); INSERT INTO n SELECT * FROM t; "
        "DROP TABLE t; ALTER TABLE n RENAME TO t;"),
    "the schema's own text": ("sqlite", LITE, "PRAGMA writable_schema = ON;"),
}  # fmt: skip


@pytest.mark.parametrize("case", DOUBTED)
def test_what_holds_on_postgresql_alone_is_not_proved(case: str, tmp_path: Path) -> None:
    assert judged(tmp_path, *DOUBTED[case]) in (Verdict.UNKNOWN, Verdict.REFUTED)


@pytest.mark.parametrize(
    ("base", "change"),
    [
        (MY, "ALTER TABLE t MODIFY e int NOT NULL;"),
        (
            "CREATE TABLE t (id int PRIMARY KEY AUTO_INCREMENT, a int);",
            "ALTER TABLE t MODIFY id int NOT NULL;",
        ),
    ],
    ids=["a default", "a counter"],
)
def test_what_modify_leaves_out_is_taken_from_live_code(base: str, change: str, tmp_path: Path) -> None:
    assert judged(tmp_path, "mysql", base, change, "rolling") is Verdict.REFUTED


@pytest.mark.parametrize(
    ("dialect", "base", "change"),
    [
        ("mysql", MY, "ALTER TABLE t ADD COLUMN x int;"),
        ("mysql", MY, "DELETE FROM t WHERE b = 'x'; ALTER TABLE t ADD CONSTRAINT k CHECK (b <> 'x');"),
        ("mysql", MY, "ALTER TABLE t MODIFY e bigint NOT NULL DEFAULT 3;"),
        ("sqlite", LITE, "PRAGMA foreign_keys = OFF; ALTER TABLE t ADD COLUMN x integer;"),
    ],
)
def test_what_holds_on_any_server_is_proved(dialect: str, base: str, change: str, tmp_path: Path) -> None:
    assert judged(tmp_path, dialect, base, change) is Verdict.PROVED
