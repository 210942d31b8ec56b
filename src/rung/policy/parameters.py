"""Defines what it comes to when a parameter rises or falls: whether less is allowed, or more.

Read off the comparisons that it stands in. Nobody says how a product, or an equality, goes with a parameter.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Literal

from rung.policy import model
from rung.policy.walk import blocks, parts

Effect = Literal["tightens", "loosens", "unknown"]
_SMALLER = ("less", "at_most")
_GREATER = ("more", "at_least")


def effects(policy: model.Policy, parameter: model.Parameter) -> Iterator[Effect]:
    """What each place where a parameter stands comes to as it moves as it may."""
    required = (each.condition for block in blocks(policy) for each in block.requirements)
    bound = (each.condition for rule in policy.constraints for each in rule.requirements)
    bans: tuple[model.Freeze | model.Deny, ...] = (*policy.freezes, *policy.denies)
    banned = (each.when for each in bans if each.when is not None)
    for allows, conditions in ((True, chain(required, bound)), (False, banned)):
        for condition in conditions:
            for holds_less in _falls(condition, parameter.name):
                if holds_less is None:
                    yield "unknown"
                else:
                    rises_to_tighten = holds_less == allows
                    yield "tightens" if rises_to_tighten == (parameter.direction == "rise") else "loosens"


def opened(old: model.Policy, new: model.Policy) -> frozenset[tuple[str, str]]:
    """The parameters that files may set as they could not under the old policy, if that may loosen."""
    return frozenset(
        ("parameter", each.name)
        for each in new.parameters.values()
        if each.direction is not None
        and not _within(each, old.parameters.get(each.name))
        and any(effect != "tightens" for effect in effects(new, each))
    )


def _within(one: model.Parameter, other: model.Parameter | None) -> bool:
    """Whether all that one parameter may be set to the other may be as well."""
    if other is None or (one.type, one.direction) != (other.type, other.direction):
        return False
    low, high = (other, one) if one.direction == "rise" else (one, other)
    return bool(low.value <= high.value)  # type: ignore[operator]  # what rises and falls has an order


def _falls(node: model.Expression, name: str) -> Iterator[bool | None]:
    """For each place of a parameter in a condition: whether that holds less often as the parameter rises."""
    match node:
        case model.Compare(operator, left, right) if operator in (*_SMALLER, *_GREATER):
            smaller, greater = (left, right) if operator in _SMALLER else (right, left)
            yield from _rises(smaller, name)
            yield from (_opposite(each) for each in _rises(greater, name))
        case model.Not(operand):
            yield from (_opposite(each) for each in _falls(operand, name))
        case model.And(operands) | model.Or(operands):
            for each in operands:
                yield from _falls(each, name)
        case model.Implies(premise, conclusion):
            yield from (_opposite(each) for each in _falls(premise, name))
            yield from _falls(conclusion, name)
        case _:
            yield from (None for each in parts(node) if _is_it(each, name))


def _rises(node: model.Expression, name: str) -> Iterator[bool | None]:
    """For each place of a parameter in a value: whether that rises with it, or falls."""
    match node:
        case model.ParameterValue(found) if found == name:
            yield True
        case model.Arithmetic("add", _, left, right):
            yield from chain(_rises(left, name), _rises(right, name))
        case model.Arithmetic("subtract", _, left, right):
            yield from _rises(left, name)
            yield from (_opposite(each) for each in _rises(right, name))
        case _:
            yield from (None for each in parts(node) if _is_it(each, name))


def _opposite(each: bool | None) -> bool | None:
    return None if each is None else not each


def _is_it(node: model.Expression, name: str) -> bool:
    return isinstance(node, model.ParameterValue) and node.name == name
