"""An enum type, whose values cannot be removed.

A value can be added and renamed, never dropped, and code must know a new one before any row has it. A
lookup table or a CHECK is easier to change.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import CreateEnum


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if isinstance(step, CreateEnum):
            yield Finding(step.span, f"no value of `{step.enum.name}` can ever be removed")


HAZARD = Hazard(
    code="enum-type",
    kind="style",
    hint="use text with a CHECK, or a lookup table",
    check=check,
    page=__doc__,
    bad="CREATE TYPE state AS ENUM ('open', 'shut');",
    good="CREATE TABLE ticket (id bigint PRIMARY KEY, state text CHECK (state IN ('open', 'shut')));",
    names={"eugene": ("W13",)},
)
