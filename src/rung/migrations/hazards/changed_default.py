"""A default is dropped or changed that the inserts of live code may rely on.

An insert that leaves the column out gets NULL, or fails where that is refused, or gets another value
than before.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import SetDefault


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if isinstance(step, SetDefault) and context.live(step.table):
            table = context.table(step.table)
            column = table.column(step.column) if table is not None else None
            if column is not None and column.default is None:
                continue
            what = "have no default any more" if step.default is None else "get another default"
            yield Finding(step.span, f"inserts of live code into `{step.table}.{step.column}` {what}")


HAZARD = Hazard(
    code="changed-default",
    kind="breaking",
    hint="ship code that writes the column itself first",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, name text NOT NULL DEFAULT '');",
    bad="ALTER TABLE crate ALTER COLUMN name DROP DEFAULT;",
    good="ALTER TABLE crate ALTER COLUMN id SET DEFAULT 1;",
    names={"squawk": ("ban-drop-default", "ban-set-default")},
)
