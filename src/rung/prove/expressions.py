"""Defines the symbolic reading of expressions: each becomes a term over the unknowns of a world.

Mirrors `evaluate.expressions`, case for case. A condition is read for the sign under which it stands:
what cannot be told is false where it stands positively, and true under a negation or in a ban.
"""

from __future__ import annotations

from typing import Any, assert_never

from rung.policy import model, operators
from rung.policy.types import PERSON, VERSION, SetType
from rung.prove import conditions
from rung.prove.errors import NotEncodedError
from rung.prove.scene import Scene
from rung.prove.terms import FALSE, TRUE, Term, all_of, any_of, no
from rung.prove.world import Key

# ---------------------------------------------------------------- values


def value(node: model.Operand, scene: Scene) -> Term:
    """The term of a value that is there; `known` says when it is."""
    world = scene.world
    match node:
        case model.Constant(type, fixed) | model.ParameterValue(_, type, fixed):
            if type == PERSON:
                return conditions.person_of(str(fixed), scene)
            if isinstance(type, SetType):
                raise NotEncodedError("a set as a value")
            return world.constant(type, fixed)
        case model.RequestValue("now"):
            return world.at
        case model.RequestValue("target"):
            return world.constant(node.type, scene.target)
        case model.RequestValue(name, type):
            return world.value(("request", name), type)
        case model.EvidenceField(evidence, field, type):
            return world.value(scene.field(evidence, field), type)
        case model.Role(name):
            return conditions.role(name, scene)
        case model.SetExpression():
            raise NotEncodedError("a set as a value")
        case model.Arithmetic(operator, _, left, right):
            return operators.BY_NAME[operator].meaning(value(left, scene), value(right, scene))
        case _:
            assert_never(node)


def known(node: model.Operand, scene: Scene) -> Term:
    """When a value is there: the proposal may leave some out, and accounts may be nobody's."""
    match node:
        case model.RequestValue(name) if name in model.MAYBE_ABSENT:
            return scene.world.boolean(("stated", name))
        case model.SetExpression(elements=elements):
            return all_of([known(element, scene) for element in elements])
        case _ if model.type_of(node) == PERSON:
            return conditions.person_known(node, scene)
        case _:
            return TRUE


# ---------------------------------------------------------------- conditions


def condition(node: model.Condition, scene: Scene, positive: bool = True) -> Term:
    """When a condition holds, unknown counting as what does not allow."""
    match node:
        case model.Compare():
            return _compare(node, scene, positive)
        case model.Truth(operand):
            return value(operand, scene)
        case model.Not(operand):
            return no(condition(operand, scene, not positive))
        case model.And(operands):
            return all_of([condition(each, scene, positive) for each in operands])
        case model.Or(operands):
            return any_of([condition(each, scene, positive) for each in operands])
        case model.Implies(premise, conclusion):
            denied = no(condition(premise, scene, not positive))
            return any_of(denied, condition(conclusion, scene, positive))
        case model.GateHolds(gate):
            return scene.gate(gate)
        case model.People():
            return conditions.people(node, scene, positive)
        case model.PersonIn():
            return conditions.person_in(node, scene, positive)
        case model.ActorIs(kind):
            return conditions.actor_is(kind, scene)
        case model.Healthy():
            return conditions.healthy(node, scene, positive)
        case model.Provenance():
            return conditions.provenance(node, scene, positive)
        case model.RollbackPlan():
            return conditions.rollback_plan(node, scene, positive)
        case model.ConfigurationHas():
            return conditions.configuration_has(node, scene, positive)
        case model.NoMigrations():
            return no(conditions.brings_migrations(scene))
        case model.MigrationsCompatible():
            return conditions.migrations_compatible(node, scene, positive)
        case model.NoDrift():
            return conditions.no_drift(node, scene, positive)
        case model.ContainsOpenHotfixes() | model.NewFlagsOff() | model.LockHeld() | model.DependenciesMet():
            return conditions.observed(node, scene, positive)
        case model.InsideMaintenance():
            return conditions.inside_maintenance(scene)
        case model.Happened():
            return conditions.happened(node, scene)
        case model.Held(gate):
            return scene.gate(gate)
        case model.Before(first, second):
            return conditions.before(first, second, scene)
        case _:
            assert_never(node)


def _compare(node: model.Compare, scene: Scene, positive: bool) -> Term:
    told = all_of(known(node.left, scene), known(node.right, scene))
    compared = _compared(node, scene)
    return all_of(told, compared) if positive else any_of(no(told), compared)


