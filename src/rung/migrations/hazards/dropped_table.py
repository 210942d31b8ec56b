"""A table is dropped that live code may still name.

Its rows are gone, and code that runs beside the migration, or comes back in a rollback, fails.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.schema import Kind
from rung.migrations.steps import Drop


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if isinstance(step, Drop) and step.kind is Kind.TABLE and context.live(step.name):
            yield Finding(
                step.span, f"live code may still use the table `{step.name}`, and its rows are lost"
            )


HAZARD = Hazard(
    code="dropped-table",
    kind="breaking",
    hint="drop it in a release after the last one whose code names it",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, name text NOT NULL DEFAULT '');",
    bad="DROP TABLE crate;",
    good="ALTER TABLE crate ALTER COLUMN name DROP NOT NULL;",
    names={
        "squawk": ("ban-drop-table",),
        "strong_migrations": ("create_table",),
        "atlas": ("DS102",),
        "django-migration-linter": ("DROP_TABLE",),
    },
)
