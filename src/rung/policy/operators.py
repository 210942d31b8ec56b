"""Defines every operator once: its spelling, its signature and its meaning.

All readings take operators from here. `meaning` is written so that it holds for plain values and
for solver terms of the representation in `types` alike; where a solver needs another function
(sets and texts), the reading maps the operator by its name.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from rung.frozen import frozen
from rung.policy.types import (
    BOOL,
    DECIMAL,
    DURATION,
    INT,
    PERCENT,
    TEXT,
    TIME,
    VERSION,
    SetType,
    Type,
)

QUANTITIES: tuple[Type, ...] = (INT, DECIMAL, PERCENT, DURATION)
ORDERED: tuple[Type, ...] = (*QUANTITIES, TIME, VERSION)


@frozen
class Operator:
    """A binary operator. `result` is the type of `left OP right`, or None where it has no meaning.

    `wants` is what a message says of its operands; `sql` its spelling in SQL.
    """

    name: str
    symbol: str
    result: Callable[[Type, Type], Type | None]
    meaning: Callable[[Any, Any], Any]
    wants: str
    sql: str


def _same(left: Type, right: Type) -> Type | None:
    return BOOL if left == right and left != BOOL else None


def _ordered(left: Type, right: Type) -> Type | None:
    return BOOL if left == right and left in ORDERED else None


def _member(left: Type, right: Type) -> Type | None:
    return BOOL if isinstance(right, SetType) and right.element == left else None


def _subset(left: Type, right: Type) -> Type | None:
    return BOOL if isinstance(left, SetType) and left == right else None


def _texts(left: Type, right: Type) -> Type | None:
    return BOOL if left == right == TEXT else None


def _added(left: Type, right: Type) -> Type | None:
    if left == right and left in QUANTITIES:
        return left
    return TIME if {left, right} == {TIME, DURATION} else None


def _subtracted(left: Type, right: Type) -> Type | None:
    if left == right and left in QUANTITIES:
        return left
    if left == TIME:
        return DURATION if right == TIME else TIME if right == DURATION else None
    return None


def _multiplied(left: Type, right: Type) -> Type | None:
    if INT in (left, right):
        other = right if left == INT else left
        return other if other in QUANTITIES else None
    return None


SAME = "two values of one type"
ORDER = "two numbers, percentages, durations, times or versions of one type"

EQUAL = Operator("equal", "==", _same, operator.eq, SAME, "=")
UNEQUAL = Operator("unequal", "!=", _same, operator.ne, SAME, "<>")
LESS = Operator("less", "<", _ordered, operator.lt, ORDER, "<")
AT_MOST = Operator("at_most", "<=", _ordered, operator.le, ORDER, "<=")
MORE = Operator("more", ">", _ordered, operator.gt, ORDER, ">")
AT_LEAST = Operator("at_least", ">=", _ordered, operator.ge, ORDER, ">=")
IN = Operator("in", "in", _member, lambda a, b: a in b, "a value and a set of its type", "IN")
NOT_IN = Operator("not_in", "not in", _member, lambda a, b: a not in b, IN.wants, "NOT IN")
SUBSET = Operator("subset", "subset of", _subset, operator.le, "two sets of one type", "<@")
DISJOINT = Operator(
    "disjoint", "disjoint from", _subset, lambda a, b: not a & b, "two sets of one type", "disjoint"
)
STARTS = Operator("starts", "starts with", _texts, str.startswith, "two texts", "LIKE")
ENDS = Operator("ends", "ends with", _texts, str.endswith, "two texts", "LIKE")
ADD = Operator("add", "+", _added, operator.add, "two quantities of one type, or a time and a duration", "+")
SUBTRACT = Operator("subtract", "-", _subtracted, operator.sub, "two quantities of one type, or times", "-")
MULTIPLY = Operator("multiply", "*", _multiplied, operator.mul, "a quantity and a whole number", "*")

OPERATORS = (
    EQUAL,
    UNEQUAL,
    LESS,
    AT_MOST,
    MORE,
    AT_LEAST,
    IN,
    NOT_IN,
    SUBSET,
    DISJOINT,
    STARTS,
    ENDS,
    ADD,
    SUBTRACT,
    MULTIPLY,
)
BY_SYMBOL = {each.symbol: each for each in OPERATORS}
BY_NAME = {each.name: each for each in OPERATORS}
