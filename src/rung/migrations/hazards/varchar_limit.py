"""A varchar with a limit, which is harder to change than a CHECK.

The limit saves no space. A longer one is instant, a shorter one rewrites the table; a CHECK on a text
column changes either way without one.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.columns import new_columns
from rung.migrations.hazards.model import Context, Finding, Hazard


def check(context: Context) -> Iterator[Finding]:
    for span, column in new_columns(context):
        if column.type.name == "varchar" and column.type.modifiers:
            yield Finding(span, f"a shorter limit of `{column.name}` will rewrite the table")


HAZARD = Hazard(
    code="varchar-limit",
    kind="style",
    hint="use text, with a CHECK of its length where one is needed",
    check=check,
    page=__doc__,
    bad="CREATE TABLE crate (id bigint PRIMARY KEY, name varchar(20));",
    good="CREATE TABLE crate (id bigint PRIMARY KEY, name text CHECK (length(name) <= 20));",
    names={"squawk": ("prefer-text-field",)},
)
