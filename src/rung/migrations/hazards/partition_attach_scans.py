"""An ATTACH PARTITION reads the whole new partition under an ACCESS EXCLUSIVE lock to see that its rows fit.

A validated CHECK constraint on the partition that says the same as its bounds makes the reading
unnecessary: add it NOT VALID, validate it, attach, and drop it. A default partition of the parent is
read as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.expressions import columns
from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.schema import Check, Table
from rung.migrations.steps import AttachPartition


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if not isinstance(step, AttachPartition) or not context.live(step.partition):
            continue
        if not _may_repeat_bounds(context.table(step.partition), context.table(step.table)):
            yield Finding(step.span, f"attaching `{step.partition}` reads all of it while it is locked")


def _may_repeat_bounds(partition: Table | None, parent: Table | None) -> bool:
    """Whether a check is about the whole key; whether it implies the bounds is for the server to see."""
    if partition is None or parent is None or parent.partitioning is None:
        return False
    key = {column for column in parent.partitioning.columns if column is not None}
    for constraint in partition.constraints:
        if isinstance(constraint, Check) and constraint.validated:
            read = columns(constraint.expression)
            if read is not None and key <= {column.name for column in read}:
                return True
    return False


HAZARD = Hazard(
    code="partition-attach-scans",
    kind="blocking",
    hint="first give the partition a validated CHECK that repeats its bounds",
    check=check,
    page=__doc__,
    setup=(
        "CREATE TABLE event (at date NOT NULL) PARTITION BY RANGE (at);\n"
        "CREATE TABLE event_2024 (at date NOT NULL);"
    ),
    bad="ALTER TABLE event ATTACH PARTITION event_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
    good=(
        "ALTER TABLE event_2024 ADD CONSTRAINT in_2024"
        " CHECK (at >= '2024-01-01' AND at < '2025-01-01') NOT VALID;\n"
        "-- next migration\n"
        "ALTER TABLE event_2024 VALIDATE CONSTRAINT in_2024;\n"
        "-- next migration\n"
        "ALTER TABLE event ATTACH PARTITION event_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\n"
        "ALTER TABLE event_2024 DROP CONSTRAINT in_2024;"
    ),
)
