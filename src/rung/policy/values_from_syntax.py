"""Defines how values are resolved and typed: tree → model, with every mistake reported.

Types flow both ways: the members of an enum are known by what they are compared with. A part
that cannot be typed is None, and its mistake is reported once, where it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from rung.diagnostics import Span
from rung.policy import errors, mismatch, model, operators
from rung.policy.bounds import bounds
from rung.policy.scope import Scope
from rung.policy.types import (
    BOOL,
    DECIMAL,
    DIGEST,
    DURATION,
    EXACT_LIMIT,
    INT,
    INT_LIMIT,
    PERCENT,
    PERSON,
    TEXT,
    TIME,
    VERSION,
    EnumType,
    SetType,
    Type,
    Value,
    parse_digest,
    parse_duration,
    parse_percent,
    parse_scaled,
    parse_time,
    parse_version,
)
from rung.syntax import tree

LONGEST_CALCULATION = 64
# The type of a field whose declared type is unknown, so that its uses are not reported as well.
UNTYPED = EnumType(())
RANGES: dict[Type, str] = {
    INT: "whole numbers have 64 bits",
    DECIMAL: "at most 18 digits before the point and 9 after it",
    PERCENT: "at most 18 digits before the point and 9 after it",
    DURATION: "a duration is at most a hundred years",
}
Kind = Literal["gate", "route", "ban", "property"]
PLACES: dict[Kind, str] = {
    "gate": "in a gate",
    "route": "in a route",
    "ban": "in a freeze or deny",
    "property": "in a property",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: the kind of statement, what evidence is there, what variables."""

    kind: Kind
    needs: frozenset[str] = frozenset()
    variables: tuple[tuple[str, str], ...] = ()  # (variable, what it ranges over)
    positive: bool = True

    def negated(self) -> Place:
        return replace(self, positive=not self.positive)

    def variable(self, name: str, kind: str) -> bool:
        return (name, kind) in self.variables


def operand(
    node: tree.Expression, scope: Scope, place: Place, expected: Type | None, condition_too: bool = False
) -> model.Operand | None:
    """The value that an expression states. `condition_too`: a condition may stand here as well."""
    match node:
        case tree.Parenthesised(inner):
            return operand(inner, scope, place, expected)
        case tree.Literal():
            return _literal(node, scope, expected)
        case tree.TypedText():
            return _typed_text(node, scope)
        case tree.Reference(name):
            return _reference(name, scope, place, expected, condition_too)
        case tree.Attribute():
            return _attribute(node, scope, place)
        case tree.SetOf():
            return _set(node, scope, place, expected)
        case tree.Negative(inner, span):
            if isinstance(inner, tree.Literal):
                return _literal(tree.Literal(inner.kind, "-" + inner.text, span), scope, expected)
            value = operand(inner, scope, place, expected)
            minus_one = model.Constant(INT, -1, span)
            return None if value is None else _arithmetic("*", minus_one, value, span, scope)
        case tree.Sum(first, rest, span):
            return _calculation(first, rest, span, scope, place, expected)
        case tree.Product(factors, span):
            rest = tuple(("*", factor) for factor in factors[1:])
            return _calculation(factors[0], rest, span, scope, place, None)
        case _:
            scope.report(errors.not_a_value(node.span, described(node)))
            return None


def fixed(node: tree.Expression, what: str, type: Type, scope: Scope) -> model.Constant | None:
    """The value of `what`, such as "parameter `p`", which must be written out and of a type."""
    value = operand(node, scope, Place("route"), type)
    if value is None:
        return None
    if isinstance(type, SetType) and type.element == PERSON:
        message = f"{what} cannot hold persons"
        scope.report(errors.type_mismatch(node.span, message, "declare a group of them"))
    elif not isinstance(value, model.Constant):
        message = f"the value of {what} must be written out"
        scope.report(errors.type_mismatch(node.span, message))
    elif value.type != type:
        scope.report(mismatch.of_value(what, type, value))
    else:
        return value
    return None


def duration(node: tree.Duration | None, scope: Scope) -> int | None:
    """The seconds of a duration, or None for none."""
    if node is None:
        return None
    seconds = parse_duration(node.text)
    if seconds is None:
        scope.report(errors.number_out_of_range(node.span, "a duration is at most a hundred years"))
    elif seconds == 0:
        scope.report(errors.number_out_of_range(node.span, "a duration of nothing has no meaning here"))
    return seconds


def needs_type(node: tree.Expression, scope: Scope, place: Place) -> bool:
    """Whether the type of an operand shows only in what it is compared with."""
    match node:
        case tree.Parenthesised(inner):
            return needs_type(inner, scope, place)
        case tree.Reference(name):
            declared = (scope.parameters, model.ROLES, scope.gates, scope.evidence, scope.groups)
            return scope.request_type(name.text) is None and not any(name.text in table for table in declared)
        case tree.SetOf(elements):
            return all(needs_type(element, scope, place) for element in elements)
        case _:
            return False


