"""An object is moved to another schema.

Code that names it with its schema fails, and so does code whose search_path does not have the new one.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import SetSchema


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if isinstance(step, SetSchema) and context.live(step.name):
            yield Finding(
                step.span,
                f"live code may not find the {step.kind.value} `{step.name}` in `{step.new_schema}`",
            )


HAZARD = Hazard(
    code="moved-object",
    kind="breaking",
    hint="keep a view of the old name until no live code names it",
    check=check,
    page=__doc__,
    setup=(
        "CREATE TABLE crate (id bigint PRIMARY KEY, name text NOT NULL DEFAULT '');\nCREATE SCHEMA registry;"
    ),
    bad="ALTER TABLE crate SET SCHEMA registry;",
    good="CREATE VIEW registry.crate AS SELECT id, name FROM crate;",
    names={"squawk": ("ban-set-schema",)},
)
