"""Defines how expressions are resolved and typed: tree → model, with every mistake reported.

Types flow both ways: the members of an enum are known by what they are compared with. A part
that cannot be typed is None, and its mistake is reported once, where it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, assert_never

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

Kind = Literal["gate", "route", "ban", "property"]
PLACES: dict[Kind, str] = {
    "gate": "in a gate",
    "route": "in a route",
    "ban": "in a freeze or deny",
    "property": "in a property",
}
PEOPLE_KINDS: dict[str, Literal["approval", "review"]] = {
    "approval": "approval",
    "approvals": "approval",
    "review": "review",
    "reviews": "review",
}
# The type of a field whose declared type is unknown, so that its uses are not reported as well.
UNTYPED = EnumType(())
RANGES: dict[Type, str] = {
    INT: "whole numbers have 64 bits",
    DECIMAL: "at most 18 digits before the point and 9 after it",
    PERCENT: "at most 18 digits before the point and 9 after it",
    DURATION: "a duration is at most a hundred years",
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


def condition(node: tree.Expression, scope: Scope, place: Place) -> model.Condition | None:
    """The condition that an expression states, or None where it states none."""
    match node:
        case tree.Parenthesised(inner):
            return condition(inner, scope, place)
        case tree.Not(operand, span):
            denied = condition(operand, scope, place.negated())
            return None if denied is None else model.Not(denied, span)
        case tree.And(operands, span):
            parts = _conditions(operands, scope, place)
            return None if parts is None else model.And(parts, span)
        case tree.Or(operands, span):
            parts = _conditions(operands, scope, place)
            return None if parts is None else model.Or(parts, span)
        case tree.Implies(premise, conclusion, span):
            left = condition(premise, scope, place.negated())
            right = condition(conclusion, scope, place)
            return None if left is None or right is None else model.Implies(left, right, span)
        case tree.Comparison():
            return _comparison(node, scope, place)
        case tree.People():
            return _people(node, scope)
        case tree.Healthy():
            return _healthy(node, scope, place)
        case tree.Provenance(builders, span):
            return model.Provenance(_distinct_texts("builder", builders, scope), span)
        case tree.ConfigurationHas(keys, span):
            return model.ConfigurationHas(_distinct_texts("key", keys, scope), span)
        case tree.NoDrift(name, span):
            return model.NoDrift(name.text, span) if _is_place(name, scope, place) else None
        case tree.Condition(words, span):
            return _fixed(words, span)
        case tree.Call():
            return _happened(node, scope, place)
        case tree.Reference() | tree.Attribute() | tree.Literal():
            return _named(node, scope, place)
        case tree.TypedText() | tree.SetOf() | tree.Negative() | tree.Sum() | tree.Product():
            scope.report(errors.not_a_condition(node.span, _described(node), _comparing(node)))
            return None
        case _:
            assert_never(node)


def _conditions(
    nodes: tuple[tree.Expression, ...], scope: Scope, place: Place
) -> tuple[model.Condition, ...] | None:
    parts = [condition(node, scope, place) for node in nodes]
    known = tuple(part for part in parts if part is not None)
    return known if len(known) == len(parts) else None


def _fixed(words: str, span: Span) -> model.Condition:
    match words:
        case "rollback plan":
            return model.RollbackPlan(False, span)
        case "automatic rollback":
            return model.RollbackPlan(True, span)
        case "migrations compatible":
            return model.MigrationsCompatible(span)
        case "contains open hotfixes":
            return model.ContainsOpenHotfixes(span)
        case "new flags off":
            return model.NewFlagsOff(span)
        case "lock held":
            return model.LockHeld(span)
        case "inside maintenance":
            return model.InsideMaintenance(span)
        case "dependencies met":
            return model.DependenciesMet(span)
        case _:
            raise AssertionError(f"the grammar has a condition that the model has not: {words}")


def _distinct_texts(kind: str, texts: tuple[tree.Text, ...], scope: Scope) -> tuple[str, ...]:
    return scope.distinct(kind, [tree.Name(text.text, text.span) for text in texts])


# ---------------------------------------------------------------- names as conditions


def _named(
    node: tree.Reference | tree.Attribute | tree.Literal, scope: Scope, place: Place
) -> model.Condition | None:
    if isinstance(node, tree.Reference) and node.name.text in scope.gates:
        return _gate(node.name, scope, place)
    value = operand(node, scope, place, None, condition_too=True)
    if value is None:
        return None
    if model.type_of(value) == BOOL:
        return model.Truth(value, node.span)
    scope.report(errors.not_a_condition(node.span, _described(node), _comparing(node)))
    return None


def _gate(name: tree.Name, scope: Scope, place: Place) -> model.Condition | None:
    if place.kind in ("ban", "property"):
        hint = (
            f"write `held({name.text})`" if place.kind == "property" else "require it in the routes instead"
        )
        scope.report(errors.misplaced_condition(name.span, f"gate `{name.text}`", PLACES[place.kind], hint))
        return None
    if not place.positive:
        hint = "a gate can only be required: a waiver may lift it, and must never add a demand"
        scope.report(errors.misplaced_condition(name.span, f"gate `{name.text}`", "under a negation", hint))
        return None
    return model.GateHolds(name.text, name.span)


def _happened(node: tree.Call, scope: Scope, place: Place) -> model.Condition | None:
    function, argument = node.function, node.argument
    if not scope.known("condition of a history", function, ("deployed", "earned", "running", "bad", "held")):
        return None
    if place.kind != "property":
        _only_in_properties(node, scope, place)
        return None
    if node.lane is not None and function.text != "deployed":
        scope.report(errors.misplaced_condition(node.lane.span, "a lane", f"after `{function.text}(…)`"))
        return None
    if function.text == "held":
        if place.variable(argument.text, "gate") or scope.known("gate", argument, scope.gates):
            return model.Held(argument.text, node.span)
        return None
    if place.variable(argument.text, "environment") or scope.known(
        "environment", argument, scope.environments
    ):
        return model.Happened(function.text, argument.text, node.lane.text if node.lane else None, node.span)
    return None


def _only_in_properties(node: tree.Call, scope: Scope, place: Place) -> None:
    hint = "what happened in a history is spoken of in `prove` statements"
    what = f"`{node.function.text}(…)`"
    scope.report(errors.misplaced_condition(node.span, what, PLACES[place.kind], hint))


# ---------------------------------------------------------------- people and health


def _people(node: tree.People, scope: Scope) -> model.Condition | None:
    count = _whole(node.count, scope, 1, 1000, "at least one approval must be asked for")
    for name in node.groups:
        if name.text != "anyone":
            scope.known("group", name, scope.groups)
    for name in node.excepting:
        if name.text not in (*model.ROLE_SETS, "actor"):
            scope.known("group", name, [*scope.groups, *model.ROLE_SETS, "actor"])
    age = duration(node.age, scope)
    if count is None:
        return None
    groups = scope.distinct("group", node.groups)
    excluding = scope.distinct("exception", node.excepting)
    return model.People(PEOPLE_KINDS[node.kind.text], count, groups, excluding, age, node.span)


def _healthy(node: tree.Healthy, scope: Scope, place: Place) -> model.Condition | None:
    if not _is_place(node.place, scope, place):
        return None
    return model.Healthy(node.once, node.place.text, duration(node.duration, scope) or 0, node.span)


def _is_place(name: tree.Name, scope: Scope, place: Place) -> bool:
    """Whether a name is an environment, the sources or the target, or a variable for an environment."""
    if name.text in ("source", "target") or place.variable(name.text, "environment"):
        return True
    return scope.known("environment", name, scope.environments)


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


def _whole(name: tree.Name, scope: Scope, low: int, high: int, message: str) -> int | None:
    value = int(name.text) if len(name.text) < 20 else high + 1
    if low <= value <= high:
        return value
    scope.report(
        errors.number_out_of_range(
            name.span, message if value < low else f"at most {high:,} can be asked for"
        )
    )
    return None


# ---------------------------------------------------------------- comparisons


def _comparison(node: tree.Comparison, scope: Scope, place: Place) -> model.Condition | None:
    symbol, span = node.operator.text, node.span
    joined = next((each for each in (node.left, node.right) if _is_plainly_a_condition(each)), None)
    if joined is not None and symbol != "before":
        hint = "conditions are joined by `and`, `or` and `implies`"
        scope.report(errors.not_a_value(joined.span, _described(joined), hint))
        return None
    if symbol in ("is", "is not"):
        found = _actor_is(node, scope)
        return model.Not(found, span) if found is not None and symbol == "is not" else found
    if symbol == "before":
        return _before(node, scope, place)
    if symbol in ("in", "not in"):
        people = _people_set(node.right, scope, place)
        if people is not None:
            return _person_in(node, people, scope, place)
    left, right = _operands(node, scope, place)
    if left is None or right is None:
        return None
    if _result(symbol, left, right, span, scope) is None:
        return None
    return model.Compare(operators.BY_SYMBOL[symbol].name, left, right, span)


def _is_plainly_a_condition(node: tree.Expression) -> bool:
    match node:
        case tree.Parenthesised(inner):
            return _is_plainly_a_condition(inner)
        case (
            tree.Reference()
            | tree.Attribute()
            | tree.Literal()
            | tree.TypedText()
            | tree.SetOf()
            | tree.Negative()
            | tree.Sum()
            | tree.Product()
        ):
            return False
        case _:
            return True


def _person_in(node: tree.Comparison, people: str, scope: Scope, place: Place) -> model.Condition | None:
    person = operand(node.left, scope, place, PERSON)
    if person is None:
        return None
    if model.type_of(person) != PERSON:
        message = f"`{people}` is a set of persons, and {mismatch.stated(person)}"
        scope.report(errors.type_mismatch(node.left.span, message))
        return None
    found = model.PersonIn(person, people, node.span)
    return model.Not(found, node.span) if node.operator.text == "not in" else found


def _actor_is(node: tree.Comparison, scope: Scope) -> model.Condition | None:
    left, right = node.left, node.right
    if not (isinstance(left, tree.Reference) and left.name.text == "actor"):
        hint = "for values write `==`"
        scope.report(
            errors.misplaced_condition(
                node.operator.span, f"`{node.operator.text}`", "after anything but `actor`", hint
            )
        )
        return None
    if isinstance(right, tree.Reference):
        if not scope.known("kind of actor", right.name, model.ACTORS):
            return None
        return model.ActorIs(next(kind for kind in model.ACTORS if kind == right.name.text), node.span)
    scope.report(
        errors.misplaced_condition(
            right.span,
            _described(right),
            "after `is`",
            "write `person`, `machine` or `delegate`; a person is compared by `==`",
        )
    )
    return None


def _before(node: tree.Comparison, scope: Scope, place: Place) -> model.Condition | None:
    found = []
    for side in (node.left, node.right):
        event = None
        if isinstance(side, tree.Call):
            event = condition(side, scope, place)
            if event is None:
                return None
        if not isinstance(event, model.Happened):
            hint = "write `deployed(qa) before deployed(prod)`"
            scope.report(errors.misplaced_condition(side.span, _described(side), "beside `before`", hint))
            return None
        found.append(event)
    first, second = found
    return model.Before(first, second, node.span)


def _people_set(node: tree.Expression, scope: Scope, place: Place) -> str | None:
    """The name of a group, or of the persons of a role, where an expression is one."""
    if isinstance(node, tree.Reference):
        name = node.name.text
        if name in scope.groups or name in model.ROLE_SETS or place.variable(name, "group"):
            return name
    return None


def _operands(
    node: tree.Comparison, scope: Scope, place: Place
) -> tuple[model.Operand | None, model.Operand | None]:
    """Both sides; the one whose type is plain to see tells the type of the other."""
    first, second = node.left, node.right
    swap = _needs_type(first, scope, place) and not _needs_type(second, scope, place)
    if swap:
        first, second = second, first
    one = operand(first, scope, place, None)
    expected = None if one is None else _partner(node.operator.text, model.type_of(one), swap)
    if one is None and _needs_type(second, scope, place):
        return None, None  # its type cannot be told, and the mistake is reported already
    other = operand(second, scope, place, expected)
    return (other, one) if swap else (one, other)


def _partner(symbol: str, type: Type, swapped: bool) -> Type | None:
    """The type to expect on the other side of an operator (`swapped`: of the left side)."""
    if symbol not in ("in", "not in"):
        return type
    if swapped:
        return type.element if isinstance(type, SetType) else None
    return None if isinstance(type, SetType) else SetType(type)


def _needs_type(node: tree.Expression, scope: Scope, place: Place) -> bool:
    """Whether the type of an operand shows only in what it is compared with."""
    match node:
        case tree.Parenthesised(inner):
            return _needs_type(inner, scope, place)
        case tree.Reference(name):
            declared = (scope.parameters, model.ROLES, scope.gates, scope.evidence, scope.groups)
            return scope.request_type(name.text) is None and not any(name.text in table for table in declared)
        case tree.SetOf(elements):
            return all(_needs_type(element, scope, place) for element in elements)
        case _:
            return False


def _result(symbol: str, left: model.Operand, right: model.Operand, span: Span, scope: Scope) -> Type | None:
    """The type of `left OP right`; reported, and None, where the operator does not take them."""
    result = operators.BY_SYMBOL[symbol].result(model.type_of(left), model.type_of(right))
    if result is None:
        scope.report(mismatch.of_operator(symbol, left, right, span))
    return result


def _arithmetic(
    symbol: str, left: model.Operand, right: model.Operand, span: Span, scope: Scope
) -> model.Arithmetic | None:
    type = _result(symbol, left, right, span, scope)
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


# ---------------------------------------------------------------- values


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
            scope.report(errors.not_a_value(node.span, _described(node)))
            return None


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
    for each in sorted(node.elements, key=lambda each: _needs_type(each, scope, place)):
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


# ---------------------------------------------------------------- words for messages


def _described(node: tree.Expression) -> str:
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


def _comparing(node: tree.Expression) -> str | None:
    match node:
        case tree.Attribute(owner, field):
            return f"compare it: `{owner.text}.{field.text} == …`"
        case tree.Reference(name):
            return f"compare it: `{name.text} == …`"
        case _:
            return None
