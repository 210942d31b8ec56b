"""A lock that blocks others is asked for without a lock_timeout.

While the migration waits for one long query to end, all queries that come after wait behind the
migration, even for a change that would take a millisecond. With a lock_timeout it gives up, and can be
tried again.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard


def check(context: Context) -> Iterator[Finding]:
    # what waits for the first blocking lock of a transaction keeps others waiting for the rest as well
    if "lock_timeout" in context.settings or (context.held is not None and context.held.mode.blocks):
        return
    for lock in context.blocking_locks:
        message = (
            f"the wait for {lock.mode.words} on `{lock.table}` has no end, and blocks {lock.mode.blocks}"
        )
        yield Finding(context.statement.span, message)
        return


HAZARD = Hazard(
    code="lock-without-timeout",
    kind="blocking",
    hint="begin with SET lock_timeout = '2s'",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY);",
    bad="ALTER TABLE crate ADD COLUMN name text;",
    good=("SET lock_timeout = '2s';\nALTER TABLE crate ADD COLUMN name text;"),
    names={
        "squawk": ("require-lock-timeout", "require-timeout-settings"),
        "eugene": ("E9",),
    },
)
