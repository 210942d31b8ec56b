"""A PRIMARY KEY over columns that may be NULL reads the whole table under an ACCESS EXCLUSIVE lock.

The key makes its columns NOT NULL, which is checked row by row even where its index exists. Make the
columns NOT NULL the slow and safe way first.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.hazards.work import is_never_null
from rung.migrations.schema import PrimaryKey
from rung.migrations.steps import AddConstraint


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if not isinstance(step, AddConstraint) or not isinstance(step.constraint, PrimaryKey):
            continue
        table = context.table(step.table)
        if not context.live(step.table) or table is None:
            continue
        columns = step.constraint.columns
        index = table.index(step.using_index) if step.using_index is not None else None
        if index is not None:
            columns = tuple(key.column for key in index.keys if key.column is not None)
        nullable = [column for column in columns if not is_never_null(table, column)]
        if nullable:
            message = f"the primary key makes `{nullable[0]}` NOT NULL, which reads all of `{step.table}`"
            yield Finding(step.span, message)


HAZARD = Hazard(
    code="primary-key-on-nullable",
    kind="blocking",
    hint="make the columns NOT NULL first, through a validated check",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint, name text NOT NULL);\nCREATE UNIQUE INDEX crate_id ON crate (id);\n"
    "CREATE UNIQUE INDEX crate_name ON crate (name);",
    bad="ALTER TABLE crate ADD PRIMARY KEY USING INDEX crate_id;",
    good="ALTER TABLE crate ADD PRIMARY KEY USING INDEX crate_name;",
    names={"atlas": ("PG304",), "eugene": ("W14",)},
)
