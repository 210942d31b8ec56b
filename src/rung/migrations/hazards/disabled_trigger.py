"""A trigger is disabled, or all of them with session_replication_role.

What it kept right (a copy, an audit record, a foreign key) is wrong for every row that is written
meanwhile, also by live code.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import SetParameter, SetTriggers


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        match step:
            case SetTriggers(table=table, trigger=trigger, enabled=False) if context.live(table):
                what = f"`{trigger}`" if trigger is not None else "no trigger"
                verb = "does not run" if trigger is not None else "runs"
                yield Finding(step.span, f"{what} {verb} for rows that live code writes to `{table}`")
            case SetParameter(name="session_replication_role", value=("replica",)):
                yield Finding(step.span, "no trigger runs and no foreign key is checked for what follows")
            case _:
                continue


HAZARD = Hazard(
    code="disabled-trigger",
    kind="breaking",
    hint="leave it enabled, and have it let the migration's own rows pass",
    check=check,
    page=__doc__,
    setup=(
        "CREATE TABLE crate (id bigint PRIMARY KEY);\n"
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';\n"
        "CREATE TRIGGER crate_touch BEFORE UPDATE ON crate FOR EACH ROW EXECUTE FUNCTION touch();"
    ),
    bad="ALTER TABLE crate DISABLE TRIGGER crate_touch;",
    good="UPDATE crate SET id = id WHERE id = 1;",
    names={"squawk": ("ban-disable-trigger",)},
)
