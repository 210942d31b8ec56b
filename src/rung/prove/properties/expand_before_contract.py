"""Defines the property `expand-before-contract`."""

from __future__ import annotations

from collections.abc import Iterator

from rung.policy import model
from rung.prove.claims import Claim, routes_into


def claims(policy: model.Policy, node: model.NamedProperty) -> Iterator[Claim]:
    """Proved means: whatever runs in an environment, is being rolled out there or may be gone back to, its
    schema goes with it: no release enters with migrations that are not compatible with all of these.

    Only deployments change a schema: a rollback brings no migrations, and a step of a rollout none of its
    own.
    """
    for route in routes_into(policy, node.places or tuple(policy.environments)):
        text = f"a release enters `{route.target}` with migrations that what runs there does not go with"
        ordinary = next((each for each in policy.routes if _is_ordinary(each, route.target)), route)
        yield Claim(route, model.MigrationsCompatible(route.span), text, others=(ordinary,))


def _is_ordinary(route: model.Route, place: str) -> bool:
    return route.target == place and route.lane in ("admit", "promote")
