"""Defines the property `no-environment-skipped`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from rung.policy import model
from rung.prove.claims import Claim
from rung.prove.errors import NotEncodedError

MOST_CHOICES = 200


def claims(policy: model.Policy, node: model.NamedProperty) -> Iterator[Claim]:
    """Proved means: whatever enters an environment by a lane that is not excepted has earned health before
    in all (or in as many as it says) of those that the environment is after.

    A rollback enters nothing for the first time, so it skips nothing that was not skipped before.
    """
    for route in policy.routes:
        after = policy.environments[route.target].after
        if after is None or route.lane in (*node.lanes, "rollback"):
            continue
        yield Claim(route, _come_through(after, route), _skipped(after, route))


def _come_through(after: model.Sources, route: model.Route) -> model.Condition:
    earned = [model.Happened("earned", name, None, after.span) for name in after.names]
    choices = list(combinations(earned, after.count))
    if len(choices) > MOST_CHOICES:
        raise NotEncodedError(f"an environment after {after.count} of {len(after.names)} others")
    ways = tuple(each[0] if len(each) == 1 else model.And(each, route.span) for each in choices)
    return ways[0] if len(ways) == 1 else model.Or(ways, route.span)


def _skipped(after: model.Sources, route: model.Route) -> str:
    names = ", ".join(f"`{name}`" for name in after.names)
    how = {1: "", len(after.names): "all of "}.get(after.count, f"{after.count} of ")
    how = "any of " if after.count == 1 and len(after.names) > 1 else how if len(after.names) > 1 else ""
    return f"a release enters `{route.target}` that has not earned health in {how}{names}"
