"""Several ALTER TABLE statements in a row on one table, where one would do.

Each takes the lock anew and, where they read or rewrite rows, each goes through the table again. Their
actions can stand in one statement, separated by commas.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard


def check(context: Context) -> Iterator[Finding]:
    previous = context.previous
    if previous is None or not (context.statement.tag == previous.statement.tag == "ALTER TABLE"):
        return
    before = {lock.table for lock in previous.locks if lock.work != "none"}
    for lock in context.locks:
        if lock.work != "none" and lock.table in before:
            message = f"`{lock.table}` is gone through again right after another ALTER TABLE"
            yield Finding(context.statement.span, message)


HAZARD = Hazard(
    code="several-alter-tables",
    kind="style",
    hint="join the actions in one ALTER TABLE",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, a integer, b integer);",
    bad=("ALTER TABLE crate ALTER COLUMN a TYPE bigint;\nALTER TABLE crate ALTER COLUMN b TYPE bigint;"),
    good="ALTER TABLE crate ALTER COLUMN a TYPE bigint, ALTER COLUMN b TYPE bigint;",
    names={"eugene": ("W12",)},
)
