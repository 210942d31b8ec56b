"""Defines when what one policy demands after an entry is demanded by another as well."""

from __future__ import annotations

from rung.policy import model
from rung.prove.cone import cone
from rung.prove.doors import Door, Policies
from rung.prove.errors import NotEncodedError
from rung.prove.joint import apart, beside, joint_encoder
from rung.prove.obligation import Docket, obligation
from rung.prove.relations import relations
from rung.prove.solve import Answer
from rung.prove.terms import all_of, no


def owed(policy: model.Policy, door: Door) -> list[model.Obligation]:
    """What is owed after an entry by a door: what one route of a lane demands, all do."""
    routes = [each for each in policy.routes if (each.lane, each.target) == (door.lane, door.target)]
    return list(dict.fromkeys(each for route in routes for each in route.obligations))


def uncovered(policies: Policies, door: Door, docket: Docket) -> list[model.Obligation]:
    """The first policy's obligations that no obligation of the second covers, as early and in any case."""
    others = owed(policies.second, door)
    return [
        each
        for each in owed(policies.first, door)
        if not any(_covers(policies, each, one, door, docket) for one in others)
    ]


def _covers(
    policies: Policies, one: model.Obligation, other: model.Obligation, door: Door, docket: Docket
) -> bool:
    """Whether whatever discharges the other policy's obligation discharges this one, and no later."""
    if other.seconds > one.seconds:
        return False
    # Discharging is no decision: only what is required for it is read.
    acts = [model.Act("expose", door.target, each.requirements, each.span) for each in (one, other)]
    parts = [cone(policy, (act,)) for policy, act in zip(policies, acts, strict=True)]
    encoder = joint_encoder(*parts)
    second = beside(encoder, parts[1], *policies)
    mine, theirs = (
        all_of([each.read(node.condition, each.scene(door.target, ())) for node in obligation.requirements])
        for each, obligation in ((encoder, one), (second, other))
    )
    known = relations(encoder.world, *policies)
    shows = f"what discharges `{other.name}` discharges `{one.name}`"
    step = obligation(shows, *encoder.world.axioms, *known, theirs, no(mine))
    if docket.meet(step) is Answer.IMPOSSIBLE:
        return True
    if apart(encoder):
        raise NotEncodedError(f"what discharges `{one.name}` means something else in the other policy")
    return False


def overdue_under(policies: Policies, target: str, docket: Docket) -> bool:
    """Whether what is overdue in a target under the first policy is overdue under the second as well."""
    doors = {Door("deploy", each.lane, target) for each in policies.first.routes if each.obligations}
    try:
        return not any(uncovered(policies, door, docket) for door in sorted(doors))
    except NotEncodedError:
        return False
