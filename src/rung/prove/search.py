"""Defines the search for histories: along which routes a release comes to an entry, fewest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from itertools import chain

from rung.policy import model
from rung.policy.walk import gates_behind, parts
from rung.prove.errors import NotEncodedError
from rung.prove.solve import Clock

MOST_STATES = 3000
Places = frozenset[str]


def paths(
    policy: model.Policy,
    goal: model.Route,
    reaches: Callable[[Places], bool],
    enabled: Callable[[model.Route, Places], bool],
    clock: Clock,
    *,
    again: bool = False,
) -> Iterator[tuple[model.Route, ...]]:
    """Ways for a release to come where `goal` may be taken, shortest first; each ends with the goal itself.

    `reaches` says whether the goal can be as it shall be when the release has been in these places,
    `enabled` whether another route can be taken then. With `again` it may have been where the goal leads.
    """
    places = relevant(policy, goal) | ({goal.target} if again else set())
    routes = [each for each in policy.routes if each.target in places and each.lane != "rollback"]
    layer: dict[Places, tuple[model.Route, ...]] = {frozenset(): ()}
    seen = 0
    while layer:
        following: dict[Places, tuple[model.Route, ...]] = {}
        for been, way in layer.items():
            clock.left()
            if comes_from(goal, been) and reaches(been):
                yield (*way, goal)
            for route in routes:
                later = been | {route.target}
                if later == been or later in following or not comes_from(route, been):
                    continue
                if enabled(route, been):
                    following[later] = (*way, route)
                    seen += 1
        if seen > MOST_STATES:
            raise NotEncodedError(f"no history was found within {MOST_STATES} combinations of places")
        layer = following


def comes_from(route: model.Route, been: Set[str]) -> bool:
    """Whether a release that has been in these places can come by a route at all."""
    if route.lane == "rollback":
        return route.target in been
    return route.sources is None or len(been & set(route.sources.names)) >= route.sources.count


def relevant(policy: model.Policy, goal: model.Route) -> set[str]:
    """The places from where a release may come to an entry, and those that the rules on the way ask about."""
    into: dict[str, list[model.Route]] = {}
    for each in policy.routes:
        if each.lane != "rollback":
            into.setdefault(each.target, []).append(each)
    found: set[str] = set()
    pending = [goal]
    while pending:
        route = pending.pop()
        if route.lane == "rollback":
            asked = {goal.target}
        else:
            asked = set(route.sources.names) if route.sources is not None else set()
        for name in asked | set(asked_of(policy, route)):
            if name not in found:
                found.add(name)
                pending += into.get(name, ())
    return found


def asked_of(policy: model.Policy, route: model.Route) -> Iterator[str]:
    """The places about whose past the rules of a route ask."""
    gates = [policy.gates[name] for name in gates_behind(route.requirements, policy)]
    for requirement in chain(route.requirements, *(gate.requirements for gate in gates)):
        for node in parts(requirement.condition):
            if isinstance(node, model.Healthy) and node.place in policy.environments:
                yield node.place


def entries_before(policy: model.Policy) -> dict[str, int]:
    """About how many entries a release needs to come to each place that something can come to."""
    found: dict[str, int] = {}
    waiting = [each for each in policy.routes if each.lane != "rollback"]
    for entries in range(1, len(policy.environments) + 1):
        ready = [each for each in waiting if comes_from(each, found.keys())]
        for route in ready:
            found.setdefault(route.target, entries)
        waiting = [each for each in waiting if each.target not in found]
        if not ready or not waiting:
            break
    return found
