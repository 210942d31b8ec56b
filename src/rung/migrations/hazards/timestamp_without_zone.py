"""A timestamp without time zone, which is no point in time.

The offset that is written with a value is dropped without a word; what moment it was depends on who
reads it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.columns import new_columns
from rung.migrations.hazards.model import Context, Finding, Hazard


def check(context: Context) -> Iterator[Finding]:
    for span, column in new_columns(context):
        if column.type.name == "timestamp":
            yield Finding(span, f"`{column.name}` drops the offset of what is written")


HAZARD = Hazard(
    code="timestamp-without-zone",
    kind="style",
    hint="use timestamptz",
    check=check,
    page=__doc__,
    bad="CREATE TABLE crate (id bigint PRIMARY KEY, created timestamp);",
    good="CREATE TABLE crate (id bigint PRIMARY KEY, created timestamptz);",
    names={"squawk": ("prefer-timestamp-tz",)},
)