def _literal(node: tree.Literal, scope: Scope, expected: Type | None) -> model.Operand | None:
    type, value = _read_literal(node)
    if value is None:
        message = f"`{node.text}` is out of the range of {type}"
        scope.report(errors.number_out_of_range(node.span, message, RANGES.get(type)))
        return None
    return model.Constant(PERSON if type == TEXT and expected == PERSON else type, value, node.span)


def _read_literal(node: tree.Literal) -> tuple[Type, Value | None]:
    match node.kind:
        case "int":
            value = int(node.text) if len(node.text) < 40 else INT_LIMIT
            return INT, value if -INT_LIMIT <= value < INT_LIMIT else None
        case "decimal":
            return DECIMAL, parse_scaled(node.text)
        case "percent":
            return PERCENT, parse_percent(node.text)
        case "duration":
            seconds = parse_duration(node.text.removeprefix("-"))
            return DURATION, -seconds if seconds is not None and node.text.startswith("-") else seconds
        case "bool":
            return BOOL, node.text == "true"
        case "text":
            return TEXT, node.text
        case _:
            raise AssertionError(f"the grammar has a literal that the model has not: {node.kind}")


def _typed_text(node: tree.TypedText, scope: Scope) -> model.Operand | None:
    kind, text = node.type.text, node.text.text
    value: Value | None
    match kind:
        case "version":
            type, value, hint = VERSION, parse_version(text), "three numbers: `1.2.0`, `2.0.0-rc.1`"
        case "digest":
            type, value, hint = DIGEST, parse_digest(text), "`sha256:` and 64 hex digits in lowercase"
        case "time":
            type, value, hint = TIME, parse_time(text), "RFC 3339 with a zone: `2026-12-18T18:00:00Z`"
        case _:
            scope.known("type of text", node.type, ("version", "digest", "time"))
            return None
    if value is None:
        scope.report(errors.malformed_literal(node.text.span, kind, text, hint))
        return None
    return model.Constant(type, value, node.span)


def _reference(
    name: tree.Name, scope: Scope, place: Place, expected: Type | None, condition_too: bool
) -> model.Operand | None:
    text, span = name.text, name.span
    if text in scope.broken:
        return None
    if text in scope.parameters:
        parameter = scope.parameters[text]
        return model.ParameterValue(text, parameter.type, parameter.value, span)
    stated = scope.request_type(text)
    if stated is not None:
        return model.RequestValue(text, stated, span)
    if text in model.ROLES:
        if text != "actor" and place.kind != "property":
            hint = "count them instead: `at least 1 approval from … except authors`"
            scope.report(errors.misplaced_condition(span, f"`{text}`", PLACES[place.kind], hint))
            return None
        return model.Role(text, span)
    if isinstance(expected, EnumType):
        if text in expected.members or (
            expected.name == "environment" and place.variable(text, "environment")
        ):
            return model.Constant(expected, text, span)
        if expected.name:
            scope.unknown(expected.name, name, expected.members)
        else:
            scope.unknown("value", name, expected.members, owner=f"`{expected}`")
        return None
    declared = _without_value(text, scope)
    if declared is not None:
        scope.report(errors.not_a_value(span, *declared))
        return None
    if isinstance(expected, SetType):
        _unknown_set(name, expected, scope)
        return None
    known = [*scope.parameters, *model.REQUEST_TYPES, "target", "actor"]
    if condition_too:
        scope.unknown("gate or value", name, [*known, *scope.gates])
    else:
        quotes = f'a text is written in quotes, `"{text}"`' if expected in (TEXT, PERSON) else None
        scope.unknown("value", name, known, hint=quotes)
    return None


def _without_value(name: str, scope: Scope) -> tuple[str, str] | None:
    """What is declared by a name and has no value, and how it is used; or None."""
    if name in scope.evidence:
        field = scope.evidence[name].fields[0][0]
        return f"evidence `{name}`", f"its fields have values, such as `{name}.{field}`"
    if name in scope.gates:
        return f"gate `{name}`", f"a gate is required by itself: `require {name}`"
    if name in scope.groups:
        return f"group `{name}`", f"write `actor in {name}`, or `at least 1 approval from {name}`"
    if name in scope.environments:
        return f"environment `{name}`", f"write `target == {name}`, or `healthy in {name}`"
    return None


def _unknown_set(name: tree.Name, expected: SetType, scope: Scope) -> None:
    """Report a name where a set must stand."""
    element = expected.element
    if isinstance(element, EnumType) and name.text in element.members:
        hint = f"write `{{ {name.text} }}`, or compare by `==`"
        scope.report(errors.type_mismatch(name.span, f"`{name.text}` is not a set", hint))
    elif element == PERSON:
        scope.unknown("group", name, [*scope.groups, *model.ROLE_SETS])
    else:
        scope.unknown("set", name, [*scope.parameters, *scope.groups, "configuration_keys"])


