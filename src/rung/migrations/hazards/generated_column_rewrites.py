"""A new serial, identity or stored generated column rewrites the whole table.

Each row gets a value of its own while an ACCESS EXCLUSIVE lock is held. Add a plain column instead, fill
it in batches (a trigger can fill new rows meanwhile), and attach the sequence or the default afterwards.
A VIRTUAL generated column is computed when it is read and needs no rewrite. To change the expression of
a stored one rewrites the table as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.schema import Column
from rung.migrations.steps import AddColumn, SetExpression


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        match step:
            case AddColumn(table=table, column=column, serial=serial) if context.live(table):
                what = _what(column, serial)
                if what:
                    yield Finding(
                        step.span, f"the {what} column `{column.name}` makes `{table}` be rewritten"
                    )
            case SetExpression(table=table, column=name, expression=expression):
                if expression is not None and context.live(table):
                    message = f"the new expression of `{name}` makes `{table}` be rewritten"
                    yield Finding(step.span, message)
            case _:
                continue


def _what(column: Column, serial: bool) -> str:
    if serial:
        return "serial"
    if column.identity is not None:
        return "identity"
    return "stored generated" if column.generated is not None and column.generated.stored else ""


HAZARD = Hazard(
    code="generated-column-rewrites",
    kind="blocking",
    hint="add a plain column, fill it in batches, then attach the default or sequence",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, name text);",
    bad="ALTER TABLE crate ADD COLUMN slug text GENERATED ALWAYS AS (lower(name)) STORED;",
    good="ALTER TABLE crate ADD COLUMN slug text;",
    names={
        "squawk": ("adding-field-with-default", "ban-alter-generated-expression"),
        "strong_migrations": ("add_column_auto_incrementing", "add_column_generated_stored"),
        "atlas": ("PG309", "PG310"),
        "eugene": ("E11",),
    },
)
