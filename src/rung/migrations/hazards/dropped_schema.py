"""A schema or a database is dropped, with all that is in it.

No deployment of code needs that at the moment it happens; do it by hand, after a backup.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.schema import Kind
from rung.migrations.steps import Drop


def check(context: Context) -> Iterator[Finding]:
    if context.statement.tag == "DROPDB":
        yield Finding(context.statement.span, "the database and all that is in it are lost")
    for step in context.statement.steps:
        if isinstance(step, Drop) and step.kind is Kind.SCHEMA:
            yield Finding(step.span, f"the schema `{step.name}` may hold what live code uses")


HAZARD = Hazard(
    code="dropped-schema",
    kind="breaking",
    hint="do it apart from any deployment, after a backup",
    check=check,
    page=__doc__,
    setup=("CREATE SCHEMA old;\nCREATE TABLE old.crate (id bigint);"),
    bad="DROP SCHEMA old CASCADE;",
    good="DROP TABLE old.crate;",
    names={"squawk": ("ban-drop-schema", "ban-drop-database"), "atlas": ("DS101",)},
)
