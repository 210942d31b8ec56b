"""A statement that changes the schema in a way that cannot be read: a DO block, dynamic SQL.

What it locks, rewrites or drops is not known, so no other hazard is looked for in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import Opaque


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if isinstance(step, Opaque) and step.footprint.schema:
            yield Finding(step.span, f"what this {step.reason} locks and changes is not known")


HAZARD = Hazard(
    code="unread-statement",
    kind="blocking",
    hint="write the statements out, without DO and EXECUTE",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY);",
    bad="DO $$ BEGIN EXECUTE 'ALTER TABLE crate ADD COLUMN ' || 'name' || ' text'; END $$;",
    good="ALTER TABLE crate ADD COLUMN name text;",
)
