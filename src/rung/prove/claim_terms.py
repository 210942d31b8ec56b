"""Defines when an entry fulfils or breaks a claim, as terms over the unknowns of a world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rung.policy import model
from rung.policy.walk import demands
from rung.prove import conditions
from rung.prove.claims import FILLED, Allowed, Claim, Equal, roles_in, sources_of
from rung.prove.decide import Encoder
from rung.prove.scene import Scene
from rung.prove.terms import TRUE, Term, all_of, any_of, implies, no, same


def scene_of(claim: Claim, encoder: Encoder) -> Scene:
    """The scene in which a claim is read: the entry by its route."""
    scene = encoder.scene(claim.route.target, sources_of(claim.route))
    return replace(scene, entry=claim.route if isinstance(claim.route, model.Route) else None)


STATES = ("deployed", "ever earned", "ever bad", "earned for")
"""Unknowns about what a release has been through in a place."""


def fulfilled(claim: Claim, encoder: Encoder) -> Term:
    """When an entry is one that a claim speaks of, and fulfils it, for somebody in each role."""
    scene = scene_of(claim, encoder)
    return all_of(
        _given(claim, scene, encoder), _holds(claim, scene, encoder), *_roles(claim, scene, encoder)
    )


def _given(claim: Claim, scene: Scene, encoder: Encoder) -> Term:
    return TRUE if claim.given is None else encoder.read(claim.given, scene)


def _holds(claim: Claim, scene: Scene, encoder: Encoder) -> Term:
    if isinstance(claim.holds, Equal):
        return no(encoder.differs(claim.holds.parity, scene.target))
    assert not isinstance(claim.holds, Allowed), "another policy is read abreast"
    return encoder.read(claim.holds, scene)


def _roles(claim: Claim, scene: Scene, encoder: Encoder) -> list[Term]:
    return [_role(name, claim.route, scene, encoder) for name in roles_in(claim.conditions)]


def broken(claim: Claim, encoder: Encoder) -> Term:
    """When an entry does not fulfil its claim, whoever has the roles that the claim speaks of.

    Where nobody has approved (or reviewed), what is claimed of who did is not fulfilled.
    """
    scene = scene_of(claim, encoder)
    wrong = no(_holds(claim, scene, encoder))
    return all_of(_given(claim, scene, encoder), wrong, *_roles(claim, scene, encoder))


def _role(name: str, route: model.Route | model.Act, scene: Scene, encoder: Encoder) -> Term:
    """That a role is filled by one of those who have it, or by nobody if nobody has."""
    world = encoder.world
    who, filled = conditions.role(name, scene), world.boolean(("role filled", name))
    if name == "author":
        have = [world.boolean(("person in", "authors", number)) for number in scene.persons.numbers]
        chosen = filled
    else:
        have = encoder.counted(route, FILLED[name])
        chosen = filled == any_of(have)
    one = any_of([all_of(same(who, number), term) for number, term in enumerate(have)])
    return all_of(chosen, implies(filled, one))


def history(policy: model.Policy, encoder: Encoder, way: model.Route | model.Act) -> None:
    """Assume of the state before a way is taken what holds in every history."""
    scene = encoder.scene(way.target, ())
    known = {key[1] for key in encoder.world.unknowns if key[0] in STATES}
    for place in sorted(known):
        conditions.ever_earned(place, scene)
    for evidence, place in _kept_since(policy, encoder, way):
        age = encoder.world.integer(("record age", evidence, None), 0)
        encoder.world.assume(age >= conditions.healthy_for(place, scene))
    if isinstance(way, model.Route) and way.lane == "rollback":
        candidate = encoder.world.boolean(("candidate", way.target, way.within))
        # What a rollback gives up a rollout for runs there, and need not have earned health.
        encoder.world.assume(implies(candidate, conditions.deployed(way.target, scene)))
        conditions.ever_earned(way.target, scene)
    _said(encoder)


SAYING = {"approval": "approvers", "review": "reviewers"}


def _said(encoder: Encoder) -> None:
    """Assume that who has said yes is one of those who have, where it is known who they are."""
    world = encoder.world
    for key, said in list(world.unknowns.items()):
        if key[0] == "said":
            name = SAYING[key[1]]
            among = world.unknowns.get(("person in", name, key[3]))
            if among is not None:
                world.assume(implies(all_of(said, world.boolean(("known", name))), among))


def _kept_since(
    policy: model.Policy, encoder: Encoder, way: model.Route | model.Act
) -> Iterator[tuple[str, str]]:
    """Evidence that is produced once, and a source into which nothing comes without it.

    Its record is older than all that happened in that source.
    """
    for key in list(encoder.world.unknowns):
        if key[0] != "record age" or key[2] is not None or not encoder.policy.evidence[key[1]].once:
            continue
        for place in sources_of(way):
            into = [each for each in policy.routes if each.target == place and each.lane != "rollback"]
            if into and all(key[1] in _evidence(each, policy) for each in into):
                yield key[1], place


def _evidence(route: model.Route, policy: model.Policy) -> set[str]:
    """The evidence without which nothing takes a route."""
    demanded = (each for each, _ in demands(route.requirements, policy))
    gates = [policy.gates[each.gate] for each in demanded if isinstance(each, model.GateHolds)]
    waived = {each.gate for each in policy.waivers if route.target in each.places}
    return {need.evidence for gate in gates if gate.name not in waived for need in gate.needs}
