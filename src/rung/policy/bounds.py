"""Defines between which values an expression lies, as far as its types and constants tell."""

from __future__ import annotations

from rung.policy import model, operators
from rung.policy.types import BOUNDS


def bounds(value: model.Operand) -> tuple[int, int] | None:
    """The least and the greatest value, in the representation of its type; None for what is no number."""
    match value:
        case model.Constant(value=fixed) | model.ParameterValue(value=fixed):
            return (fixed, fixed) if isinstance(fixed, int) else None
        case model.Arithmetic(operator=name, left=left, right=right):
            first, second = bounds(left), bounds(right)
            if first is None or second is None:
                return None
            meaning = operators.BY_NAME[name].meaning
            corners = [meaning(x, y) for x in first for y in second]
            return min(corners), max(corners)
        case _:
            return BOUNDS.get(model.type_of(value))
