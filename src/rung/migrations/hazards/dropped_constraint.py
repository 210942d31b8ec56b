"""A constraint is dropped that live code may rely on.

Code that was sure of unique names, of a partner for each reference or of a range meets rows without
them; and to add the constraint again fails once such rows exist.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.expressions import ColumnRef, IsNull
from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.schema import Check
from rung.migrations.steps import AddConstraint, DropConstraint


def _is_spare(context: Context, step: DropConstraint) -> bool:
    """Whether the constraint says only what a NOT NULL says as well: the helper of a safe SET NOT NULL."""
    table = context.table(step.table)
    found = table.constraint(step.constraint) if table is not None else None
    if table is None or not isinstance(found, Check) or not isinstance(found.expression, IsNull):
        return False
    operand = found.expression.operand
    column = table.column(operand.name) if isinstance(operand, ColumnRef) else None
    return found.expression.negated and column is not None and column.not_null is not None


def check(context: Context) -> Iterator[Finding]:
    added = {step.constraint.name for step in context.statement.steps if isinstance(step, AddConstraint)}
    for step in context.statement.steps:
        if (
            isinstance(step, DropConstraint)
            and step.constraint not in added
            and context.live(step.table)
            and not _is_spare(context, step)
        ):
            yield Finding(step.span, f"rows of `{step.table}` may break `{step.constraint}` from now on")


HAZARD = Hazard(
    code="dropped-constraint",
    kind="breaking",
    hint="ship code that does not rely on it first",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, size bigint, CONSTRAINT positive CHECK (size > 0));",
    bad="ALTER TABLE crate DROP CONSTRAINT positive;",
    good="ALTER TABLE crate DROP CONSTRAINT positive, ADD CONSTRAINT positive CHECK (size > 1) NOT VALID;",
    names={"squawk": ("ban-drop-constraint",), "atlas": ("CD101", "CD102", "CD103")},
)
