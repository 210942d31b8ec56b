"""A CREATE INDEX without CONCURRENTLY blocks writes to the table while the index is built.

It takes a SHARE lock: inserts, updates and deletes wait until every row has been read. With CONCURRENTLY
the build takes longer but only keeps other schema changes waiting; it cannot run in a transaction, and a
build that failed leaves an invalid index behind, to be dropped before the next try. An index on a
partitioned table cannot be built concurrently: create it ON ONLY the parent, then concurrently on each
partition, and attach those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import CreateIndex

# on the parent alone, nothing is built until the indexes of its partitions are attached
_ONLY = re.compile(r"\bON\s+ONLY\b", re.IGNORECASE)


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if not isinstance(step, CreateIndex) or step.concurrently or _ONLY.search(context.text):
            continue
        if context.live(step.table):
            yield Finding(
                step.span, f"building the index `{step.index.name}` blocks writes to `{step.table}`"
            )


HAZARD = Hazard(
    code="index-blocks-writes",
    kind="blocking",
    hint="build it with CREATE INDEX CONCURRENTLY, in a migration that runs without a transaction",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, name text NOT NULL);",
    bad="CREATE INDEX crate_name ON crate (name);",
    good=("-- no transaction\nCREATE INDEX CONCURRENTLY crate_name ON crate (name);"),
    names={
        "squawk": ("require-concurrent-index-creation",),
        "strong_migrations": ("add_index",),
        "atlas": ("PG101", "PG108"),
        "eugene": ("E6",),
        "django-migration-linter": ("CREATE_INDEX",),
    },
)
