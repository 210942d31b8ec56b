"""Defines how a claim is read for a choice of what it ranges over: with names in the place of variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from rung.policy import model


def chosen(quantifiers: Sequence[model.Quantifier], claim: model.Condition) -> Iterator[model.Condition]:
    """The claim for each choice."""
    names = [each.variable for each in quantifiers]
    for values in product(*(each.among for each in quantifiers)):
        yield named(claim, dict(zip(names, values, strict=True))) if names else claim


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
