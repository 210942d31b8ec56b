"""A constraint that is added NOT VALID and validated in the same transaction.

The lock that the ADD took is held until the commit, so the VALIDATE reads the table under it: nothing is
gained over adding it validated. Give VALIDATE CONSTRAINT a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import AddConstraint, SetNotNull, ValidateConstraint


def check(context: Context) -> Iterator[Finding]:
    if not context.in_transaction:
        return
    statements = (*context.earlier, context.statement)
    added = {
        (
            context.live(step.table),
            step.constraint.name if isinstance(step, AddConstraint) else step.not_null.name,
        )
        for statement in statements
        for step in statement.steps
        if isinstance(step, AddConstraint | SetNotNull)
    }
    for step in context.statement.steps:
        if (
            isinstance(step, ValidateConstraint)
            and context.live(step.table)
            and (context.live(step.table), step.constraint) in added
        ):
            message = f"`{step.constraint}` is validated under the lock that adding it still holds"
            yield Finding(step.span, message)


HAZARD = Hazard(
    code="validate-beside-add",
    kind="blocking",
    hint="validate it in another transaction",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, size bigint);",
    bad=(
        "ALTER TABLE crate ADD CONSTRAINT size_positive CHECK (size > 0) NOT VALID;\n"
        "ALTER TABLE crate VALIDATE CONSTRAINT size_positive;"
    ),
    good=(
        "ALTER TABLE crate ADD CONSTRAINT size_positive CHECK (size > 0) NOT VALID;\n"
        "-- next migration\n"
        "ALTER TABLE crate VALIDATE CONSTRAINT size_positive;"
    ),
    names={
        "squawk": ("constraint-missing-not-valid",),
        "strong_migrations": ("validate_check_constraint", "validate_foreign_key"),
        "eugene": ("E4",),
    },
)
