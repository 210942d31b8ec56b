"""Defines what a baseline lets the files do that use it: what it says of routes, whoever writes them.

A baseline need have no route into an environment for which it has rules. What enters by a route of another
file must fulfil what the baseline requires of every route there, with its own gates, groups and parameters,
and nothing of the baseline may stand against it. What the baseline opens is for that file to say: members
of its open groups, waivers of its open gates, and who is who.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rung.policy import model
from rung.prove.doors import door_of
from rung.prove.owing import owed


def binds(baseline: model.Policy) -> bool:
    """Whether a policy binds routes of others, and does not list all there are."""
    return bool(baseline.constraints or baseline.opens) or not baseline.routes


def opened(baseline: model.Policy, user: model.Policy) -> model.Policy:
    """The baseline with what it leaves to a file that uses it, as that file has it."""
    open_gates = {name for kind, name in baseline.opens if kind == "gate"}
    open_groups = {name for kind, name in baseline.opens if kind == "group"}
    waivers = tuple(each for each in user.waivers if each.gate in open_gates and each not in baseline.waivers)
    return replace(
        baseline,
        persons=user.persons if ("persons", "") in baseline.opens else baseline.persons,
        groups={
            name: user.groups.get(name, group) if name in open_groups else group
            for name, group in baseline.groups.items()
        },
        waivers=(*baseline.waivers, *(_in(baseline, each) for each in waivers)),
    )


def _in(baseline: model.Policy, waiver: model.Waiver) -> model.Waiver:
    return replace(waiver, places=tuple(each for each in waiver.places if each in baseline.environments))


def allowing(baseline: model.Policy, *routes: model.Route) -> model.Policy:
    """The baseline with routes of another file, as its constraints bind them, and no others like these."""
    doors = {door_of(each) for each in routes}
    bound = [
        replace(
            each,
            requirements=tuple(_bound(baseline, each.lane, each.target)),
            obligations=tuple(owed(baseline, door_of(each))),
        )
        for each in routes
    ]
    others = (each for each in baseline.routes if door_of(each) not in doors)
    return replace(baseline, routes=(*others, *bound))


def plain_users(old: model.Policy, new: model.Policy) -> Iterator[tuple[model.Route, ...]]:
    """For each lane into a place that constraints bind otherwise, a route that asks for nothing itself.

    It comes from all that comes before the place. After one that goes back stands one for what came before.
    The policies' gates have one name where they say the same.
    """
    for name, place in new.environments.items():
        if name not in old.environments:
            continue
        for lane in model.LANES:
            if _bound(old, lane, name) == _bound(new, lane, name):
                continue
            span = next(
                each.span for policy in (new, old) for each in policy.constraints if name in each.places
            )
            first: model.Lane = "admit" if place.after is None else "promote"
            entry = model.Route(first, place.after, name, 0, (), (), span)
            if lane == "rollback":
                yield model.Route(lane, None, name, 1, (), (), span), entry
            elif (lane == "admit") == (place.after is None):
                yield (replace(entry, lane=lane),)


def _bound(policy: model.Policy, lane: model.Lane, target: str) -> list[model.Requirement]:
    """What the constraints of a policy ask of every route of a lane into a place."""
    return [
        requirement
        for each in policy.constraints
        if target in each.places and lane not in each.exempt
        for requirement in each.requirements
    ]
