"""Defines the operators on terms: `compared`, `calculated` and the language of a LIKE `pattern`."""

from __future__ import annotations

from collections.abc import Sequence

import z3

from rung.migrations.alike import alike
from rung.migrations.carriers import NUMERIC, Kind, integer_range
from rung.migrations.expressions import ComparisonOperator
from rung.migrations.terms import (
    NO,
    YES,
    Doubt,
    Findings,
    NotUnderstood,
    Term,
    all_of,
    any_of,
    fresh_name,
    negation,
)
from rung.migrations.values import INFINITY, Value, text


def compared(
    operator: ComparisonOperator, one: Term, other: Term, findings: Findings, *, collated: bool
) -> Value:
    """What a comparison of two values comes to, where neither is NULL; `collated` where texts that are equal
    may be written differently.
    """
    left, right = one.value, other.value
    if operator in ("=", "<>"):
        if one.carrier.kind is Kind.OTHER:
            findings.doubts.append(Doubt(YES, f"values of type {one.carrier.type.name}"))
        same = left == right
        return same if operator == "=" else negation(same)
    match one.carrier.kind:
        case Kind.TEXT | Kind.PADDED if collated:
            raise NotUnderstood("the order of a collation")
        case Kind.TEXT | Kind.PADDED | Kind.BYTES | Kind.OTHER:
            return _against_empty(operator, left, right)
        case Kind.BOOLEAN:
            left, right = _as_number(left), _as_number(right)
        case Kind.ENUM:
            left, right = _position(left, one.carrier.labels), _position(right, one.carrier.labels)
        case _:
            pass
    ordered = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
    return ordered[operator]


def calculated(operator: str, left: Term, right: Term, findings: Findings) -> Term:
    """What arithmetic comes to; a result that its type does not hold is an error."""
    integers = left.carrier.kind is right.carrier.kind is Kind.INTEGER
    one, other = (left, right) if integers else alike([left, right])
    kind, null = one.carrier.kind, any_of([one.null, other.null])
    if kind is Kind.INTEGER:
        wide = max(one.carrier, other.carrier, key=lambda carrier: carrier.width)
        result = _calculated(operator, one.value, other.value)
        low, high = integer_range(wide)
        findings.errors.append(all_of([negation(null), z3.Or(result < low, result > high)]))
        return Term(wide.bare, null, result)
    if kind is Kind.NUMERIC and operator in ("+", "-", "*"):
        special = [
            z3.Or(part.value >= INFINITY, part.value <= -INFINITY)
            for part in (one, other)
            if not z3.is_rational_value(part.value)
        ]
        unusual = all_of([negation(null), any_of(special)])
        findings.doubts.append(Doubt(unusual, "arithmetic on NaN or infinity"))
        anything = z3.Real(fresh_name("special"))
        result = _calculated(operator, one.value, other.value)
        return Term(NUMERIC, null, z3.If(any_of(special), anything, result))
    raise NotUnderstood(f"{operator} on {kind.value}")


def _calculated(operator: str, left: Value, right: Value) -> Value:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "%" if z3.is_int_value(right) and right.as_long() > 0:
            # The sign is the dividend's, as in C.
            return z3.If(left >= 0, left % right, -((-left) % right))
        case _:
            raise NotUnderstood(f"operator {operator}")


def _as_number(value: Value) -> Value:
    return z3.If(value, z3.IntVal(1), z3.IntVal(0))


def _position(value: Value, labels: Sequence[str]) -> Value:
    answer = z3.IntVal(len(labels))
    for index, label in reversed(list(enumerate(labels))):
        answer = z3.If(value == text(label), z3.IntVal(index), answer)
    return answer


def _against_empty(operator: ComparisonOperator, left: Value, right: Value) -> Value:
    """Text is ordered by its collation, of which only this is known: nothing is less than the empty text."""
    empty = text("")
    if z3.is_string_value(right) and right.as_string() == "":
        return {">": left != empty, "<=": left == empty, ">=": YES, "<": NO}[operator]
    if z3.is_string_value(left) and left.as_string() == "":
        return {"<": right != empty, ">=": right == empty, "<=": YES, ">": NO}[operator]
    raise NotUnderstood("the order of a collation")


def pattern(written: str, escape: str) -> Value:
    """A LIKE pattern as a regular expression."""
    any_letter, parts = z3.AllChar(z3.ReSort(z3.StringSort())), [z3.Re("")]
    letters = iter(written)
    for letter in letters:
        if letter == escape:
            following = next(letters, None)
            if following is None:
                raise NotUnderstood("a LIKE pattern that ends with its escape")
            parts.append(z3.Re(text(following)))
        elif letter == "%":
            parts.append(z3.Star(any_letter))
        else:
            parts.append(any_letter if letter == "_" else z3.Re(text(letter)))
    return z3.Concat(*parts) if len(parts) > 1 else parts[0]
