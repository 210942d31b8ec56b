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
from rung.prove.doors import Door, Policies, door_of
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


def plain_users(old: model.Policy, new: model.Policy) -> Iterator[tuple[Policies, Door]]:
    """The policies with a route that asks for nothing itself, and its door: for each lane into each place.

    There is none where neither binds routes of others. The route comes from all that comes before the place.
    With one that goes back stands one for what came before. A place that one policy does not have is of the
    files that use it.
    """
    if not (binds(old) or binds(new)):
        return
    places = old.environments | new.environments
    both = [replace(each, environments=places | each.environments) for each in (old, new)]
    for name, place in places.items():
        constraints = (each for policy in (new, old) for each in policy.constraints if name in each.places)
        span = next((each.span for each in constraints), place.span)
        lanes: tuple[model.Lane, ...] = ("admit",) if place.after is None else ("promote", "hotfix")
        entries = [model.Route(lane, place.after, name, 0, (), (), span) for lane in lanes]
        back = model.Route("rollback", None, name, 1, (), (), span)
        for routes in [*((each,) for each in entries), (back, entries[0])]:
            yield Policies(*(allowing(each, *routes) for each in both)), door_of(routes[0])


def _bound(policy: model.Policy, lane: model.Lane, target: str) -> list[model.Requirement]:
    """What the constraints of a policy ask of every route of a lane into a place."""
    return [
        requirement
        for each in policy.constraints
        if target in each.places and lane not in each.exempt
        for requirement in each.requirements
    ]
