"""Rights that live code uses may be taken away: REVOKE, row security, policies.

A query that was allowed fails, or finds fewer rows than before without a word.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import NoEffect, SetRowSecurity

_TAKING = ("REVOKE", "CREATE POLICY", "ALTER POLICY", "DROP POLICY")


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        match step:
            case NoEffect(what=what) if what in _TAKING:
                if step.table is None or context.live(step.table):
                    yield Finding(step.span, f"{what} may take rights or rows from live code")
            case SetRowSecurity(table=table, enabled=True) if context.live(table):
                yield Finding(step.span, f"live code may see fewer rows of `{table}`, or none")
            case _:
                continue


HAZARD = Hazard(
    code="access-taken-away",
    kind="breaking",
    hint="ship code that does without them first",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, name text NOT NULL DEFAULT '');",
    bad="ALTER TABLE crate ENABLE ROW LEVEL SECURITY;",
    good="GRANT SELECT ON crate TO PUBLIC;",
    names={
        "squawk": (
            "ban-revoke",
            "ban-create-policy",
            "ban-drop-policy",
            "ban-alter-policy-condition",
            "ban-alter-row-level-security",
        )
    },
)
