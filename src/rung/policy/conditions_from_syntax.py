"""Defines how conditions are resolved and typed: tree → model, with every mistake reported."""

from __future__ import annotations

from typing import Literal, assert_never

from rung.diagnostics import Span
from rung.policy import errors, mismatch, model, operators
from rung.policy.scope import Scope
from rung.policy.types import (
    BOOL,
    PERSON,
    SetType,
    Type,
)
from rung.policy.values_from_syntax import (
    PLACES,
    Place,
    described,
    duration,
    needs_type,
    operand,
    result_type,
)
from rung.syntax import tree

PEOPLE_KINDS: dict[str, Literal["approval", "review"]] = {
    "approval": "approval",
    "approvals": "approval",
    "review": "review",
    "reviews": "review",
}


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
            scope.report(errors.not_a_condition(node.span, described(node), _comparing(node)))
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
        case "no migrations":
            return model.NoMigrations(span)
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
    scope.report(errors.not_a_condition(node.span, described(node), _comparing(node)))
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
        scope.report(errors.not_a_value(joined.span, described(joined), hint))
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
    if result_type(symbol, left, right, span, scope) is None:
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
            described(right),
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
            scope.report(errors.misplaced_condition(side.span, described(side), "beside `before`", hint))
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
    swap = needs_type(first, scope, place) and not needs_type(second, scope, place)
    if swap:
        first, second = second, first
    one = operand(first, scope, place, None)
    expected = None if one is None else _partner(node.operator.text, model.type_of(one), swap)
    if one is None and needs_type(second, scope, place):
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


def _comparing(node: tree.Expression) -> str | None:
    match node:
        case tree.Attribute(owner, field):
            return f"compare it: `{owner.text}.{field.text} == …`"
        case tree.Reference(name):
            return f"compare it: `{name.text} == …`"
        case _:
            return None
