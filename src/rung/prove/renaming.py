"""Defines how the gates of two policies are matched: their names say nothing but where they stand.

A gate of the new policy whose name the old one does not have is taken for the gate of the old one, missing
from the new, that says the same; else for one of the same title, or the only one that is missing, which was
edited as well. Approvals may be for a gate by its name: those for the one are taken to be for the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from rung.policy import model

Names = Mapping[str, str]


def renamed(old: model.Policy, new: model.Policy) -> dict[str, str]:
    """For gates of the new policy that only have another name, their names in the old one."""
    found: dict[str, str] = {}
    gone = [gate for name, gate in old.gates.items() if name not in new.gates]
    come = [gate for name, gate in new.gates.items() if name not in old.gates]
    matched = True
    while matched:
        matched = False
        for gate in come:
            if gate.name in found:
                continue
            alike = [each for each in gone if each.name not in found.values() and _same(each, gate, found)]
            if alike:
                # Of several that say the same, rather the one with the same title.
                best = max(alike, key=lambda each: each.title == gate.title)  # called at once
                found[gate.name], matched = best.name, True
    return found | dict(_edited(gone, come, found))


def _edited(gone: list[model.Gate], come: list[model.Gate], found: Names) -> Iterator[tuple[str, str]]:
    """Gates that may have been edited as well: of one title, or left over alone."""
    gone = [each for each in gone if each.name not in found.values()]
    come = [each for each in come if each.name not in found]
    if len(gone) == len(come) == 1:
        yield come[0].name, gone[0].name
        return
    for gate in come:
        titled = [each for each in gone if each.title and each.title == gate.title]
        if len(titled) == 1 and [each.title for each in come].count(gate.title) == 1:
            yield gate.name, titled[0].name


def _same(old: model.Gate, new: model.Gate, names: Names) -> bool:
    """Whether two gates ask for the same; titles and controls are for readers."""
    return (old.needs, old.requirements) == (new.needs, _required(new.requirements, names))


def with_names(policy: model.Policy, names: Names) -> model.Policy:
    """A policy in which gates have other names."""
    if not names:
        return policy

    def gate(each: model.Gate) -> model.Gate:
        return replace(
            each, name=names.get(each.name, each.name), requirements=_required(each.requirements, names)
        )

    def route(each: model.Route) -> model.Route:
        owes = tuple(
            replace(one, requirements=_required(one.requirements, names)) for one in each.obligations
        )
        return replace(each, requirements=_required(each.requirements, names), obligations=owes)

    def strategy(each: model.Strategy) -> model.Strategy:
        steps = tuple(replace(one, requirements=_required(one.requirements, names)) for one in each.steps)
        return replace(each, steps=steps)

    return replace(
        policy,
        gates={made.name: made for made in map(gate, policy.gates.values())},
        routes=tuple(map(route, policy.routes)),
        strategies=tuple(map(strategy, policy.strategies)),
        acts=tuple(replace(each, requirements=_required(each.requirements, names)) for each in policy.acts),
        waivers=tuple(replace(each, gate=names.get(each.gate, each.gate)) for each in policy.waivers),
        constraints=tuple(
            replace(each, requirements=_required(each.requirements, names)) for each in policy.constraints
        ),
    )


def _required(requirements: tuple[model.Requirement, ...], names: Names) -> tuple[model.Requirement, ...]:
    return tuple(replace(each, condition=condition(each.condition, names)) for each in requirements)


def condition(node: model.Condition, names: Names) -> model.Condition:
    """A condition in which gates have other names; they stand under no negation, nor in bans."""
    match node:
        case model.GateHolds(gate):
            return replace(node, gate=names.get(gate, gate))
        case model.And(operands) | model.Or(operands):
            return replace(node, operands=tuple(condition(each, names) for each in operands))
        case model.Implies(conclusion=conclusion):
            return replace(node, conclusion=condition(conclusion, names))
        case _:
            return node
