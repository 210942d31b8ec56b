"""A transaction that the migration begins and never commits.

When the connection closes, all of it is rolled back, though each statement reported success.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import Transaction


def check(context: Context) -> Iterator[Finding]:
    if context.later:
        return
    is_open = context.transactions.explicit
    for step in context.statement.steps:
        if isinstance(step, Transaction) and step.action in ("begin", "commit", "rollback"):
            is_open = step.action == "begin" or step.chain
    if is_open:
        yield Finding(context.statement.span, "the transaction that was begun is never committed")


HAZARD = Hazard(
    code="unfinished-transaction",
    kind="failing",
    hint="end it with COMMIT",
    check=check,
    page=__doc__,
    bad=("-- no transaction\nBEGIN;\nCREATE TABLE crate (id bigint PRIMARY KEY);"),
    good=("-- no transaction\nBEGIN;\nCREATE TABLE crate (id bigint PRIMARY KEY);\nCOMMIT;"),
    names={"squawk": ("ban-uncommitted-transaction",)},
)
