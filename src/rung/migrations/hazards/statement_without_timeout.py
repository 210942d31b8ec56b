"""A statement that works through a whole table under a blocking lock has no statement_timeout.

A lock_timeout ends the wait for the lock, not the work that is done while it is held.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard


def check(context: Context) -> Iterator[Finding]:
    if "statement_timeout" in context.settings:
        return
    for lock in context.blocking_locks:
        if lock.work != "none":
            message = f"the {lock.work} of `{lock.table}` blocks {lock.mode.blocks} for as long as it takes"
            yield Finding(context.statement.span, message)
            return


HAZARD = Hazard(
    code="statement-without-timeout",
    kind="blocking",
    hint="SET statement_timeout to what live queries can wait",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, name text);",
    bad="CREATE INDEX crate_name ON crate (name);",
    good=("SET statement_timeout = '5s';\nCREATE INDEX crate_name ON crate (name);"),
    names={
        "squawk": ("require-statement-timeout", "require-timeout-settings"),
    },
)
