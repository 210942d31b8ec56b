"""A command that writes the whole table anew: CLUSTER, VACUUM FULL, SET LOGGED, SET TABLESPACE and so on.

All of them hold an ACCESS EXCLUSIVE lock until the last row is copied, so reads and writes wait. An
extension such as pg_repack, or from PostgreSQL 19 REPACK (CONCURRENTLY), does it beside the live table.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import NoEffect

_REWRITING = ("CLUSTER", "VACUUM FULL", "SET LOGGED", "SET UNLOGGED", "SET ACCESS METHOD", "SET TABLESPACE")


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if (
            isinstance(step, NoEffect)
            and step.what in _REWRITING
            and (step.table is None or context.live(step.table))
        ):
            what = f"`{step.table}`" if step.table is not None else "each table"
            yield Finding(step.span, f"{step.what} writes all of {what} anew while it is locked")


HAZARD = Hazard(
    code="storage-change-rewrites",
    kind="blocking",
    hint="use a tool that copies beside the live table, or do it while nobody uses the table",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY);",
    bad="ALTER TABLE crate SET UNLOGGED;",
    good="CREATE UNLOGGED TABLE crate_cache (id bigint PRIMARY KEY);",
    names={
        "squawk": ("prefer-repack",),
        "atlas": ("PG307", "PG311"),
        "eugene": ("E10",),
    },
)
