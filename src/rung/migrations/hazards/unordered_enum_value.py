"""An enum value is added without BEFORE or AFTER.

It goes to the end, which is what sorting and comparing by it will use for good.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import AddEnumValue


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if isinstance(step, AddEnumValue) and step.before is None and step.after is None:
            yield Finding(step.span, f"`{step.value}` becomes the greatest value of `{step.enum}`")


HAZARD = Hazard(
    code="unordered-enum-value",
    kind="style",
    hint="say BEFORE or AFTER which value it stands",
    check=check,
    page=__doc__,
    setup="CREATE TYPE state AS ENUM ('open', 'shut');",
    bad="ALTER TYPE state ADD VALUE 'ajar';",
    good="ALTER TYPE state ADD VALUE 'ajar' BEFORE 'shut';",
    names={"squawk": ("require-enum-value-ordering",)},
)
