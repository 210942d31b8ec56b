"""A column of 16 or 32 bits, which may run out of numbers.

To widen it later rewrites the table. For numbers that count rows, 64 bits are worth their four bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.columns import new_columns
from rung.migrations.hazards.model import Context, Finding, Hazard

_LAST = {"int2": "32,767", "int4": "2,147,483,647"}


def check(context: Context) -> Iterator[Finding]:
    for span, column in new_columns(context):
        if column.type.name in ("int2", "int4"):
            yield Finding(span, f"`{column.name}` ends at {_LAST[column.type.name]}")


HAZARD = Hazard(
    code="narrow-integer",
    kind="style",
    hint="use bigint",
    check=check,
    page=__doc__,
    bad="CREATE TABLE crate (id integer PRIMARY KEY);",
    good="CREATE TABLE crate (id bigint PRIMARY KEY);",
    names={"squawk": ("prefer-bigint-over-int", "prefer-bigint-over-smallint")},
)
