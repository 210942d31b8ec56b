"""A build or hotfix enters an environment on nothing but the word of whoever proposes it.

A promotion at least asks for health in its sources. An `admit` or a `hotfix` asks for what it requires,
and here that is nothing, or only what the proposal itself says:

    hotfix staging -> prod { require strategy == rolling }

Ask for something that others have observed: a gate, an approval, provenance, who acts.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model, walk

CODE = "unguarded-route"

BAD = """
environment staging
environment prod after staging
admit build -> staging { require provenance from "https://ci.example.com" }
promote staging -> prod { require contains open hotfixes }
hotfix staging -> prod { require strategy == rolling }
"""

GOOD = """
environment staging
environment prod after staging
group responders { "ana@example.com", "bo@example.com" }
admit build -> staging { require provenance from "https://ci.example.com" }
promote staging -> prod { require contains open hotfixes }
hotfix staging -> prod { require strategy == rolling, at least 1 approval from responders except authors }
"""

# What holds or not by what the proposal says.
SAID = (model.Constant, model.ParameterValue, model.RequestValue, model.SetExpression, model.Arithmetic)
SAID_CONDITIONS = (
    *(model.Compare, model.Not, model.And, model.Or, model.Implies, model.Truth),
    *(model.RollbackPlan, model.ConfigurationHas, model.NewFlagsOff, model.NoMigrations),
)


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the admissions and hotfixes that require nothing of the facts."""
    for route in policy.routes:
        if route.lane not in ("admit", "hotfix"):
            continue
        nodes = [node for each in route.requirements for node in walk.parts(each.condition)]
        if all(isinstance(node, SAID + SAID_CONDITIONS) for node in nodes):
            what = "nothing but what the proposal says" if nodes else "nothing"
            message = f"this {'admission' if route.lane == 'admit' else 'hotfix'} requires {what}"
            hint = "require a gate, an approval, or `provenance from …`"
            yield Diagnostic(CODE, message, route.span, hint, severity="warning")
