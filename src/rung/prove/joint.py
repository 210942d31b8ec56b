"""Defines how two policies are read in one world: which unknowns mean the same under both.

An unknown stands for something of the request. Some stand for what a policy makes of it as well: whether a
record is well-formed hangs on the fields declared, whether health is stale on its age. Where the policies
differ in that, the second has an unknown of its own, and `relations` says how the two go together. What is
said there is true of every request, and whatever is not said only makes more requests possible: a proof
holds all the same.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from rung.policy import model
from rung.policy.persons import strangers_of
from rung.policy.walk import gates_behind, gone_back, parts
from rung.prove.decide import Encoder
from rung.prove.doors import Door, part
from rung.prove.scene import persons_of
from rung.prove.world import OTHER, Key, Vocabulary, World, version_ranks

AGED = (model.NoDrift, model.LockHeld, model.DependenciesMet, model.NewFlagsOff)
"""Conditions on what was read of an environment, which says nothing once it is as old as health may be."""


def beside(encoder: Encoder, part: model.Policy, first: model.Policy, second: model.Policy) -> Encoder:
    """A part of the second policy in the world of an encoder of a part of the first."""

    def known_as(key: Key) -> Key:
        return key if meaning(key, first) == meaning(key, second) else (OTHER, *key)

    return encoder.beside(part, known_as)


def apart(encoder: Encoder) -> bool:
    """Whether some unknown in an encoder's world means something else under the second policy."""
    return any(key[0] == OTHER for key in encoder.world.unknowns)


def joint_encoder(
    *policies: model.Policy,
    strangers: int = 0,
    copies: Mapping[str, int] | None = None,
    guess: bool = False,
) -> Encoder:
    """An encoder of the first policy, whose world has room for the others, and for more strangers."""
    world = World(policies[0], "", Vocabulary(version_ranks(*policies)))
    known = persons_of(*policies, strangers=max(strangers, sum(strangers_of(each) for each in policies)))
    return Encoder(policies[0], copies=copies, world=world, persons=known, guess=guess)


# ---------------------------------------------------------------- what an unknown means


def meaning(key: Key, policy: model.Policy) -> Hashable:
    """All of a policy that an unknown stands on; None for one that stands on the request alone."""
    match key:
        case ("healthy for" | "healthy as candidate" | "unequal", *_):
            return policy.health_age
        case ("flag", node, str(target), _):
            return _of_flag(node, target, policy)
        case ("unlike", str(target), str(kind)):
            rule = strategy_in(policy, target, kind)
            shares = () if rule is None else tuple(each.share for each in rule.steps)
            return rule and (rule.max_unavailable, rule.keep, shares)
        case ("overdue", str(target)):
            return obligations_in(policy, target)
        case ("record" | "record age" | "field", str(name), *_) if name not in policy.evidence:
            return None
        case ("record", str(name), _):
            return policy.evidence[name].about, frozenset(policy.evidence[name].fields)
        case ("record age", str(name), _):
            return policy.evidence[name].about
        case ("field", str(name), _, _, str(field), *_):
            return policy.evidence[name].about, dict(policy.evidence[name].fields).get(field)
        case ("guess", node, str(target), *_):
            return behind(policy, [node], target)
        case (
            "person of"
            | "person in"
            | "known"
            | "said"
            | "said ago"
            | "doubted"
            | "actor"
            | "actor known"
            | "role"
            | "role filled",
            *_,
        ):
            return identities(policy)
        case _:
            return None


def _of_flag(node: object, target: str, policy: model.Policy) -> Hashable:
    match node:
        case model.LockHeld():
            return policy.health_age, identities(policy)
        case model.NoDrift() | model.DependenciesMet() | model.NewFlagsOff():
            return policy.health_age
        case model.MigrationsCompatible():
            return gone_back(policy, target)
        case _:
            return None


def identities(policy: model.Policy) -> frozenset[frozenset[str]]:
    """Which accounts are one person's, where that is said.

    The facts are taken to know whoever some policy names, and not to make one person of those whom policies
    declare without any other account.
    """
    return frozenset(frozenset({each.id, *each.accounts}) for each in policy.persons if each.accounts)


def strategy_in(policy: model.Policy, target: str, kind: str) -> model.Strategy | None:
    rules = (each for each in policy.strategies if target in each.places and each.kind == kind)
    return next(rules, None)


Owing = tuple[str, model.Obligation, Hashable]


def obligations_in(policy: model.Policy, target: str) -> frozenset[Owing]:
    """What is owed after entries into a place: the lane, the obligation, and all that it stands on."""
    return frozenset(
        (route.lane, each, behind(policy, [one.condition for one in each.requirements], target))
        for route in policy.routes
        if route.target == target
        for each in route.obligations
    )


def behind(policy: model.Policy, conditions: Iterable[model.Condition], target: str) -> Hashable:
    """All of a policy that the truth of conditions in a target stands on."""
    required = tuple(model.Requirement(each, policy.span) for each in conditions)
    gates = [policy.gates[name] for name in sorted(gates_behind(required, policy))]
    required += tuple(each for gate in gates for each in gate.requirements)
    nodes = [node for each in required for node in parts(each.condition)]
    groups = {name for node in nodes for name in _groups(node) if name in policy.groups}
    evidence = {need.evidence for gate in gates for need in gate.needs}
    evidence |= {node.evidence for node in nodes if isinstance(node, model.EvidenceField)}
    return (
        tuple((gate.name, gate.needs, gate.requirements) for gate in gates),
        tuple((name, policy.groups[name].members) for name in sorted(groups)),
        tuple((name, policy.evidence[name].about, policy.evidence[name].fields) for name in sorted(evidence)),
        frozenset(
            (each.gate, each.begins, each.ends)
            for each in policy.waivers
            if target in each.places and each.gate in {gate.name for gate in gates}
        ),
        tuple(each for each in policy.maintenance if target in each.places),
        policy.health_age,
        gone_back(policy, target),
        identities(policy),
    )


def _groups(node: model.Expression) -> tuple[str, ...]:
    match node:
        case model.People(groups=groups, excluding=excluding):
            return (*groups, *excluding)
        case model.PersonIn(people=people):
            return (people,)
        case _:
            return ()


def bearing(policy: model.Policy, door: Door) -> object:
    """All of a policy that decisions about a door, and what these owe, stand on; titles are for readers."""
    found = part(policy, door)
    asked = {need.evidence for gate in found.gates.values() for need in gate.needs}
    return (
        found.environments,
        found.health_age,
        {(each.id, each.accounts) for each in policy.persons},
        {name: group.members for name, group in found.groups.items()},
        {name: (each.about, each.fields) for name, each in found.evidence.items() if name in asked},
        {name: (each.needs, each.requirements) for name, each in found.gates.items()},
        (found.routes, found.acts, found.strategies),
        (found.freezes, found.windows, found.denies, found.maintenance),
        (found.singles, found.parities, found.keys),
        [(each.gate, each.places, each.begins, each.ends) for each in found.waivers],
        gone_back(policy, door.target),
        obligations_in(policy, door.target),
    )
