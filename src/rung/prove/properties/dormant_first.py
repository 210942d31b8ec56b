"""Defines the property `dormant-first`."""

from __future__ import annotations

from collections.abc import Iterator

from rung.policy import model
from rung.prove.claims import Claim, routes_into


def claims(policy: model.Policy, node: model.NamedProperty) -> Iterator[Claim]:
    """Proved means: whatever is deployed for the first time brings only flags that are off, so that new code
    sleeps until it is exposed.
    """
    for route in routes_into(policy, node.places):
        text = f"a release enters `{route.target}` with a new flag on"
        yield Claim(route, model.NewFlagsOff(route.span), text)
