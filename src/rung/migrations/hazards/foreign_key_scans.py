"""A foreign key that is added without NOT VALID reads the whole table while writes to both tables wait.

It takes SHARE ROW EXCLUSIVE locks on the table and on the one it refers to, and joins them to find rows
without a partner. With NOT VALID only new rows are checked; VALIDATE CONSTRAINT, in another transaction,
checks the old ones under weak locks. On a new column that is still NULL everywhere there is nothing to
read, but both tables are locked.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.schema import ForeignKey, Name
from rung.migrations.steps import AddColumn, AddConstraint


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        keys: tuple[Name, ...]
        match step:
            case AddConstraint(
                table=table, constraint=ForeignKey(validated=True, enforced=True, table=other)
            ):
                keys = (other,)
            case AddColumn(table=table, constraints=constraints):
                keys = tuple(key.table for key in constraints if isinstance(key, ForeignKey))
            case _:
                continue
        for other in keys:
            if context.live(table):
                yield Finding(step.span, f"the new foreign key blocks writes to `{table}` and `{other}`")


HAZARD = Hazard(
    code="foreign-key-scans",
    kind="blocking",
    hint="add it with ADD CONSTRAINT … NOT VALID, and VALIDATE CONSTRAINT in another transaction",
    check=check,
    page=__doc__,
    setup=(
        "CREATE TABLE crate (id bigint PRIMARY KEY);\n"
        "CREATE TABLE version (id bigint PRIMARY KEY, crate_id bigint);"
    ),
    bad="ALTER TABLE version ADD CONSTRAINT version_crate FOREIGN KEY (crate_id) REFERENCES crate (id);",
    good=(
        "ALTER TABLE version ADD CONSTRAINT version_crate"
        " FOREIGN KEY (crate_id) REFERENCES crate (id) NOT VALID;\n"
        "-- next migration\n"
        "ALTER TABLE version VALIDATE CONSTRAINT version_crate;"
    ),
    names={
        "squawk": ("adding-foreign-key-constraint", "constraint-missing-not-valid"),
        "strong_migrations": ("add_foreign_key", "add_reference"),
        "atlas": ("PG306",),
        "eugene": ("E1",),
    },
)
