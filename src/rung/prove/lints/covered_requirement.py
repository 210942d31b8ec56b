"""A requirement follows from those beside it, so it asks for nothing that they do not.

    require unit_tests.coverage >= 50%
    require unit_tests.coverage >= 80%

Often one of them is left over, or one should have said something else. The solver has shown that whatever
fulfils the others fulfils this one. Requirements of parameters, which are there to be changed, are left
alone, and so are the routes of baselines, whose constraints are for routes that others write.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model
from rung.prove.lints.readings import Readings, Requirements, has_parameter, related

CODE = "covered-requirement"
KIN = ("duplicate-requirement", "constant-comparison")

BAD = """
environment prod
evidence unit_tests about build { coverage: percent }
gate tests_pass {
    needs unit_tests
    require unit_tests.coverage >= 50%
    require unit_tests.coverage >= 80%
}
admit build -> prod { require tests_pass }
"""

GOOD = """
environment prod
evidence unit_tests about build { coverage: percent, branches: percent }
gate tests_pass {
    needs unit_tests
    require unit_tests.branches >= 50%
    require unit_tests.coverage >= 80%
}
admit build -> prod { require tests_pass }
"""


def check(readings: Readings) -> Iterator[Diagnostic]:
    """Find, in blocks that can hold, the conditions that the others imply."""
    for block in readings.blocks:
        constrained = readings.policy.is_baseline and isinstance(block.owner, model.Route)
        if not constrained and block.together:
            yield from _covered(block)


def _covered(block: Requirements) -> Iterator[Diagnostic]:
    reading = block.anywhere
    fixed = [
        index
        for index, each in enumerate(reading.parts)
        if not (isinstance(each, model.Condition) and has_parameter(each))
    ]
    # What two imply of each other is said of the one that stands last.
    for index, condition in reversed(reading.conditions.items()):
        others = [each for each in fixed if each != index]
        if index not in fixed or _is_constraint(condition, block):
            continue
        if any(each.can(others, index) for each in block.everywhere):
            continue
        fixed.remove(index)
        implying = [reading.parts[each].span for each in reading.conflict(others, index)]
        if implying:  # else it always holds
            message = "this follows from what is required beside it"
            hint = "remove one, or say what else was meant"
            beside = related(implying, "asks for as much")
            yield Diagnostic(CODE, message, condition.span, hint, beside, "warning")


def _is_constraint(condition: model.Condition, block: Requirements) -> bool:
    """Whether a condition comes from a baseline, which asks it of every route."""
    return condition.span.file != block.owner.span.file
