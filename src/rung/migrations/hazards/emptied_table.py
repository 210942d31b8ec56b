"""All rows of a table in use are deleted, or taken out of it with a partition or a child.

TRUNCATE takes an ACCESS EXCLUSIVE lock, and no WHERE protects any row; with CASCADE it reaches every
table that refers to the one named. After DETACH PARTITION or NO INHERIT, queries of the parent no longer
find the rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import DetachPartition, SetInherit, Truncate


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        match step:
            case Truncate(table=table, cascade=cascade) if context.live(table):
                also = " and of every table that refers to it" if cascade else ""
                yield Finding(step.span, f"all rows of `{table}`{also} are lost")
            case DetachPartition(table=parent, partition=child) if context.live(child):
                yield Finding(step.span, f"queries of `{parent}` no longer find the rows of `{child}`")
            case SetInherit(table=child, parent=parent, inherit=False) if context.live(child):
                yield Finding(step.span, f"queries of `{parent}` no longer find the rows of `{child}`")
            case _:
                continue


HAZARD = Hazard(
    code="emptied-table",
    kind="breaking",
    hint="delete the rows that are to go, in batches",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY);",
    bad="TRUNCATE crate CASCADE;",
    good="DELETE FROM crate WHERE id < 1000;",
    names={"squawk": ("ban-truncate-cascade", "ban-detach-inheritance")},
)
