"""A CHECK that is added without NOT VALID reads the whole table under an ACCESS EXCLUSIVE lock.

With NOT VALID it holds for new rows at once and looks at no old one; VALIDATE CONSTRAINT, in another
transaction, looks at them while reads and writes go on.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.schema import Check
from rung.migrations.steps import AddColumn, AddConstraint


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        match step:
            case AddConstraint(table=table, constraint=Check(validated=True, enforced=True)):
                found = True
            case AddColumn(table=table, constraints=constraints):
                found = any(
                    isinstance(constraint, Check) and constraint.enforced for constraint in constraints
                )
            case _:
                continue
        if found and context.live(table):
            yield Finding(step.span, f"the new check reads all of `{table}` while it is locked")


HAZARD = Hazard(
    code="check-scans",
    kind="blocking",
    hint="add it NOT VALID, and VALIDATE CONSTRAINT in another transaction",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, size bigint);",
    bad="ALTER TABLE crate ADD CONSTRAINT size_positive CHECK (size > 0);",
    good=(
        "ALTER TABLE crate ADD CONSTRAINT size_positive CHECK (size > 0) NOT VALID;\n"
        "-- next migration\n"
        "ALTER TABLE crate VALIDATE CONSTRAINT size_positive;"
    ),
    names={
        "squawk": ("constraint-missing-not-valid",),
        "strong_migrations": ("add_check_constraint",),
        "atlas": ("PG305",),
        "eugene": ("E1",),
    },
)
