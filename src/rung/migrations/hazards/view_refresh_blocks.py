"""A REFRESH MATERIALIZED VIEW without CONCURRENTLY blocks reads of the view until it is built anew.

With CONCURRENTLY, which needs a unique index on the view, readers go on with the old rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import NoEffect


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if (
            isinstance(step, NoEffect)
            and step.what == "REFRESH MATERIALIZED VIEW"
            and (step.table is None or context.live(step.table))
        ):
            yield Finding(step.span, f"refreshing `{step.table}` blocks its readers")


HAZARD = Hazard(
    code="view-refresh-blocks",
    kind="blocking",
    hint="use REFRESH MATERIALIZED VIEW CONCURRENTLY",
    check=check,
    page=__doc__,
    setup=("CREATE MATERIALIZED VIEW top AS SELECT 1 AS id;\nCREATE UNIQUE INDEX top_id ON top (id);"),
    bad="REFRESH MATERIALIZED VIEW top;",
    good="REFRESH MATERIALIZED VIEW CONCURRENTLY top;",
)
