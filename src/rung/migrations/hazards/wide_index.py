"""An index of more than three columns that is not unique.

Further columns seldom make a search narrower, and each makes the index larger and every write slower.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import CreateIndex


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if isinstance(step, CreateIndex) and not step.index.unique and len(step.index.keys) > 3:
            yield Finding(step.span, f"`{step.index.name}` has {len(step.index.keys)} columns")


HAZARD = Hazard(
    code="wide-index",
    kind="style",
    hint="lead with the columns that narrow the search most",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (a bigint, b bigint, c bigint, d bigint);",
    bad="CREATE INDEX wide ON crate (a, b, c, d);",
    good="CREATE INDEX narrow ON crate (a, b);",
    names={"strong_migrations": ("add_index_columns",)},
)
