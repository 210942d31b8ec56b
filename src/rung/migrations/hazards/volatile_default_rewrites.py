"""A new column with a volatile default rewrites the whole table.

A default that is the same for all rows (a constant, `now()`) is stored once. One that differs from row
to row, such as `random()` or `gen_random_uuid()`, is computed for each row under an ACCESS EXCLUSIVE
lock. Add the column without it, set the default for new rows, and fill old rows in batches.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.hazards.work import is_volatile
from rung.migrations.steps import AddColumn


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if isinstance(step, AddColumn) and context.live(step.table):
            default = step.column.default
            if default is not None and not step.serial and is_volatile(default):
                message = (
                    f"the default of `{step.column.name}` may differ by row, so `{step.table}` is rewritten"
                )
                yield Finding(step.span, message)


HAZARD = Hazard(
    code="volatile-default-rewrites",
    kind="blocking",
    hint="add the column without a default, set the default, then fill old rows in batches",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY);",
    bad="ALTER TABLE crate ADD COLUMN token uuid DEFAULT gen_random_uuid();",
    good=(
        "ALTER TABLE crate ADD COLUMN token uuid;\n"
        "ALTER TABLE crate ALTER COLUMN token SET DEFAULT gen_random_uuid();"
    ),
    names={
        "squawk": ("adding-field-with-default",),
        "strong_migrations": ("add_column_default", "add_column_default_callable"),
        "atlas": ("PG302",),
        "eugene": ("E10",),
    },
)
