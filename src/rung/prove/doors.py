"""Defines doors: a lane, or an action, and the environment that it leads into. Proposals claim one of them.

All routes of a lane into an environment are one door: by which of them a release came nobody says.
"""

from __future__ import annotations

from typing import NamedTuple

from rung.policy import model
from rung.prove.cone import cone

Way = model.Route | model.Act


class Door(NamedTuple):
    """What proposals name that want in: `lane` is None for actions but deploying."""

    action: str
    lane: model.Lane | None
    target: str


class Policies(NamedTuple):
    """Two policies, in the order in which they are read."""

    first: model.Policy
    second: model.Policy

    @property
    def turned(self) -> Policies:
        return Policies(self.second, self.first)


def door_of(way: Way) -> Door:
    if isinstance(way, model.Act):
        return Door(way.action, None, way.target)
    return Door("deploy", way.lane, way.target)


def doors(*policies: model.Policy) -> list[Door]:
    """Every door that some of the policies has, in their order."""
    return list(dict.fromkeys(door_of(way) for policy in policies for way in _all(policy)))


def _all(policy: model.Policy) -> tuple[Way, ...]:
    return (*policy.routes, *policy.acts)


def ways(policy: model.Policy, door: Door) -> tuple[Way, ...]:
    """The routes, or the rule of an action, by which a policy lets something through a door."""
    return tuple(each for each in _all(policy) if door_of(each) == door)


def part(policy: model.Policy, door: Door) -> model.Policy:
    """The policy with nothing but what can bear on a door."""
    return cone(policy, ways(policy, door))
