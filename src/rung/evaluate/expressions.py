"""Defines the concrete reading of expressions: each becomes a closure once, called for every situation.

A condition's closure returns its `Outcome`. What cannot be told counts as what does not allow, so
every condition is compiled for the sign under which it stands: unknown is false where it
stands positively, and true under a negation or in a ban.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, assert_never

from rung.evaluate import conditions, windows
from rung.evaluate.outcome import FOREVER, Outcome, RouteOutcome, Seen, Values
from rung.evaluate.situation import Situation
from rung.inputs.proposal import PersonActor
from rung.policy import model, operators
from rung.policy.types import PERSON, SetType

Check = Callable[[Situation], Outcome]
Read = Callable[[Situation], Any]
Gates = dict[str, Check]


# ---------------------------------------------------------------- values


def value(node: model.Operand) -> Read:
    """A closure that reads a value, None when the proposal does not state it or a person is unknown."""
    match node:
        case model.Constant(type, fixed) | model.ParameterValue(_, type, fixed) if type == PERSON:
            account = str(fixed)
            return lambda situation: situation.directory.person(account)
        case model.Constant(value=fixed) | model.ParameterValue(value=fixed):
            return lambda situation: fixed
        case model.RequestValue(name):
            return conditions.REQUEST_VALUES[name]
        case model.EvidenceField(evidence, field, type):
            if type == PERSON:
                return lambda situation: situation.directory.person(situation.records[evidence][field])
            if type == SetType(PERSON):
                return lambda situation: _persons(situation.records[evidence][field], situation)
            return lambda situation: situation.records[evidence][field]
        case model.Role():
            return lambda situation: situation.actor
        case model.SetExpression(elements=elements):
            return _set([value(element) for element in elements])
        case model.Arithmetic(operator, _, left, right):
            meaning, first, second = operators.BY_NAME[operator].meaning, value(left), value(right)
            return lambda situation: meaning(first(situation), second(situation))
        case _:
            assert_never(node)


def _set(elements: list[Read]) -> Read:
    def read(situation: Situation) -> frozenset[Any] | None:
        found = frozenset(element(situation) for element in elements)
        return None if None in found else found

    return read


def _persons(accounts: frozenset[str], situation: Situation) -> frozenset[str] | None:
    """The persons behind accounts, None when one of these belongs to no known person."""
    persons = [situation.directory.person(account) for account in accounts]
    return None if None in persons else frozenset(person for person in persons if person is not None)


def may_be_absent(node: model.Operand) -> bool:
    """Whether a value can be missing from a well-formed request."""
    match node:
        case model.RequestValue(name):
            return name in model.MAYBE_ABSENT
        case model.SetExpression(elements=elements):
            return any(may_be_absent(element) for element in elements)
        case model.Arithmetic():
            return False  # quantities are never absent
        case _:
            return model.type_of(node) in (PERSON, SetType(PERSON))


def now_factor(node: model.Operand) -> int | None:
    """By how much a value grows with each second that passes; None when it does not do so evenly."""
    match node:
        case model.RequestValue("now"):
            return 1
        case model.Arithmetic(operator, _, left, right):
            first, second = now_factor(left), now_factor(right)
            if operator == "multiply" or first is None or second is None:
                return 0 if first == second == 0 else None
            return first + second if operator == "add" else first - second
        case model.SetExpression(elements=elements):
            return 0 if all(now_factor(element) == 0 for element in elements) else None
        case _:
            return 0


def seconds_until_flip(operator: str, difference: int, growth: int) -> int | None:
    """After how many seconds `difference OP 0` changes, where the difference grows evenly; None for never."""
    if operator in ("equal", "unequal"):
        if difference == 0:
            return 1
        seconds, rest = divmod(-difference, growth)
        return seconds if rest == 0 and seconds > 0 else None
    # In whole numbers each order is `x < 0` or its negation, of the difference or one less.
    shifted = difference - (operator in ("at_most", "more"))
    if growth > 0:
        return -(shifted // growth) if shifted < 0 else None
    return shifted // -growth + 1 if shifted >= 0 else None


# ---------------------------------------------------------------- conditions


def condition(node: model.Condition, gates: Gates, positive: bool = True) -> Check:
    """A closure that tells whether a condition holds; `gates` has, or will have, every gate's closure."""
    match node:
        case model.Compare():
            return _compare(node, positive)
        case model.Truth(operand):
            read = value(operand)
            return lambda situation: Outcome(node, found := read(situation), FOREVER, Values(found, True))
        case model.Not(operand):
            return _not(node, condition(operand, gates, not positive))
        case model.And(operands):
            return _and(node, [condition(each, gates, positive) for each in operands])
        case model.Or(operands):
            return _or(node, [condition(each, gates, positive) for each in operands])
        case model.Implies(premise, conclusion):
            denied = _not(model.Not(premise, premise.span), condition(premise, gates, not positive))
            return _or(node, [denied, condition(conclusion, gates, positive)])
        case model.GateHolds(gate):
            # A gate may require one that is declared, and made ready, after it.
            return gates.get(gate) or (lambda situation: gates[gate](situation))
        case model.People():
            return conditions.people(node, positive)
        case model.PersonIn(person):
            return conditions.person_in(node, value(person), positive)
        case model.ActorIs(kind):
            return _actor_is(node, kind)
        case model.Healthy():
            return conditions.healthy(node, positive)
        case model.Provenance():
            return conditions.provenance(node, positive)
        case model.RollbackPlan():
            return conditions.rollback_plan(node, positive)
        case model.ConfigurationHas():
            return conditions.configuration_has(node, positive)
        case model.MigrationsCompatible():
            return conditions.migrations_compatible(node, positive)
        case model.NoMigrations():
            return conditions.no_migrations(node)
        case model.ContainsOpenHotfixes():
            return conditions.contains_open_hotfixes(node, positive)
        case model.NewFlagsOff():
            return conditions.new_flags_off(node, positive)
        case model.NoDrift():
            return conditions.no_drift(node, positive)
        case model.LockHeld():
            return conditions.lock_held(node, positive)
        case model.InsideMaintenance():
            return windows.inside_maintenance(node)
        case model.DependenciesMet():
            return conditions.dependencies_met(node, positive)
        case model.Happened() | model.Held() | model.Before():
            raise AssertionError("conditions on histories stand in properties only")
        case _:
            assert_never(node)


