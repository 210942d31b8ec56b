"""A value that ALTER TYPE … ADD VALUE adds is used before the transaction ends.

PostgreSQL refuses to use a new enum value in the transaction that added it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import AddEnumValue, CreateEnum, CreateFunction


def check(context: Context) -> Iterator[Finding]:
    # a function's body is read when it runs, and the name of a new value is no use of it
    if any(isinstance(step, CreateFunction | AddEnumValue) for step in context.statement.steps):
        return
    for statement in context.earlier:
        for step in statement.steps:
            if (
                isinstance(step, AddEnumValue)
                and f"'{step.value}'" in context.text
                and not _is_new(context, step)
            ):
                message = f"the value `{step.value}` cannot be used in the transaction that adds it"
                yield Finding(context.statement.span, message)


def _is_new(context: Context, step: AddEnumValue) -> bool:
    """Whether the enum itself is of this transaction: then its new values can be used."""
    made = [
        found for statement in context.earlier for found in statement.steps if isinstance(found, CreateEnum)
    ]
    return any(found.enum.name == step.enum for found in made)


HAZARD = Hazard(
    code="enum-value-used-at-once",
    kind="failing",
    hint="use it in another migration",
    check=check,
    page=__doc__,
    setup=("CREATE TYPE state AS ENUM ('open');\nCREATE TABLE ticket (id bigint PRIMARY KEY, state state);"),
    bad=("ALTER TYPE state ADD VALUE 'shut' AFTER 'open';\nUPDATE ticket SET state = 'shut' WHERE id = 1;"),
    good=(
        "ALTER TYPE state ADD VALUE 'shut' AFTER 'open';\n"
        "-- next migration\n"
        "UPDATE ticket SET state = 'shut' WHERE id = 1;"
    ),
)
