"""An UPDATE or DELETE of every row of a table in use, in one statement.

Each row stays locked until the commit, so writes to the same rows wait; the table grows by a copy of
itself; replicas fall behind. Fill in batches, each in a transaction of its own, outside of the
migration.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import Delete, Update


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if (
            isinstance(step, Update | Delete)
            and step.where is None
            and not step.joined
            and context.live(step.table)
        ):
            word = "updates" if isinstance(step, Update) else "deletes"
            yield Finding(step.span, f"this {word} all rows of `{step.table}` in one transaction")


HAZARD = Hazard(
    code="whole-table-write",
    kind="blocking",
    hint="do it in batches, outside of the migration",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, name text);",
    bad="UPDATE crate SET name = lower(name);",
    good="UPDATE crate SET name = lower(name) WHERE id BETWEEN 1 AND 1000;",
)
