"""Defines the order that every history keeps: what has certainly earned health before it is elsewhere.

`qa before prod` is kept when no route into prod can be taken by what never earned health in qa. Whether a
route keeps it may follow from what its sources keep, so all are assumed and those are dropped that some route
breaks, until none is (the largest set that is inductive: nothing is deployed at first).
"""

from __future__ import annotations

from collections.abc import Iterable

from rung.policy import model
from rung.prove import conditions
from rung.prove.claim_terms import history
from rung.prove.claims import sources_of
from rung.prove.cone import cone
from rung.prove.decide import Encoder
from rung.prove.solve import Answer, Clock, Question
from rung.prove.terms import Term, implies, no

Order = frozenset[tuple[str, str]]
"""Pairs (first, second): whatever is, or was, deployed in `second` has earned health in `first` before."""


def kept(policy: model.Policy, route: model.Route, first: Iterable[str], clock: Clock) -> Order:
    """The order that histories keep between the places in `first` and all from where `route` may come."""
    places = behind(policy, route)
    entries = {place: [each for each in policy.routes if _enters(each, place)] for place in places}
    order = {(early, late) for early in first for late in places if early != late}
    changed = True
    while changed:
        changed = False
        for early, late in sorted(order):
            if any(not _keeps(policy, each, early, order, clock) for each in entries[late]):
                order.discard((early, late))
                changed = True
    return frozenset(order)


def behind(policy: model.Policy, route: model.Route | model.Act) -> list[str]:
    """Every environment from which something may come by a route, over any others."""
    found: list[str] = []
    pending: list[model.Route | model.Act] = [route]
    while pending:
        taken = pending.pop()
        for name in sources_of(taken):
            if name not in found:
                found.append(name)
                pending += [each for each in policy.routes if _enters(each, name)]
    return found


def _enters(route: model.Route, place: str) -> bool:
    """Whether a route can bring something to a place that never was there; a rollback cannot."""
    return route.target == place and route.lane != "rollback"


def _keeps(
    policy: model.Policy, route: model.Route, early: str, order: Iterable[tuple[str, str]], clock: Clock
) -> bool:
    encoder = Encoder(cone(policy, (route,)), guess=True)
    allowed = encoder.allowed(route)
    earned = conditions.ever_earned(early, encoder.scene(route.target, ()))
    history(policy, encoder, route)
    known = assumed(encoder, order)
    question = Question(clock, [*encoder.world.axioms, *known, allowed, no(earned)])
    return question.ask() is Answer.IMPOSSIBLE


def assumed(encoder: Encoder, order: Iterable[tuple[str, str]]) -> list[Term]:
    """An order as formulas over the places of which an encoder's world knows already."""
    world = encoder.world
    return [
        implies(world.boolean(("deployed", late)), world.boolean(("ever earned", early)))
        for early, late in sorted(order)
        if ("deployed", late) in world.unknowns
    ]
