"""Defines the property `migrations-in-order`."""

from __future__ import annotations

from collections.abc import Iterator

from rung.policy import model
from rung.prove.claims import Claim, come_through, listed, routes_into


def claims(policy: model.Policy, node: model.NamedProperty) -> Iterator[Claim]:
    """Proved means: the schema of an environment is never ahead of that of what it is after: what enters with
    migrations, by a lane that is not excepted, was deployed there before, where they have run.

    A release brings the same migrations wherever it goes, and no schema goes back.
    """
    for route in routes_into(policy, node.places or tuple(policy.environments)):
        after = policy.environments[route.target].after
        if after is not None and route.lane not in node.lanes:
            text = f"migrations run in `{route.target}` that have not run in {listed(after)}"
            brings = model.Not(model.NoMigrations(route.span), route.span)
            yield Claim(route, come_through("deployed", after, route), text, brings, alike=True)
