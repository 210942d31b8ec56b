"""A CREATE TABLE … PARTITION OF locks the partitioned table against reads and writes.

It takes an ACCESS EXCLUSIVE lock on the parent. A table that is created apart and then attached takes
only a SHARE UPDATE EXCLUSIVE lock on it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import CreateTable


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if isinstance(step, CreateTable) and step.table.bounds is not None:
            for parent in step.table.parents:
                if context.live(parent):
                    yield Finding(
                        step.span, f"creating the partition in place blocks reads and writes of `{parent}`"
                    )


HAZARD = Hazard(
    code="partition-created-in-place",
    kind="blocking",
    hint="create the table with LIKE, then ATTACH PARTITION",
    check=check,
    page=__doc__,
    setup="CREATE TABLE event (at date NOT NULL) PARTITION BY RANGE (at);",
    bad="CREATE TABLE event_2024 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
    good=(
        "CREATE TABLE event_2024 (LIKE event INCLUDING ALL);\n"
        "ALTER TABLE event ATTACH PARTITION event_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');"
    ),
)
