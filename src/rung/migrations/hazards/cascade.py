"""A DROP … CASCADE drops what depends on the object as well, whatever that is on the day it runs.

Views, foreign keys, columns and functions that someone else made go with it, and no migration names
them.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import Drop, DropColumn, DropConstraint


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        match step:
            case Drop(cascade=True, name=name):
                yield Finding(step.span, f"all that depends on `{name}` is dropped with it")
            case DropColumn(cascade=True, column=name) | DropConstraint(cascade=True, constraint=name):
                yield Finding(step.span, f"all that depends on `{name}` is dropped with it")
            case _:
                continue


HAZARD = Hazard(
    code="cascade",
    kind="breaking",
    hint="drop what depends on it by name first",
    check=check,
    page=__doc__,
    setup=("CREATE TABLE crate (id bigint PRIMARY KEY);\nCREATE VIEW crates AS SELECT id FROM crate;"),
    bad="DROP TABLE crate CASCADE;",
    good=("DROP VIEW crates;\nDROP TABLE crate;"),
)
