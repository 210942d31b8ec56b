"""A column of type char(n), which pads its values with blanks.

The blanks count in some comparisons and not in others, and are stored.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.columns import new_columns
from rung.migrations.hazards.model import Context, Finding, Hazard


def check(context: Context) -> Iterator[Finding]:
    for span, column in new_columns(context):
        if column.type.name == "bpchar":
            yield Finding(span, f"`{column.name}` pads its values with blanks")


HAZARD = Hazard(
    code="char-column",
    kind="style",
    hint="use text or varchar",
    check=check,
    page=__doc__,
    bad="CREATE TABLE crate (id bigint PRIMARY KEY, checksum char(64));",
    good="CREATE TABLE crate (id bigint PRIMARY KEY, checksum text);",
    names={"squawk": ("ban-char-field",)},
)
