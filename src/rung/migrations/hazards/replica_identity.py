"""REPLICA IDENTITY FULL or NOTHING changes what logical replication sends.

With NOTHING, subscribers refuse updates and deletes; with FULL, every change carries the whole old row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import NoEffect

_RISKY = re.compile(r"\bREPLICA\s+IDENTITY\s+(FULL|NOTHING)\b", re.IGNORECASE)


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if (
            isinstance(step, NoEffect)
            and step.what == "REPLICA IDENTITY"
            and step.table is not None
            and context.live(step.table)
            and _RISKY.search(context.text)
        ):
            yield Finding(step.span, f"subscribers of `{step.table}` may stop or slow down")


HAZARD = Hazard(
    code="replica-identity",
    kind="breaking",
    hint="use the primary key, or USING INDEX of a unique index",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY);",
    bad="ALTER TABLE crate REPLICA IDENTITY NOTHING;",
    good="ALTER TABLE crate REPLICA IDENTITY USING INDEX crate_pkey;",
    names={"atlas": ("PG314",), "squawk": ("ban-replica-identity",)},
)
