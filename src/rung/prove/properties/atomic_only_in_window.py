"""Defines the property `atomic-only-in-window`."""

from __future__ import annotations

from collections.abc import Iterator

from rung.policy import model
from rung.prove.claims import Claim, routes_into


def claims(policy: model.Policy, node: model.NamedProperty) -> Iterator[Claim]:
    """Proved means: whatever is deployed to all nodes at once is so under a lock and inside a maintenance
    window. A rollback, which may not wait, is excepted.
    """
    for route in routes_into(policy, tuple(policy.environments)):
        span = route.span
        chosen = model.RequestValue("strategy", model.STRATEGY, span)
        at_once = model.Compare("equal", chosen, model.Constant(model.STRATEGY, "atomic", span), span)
        calm = model.And((model.LockHeld(span), model.InsideMaintenance(span)), span)
        text = f"all of `{route.target}` is replaced at once outside a maintenance window, or without a lock"
        yield Claim(route, calm, text, given=at_once)
