"""Defines which persons a policy itself names, and how many others a decision by it can need."""

from __future__ import annotations

from collections.abc import Iterable

from rung.policy import model


def declared_persons(policy: model.Policy) -> dict[str, str]:
    """Person ids by account (an id is an account too): declared persons, then members of groups."""
    persons = {}
    for person in policy.persons:
        for account in (person.id, *person.accounts):
            persons[account] = person.id
    for group in policy.groups.values():
        for member in sorted(group.members or ()):
            persons.setdefault(member, member)
    return persons


def strangers_of(policy: model.Policy, claimed: Iterable[model.Condition] = ()) -> int:
    """How many persons a decision may need, and what is claimed of it, whom the policy does not name."""
    return counted([*_conditions(policy), *claimed]) + len(model.ROLES)


def counted(conditions: Iterable[model.Condition]) -> int:
    """The sum of the thresholds in conditions."""
    return sum(count for each in conditions for count in _counts(each))


def _conditions(policy: model.Policy) -> list[model.Condition]:
    requirements = [each for route in policy.routes for each in route.requirements]
    requirements += [each for gate in policy.gates.values() for each in gate.requirements]
    requirements += [each for act in policy.acts for each in act.requirements]
    requirements += [each for rule in policy.strategies for step in rule.steps for each in step.requirements]
    rules: tuple[model.Freeze | model.Deny, ...] = (*policy.freezes, *policy.denies)
    banned = [each.when for each in rules if each.when is not None]
    return [*(each.condition for each in requirements), *banned]


def _counts(node: model.Condition) -> list[int]:
    match node:
        case model.People(count=count):
            return [count]
        case model.And(several) | model.Or(several):
            return [count for each in several for count in _counts(each)]
        case model.Not(one):
            return _counts(one)
        case model.Implies(premise, conclusion):
            return _counts(premise) + _counts(conclusion)
        case _:
            return []
