"""Defines how a claim about all states is taken apart, and made one about entries alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from rung.policy import model
from rung.prove.errors import NotEncodedError

States = Mapping[str, str]
"""What a release must have come to be in places, by place: `running`, `earned` or `bad`."""


def apart(claim: model.Condition) -> Iterator[model.Condition]:
    """Claims that hold together where the claim does."""
    match claim:
        case model.And(operands):
            for each in operands:
                yield from apart(each)
        case model.Not(model.Not(operand)):
            yield from apart(operand)
        case model.Not(model.Or(operands)):
            for each in operands:
                yield from apart(model.Not(each, each.span))
        case model.Not(model.Implies(premise, conclusion)):
            yield from apart(premise)
            yield from apart(model.Not(conclusion, conclusion.span))
        case model.Implies(model.Or(operands), conclusion):
            for each in operands:
                yield from apart(replace(claim, premise=each, conclusion=conclusion))
        case model.Implies(premise, model.And(operands)):
            for each in operands:
                yield from apart(replace(claim, premise=premise, conclusion=each))
        case _:
            yield claim


def holds_at_first(claim: model.Condition) -> bool | None:
    """Whether a claim holds before anything has happened; None where that depends on more."""
    match claim:
        case model.Happened() | model.Before():
            return False
        case model.Not(operand):
            inner = holds_at_first(operand)
            return None if inner is None else not inner
        case model.And(operands):
            found = {holds_at_first(each) for each in operands}
            return False if False in found else None if None in found else True
        case model.Or(operands):
            found = {holds_at_first(each) for each in operands}
            return True if True in found else None if None in found else False
        case model.Implies(premise, conclusion):
            return holds_at_first(model.Or((model.Not(premise, claim.span), conclusion), claim.span))
        case _:
            return None


def of_entries(claim: model.Condition) -> tuple[model.Condition, States]:
    """A claim that speaks of deployments where this one asks what becomes of them, and what that is.

    What runs somewhere, has earned health or is bad there was deployed there before. So the claim holds where
    the one about deployments does; and is broken where that one is, once the release has come to be so.
    """
    states: dict[str, str] = {}
    made = _of_entries(claim, True, states)
    earned = {place for place, state in states.items() if state == "earned"}
    if earned & _earned(made, True):
        raise NotEncodedError("a claim about health that follows from health in the same place")
    return made, states


def _of_entries(node: model.Condition, positive: bool, states: dict[str, str]) -> model.Condition:
    match node:
        case model.And(operands) | model.Or(operands):
            return replace(node, operands=tuple(_of_entries(each, positive, states) for each in operands))
        case model.Not(operand):
            return replace(node, operand=_of_entries(operand, not positive, states))
        case model.Implies(premise, conclusion):
            return replace(
                node,
                premise=_of_entries(premise, not positive, states),
                conclusion=_of_entries(conclusion, positive, states),
            )
        case model.Happened("deployed"):
            return node
        case model.Happened("earned") if positive:
            return node
        case model.Happened(event, place):
            if positive:
                raise NotEncodedError(f"a claim about what is `{event}`, which does not stay so")
            if states.setdefault(place, event) != event:
                raise NotEncodedError(f"a claim about two things that become of a release in `{place}`")
            return replace(node, event="deployed")
        case _:
            return node


def _earned(node: model.Condition, positive: bool) -> set[str]:
    """The places of which a claim says that health was earned there."""
    match node:
        case model.And(operands) | model.Or(operands):
            return {place for each in operands for place in _earned(each, positive)}
        case model.Not(operand):
            return _earned(operand, not positive)
        case model.Implies(premise, conclusion):
            return _earned(premise, not positive) | _earned(conclusion, positive)
        case model.Happened("earned", place):
            return {place} if positive else set()
        case model.Before(first):
            return {first.place} if first.event == "earned" else set()
        case _:
            return set()
