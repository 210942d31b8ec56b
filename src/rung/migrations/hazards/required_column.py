"""A new column that is NOT NULL and has no default.

On a table that holds a row the statement fails; on an empty one, live code that does not know the column
can no longer insert. Give it a default, or add it nullable, have all code write it, fill old rows, and
then set it NOT NULL.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import AddColumn


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if isinstance(step, AddColumn) and context.live(step.table):
            column = step.column
            filled = column.default is not None or column.generated is not None or column.identity is not None
            if column.not_null is not None and not filled and not step.serial:
                message = f"`{column.name}` is required of all rows of `{step.table}`, and nothing fills it"
                yield Finding(step.span, message)


HAZARD = Hazard(
    code="required-column",
    kind="failing",
    hint="give it a DEFAULT, or add it nullable and set it NOT NULL after all rows are filled",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY);",
    bad="ALTER TABLE crate ADD COLUMN name text NOT NULL;",
    good="ALTER TABLE crate ADD COLUMN name text NOT NULL DEFAULT '';",
    names={
        "squawk": ("adding-required-field", "adding-not-nullable-field"),
        "atlas": ("MF103",),
        "django-migration-linter": ("NOT_NULL",),
    },
)
