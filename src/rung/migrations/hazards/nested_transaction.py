"""A BEGIN inside a transaction, or a COMMIT or ROLLBACK without one.

In a migration that its tool wraps in a transaction, a COMMIT ends the tool's transaction: what follows
runs without one, and the tool's own record of the migration may not agree with what happened.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import Transaction


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if not isinstance(step, Transaction):
            continue
        shared = context.transactions
        if step.action == "begin" and (shared.wrapped or shared.explicit):
            yield Finding(step.span, "a transaction is open already")
        if step.action in ("commit", "rollback") and not shared.explicit:
            tool = "this ends the transaction of the migration tool"
            yield Finding(step.span, tool if shared.wrapped else "no transaction is open")


HAZARD = Hazard(
    code="nested-transaction",
    kind="failing",
    hint="leave BEGIN and COMMIT to the migration tool, or tell it to run this without a transaction",
    check=check,
    page=__doc__,
    bad=("BEGIN;\nCREATE TABLE crate (id bigint PRIMARY KEY);\nCOMMIT;"),
    good=("-- no transaction\nBEGIN;\nCREATE TABLE crate (id bigint PRIMARY KEY);\nCOMMIT;"),
    names={"squawk": ("transaction-nesting",), "atlas": ("TX201",)},
)
