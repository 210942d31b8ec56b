"""Autovacuum is turned off for a table.

Dead rows then pile up until queries slow down, and the server in the end vacuums the table anyway, to
save its transaction numbers, at a time of its own choosing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import NoEffect

_OFF = re.compile(r"\bautovacuum_enabled\s*=\s*'?(false|off|no|0)\b", re.IGNORECASE)


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if (
            isinstance(step, NoEffect)
            and step.what == "SET (storage parameter)"
            and step.table is not None
            and context.live(step.table)
            and _OFF.search(context.text)
        ):
            yield Finding(step.span, f"dead rows of `{step.table}` pile up")


HAZARD = Hazard(
    code="autovacuum-off",
    kind="blocking",
    hint="leave it on, and tune its thresholds",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY);",
    bad="ALTER TABLE crate SET (autovacuum_enabled = false);",
    good="ALTER TABLE crate SET (autovacuum_vacuum_scale_factor = 0.02);",
    names={"atlas": ("PG320",)},
)
