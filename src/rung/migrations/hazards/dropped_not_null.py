"""A column may hold NULL from now on, which live code may never have met.

Old code that reads a NULL written by new code may fail. Ship code that can read NULL before code that
writes it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import DropNotNull


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if isinstance(step, DropNotNull) and context.live(step.table):
            yield Finding(step.span, f"live code may meet a NULL in `{step.table}.{step.column}`")


HAZARD = Hazard(
    code="dropped-not-null",
    kind="breaking",
    hint="ship code that reads NULL first",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, name text NOT NULL DEFAULT '');",
    bad="ALTER TABLE crate ALTER COLUMN name DROP NOT NULL;",
    good="ALTER TABLE crate ALTER COLUMN name SET DEFAULT 'unnamed';",
    names={"squawk": ("ban-drop-not-null",)},
)
