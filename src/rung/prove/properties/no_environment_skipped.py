"""Defines the property `no-environment-skipped`."""

from __future__ import annotations

from collections.abc import Iterator

from rung.policy import model
from rung.prove.claims import Claim, come_through, listed


def claims(policy: model.Policy, node: model.NamedProperty) -> Iterator[Claim]:
    """Proved means: whatever enters an environment by a lane that is not excepted has earned health before
    in all (or in as many as it says) of those that the environment is after.

    A rollback enters nothing for the first time, so it skips nothing that was not skipped before.
    """
    for route in policy.routes:
        after = policy.environments[route.target].after
        if after is None or route.lane in (*node.lanes, "rollback"):
            continue
        text = f"a release enters `{route.target}` that has not earned health in {listed(after)}"
        yield Claim(route, come_through("earned", after, route), text)
