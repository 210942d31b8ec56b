"""A statement that assigns to one column twice.

PostgreSQL refuses it, so the migration fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import Insert, Update


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        match step:
            case Update(assignments=assignments):
                columns = [assignment.column for assignment in assignments]
            case Insert(columns=listed):
                columns = list(listed)
            case _:
                continue
        for column, count in Counter(columns).items():
            if count > 1:
                yield Finding(step.span, f"`{column}` is assigned {count} times")


HAZARD = Hazard(
    code="assigned-twice",
    kind="failing",
    hint="keep one of the assignments",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, name text);",
    bad="UPDATE crate SET name = 'a', name = 'b' WHERE id = 1;",
    good="UPDATE crate SET name = 'b' WHERE id = 1;",
    names={"squawk": ("ban-duplicate-column-assignments",)},
)
