"""A statement that PostgreSQL refuses to run inside a transaction.

CREATE INDEX CONCURRENTLY and its like commit on their own in between, so inside BEGIN … COMMIT, or in a
migration that the tool wraps in a transaction, they are errors. Two or more statements sent as one
request are a transaction too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import CreateIndex, DetachPartition, Drop, NoEffect, Statement

_REFUSED_TAGS = (
    "CREATEDB",
    "DROPDB",
    "CREATE TABLE SPACE",
    "DROP TABLE SPACE",
    "ALTER SYSTEM",
    "CREATE SUBSCRIPTION",
)
_REFUSED = re.compile(
    r"VACUUM( FULL)?|REINDEX .*(CONCURRENTLY|SCHEMA|DATABASE|SYSTEM)|REINDEX (SCHEMA|DATABASE|SYSTEM)"
)


def refuses(statement: Statement) -> bool:
    """Whether the statement must stand outside of any transaction."""
    if statement.tag in _REFUSED_TAGS:
        return True
    for step in statement.steps:
        match step:
            case (
                CreateIndex(concurrently=True) | Drop(concurrently=True) | DetachPartition(concurrently=True)
            ):
                return True
            case NoEffect(what=what) if _REFUSED.fullmatch(what):
                return True
            case _:
                continue
    return False


def check(context: Context) -> Iterator[Finding]:
    if context.in_transaction and refuses(context.statement):
        words = " ".join(context.text.split()[:3]).upper().rstrip(";")
        yield Finding(context.statement.span, f"`{words}` cannot run inside a transaction")


HAZARD = Hazard(
    code="refused-in-transaction",
    kind="failing",
    hint="give it a migration of its own that runs without a transaction",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, name text);",
    bad="CREATE INDEX CONCURRENTLY crate_name ON crate (name);",
    good=("-- no transaction\nCREATE INDEX CONCURRENTLY crate_name ON crate (name);"),
    names={
        "squawk": ("ban-concurrent-index-creation-in-transaction",),
        "atlas": ("PG103", "TX101"),
    },
)
