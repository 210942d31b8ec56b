"""Defines how to walk a policy: its blocks of requirements, what these demand, the parts of a condition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, assert_never

from rung.policy import model


def parts(node: model.Expression) -> Iterator[model.Expression]:
    """A condition or value and everything within it, from left to right, outermost first."""
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        match node:
            case (
                model.GateHolds()
                | model.Constant()
                | model.EvidenceField()
                | model.ParameterValue()
                | model.RequestValue()
                | model.Role()
                | model.People()
                | model.Healthy()
                | model.ActorIs()
                | model.Provenance()
                | model.RollbackPlan()
                | model.ConfigurationHas()
                | model.MigrationsCompatible()
                | model.NoMigrations()
                | model.ContainsOpenHotfixes()
                | model.NewFlagsOff()
                | model.NoDrift()
                | model.LockHeld()
                | model.InsideMaintenance()
                | model.DependenciesMet()
                | model.Happened()
                | model.Held()
            ):
                pass
            case model.Compare(_, left, right) | model.Arithmetic(_, _, left, right):
                pending += (right, left)
            case model.And(operands) | model.Or(operands):
                pending += reversed(operands)
            case model.Not(operand):
                pending.append(operand)
            case model.Implies(premise, conclusion):
                pending += (conclusion, premise)
            case model.Truth(value):
                pending.append(value)
            case model.PersonIn(person):
                pending.append(person)
            case model.SetExpression(_, elements):
                pending += reversed(elements)
            case model.Before(first, second):
                pending += (second, first)
            case _:
                assert_never(node)


class Block(NamedTuple):
    """Requirements that hold together, and the statement that they stand in.

    A guard decides whether something may happen; what an obligation requires comes afterwards.
    """

    owner: model.Gate | model.Route | model.Obligation | model.Act | model.Step
    requirements: tuple[model.Requirement, ...]

    @property
    def is_guard(self) -> bool:
        return not isinstance(self.owner, model.Obligation)


def blocks(policy: model.Policy) -> Iterator[Block]:
    """Every block of requirements, gates first."""
    for gate in policy.gates.values():
        yield Block(gate, gate.requirements)
    for route in policy.routes:
        yield Block(route, route.requirements)
        for obligation in route.obligations:
            yield Block(obligation, obligation.requirements)
    for act in policy.acts:
        yield Block(act, act.requirements)
    for strategy in policy.strategies:
        for step in strategy.steps:
            yield Block(step, step.requirements)


def conditions(policy: model.Policy) -> Iterator[model.Condition]:
    """Every condition of a policy: requirements, those of freezes and denies, and claims to prove."""
    for block in blocks(policy):
        for requirement in block.requirements:
            yield requirement.condition
    yield from (freeze.when for freeze in policy.freezes if freeze.when is not None)
    yield from (deny.when for deny in policy.denies)
    for claim in policy.properties:
        if isinstance(claim, model.FormulaProperty):
            yield claim.claim


def conjuncts(requirements: Iterable[model.Requirement]) -> Iterator[model.Condition]:
    """The conditions of which each must hold for the requirements to hold."""
    pending = [requirement.condition for requirement in requirements][::-1]
    while pending:
        condition = pending.pop()
        if isinstance(condition, model.And):
            pending += reversed(condition.operands)
        else:
            yield condition


def required_on(way: model.Route | model.Act, policy: model.Policy) -> tuple[model.Requirement, ...]:
    """What a way requires; on going on with a rollout, what its steps do as well."""
    if not (isinstance(way, model.Act) and way.action == "advance"):
        return way.requirements
    steps = [step for each in policy.strategies if way.target in each.places for step in each.steps]
    return (*way.requirements, *(requirement for step in steps for requirement in step.requirements))


def gates_named(requirements: Iterable[model.Requirement]) -> Iterator[str]:
    """The gates that requirements name, whether all of them must hold or one of several."""
    for requirement in requirements:
        for node in parts(requirement.condition):
            if isinstance(node, model.GateHolds):
                yield node.gate


def gates_behind(requirements: Iterable[model.Requirement], policy: model.Policy) -> set[str]:
    """The gates that requirements name, and those that these name in turn."""
    found: set[str] = set()
    pending = list(gates_named(requirements))
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += gates_named(policy.gates[name].requirements)
    return found


def demands(
    requirements: Iterable[model.Requirement], policy: model.Policy
) -> Iterator[tuple[model.Condition, model.Gate | None]]:
    """The conditions of which each must hold, those of required gates included with their gate."""
    pending: list[tuple[Iterable[model.Requirement], model.Gate | None]] = [(requirements, None)]
    seen: set[str] = set()
    while pending:
        block, gate = pending.pop()
        for condition in conjuncts(block):
            yield condition, gate
            if isinstance(condition, model.GateHolds) and condition.gate not in seen:
                seen.add(condition.gate)
                inner = policy.gates[condition.gate]
                pending.append((inner.requirements, inner))


def gone_back(policy: model.Policy, target: str) -> int:
    """How many releases back the migrations of a target are to go with."""
    return max((each.within for each in policy.routes if each.target == target), default=0) or 1
