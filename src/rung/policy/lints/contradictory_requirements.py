"""Two conditions of a block exclude each other, so it never holds.

    require unit_tests.failed == 0
    require unit_tests.failed > 0

Only comparisons of one value with fixed ones are looked at here; `rung check --prove` finds every
contradiction.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from rung.diagnostics import Diagnostic, Related, Span
from rung.policy import model, operators, walk
from rung.policy.types import BOOL, BOUNDS, VERSION, EnumType, Type

CODE = "contradictory-requirements"

BAD = """
environment prod
evidence unit_tests about build { failed: int }
gate tests_pass {
    needs unit_tests
    require unit_tests.failed == 0
    require unit_tests.failed > 0
}
admit build -> prod { require tests_pass }
"""

GOOD = """
environment prod
evidence unit_tests about build { failed: int, passed: int }
gate tests_pass {
    needs unit_tests
    require unit_tests.failed == 0
    require unit_tests.passed > 0
}
admit build -> prod { require tests_pass }
"""


class Demand(NamedTuple):
    """`value OP fixed`, where OP is the name of an operator."""

    operator: str
    fixed: Any
    span: Span


MIRRORED = {"less": "more", "more": "less", "at_most": "at_least", "at_least": "at_most"}
SYMMETRIC = ("equal", "unequal")


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the first condition of each block that no value satisfies together with those before it."""
    for block in walk.blocks(policy):
        demands: dict[model.Operand, list[Demand]] = {}
        for condition in walk.conjuncts(block.requirements):
            read = _read(condition)
            if read is None:
                continue
            value, demand = read
            before = demands.setdefault(value, [])
            if _possible(model.type_of(value), [*before, demand]):
                before.append(demand)
            elif _possible(model.type_of(value), [demand]):
                message = "this excludes what is required before"
                others = [each for each in before if not _possible(model.type_of(value), [each, demand])]
                related = tuple(Related(each.span, "required here") for each in (others or before))
                hint = "where either may hold, write `or`"
                yield Diagnostic(CODE, message, condition.span, hint, related, "warning")


def _read(condition: model.Condition) -> tuple[model.Operand, Demand] | None:
    """What a comparison with a fixed value asks of which value, or None for other conditions."""
    match condition:
        case model.Truth(value):
            return value, Demand("equal", True, condition.span)
        case model.Not(model.Truth(value)):
            return value, Demand("equal", False, condition.span)
        case model.Compare(operator, left, model.Constant(value=fixed)) if not isinstance(
            left, model.Constant
        ):
            return left, Demand(operator, fixed, condition.span)
        case model.Compare(operator, model.Constant(value=fixed), right) if not isinstance(
            right, model.Constant
        ):
            mirrored = operator if operator in SYMMETRIC else MIRRORED.get(operator)
            return None if mirrored is None else (right, Demand(mirrored, fixed, condition.span))
        case _:
            return None


def _possible(type: Type, demands: list[Demand]) -> bool:
    """Whether some value satisfies them all. If any does, one near a fixed value does."""
    names = {each.operator for each in demands}
    if type == VERSION or not names <= {
        "equal",
        "unequal",
        "in",
        "not_in",
        "less",
        "more",
        "at_most",
        "at_least",
    }:
        return True
    mentioned: set[Any] = set()
    for each in demands:
        mentioned.update(each.fixed if isinstance(each.fixed, frozenset) else (each.fixed,))
    limits = BOUNDS.get(type)
    candidates: set[Any]
    if limits is not None:
        around = {value + step for value in mentioned for step in (-1, 0, 1)}.union(limits)
        candidates = {value for value in around if limits[0] <= value <= limits[1]}
    elif isinstance(type, EnumType):
        candidates = set(type.members)
    elif type == BOOL:
        candidates = {True, False}
    else:
        candidates = {*mentioned, object()}  # the last stands for every other value
    return any(
        all(operators.BY_NAME[each.operator].meaning(value, each.fixed) for each in demands)
        for value in candidates
    )
