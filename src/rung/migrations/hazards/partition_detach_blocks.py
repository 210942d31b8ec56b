"""A DETACH PARTITION without CONCURRENTLY blocks reads and writes of the whole partitioned table.

It needs ACCESS EXCLUSIVE locks on the parent and on the partition. CONCURRENTLY takes two transactions
of its own and keeps no query waiting; it cannot run in a transaction.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import DetachPartition


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if isinstance(step, DetachPartition) and not step.concurrently and context.live(step.table):
            yield Finding(
                step.span, f"detaching `{step.partition}` blocks reads and writes of all of `{step.table}`"
            )


HAZARD = Hazard(
    code="partition-detach-blocks",
    kind="blocking",
    hint="use DETACH PARTITION … CONCURRENTLY, in a migration that runs without a transaction",
    check=check,
    page=__doc__,
    setup="CREATE TABLE event (at date) PARTITION BY RANGE (at);\n"
    "CREATE TABLE event_2024 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
    bad="ALTER TABLE event DETACH PARTITION event_2024;",
    good=("-- no transaction\nALTER TABLE event DETACH PARTITION event_2024 CONCURRENTLY;"),
    names={"squawk": ("require-concurrent-partition-detach",)},
)
