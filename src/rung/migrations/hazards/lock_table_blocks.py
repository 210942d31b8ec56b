"""An explicit LOCK TABLE keeps live queries waiting until the transaction ends.

The lock lasts until the commit, through all that the migration does after it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import LockTable


def check(context: Context) -> Iterator[Finding]:
    if not any(isinstance(step, LockTable) for step in context.statement.steps):
        return
    for lock in context.blocking_locks:
        message = f"{lock.mode.words} on `{lock.table}` blocks {lock.mode.blocks} until the transaction ends"
        yield Finding(context.statement.span, message)


HAZARD = Hazard(
    code="lock-table-blocks",
    kind="blocking",
    hint="leave the lock to the statements that need it, or take a weaker one",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY);",
    bad=("LOCK TABLE crate IN SHARE MODE;\nUPDATE crate SET id = id WHERE id = 1;"),
    good=("LOCK TABLE crate IN ROW SHARE MODE;\nUPDATE crate SET id = id WHERE id = 1;"),
)