def _compared(node: model.Compare, scene: Scene) -> Term:
    """The comparison of two values that are there."""
    left, right = node.left, node.right
    match node.operator:
        case "in":
            return _member(left, right, scene)
        case "not_in":
            return no(_member(left, right, scene))
        case "subset" | "disjoint":
            return _sets(node.operator, left, right, scene)
        case "starts" | "ends":
            return _affix(node.operator, left, right, scene)
        case operator:
            if isinstance(model.type_of(left), SetType):
                return _sets(operator, left, right, scene)
            _comparable(left, right)
            return operators.BY_NAME[operator].meaning(value(left, scene), value(right, scene))


def _comparable(left: model.Operand, right: model.Operand) -> None:
    """Versions are known by their place among those of the policy, so two unknown ones cannot be compared."""
    if model.type_of(left) == VERSION and not (_fixed(left) or _fixed(right)):
        raise NotEncodedError("a comparison of two versions that both vary")


def _fixed(node: model.Operand) -> bool:
    return isinstance(node, model.Constant | model.ParameterValue)


def _member(element: model.Operand, group: model.Operand, scene: Scene) -> Term:
    term = value(element, scene)
    match group:
        case model.Constant(SetType(inner), members) | model.ParameterValue(_, SetType(inner), members):
            assert isinstance(members, frozenset)
            return any_of([term == scene.world.constant(inner, each) for each in sorted(members, key=repr)])
        case model.SetExpression(elements=elements):
            return any_of([term == value(each, scene) for each in elements])
        case model.EvidenceField() | model.RequestValue():
            if not _fixed(element):
                raise NotEncodedError("a varying element of a varying set")
            return _has(group, element.value, scene)  # type: ignore[union-attr]  # fixed ones have a value
        case _:
            raise NotEncodedError("a calculated set")


def _has(group: model.EvidenceField | model.RequestValue, member: Any, scene: Scene) -> Term:
    """Whether a set that varies has a fixed member."""
    return scene.world.boolean((*_key(group, scene), "has", member))


def _key(node: model.EvidenceField | model.RequestValue, scene: Scene) -> Key:
    if isinstance(node, model.RequestValue):
        return ("request", node.name)
    return scene.field(node.evidence, node.field)


def _sets(operator: str, left: model.Operand, right: model.Operand, scene: Scene) -> Term:
    """A varying set against a fixed one: by membership of each fixed member, and of anything else."""
    varying, fixed = (right, left) if _fixed(left) else (left, right)
    if _fixed(varying):
        first, second = left.value, right.value  # type: ignore[union-attr]  # both are fixed
        return TRUE if operators.BY_NAME[operator].meaning(first, second) else FALSE
    if not (_fixed(fixed) and isinstance(varying, model.EvidenceField | model.RequestValue)):
        raise NotEncodedError("a comparison of two sets that both vary")
    members: frozenset[Any] = fixed.value  # type: ignore[union-attr, assignment]  # fixed ones have a value
    all_in = all_of([_has(varying, each, scene) for each in sorted(members, key=repr)])
    none_in = no(any_of([_has(varying, each, scene) for each in sorted(members, key=repr)]))

    other = scene.world.boolean((*_key(varying, scene), "has other than", members))
    match operator:
        case "disjoint":
            return none_in
        case "equal":
            return all_of(all_in, no(other))
        case "unequal":
            return no(all_of(all_in, no(other)))
        case _:  # subset
            return no(other) if varying is left else all_in


def _affix(operator: str, left: model.Operand, right: model.Operand, scene: Scene) -> Term:
    """Whether a text begins or ends with another that is fixed."""
    meaning = operators.BY_NAME[operator].meaning
    if not _fixed(right):
        raise NotEncodedError("a text that begins or ends with one that varies")
    affix = str(right.value)  # type: ignore[union-attr]  # fixed ones have a value
    match left:
        case model.Constant(value=fixed) | model.ParameterValue(value=fixed):
            return TRUE if meaning(fixed, affix) else FALSE
        case model.RequestValue() | model.EvidenceField():
            key = (*_key(left, scene), operator, affix)
        case _:
            raise NotEncodedError("a calculated text")

    predicate = scene.world.boolean(key)
    scene.affix(_key(left, scene), operator, affix, predicate, value(left, scene))
    return predicate
