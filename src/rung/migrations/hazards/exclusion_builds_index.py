"""An EXCLUDE constraint builds its index while reads and writes of the table wait.

It can neither be NOT VALID nor take an index that exists. Add it to an empty table, or enforce the rule
in another way.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.schema import Exclusion
from rung.migrations.steps import AddConstraint


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if (
            isinstance(step, AddConstraint)
            and isinstance(step.constraint, Exclusion)
            and context.live(step.table)
        ):
            message = f"the exclusion constraint builds an index of `{step.table}` while it is locked"
            yield Finding(step.span, message)


HAZARD = Hazard(
    code="exclusion-builds-index",
    kind="blocking",
    hint="there is no way to add it without the lock: do it while the table is small or unused",
    check=check,
    page=__doc__,
    setup="CREATE TABLE pause (id bigint PRIMARY KEY, during tstzrange);",
    bad="ALTER TABLE pause ADD CONSTRAINT apart EXCLUDE USING gist (during WITH &&);",
    good="CREATE TABLE apart (during tstzrange, EXCLUDE USING gist (during WITH &&));",
    names={
        "squawk": ("constraint-missing-not-valid",),
        "strong_migrations": ("add_exclusion_constraint",),
        "atlas": ("PG109",),
        "eugene": ("E8",),
    },
)
