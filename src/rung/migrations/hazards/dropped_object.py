"""A view, function, type, sequence, trigger or extension is dropped that live code or the schema may rely on.

What is created anew in the same transaction is not missed.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.schema import Kind
from rung.migrations.steps import CreateFunction, CreateTrigger, CreateView, Drop, Statement

_KINDS = (
    Kind.VIEW,
    Kind.MATERIALIZED_VIEW,
    Kind.FUNCTION,
    Kind.TYPE,
    Kind.DOMAIN,
    Kind.SEQUENCE,
    Kind.TRIGGER,
    Kind.EXTENSION,
)


def _comes_back(drop: Drop, later: tuple[Statement, ...]) -> bool:
    """Whether a later statement of the migration creates it anew."""
    for statement in later:
        for step in statement.steps:
            match step:
                case CreateView(view=view) if view.name == drop.name:
                    return True
                case CreateFunction(function=function) if function.name == drop.name:
                    # another signature is another function
                    return drop.arguments is None or function.arguments == drop.arguments
                case CreateTrigger(table=table, trigger=trigger) if table == drop.table:
                    return trigger.name == drop.name.name
                case _:
                    continue
    return False


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if (
            isinstance(step, Drop)
            and step.kind in _KINDS
            and not (context.in_transaction and _comes_back(step, context.later))
            and (step.table is None or context.live(step.table))
        ):
            yield Finding(step.span, f"live code may still use the {step.kind.value} `{step.name}`")


HAZARD = Hazard(
    code="dropped-object",
    kind="breaking",
    hint="drop it in a release after the last one whose code uses it",
    check=check,
    page=__doc__,
    setup="CREATE VIEW crates AS SELECT 1 AS id;",
    bad="DROP VIEW crates;",
    good="CREATE OR REPLACE VIEW crates AS SELECT 1 AS id, 'serde' AS name;",
    names={
        "squawk": (
            "ban-drop-view",
            "ban-drop-function",
            "ban-drop-type",
            "ban-drop-domain",
            "ban-drop-sequence",
            "ban-drop-trigger",
            "ban-drop-extension",
        )
    },
)
