"""Defines the cone of influence: the part of a policy that can bear on a route and what is claimed of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rung.policy import model
from rung.policy.types import PERSON
from rung.policy.walk import gates_behind, parts


def cone(
    policy: model.Policy,
    ways: Iterable[model.Route | model.Act],
    claims: Iterable[model.Condition] = (),
) -> model.Policy:
    """The policy with nothing but what can bear on the ways in; order and environments stay as they are."""
    ways, claims = tuple(ways), tuple(claims)
    routes = tuple(each for each in ways if isinstance(each, model.Route))
    acts = tuple(each for each in ways if isinstance(each, model.Act))
    targets = {each.target for each in ways}
    strategies = [each for each in policy.strategies if targets & set(each.places)]
    if not acts:
        strategies = [
            replace(each, steps=tuple(replace(step, requirements=()) for step in each.steps))
            for each in strategies
        ]
    claimed = tuple(model.Requirement(each, policy.span) for each in claims)
    rules: tuple[model.Freeze | model.Deny, ...] = (*policy.freezes, *policy.denies)
    bans = [each for each in rules if targets & set(each.places)]
    banned = tuple(model.Requirement(each.when, each.span) for each in bans if each.when is not None)
    required = tuple(requirement for way in ways for requirement in way.requirements)
    required += tuple(
        requirement for each in strategies for step in each.steps for requirement in step.requirements
    )
    names = gates_behind((*required, *claimed, *banned), policy)
    names |= {node.gate for each in claims for node in parts(each) if isinstance(node, model.Held)}
    for name in list(names):
        names |= gates_behind(policy.gates[name].requirements, policy)
    gates = {name: policy.gates[name] for name in sorted(names)}
    conditions = [each.condition for each in (*required, *claimed, *banned)]
    conditions += [each.condition for gate in gates.values() for each in gate.requirements]
    named = {name for each in conditions for name in _groups(each)}
    accounts = {account for each in conditions for account in _accounts(each)}
    # Who is compared by name is somebody because a group lists them.
    groups = {
        name: group
        for name, group in policy.groups.items()
        if name in named or not accounts.isdisjoint(group.members or ())
    }
    accounts |= {account for group in groups.values() for account in group.members or ()}
    return replace(
        policy,
        persons=tuple(each for each in policy.persons if accounts & {each.id, *each.accounts}),
        groups=groups,
        gates=gates,
        routes=(*routes, *_owing(policy, targets, routes)),
        freezes=tuple(each for each in policy.freezes if targets & set(each.places)),
        windows=tuple(each for each in policy.windows if targets & set(each.places)),
        denies=tuple(each for each in policy.denies if targets & set(each.places)),
        waivers=tuple(each for each in policy.waivers if each.gate in gates and targets & set(each.places)),
        strategies=tuple(strategies),
        acts=acts,
        maintenance=tuple(each for each in policy.maintenance if targets & set(each.places)),
        singles=tuple(each for each in policy.singles if targets & set(each.places)),
        parities=tuple(each for each in policy.parities if targets & set(each.places)),
        keys=tuple(each for each in policy.keys if targets & set(each.places)),
        properties=(),
    )


def _owing(
    policy: model.Policy, targets: set[str], routes: tuple[model.Route, ...]
) -> tuple[model.Route, ...]:
    """Other routes whose obligations stand over the targets; what they require does not matter here."""
    others = (each for each in _that_owe(policy) if each.target in targets and each not in routes)
    return tuple(replace(each, requirements=()) for each in others)


def _that_owe(policy: model.Policy) -> tuple[model.Route, ...]:
    return tuple(each for each in policy.routes if each.obligations)


def _groups(condition: model.Condition) -> Iterable[str]:
    for node in parts(condition):
        match node:
            case model.People(groups=groups, excluding=excluding):
                yield from (*groups, *excluding)
            case model.PersonIn(people=people):
                yield people
            case _:
                pass


def _accounts(condition: model.Condition) -> Iterable[str]:
    for node in parts(condition):
        if isinstance(node, model.Constant | model.ParameterValue):
            if node.type == PERSON:
                yield str(node.value)
            elif isinstance(node.value, frozenset):
                yield from (str(each) for each in node.value)
