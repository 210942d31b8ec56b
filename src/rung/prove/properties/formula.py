"""Defines the properties that users write: a title, what it ranges over, and a claim about histories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from rung.policy import model
from rung.policy.walk import parts
from rung.prove.claims import Claim
from rung.prove.errors import NotEncodedError
from rung.prove.properties import possible
from rung.prove.task import Task
from rung.prove.verdict import Verdict


def verdict(task: Task, node: model.FormulaProperty) -> Verdict:
    """Proved means: for each choice of what it ranges over, the claim holds in every state of every history
    (`always`), in none (`never`), or in some (`possible`).

    What has happened once stays so. So a claim can become false only at an entry into a place of which it
    says what follows from being deployed there, and it is read there: of gates, persons and the proposal as
    they are then. A rollback enters nothing for the first time, unless the claim names that lane.
    """
    chosen = [_chosen(node, choice) for choice in _choices(node.quantifiers)]
    if node.modality == "possible":
        return possible.verdict(task, chosen)
    claims = [each if node.modality == "always" else model.Not(each, each.span) for each in chosen]
    return task.entries([each for claim in claims for each in _at_entries(task.policy, claim, node.title)])


# ---------------------------------------------------------------- what it ranges over


def _choices(quantifiers: Sequence[model.Quantifier]) -> Iterator[dict[str, str]]:
    names = [each.variable for each in quantifiers]
    for values in product(*(each.among for each in quantifiers)):
        yield dict(zip(names, values, strict=True))


def _chosen(node: model.FormulaProperty, choice: Mapping[str, str]) -> model.Condition:
    return named(node.claim, choice) if choice else node.claim


def named(node: model.Condition, choice: Mapping[str, str]) -> model.Condition:
    """A condition with names in the place of variables."""

    def name(text: str) -> str:
        return choice.get(text, text)

    match node:
        case model.And(operands) | model.Or(operands):
            return replace(node, operands=tuple(named(each, choice) for each in operands))
        case model.Not(operand):
            return replace(node, operand=named(operand, choice))
        case model.Implies(premise, conclusion):
            return replace(node, premise=named(premise, choice), conclusion=named(conclusion, choice))
        case model.Happened(place=place):
            return replace(node, place=name(place))
        case model.Before(first, second):
            places = [replace(each, place=name(each.place)) for each in (first, second)]
            return model.Before(places[0], places[1], node.span)
        case model.Held(gate) | model.GateHolds(gate):
            return replace(node, gate=name(gate))
        case model.Healthy(place=place) | model.NoDrift(place=place):
            return replace(node, place=name(place))
        case model.PersonIn(people=people):
            return replace(node, people=name(people))
        case model.People(groups=groups, excluding=excluding):
            return replace(
                node,
                groups=tuple(name(each) for each in groups),
                excluding=tuple(name(each) for each in excluding),
            )
        case _:
            return node


# ---------------------------------------------------------------- where it can become false


def _at_entries(policy: model.Policy, claim: model.Condition, title: str) -> Iterator[Claim]:
    """The claim at each entry at which it can become false."""
    triggers = list(_triggers(claim, True))
    places = {each.place for each in triggers}
    if not triggers:
        raise NotEncodedError("the claim is about more than what follows from a deployment")
    if _asks_of_entries(claim) and len(places) > 1:
        raise NotEncodedError("a claim about the entries into several places at once")
    for route in policy.routes:
        here = [each for each in triggers if each.place == route.target]
        lanes = {each.lane for each in here}
        if not here or (route.lane == "rollback" and "rollback" not in lanes):
            continue
        if _asks_of_entries(claim) and not lanes & {None, route.lane}:
            continue
        yield Claim(route, claim, f"{title}: not so when a release enters `{route.target}` by `{route.lane}`")


def _triggers(node: model.Condition, positive: bool) -> Iterator[model.Happened]:
    """The deployments that can make a condition false; NotEncodedError where something else can."""
    match node:
        case model.And(operands) | model.Or(operands):
            for each in operands:
                yield from _triggers(each, positive)
        case model.Not(operand):
            yield from _triggers(operand, not positive)
        case model.Implies(premise, conclusion):
            yield from _triggers(premise, not positive)
            yield from _triggers(conclusion, positive)
        case model.Happened("deployed"):
            if not positive:
                yield node
        case model.Happened("earned"):
            if not positive:
                raise NotEncodedError("a claim about what follows from having earned health")
        case model.Happened(event):
            raise NotEncodedError(f"a claim about what is `{event}`, which does not stay so")
        case model.Before(_, second):
            if not positive:
                yield from _triggers(second, False)
        case _:
            return


def _asks_of_entries(node: model.Condition) -> bool:
    """Whether a claim asks more than what has happened: that is read at the entry."""
    logic = (model.And, model.Or, model.Not, model.Implies, model.Happened, model.Before)
    return any(not isinstance(each, logic) for each in parts(node))
