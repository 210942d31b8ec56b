"""A DROP INDEX without CONCURRENTLY blocks reads and writes of its table.

It needs an ACCESS EXCLUSIVE lock, so it waits for the longest running query, and all queries that come
after wait behind it. With CONCURRENTLY it waits without keeping others.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.schema import Kind
from rung.migrations.steps import Drop


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if not isinstance(step, Drop) or step.kind is not Kind.INDEX or step.concurrently:
            continue
        owner = next(
            (
                table.name
                for table in context.before.tables.values()
                if table.index(step.name.name) is not None
            ),
            None,
        )
        if owner is None or context.live(owner):
            where = f" of `{owner}`" if owner is not None else ""
            yield Finding(step.span, f"dropping the index `{step.name}` blocks reads and writes{where}")


HAZARD = Hazard(
    code="drop-index-blocks",
    kind="blocking",
    hint="use DROP INDEX CONCURRENTLY, in a migration that runs without a transaction",
    check=check,
    page=__doc__,
    setup=(
        "CREATE TABLE crate (id bigint PRIMARY KEY, name text);\nCREATE INDEX crate_name ON crate (name);"
    ),
    bad="DROP INDEX crate_name;",
    good=("-- no transaction\nDROP INDEX CONCURRENTLY crate_name;"),
    names={
        "squawk": ("require-concurrent-index-deletion", "ban-drop-index"),
        "strong_migrations": ("remove_index",),
        "atlas": ("PG102",),
        "django-migration-linter": ("DROP_INDEX",),
    },
)
