"""A statement that works through a table while the transaction holds an ACCESS EXCLUSIVE lock from before.

Locks last until the commit. A change that is instant on its own keeps all queries of its table waiting
for as long as the index build, backfill or scan that follows it in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.locks import Mode
from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import Delete, Insert, Update


def check(context: Context) -> Iterator[Finding]:
    held = context.held
    if held is None or held.mode is not Mode.ACCESS_EXCLUSIVE:
        return
    working = [lock for lock in context.locks if lock.work != "none"]
    moving = [step for step in context.statement.steps if _moves_many_rows(step)]
    if working or moving:
        message = f"`{held.table}` stays locked against reads and writes from an earlier statement meanwhile"
        yield Finding(context.statement.span, message)


def _moves_many_rows(step: object) -> bool:
    match step:
        case Update() | Delete():
            return True
        case Insert(rows=None):
            return True
        case _:
            return False


HAZARD = Hazard(
    code="statement-under-lock",
    kind="blocking",
    hint="commit before it: put it into another migration",
    check=check,
    page=__doc__,
    setup=(
        "CREATE TABLE crate (id bigint PRIMARY KEY);\nCREATE TABLE version (id bigint PRIMARY KEY, num text);"
    ),
    bad=("ALTER TABLE crate ADD COLUMN name text;\nUPDATE version SET num = lower(num) WHERE id < 1000;"),
    good=(
        "ALTER TABLE crate ADD COLUMN name text;\n"
        "-- next migration\n"
        "UPDATE version SET num = lower(num) WHERE id < 1000;"
    ),
    names={"eugene": ("E4", "E10"), "django-migration-linter": ("CREATE_INDEX_EXCLUSIVE",)},
)
