"""Defines the property `every-gate-counted`."""

from __future__ import annotations

from collections.abc import Iterator

from rung.policy import model
from rung.prove.claims import Claim, routes_into


def claims(policy: model.Policy, node: model.NamedProperty) -> Iterator[Claim]:
    """Proved means: whenever a release enters, each of the gates named holds, or a waiver that the policy
    names stands for it. A rollback enters nothing for the first time.
    """
    for route in routes_into(policy, node.places):
        for gate in node.names:
            text = f"a release enters `{route.target}` for which `{gate}` does not hold"
            yield Claim(route, model.Held(gate, route.span), text)
