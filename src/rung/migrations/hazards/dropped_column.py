"""A column is dropped that live code may still name.

Code that runs beside the migration, or comes back in a rollback, fails on its next query of the column,
and the values are gone. First ship code that no longer names it, then drop it in a later release.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import DropColumn


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if isinstance(step, DropColumn) and context.live(step.table):
            yield Finding(step.span, f"live code may still name `{step.table}.{step.column}`")


HAZARD = Hazard(
    code="dropped-column",
    kind="breaking",
    hint="drop it in a release after the last one whose code names it",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, name text NOT NULL DEFAULT '');",
    bad="ALTER TABLE crate DROP COLUMN name;",
    good="ALTER TABLE crate ALTER COLUMN name DROP NOT NULL;",
    names={
        "squawk": ("ban-drop-column",),
        "strong_migrations": ("remove_column",),
        "atlas": ("DS103",),
        "django-migration-linter": ("DROP_COLUMN",),
    },
)
