"""Defines what is said of values whose types do not go together, with the way to write what was meant."""

from __future__ import annotations

from rung.diagnostics import Diagnostic, Span
from rung.policy import errors, model
from rung.policy.operators import BY_SYMBOL
from rung.policy.types import (
    BOOL,
    DECIMAL,
    DIGEST,
    DURATION,
    INT,
    PERCENT,
    TEXT,
    TIME,
    VERSION,
    EnumType,
    Scalar,
    SetType,
    Type,
    show_value,
    write_duration,
)

WRITTEN: dict[Type, str] = {
    INT: "a whole number is written `5`",
    PERCENT: "a percentage is written `80%`",
    DECIMAL: "a decimal is written with its point, `5.0`",
    DURATION: "a duration is written with its unit, `24h`",
    VERSION: 'a version is written `version "1.2.0"`',
    DIGEST: 'a digest is written `digest "sha256:…"`',
    TIME: 'a time is written `time "2026-12-18T18:00:00Z"`',
    TEXT: 'a text is written in quotes, `"…"`',
}


def of_operator(symbol: str, left: model.Operand, right: model.Operand, span: Span) -> Diagnostic:
    """What is wrong with `left SYMBOL right`, whose types the operator does not take."""
    first, second = model.type_of(left), model.type_of(right)
    match symbol:
        case "in" | "not in":
            return _of_membership(symbol, left, right)
        case "*":
            message = f"`{symbol}` takes {BY_SYMBOL[symbol].wants}, not {first} and {second}"
            return errors.type_mismatch(span, message)
        case "starts with" | "ends with":
            wrong = right if first == TEXT else left
            return errors.type_mismatch(wrong.span, f"`{symbol}` compares texts, and {stated(wrong)}")
        case _:
            pass
    if BOOL in (first, second):
        wrong = left if first == BOOL else right
        message = f"{described(wrong)} is true or false by itself, and not compared"
        return errors.type_mismatch(wrong.span, message, "write it alone, or with `not` before it")
    if first != second:
        literal = [each for each in (left, right) if isinstance(each, model.Constant)]
        at = literal[0].span if len(literal) == 1 else span
        return errors.type_mismatch(at, f"{stated(left)}, and {stated(right)}", _rewritten(left, right))
    if symbol in ("+", "-"):
        message = f"`{symbol}` takes {BY_SYMBOL[symbol].wants}, not two of type {first}"
        return errors.type_mismatch(span, message)
    if symbol in ("subset of", "disjoint from"):
        message = f"`{symbol}` compares sets, and {stated(left)}"
        return errors.type_mismatch(left.span, message, "a set is written `{ … }`")
    message = f"values of type {first} have no order"
    if isinstance(first, EnumType):
        message = f"{described(left)} is {first}, and these have no order"
    return errors.type_mismatch(span, message, "compare with `==`, `!=` or `in { … }`")


def of_value(what: str, wanted: Type, found: model.Operand) -> Diagnostic:
    """What is wrong with a value of another type than `what`, such as "parameter `p`", is of."""
    message = f"{what} is {_kind(wanted)}, and {stated(found)}"
    return errors.type_mismatch(found.span, message, written_as(wanted, found))


def _of_membership(symbol: str, left: model.Operand, right: model.Operand) -> Diagnostic:
    first, second = model.type_of(left), model.type_of(right)
    if not isinstance(second, SetType):
        message = f"`{symbol}` needs a set on its right, and {stated(right)}"
        return errors.type_mismatch(
            right.span, message, "a set is written `{ … }`; one value is compared by `==`"
        )
    if isinstance(first, SetType):
        message = f"{described(left)} is a set itself"
        return errors.type_mismatch(left.span, message, "write `subset of`, or `disjoint from`")
    at = left if isinstance(left, model.Constant) or not isinstance(right, model.Constant) else right
    message = f"{stated(left)}, and the set holds {second.element}"
    return errors.type_mismatch(at.span, message, written_as(second.element, left))


def _rewritten(left: model.Operand, right: model.Operand) -> str | None:
    """How to write the one that is a literal to be of the other's type."""
    first, second = model.type_of(left), model.type_of(right)
    if {first, second} == {TIME, DURATION}:
        moment = left if first == TIME else right
        if isinstance(moment, model.EvidenceField):
            return f"how long ago that was is `now - {described(moment)[1:]}"
        return "the time from one moment to another is a duration"
    for one, other in ((right, left), (left, right)):
        type = model.type_of(other)
        if isinstance(one, model.Constant) and not isinstance(other, model.Constant):
            if isinstance(type, SetType):
                return (
                    f"write {described(one)[:-1]} in {described(other)[1:]}"
                    if one.type == type.element
                    else None
                )
            return written_as(type, one)
    return written_as(first, right)


def written_as(type: Type, found: model.Operand) -> str | None:
    """How to write what was found as a value of a type."""
    if isinstance(type, SetType):
        return "a set is written `{ … }`" if not isinstance(model.type_of(found), SetType) else None
    if not isinstance(found, model.Constant):
        return None
    written = show_value(found.type, found.value)
    match type, found.type:
        case EnumType(members), _ if found.type == TEXT:
            return f"write `{found.value}` without quotes" if found.value in members else _listed(members)
        case _ if found.type == INT and type == PERCENT:
            return f"write `{written}%`"
        case _ if found.type == INT and type == DECIMAL:
            return f"write `{written}.0`"
        case _ if found.type == INT and type == TEXT:
            return f'write `"{written}"`'
        case _ if found.type == TEXT and type in (VERSION, DIGEST, TIME):
            return f"write `{type} {written}`"
        case _:
            return WRITTEN.get(type)


def _listed(members: tuple[str, ...]) -> str:
    return (
        "it can be "
        + ", ".join(f"`{member}`" for member in members[:8])
        + (", …" if len(members) > 8 else "")
    )


def stated(value: model.Operand) -> str:
    """A value and its type, in words."""
    return f"{described(value)} is {_kind(model.type_of(value))}"


def _kind(type: Type) -> str:
    return str(type) if isinstance(type, EnumType) and not type.name else f"of type {type}"


def described(value: model.Operand) -> str:
    """A value as its author wrote it, or what it is."""
    match value:
        case model.Constant(SetType()) | model.SetExpression():
            return "the set"
        case model.Constant(Scalar("duration"), int(seconds)):
            return f"`{write_duration(seconds)}`"
        case model.Constant(type, fixed):
            return f"`{show_value(type, fixed)}`"
        case model.EvidenceField(evidence, field):
            return f"`{evidence}.{field}`"
        case model.Arithmetic():
            return "the calculation"
        case model.ParameterValue(name) | model.RequestValue(name) | model.Role(name):
            return f"`{name}`"
