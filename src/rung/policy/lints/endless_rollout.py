"""A rollout begins with a share of the traffic, and no rule lets it go on: it can never finish.

A canary gets to its next step by `advance`, a blue/green pair to the idle side by `switch`. What no rule
allows is denied, so that this canary stays at 10 %:

    strategy canary on prod { step 10% hold 1h step 100% }

Let it go on:

    strategy canary on prod { step 10% hold 1h step 100% }
    advance prod { require healthy in prod for 1h }

In a baseline, to which others add rules, it is not looked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model

CODE = "endless-rollout"

BAD = """
environment prod
admit build -> prod { require provenance from "https://ci.example.com" }
strategy blue_green on prod { keep 2h }
advance prod
"""

GOOD = """
environment prod
admit build -> prod { require provenance from "https://ci.example.com" }
strategy canary on prod { step 10% hold 1h step 100% }
advance prod
strategy blue_green on prod { keep 2h }
switch prod
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the strategies that begin with less than all traffic where nothing lets them go on."""
    if policy.is_baseline:
        return
    allowed = {(act.action, act.target) for act in policy.acts}
    for strategy in policy.strategies:
        action = _next(strategy)
        stuck = [each for each in strategy.places if action and (action, each) not in allowed]
        if stuck:
            names = ", ".join(f"`{each}`" for each in stuck)
            message = f"the rollouts of this strategy never finish in {names}"
            hint = f"write `{action} {stuck[0]}`, with what it requires"
            yield Diagnostic(CODE, message, strategy.span, hint, severity="warning")


def _next(strategy: model.Strategy) -> str | None:
    """The action that a rollout needs to go on, unless it begins with all traffic."""
    if strategy.kind == "blue_green":
        return "switch"
    return "advance" if len(strategy.steps) > 1 else None