def _compare(node: model.Compare, positive: bool) -> Check:
    left, right = value(node.left), value(node.right)
    meaning = operators.BY_NAME[node.operator].meaning
    first, second = now_factor(node.left), now_factor(node.right)
    if first != 0 or second != 0:
        growth = None
        if first is not None and second is not None and not isinstance(model.type_of(node.right), SetType):
            growth = first - second
        return _compare_now(node, left, right, growth)
    match node.left, node.right:
        case model.EvidenceField(evidence, field), model.Constant(_, fixed) if not may_be_absent(node.left):
            # What gates ask most, with nothing to call.
            def compare_field(situation: Situation) -> Outcome:
                found = situation.records[evidence][field]
                return Outcome(node, meaning(found, fixed), FOREVER, Values(found, fixed))

            return compare_field
    if not (may_be_absent(node.left) or may_be_absent(node.right)):

        def compare(situation: Situation) -> Outcome:
            a, b = left(situation), right(situation)
            return Outcome(node, meaning(a, b), FOREVER, Values(a, b))

        return compare

    def compare_if_present(situation: Situation) -> Outcome:
        a, b = left(situation), right(situation)
        if a is None or b is None:
            return Outcome(node, not positive, FOREVER, Values(a, b), (), True)
        return Outcome(node, meaning(a, b), FOREVER, Values(a, b))

    return compare_if_present


def _compare_now(node: model.Compare, left: Read, right: Read, growth: int | None) -> Check:
    """A comparison with the time: it also says when it will change.

    `growth` is by how much the difference grows each second, None where there is none or not evenly.
    """
    meaning = operators.BY_NAME[node.operator].meaning

    def compare(situation: Situation) -> Outcome:
        a, b = left(situation), right(situation)
        if growth is None:
            seconds: int | None = 1
        else:
            seconds = None if growth == 0 else seconds_until_flip(node.operator, a - b, growth)
        until = FOREVER if seconds is None else situation.at + seconds
        return Outcome(node, meaning(a, b), until, Values(a, b))

    return compare


def _not(node: model.Condition, operand: Check) -> Check:
    def check(situation: Situation) -> Outcome:
        part = operand(situation)
        return Outcome(node, not part.holds, part.until, None, (part,))

    return check


def _and(node: model.Condition, operands: list[Check]) -> Check:
    def check(situation: Situation) -> Outcome:
        parts = tuple([operand(situation) for operand in operands])
        return Outcome(node, *all_of(parts), None, parts)

    return check


def _or(node: model.Condition, operands: list[Check]) -> Check:
    def check(situation: Situation) -> Outcome:
        parts = tuple([operand(situation) for operand in operands])
        return Outcome(node, *any_of(parts), None, parts)

    return check


def all_of(parts: Sequence[Outcome]) -> tuple[bool, int]:
    """Whether all hold, and until when: one that fails alone keeps the whole from holding."""
    until = FOREVER
    for part in parts:
        if not part.holds:
            return False, max([part.until for part in parts if not part.holds])
        if part.until < until:
            until = part.until
    return True, until


def any_of(parts: Sequence[Outcome | RouteOutcome]) -> tuple[bool, int]:
    """Whether one holds, and until when: one that holds alone keeps the whole holding."""
    until = FOREVER
    for part in parts:
        if part.holds:
            return True, max([part.until for part in parts if part.holds])
        if part.until < until:
            until = part.until
    return False, until


def _actor_is(node: model.Condition, kind: str) -> Check:
    def check(situation: Situation) -> Outcome:
        actor = situation.proposal.actor
        if isinstance(actor, PersonActor):
            return Outcome(node, kind == "person", FOREVER, Seen("a person acts"))
        if actor.on_behalf_of is None:
            return Outcome(node, kind == "machine", FOREVER, Seen("a machine acts"))
        seen = Seen("a machine acts on behalf of a person")
        return Outcome(node, kind in ("machine", "delegate"), FOREVER, seen)

    return check
