"""A REINDEX without CONCURRENTLY blocks writes to the table and reads through the index meanwhile.

It holds a SHARE lock on the table and ACCESS EXCLUSIVE ones on the indexes. REINDEX … CONCURRENTLY
builds new indexes beside the old ones and swaps them.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import NoEffect


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if (
            isinstance(step, NoEffect)
            and step.what.startswith("REINDEX")
            and "CONCURRENTLY" not in step.what
            and (step.table is None or context.live(step.table))
        ):
            yield Finding(step.span, "rebuilding indexes in place blocks writes to their tables")


HAZARD = Hazard(
    code="reindex-blocks",
    kind="blocking",
    hint="use REINDEX TABLE CONCURRENTLY, in a migration that runs without a transaction",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY);",
    bad="REINDEX TABLE crate;",
    good=("-- no transaction\nREINDEX TABLE CONCURRENTLY crate;"),
    names={"squawk": ("require-concurrent-reindex",), "django-migration-linter": ("REINDEX",)},
)
