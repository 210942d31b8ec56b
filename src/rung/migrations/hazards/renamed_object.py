"""A view, type, enum value, function, index, constraint or schema is renamed that live code may name.

Constraint and index names matter too: ON CONFLICT ON CONSTRAINT names them, and so does code that tells
errors apart.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.schema import Kind
from rung.migrations.steps import AlterDomain, Rename, RenameConstraint, RenameEnumValue


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        match step:
            case Rename(kind=kind, name=name) if kind is not Kind.TABLE:
                if context.live(step.table or name):
                    yield Finding(step.span, f"live code may still name the {kind.value} `{name}`")
            case RenameConstraint(table=table, constraint=constraint) if context.live(table):
                yield Finding(step.span, f"live code may still name the constraint `{constraint}`")
            case RenameEnumValue(enum=enum, value=value):
                yield Finding(step.span, f"live code may still write the value `{value}` of `{enum}`")
            case AlterDomain(action="rename", constraint=constraint):
                yield Finding(step.span, f"live code may still name the constraint `{constraint}`")
            case _:
                continue


HAZARD = Hazard(
    code="renamed-object",
    kind="breaking",
    hint="create it under the new name, and drop the old one later",
    check=check,
    page=__doc__,
    setup="CREATE TYPE state AS ENUM ('open');",
    bad="ALTER TYPE state RENAME VALUE 'open' TO 'opened';",
    good="ALTER TYPE state ADD VALUE 'opened' AFTER 'open';",
    names={"squawk": ("renaming-object",), "strong_migrations": ("rename_enum_value", "rename_schema")},
)
