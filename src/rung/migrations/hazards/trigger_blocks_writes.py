"""A trigger that is created on a table in use blocks writes to it, and changes what they do.

CREATE TRIGGER takes a SHARE ROW EXCLUSIVE lock: it waits for all running writes, and the writes after it
wait behind. It is brief where a lock_timeout bounds that wait.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import CreateTrigger


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if (
            isinstance(step, CreateTrigger)
            and "lock_timeout" not in context.settings
            and context.live(step.table)
        ):
            yield Finding(
                step.span, f"creating the trigger `{step.trigger.name}` blocks writes to `{step.table}`"
            )


_FUNCTION = "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';"
_TRIGGER = "CREATE TRIGGER crate_touch BEFORE UPDATE ON crate FOR EACH ROW EXECUTE FUNCTION touch();"

HAZARD = Hazard(
    code="trigger-blocks-writes",
    kind="blocking",
    hint="SET lock_timeout before it, and try again when it runs out",
    check=check,
    page=__doc__,
    setup=f"CREATE TABLE crate (id bigint PRIMARY KEY);\n{_FUNCTION}",
    bad=_TRIGGER,
    good=f"SET lock_timeout = '2s';\n{_TRIGGER}",
    names={"atlas": ("PG308",)},
)
