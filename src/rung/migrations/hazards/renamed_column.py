"""A column is renamed that live code names.

At no moment do the old name and the new one both work: either the old or the new code fails. Add a
column of the new name, write both, fill it, move the readers, and drop the old one later.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import RenameColumn


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if isinstance(step, RenameColumn) and context.live(step.table):
            yield Finding(step.span, f"live code may still name `{step.table}.{step.column}`")


HAZARD = Hazard(
    code="renamed-column",
    kind="breaking",
    hint="add a column of the new name, write both, fill it, and drop the old one later",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, name text NOT NULL DEFAULT '');",
    bad="ALTER TABLE crate RENAME COLUMN name TO title;",
    good="ALTER TABLE crate ADD COLUMN title text;",
    names={
        "squawk": ("renaming-column",),
        "strong_migrations": ("rename_column",),
        "atlas": ("BC102",),
        "django-migration-linter": ("RENAME_COLUMN",),
    },
)
