"""A table is renamed that live code names.

At no moment do the old name and the new one both work. A view of the old name keeps old code going,
where it does no more than a simple view can take.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.schema import Kind
from rung.migrations.steps import Rename


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if isinstance(step, Rename) and step.kind is Kind.TABLE and context.live(step.name):
            yield Finding(step.span, f"live code may still name the table `{step.name}`")


HAZARD = Hazard(
    code="renamed-table",
    kind="breaking",
    hint="create a view of the old name in the same transaction, or a new table beside it",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, name text NOT NULL DEFAULT '');",
    bad="ALTER TABLE crate RENAME TO package;",
    good="CREATE VIEW package AS SELECT id, name FROM crate;",
    names={
        "squawk": ("renaming-table",),
        "strong_migrations": ("rename_table",),
        "atlas": ("BC101",),
        "django-migration-linter": ("RENAME_TABLE",),
    },
)
