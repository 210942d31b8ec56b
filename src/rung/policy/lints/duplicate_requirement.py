"""The same condition is required twice, so one of the two does nothing.

Often the second one should have said something else.

    promote qa -> prod {
        require healthy in qa for 24h, rollback plan
        require healthy in qa for 24h
    }

What a required gate asks for counts as well, but for its approvals: those may be given for the gate alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic, Related, Span
from rung.policy import model, walk

CODE = "duplicate-requirement"

BAD = """
environment staging
environment prod after staging
admit build -> staging { require provenance from "https://ci.example.com" }
promote staging -> prod {
    require healthy in staging for 24h, rollback plan
    require healthy in staging for 24h
}
"""

GOOD = """
environment staging
environment prod after staging
admit build -> staging { require provenance from "https://ci.example.com" }
promote staging -> prod {
    require healthy in staging for 24h, rollback plan
    require healthy in target for 24h or migrations compatible
}
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the conditions that a block, or a gate that the block requires, demands twice."""
    reported: set[Span] = set()  # what `every route` requires stands in many routes
    for block in walk.blocks(policy):
        own: dict[model.Condition, Span] = {}
        for condition in walk.conjuncts(block.requirements):
            first = own.setdefault(condition, condition.span)
            if first == condition.span or condition.span in reported:
                continue
            if first.file == condition.span.file:
                reported.add(condition.span)
                message = "this is required twice"
                yield _found(message, condition.span, Related(first, "required here already"))
        if isinstance(block.owner, model.Gate):
            continue
        for condition, gate in walk.demands(block.requirements, policy):
            span = own.get(condition)
            if span is None or gate is None or span in reported:
                continue
            if not _is_of_people(condition):
                reported.add(span)
                message = f"this is required here and by gate `{gate.name}`, which is required too"
                yield _found(message, span, Related(condition.span, "the gate requires it"))


def _is_of_people(condition: model.Condition) -> bool:
    """Approvals for a gate count in the gate alone; a gate may well be required by other gates."""
    return any(isinstance(node, model.People | model.GateHolds) for node in walk.parts(condition))


def _found(message: str, span: Span, other: Related) -> Diagnostic:
    hint = "remove one, or say what else was meant"
    return Diagnostic(CODE, message, span, hint, (other,), "warning")
