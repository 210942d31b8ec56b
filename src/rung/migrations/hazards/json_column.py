"""A column of type json, which has no equality.

SELECT DISTINCT, GROUP BY and UNION over it fail, also in queries that select all columns. jsonb has it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.columns import new_columns
from rung.migrations.hazards.model import Context, Finding, Hazard


def check(context: Context) -> Iterator[Finding]:
    for span, column in new_columns(context):
        if column.type.name == "json" and not column.type.array:
            yield Finding(span, f"`{column.name}` has no equality: SELECT DISTINCT over it fails")


HAZARD = Hazard(
    code="json-column",
    kind="style",
    hint="use jsonb",
    check=check,
    page=__doc__,
    bad="CREATE TABLE crate (id bigint PRIMARY KEY, meta json);",
    good="CREATE TABLE crate (id bigint PRIMARY KEY, meta jsonb);",
    names={"strong_migrations": ("add_column_json",), "eugene": ("E3",)},
)