def _attribute(node: tree.Attribute, scope: Scope, place: Place) -> model.Operand | None:
    owner, field = node.owner, node.field
    if owner.text == "release":
        names = {name.partition(".")[2]: name for name in model.REQUEST_TYPES if name.startswith("release.")}
        if not scope.known("property", field, names, owner="`release`"):
            return None
        full = names[field.text]
        return model.RequestValue(full, model.REQUEST_TYPES[full], node.span)
    if owner.text not in scope.evidence:
        if owner.text not in place.needs:  # else the need is what is reported
            scope.unknown("evidence", owner, [*scope.evidence, "release"])
        return None
    if owner.text in scope.broken:
        return None
    fields = dict(scope.evidence[owner.text].fields)
    if owner.text not in place.needs:
        scope.report(errors.evidence_not_needed(node.span, owner.text, place.kind == "gate"))
        return None
    if not scope.known("field", field, fields, owner=f"`{owner.text}`") or fields[field.text] == UNTYPED:
        return None
    return model.EvidenceField(owner.text, field.text, fields[field.text], node.span)


def _set(node: tree.SetOf, scope: Scope, place: Place, expected: Type | None) -> model.Operand | None:
    element_type: Type | None = expected.element if isinstance(expected, SetType) else None
    elements: list[model.Operand] = []
    for each in sorted(node.elements, key=lambda each: needs_type(each, scope, place)):
        element = operand(each, scope, place, element_type)
        if element is None:
            return None
        element_type = element_type or model.type_of(element)
        if model.type_of(element) != element_type:
            message = f"the set holds {element_type}, and {mismatch.stated(element)}"
            hint = mismatch.written_as(element_type, element)
            scope.report(errors.type_mismatch(each.span, message, hint))
            return None
        elements.append(element)
    if element_type is None:
        scope.report(errors.type_mismatch(node.span, "an empty set says nothing of its type"))
        return None
    if isinstance(element_type, SetType) or element_type == BOOL:
        scope.report(errors.type_mismatch(node.span, f"a set cannot hold {element_type}"))
        return None
    constants = [each for each in elements if isinstance(each, model.Constant)]
    if element_type != PERSON and len(constants) == len(elements):
        return model.Constant(SetType(element_type), frozenset(each.value for each in constants), node.span)
    return model.SetExpression(SetType(element_type), tuple(elements), node.span)


# ---------------------------------------------------------------- calculations


def _calculation(
    first: tree.Expression,
    rest: tuple[tuple[str, tree.Expression], ...],
    span: Span,
    scope: Scope,
    place: Place,
    expected: Type | None,
) -> model.Operand | None:
    if len(rest) >= LONGEST_CALCULATION:
        scope.report(errors.expression_too_long(span, LONGEST_CALCULATION))
        return None
    total = operand(first, scope, place, expected)
    for symbol, node in rest:
        value = operand(node, scope, place, None)
        if total is None or value is None:
            return None
        total = _arithmetic(symbol, total, value, first.span.to(node.span), scope)
    return total


def result_type(
    symbol: str, left: model.Operand, right: model.Operand, span: Span, scope: Scope
) -> Type | None:
    """The type of `left OP right`; reported, and None, where the operator does not take them."""
    result = operators.BY_SYMBOL[symbol].result(model.type_of(left), model.type_of(right))
    if result is None:
        scope.report(mismatch.of_operator(symbol, left, right, span))
    return result


def _arithmetic(
    symbol: str, left: model.Operand, right: model.Operand, span: Span, scope: Scope
) -> model.Arithmetic | None:
    type = result_type(symbol, left, right, span, scope)
    if type is None:
        return None
    if symbol == "*" and not (_fixed_value(left) or _fixed_value(right)):
        scope.report(errors.not_linear(span))
        return None
    made = model.Arithmetic(operators.BY_SYMBOL[symbol].name, type, left, right, span)
    range = bounds(made)
    if range is not None and max(abs(range[0]), abs(range[1])) >= EXACT_LIMIT:
        scope.report(errors.arithmetic_overflow(span))
        return None
    return made


def _fixed_value(value: model.Operand) -> bool:
    return isinstance(value, model.Constant | model.ParameterValue)


def described(node: tree.Expression) -> str:
    match node:
        case tree.Reference(name):
            return f"`{name.text}`"
        case tree.Attribute(owner, field):
            return f"`{owner.text}.{field.text}`"
        case tree.Literal("text", text):
            return f'`"{text}"`'
        case tree.Literal(_, text):
            return f"`{text}`"
        case tree.TypedText():
            return f"a {node.type.text}"
        case tree.SetOf():
            return "a set"
        case tree.Negative() | tree.Sum() | tree.Product():
            return "a calculation"
        case tree.Call(function):
            return f"`{function.text}(…)`"
        case _:
            return "a condition"
