"""Proves claims about entries: no route lets a release in that breaks its claim, whatever the state.

What the policy does not fix is the adversary's choice: facts, time, persons, and all of the state but for the
order that histories keep. So what is proved of one entry holds of every entry in every history.
"""

from __future__ import annotations

from collections.abc import Sequence

from rung.frozen import frozen
from rung.policy import model
from rung.policy.walk import parts
from rung.prove.claim_terms import broken, history
from rung.prove.claims import Claim
from rung.prove.cone import cone
from rung.prove.decide import Encoder
from rung.prove.invariants import assumed, kept
from rung.prove.scene import persons_of, strangers_of
from rung.prove.solve import Answer, Clock, Question
from rung.prove.terms import all_of


@frozen
class Checked:
    """What is known of a claim: no entry breaks it (`holds`), one may, or (a `reason`) it is not known.

    `usable` says whether the route itself can be taken at all.
    """

    claim: Claim
    holds: bool
    usable: bool
    reason: str = ""


def check(policy: model.Policy, claim: Claim, waivers: Sequence[model.Waiver], clock: Clock) -> Checked:
    """Whether some entry breaks a claim, under these waivers."""
    part = cone(policy, (claim.route,), claim.conditions)
    in_force = tuple(each for each in part.waivers if each in waivers)
    persons = persons_of(part, strangers_of(part, claim.conditions))
    encoder = Encoder(part, in_force, persons=persons, guess=True)
    allowed, breaks = encoder.allowed(claim.route), broken(claim, encoder)
    history(policy, encoder, claim.route)
    question = Question(clock, [*encoder.world.axioms, allowed])
    usable = question.ask()
    if usable is not Answer.POSSIBLE:
        reason = "" if usable is Answer.IMPOSSIBLE else "the solver gave no answer"
        return Checked(claim, usable is Answer.IMPOSSIBLE, False, reason)
    said = question.ask_with(breaks)
    places = claimed_places(claim)
    if said is Answer.POSSIBLE and places and isinstance(claim.route, model.Route):
        order = kept(policy, claim.route, places, clock)
        said = question.ask_with(all_of(breaks, *assumed(encoder, order)))
    if said is Answer.POSSIBLE and encoder.guessed:
        said, why = Answer.UNKNOWN, f"the solver is not told about {encoder.guessed[0]}"
    else:
        why = "the solver gave no answer"
    if said is Answer.UNKNOWN:
        return Checked(claim, False, True, why)
    return Checked(claim, said is Answer.IMPOSSIBLE, True)


def claimed_places(claim: Claim) -> list[str]:
    """The places of whose past a claim speaks."""
    nodes = (node for each in claim.conditions for node in parts(each))
    return sorted({node.place for node in nodes if isinstance(node, model.Happened)})
