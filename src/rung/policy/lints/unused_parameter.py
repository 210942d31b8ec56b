"""A parameter that no condition reads can be set to anything without effect.

Often the number that it was made for still stands in the condition.

    parameter minimum_coverage: percent = 80%
    gate tests_pass {
        needs unit_tests
        require unit_tests.coverage >= 75%
    }

In a baseline, whose parameters are there for others, this is not looked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model, walk

CODE = "unused-parameter"

BAD = """
environment prod
parameter minimum_coverage: percent = 80%
admit build -> prod { require provenance from "https://ci.example.com" }
"""

GOOD = """
environment prod
parameter minimum_coverage: percent = 80%
evidence unit_tests about build { coverage: percent }
gate tests_pass {
    needs unit_tests
    require unit_tests.coverage >= minimum_coverage
}
admit build -> prod { require tests_pass }
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the parameters that stand in no condition."""
    if policy.is_baseline or not policy.parameters:
        return
    read = {
        node.name
        for condition in walk.conditions(policy)
        for node in walk.parts(condition)
        if isinstance(node, model.ParameterValue)
    }
    for parameter in policy.parameters.values():
        if parameter.name not in read:
            message = f"no condition reads parameter `{parameter.name}`"
            yield Diagnostic(CODE, message, parameter.span, "use it, or remove it", severity="warning")
