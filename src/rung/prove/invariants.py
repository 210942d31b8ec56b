"""Defines the order that every history keeps: what has certainly earned health before it is elsewhere.

`qa before prod` is kept when no route into prod can be taken by what never earned health in qa. Whether a
route keeps it may follow from what its sources keep, so all are assumed and those are dropped that some route
breaks, until none is (the largest set that is inductive: nothing is deployed at first).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rung.policy import model
from rung.prove import conditions
from rung.prove.claim_terms import history
from rung.prove.claims import head, sources_of
from rung.prove.cone import cone
from rung.prove.decide import Encoder
from rung.prove.obligation import Docket, Obligation, obligation
from rung.prove.solve import Answer
from rung.prove.terms import Term, all_of, implies, no
from rung.prove.world import Vocabulary, World

Order = frozenset[tuple[str, str]]
"""Pairs (first, second): whatever is, or was, deployed in `second` has earned health in `first` before."""


def kept(policy: model.Policy, route: model.Route, first: Iterable[str], docket: Docket) -> Order:
    """The order that histories keep between the places in `first` and all from where `route` may come."""
    places = behind(policy, route)
    order = {(early, late) for early in first for late in places if early != late}
    while True:
        before, steps = frozenset(order), []
        for pair in sorted(before):
            for step in consecution(policy, pair, order):
                steps.append(step)
                if docket.ask(step) is not Answer.IMPOSSIBLE:
                    order.discard(pair)
                    break
        if order == before:
            break
    # In the last round nothing was dropped, so each step assumes the order that is kept.
    for step in [initiation(policy, before), *steps] if before else ():
        docket.meet(step)
    return before


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


def initiation(policy: model.Policy, order: Order) -> Obligation:
    """That an order holds at first."""
    world = World(policy, vocabulary=Vocabulary(()))
    nowhere = [no(world.boolean(("deployed", late))) for _, late in sorted(order)]
    holds = all_of([_in_order(world, pair) for pair in sorted(order)])
    return obligation("the order holds at first, when nothing is deployed", *nowhere, no(holds))


def consecution(
    policy: model.Policy, pair: tuple[str, str], order: Iterable[tuple[str, str]]
) -> Iterator[Obligation]:
    """That each way into the second of a pair keeps their order, if all of it was kept until then."""
    early, late = pair
    for route in policy.routes:
        if not _enters(route, late):
            continue
        encoder = Encoder(cone(policy, (route,)), guess=True)
        allowed = encoder.allowed(route)
        earned = conditions.ever_earned(early, encoder.scene(late, ()))
        history(policy, encoder, route)
        shows = f"what enters by {head(route)} has earned health in `{early}`, if it was in order before"
        yield obligation(shows, *encoder.world.axioms, *assumed(encoder, order), allowed, no(earned))


def assumed(encoder: Encoder, order: Iterable[tuple[str, str]]) -> list[Term]:
    """An order as formulas over the places of which an encoder's world knows already."""
    world = encoder.world
    return [_in_order(world, pair) for pair in sorted(order) if ("deployed", pair[1]) in world.unknowns]


def _in_order(world: World, pair: tuple[str, str]) -> Term:
    early, late = pair
    return implies(world.boolean(("deployed", late)), world.boolean(("ever earned", early)))
