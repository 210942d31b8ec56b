"""A TRUNCATE deletes all rows of a table in use, and with CASCADE those of every table that refers to it.

It takes an ACCESS EXCLUSIVE lock, and no WHERE protects any row.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import Truncate


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if isinstance(step, Truncate) and context.live(step.table):
            also = " and of every table that refers to it" if step.cascade else ""
            yield Finding(step.span, f"all rows of `{step.table}`{also} are lost")


HAZARD = Hazard(
    code="emptied-table",
    kind="breaking",
    hint="delete the rows that are to go, in batches",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY);",
    bad="TRUNCATE crate CASCADE;",
    good="DELETE FROM crate WHERE id < 1000;",
    names={"squawk": ("ban-truncate-cascade",)},
)
