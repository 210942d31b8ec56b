"""Proves claims about entries: no route lets a release in that breaks its claim, whatever the state.

What the policy does not fix is the adversary's choice: facts, time, persons, and all of the state but for the
order that histories keep. So what is proved of one entry holds of every entry in every history.
"""

from __future__ import annotations

from collections.abc import Sequence

from rung.frozen import frozen
from rung.policy import model
from rung.policy.persons import strangers_of
from rung.policy.walk import parts
from rung.prove.claim_terms import broken, history
from rung.prove.claims import Claim, head
from rung.prove.cone import cone
from rung.prove.decide import Encoder
from rung.prove.invariants import assumed, been, kept, pairs
from rung.prove.obligation import Docket, obligation
from rung.prove.scene import persons_of
from rung.prove.solve import Answer
from rung.prove.verdict import Order


@frozen
class Checked:
    """What is known of a claim: no entry breaks it (`holds`), one may, or (a `reason`) it is not known.

    `usable` is false where nothing can take the route at all.
    """

    claim: Claim
    holds: bool
    usable: bool
    reason: str = ""


def check(
    policy: model.Policy,
    claim: Claim,
    waivers: Sequence[model.Waiver],
    docket: Docket,
    order: Order | None = None,
) -> Checked:
    """Whether some entry breaks a claim, under these waivers; the order is looked for unless it is known."""
    route = claim.route
    part = cone(policy, (route,), claim.conditions)
    in_force = tuple(each for each in part.waivers if each in waivers)
    persons = persons_of(part, strangers=strangers_of(part, claim.conditions))
    encoder = Encoder(part, in_force, persons=persons, guess=True)
    allowed = encoder.allowed(route)
    where = been(encoder)
    breaks = broken(claim, encoder)
    history(policy, encoder, route)
    entry = (*encoder.world.axioms, allowed)
    shows = f"by {head(route)} it is never so that {claim.broken}"
    said = docket.meet(obligation(shows, *entry, breaks))
    places = claimed_places(claim)
    if said is Answer.POSSIBLE and places and isinstance(route, model.Route):
        order = kept(policy, pairs(places, where), docket) if order is None else order
        said = docket.meet(obligation(shows, *entry, breaks, *assumed(encoder, order)))
    if said is Answer.IMPOSSIBLE:
        unusable = docket.meet(obligation(f"nothing can ever take {head(route)}", *entry))
        return Checked(claim, True, unusable is not Answer.IMPOSSIBLE)
    if said is Answer.POSSIBLE and not encoder.guessed:
        return Checked(claim, False, True)
    why = "the solver gave no answer"
    if said is Answer.POSSIBLE:
        why = f"the solver is not told about {encoder.guessed[0]}"
    return Checked(claim, False, True, why)


def usable(policy: model.Policy, route: model.Route, docket: Docket) -> bool:
    """Whether something may ever take a route; False only where it is shown that nothing can."""
    encoder = Encoder(cone(policy, (route,)), guess=True)
    allowed = encoder.allowed(route)
    history(policy, encoder, route)
    step = obligation(f"nothing can ever take {head(route)}", *encoder.world.axioms, allowed)
    return docket.meet(step) is not Answer.IMPOSSIBLE


def claimed_places(claim: Claim) -> list[str]:
    """The places of whose past a claim speaks."""
    nodes = (node for each in claim.conditions for node in parts(each))
    return sorted({node.place for node in nodes if isinstance(node, model.Happened)})
