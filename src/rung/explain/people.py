"""Defines who is asked for what: the environments for which members of a group approve or review."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rung.policy import model

Asked = dict[tuple[str, str], tuple[str, ...]]
"""By group and `approval` or `review`: the environments, in the order of the policy."""


def asked(policy: model.Policy) -> Asked:
    """What every group of a policy is asked for, by routes, what they owe, and actions."""
    found: dict[tuple[str, str], set[str]] = {}
    for place, requirement in _requirements(policy):
        for people in _people(requirement.condition, policy):
            for group in people.groups:
                found.setdefault((group, people.kind), set()).add(place)
    return {
        key: tuple(name for name in policy.environments if name in places) for key, places in found.items()
    }


def _requirements(policy: model.Policy) -> Iterator[tuple[str, model.Requirement]]:
    for route in policy.routes:
        yield from ((route.target, each) for each in route.requirements)
        yield from ((route.target, each) for owed in route.obligations for each in owed.requirements)
    for act in policy.acts:
        yield from ((act.target, each) for each in act.requirements)
    for strategy in policy.strategies:
        for step in strategy.steps:
            yield from ((place, each) for place in strategy.places for each in step.requirements)


def _people(condition: model.Condition, policy: model.Policy) -> Iterable[model.People]:
    match condition:
        case model.People():
            yield condition
        case model.GateHolds(gate):
            for requirement in policy.gates[gate].requirements:
                yield from _people(requirement.condition, policy)
        case model.And(operands) | model.Or(operands):
            for operand in operands:
                yield from _people(operand, policy)
        case model.Implies(premise, conclusion):
            yield from _people(premise, policy)
            yield from _people(conclusion, policy)
        case model.Not(operand):
            yield from _people(operand, policy)
        case _:
            return
