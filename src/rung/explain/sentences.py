"""Defines what a policy asks for in plain sentences, from the model alone: for those who live under it.

A sentence is a clause without full stop. Whoever prints it says how names look (`Ink`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, assert_never

from rung.policy import model
from rung.policy.model import type_of
from rung.policy.types import DURATION, PERSON, SetType, show_value


class Ink(NamedTuple):
    """How names of the policy and texts of its author are printed, and gates by their names."""

    name: Callable[[str], str]
    gate: Callable[[str], str]


LANE_NOUNS: dict[str, str] = {
    "admit": "an admission",
    "promote": "a promotion",
    "hotfix": "a hotfix",
    "rollback": "a rollback",
}
# What stands between the two sides of a comparison, and between them where it is denied.
_COMPARED: dict[str, tuple[str, str]] = {
    "equal": ("is", "is not"),
    "unequal": ("is not", "is"),
    "less": ("is less than", "is at least"),
    "at_most": ("is at most", "is more than"),
    "more": ("is more than", "is at most"),
    "at_least": ("is at least", "is less than"),
    "in": ("is one of", "is none of"),
    "not_in": ("is none of", "is one of"),
    "subset": ("is within", "is not within"),
    "disjoint": ("has nothing of", "has something of"),
    "starts": ("starts with", "does not start with"),
    "ends": ("ends with", "does not end with"),
}
_SYMBOLS = {"add": "+", "subtract": "-", "multiply": "*"}
_ACTORS = {
    "person": "a person deploys by hand",
    "machine": "a machine deploys",
    "delegate": "a machine deploys on behalf of somebody",
}
_NOT_ACTORS = {
    "person": "no person deploys by hand",
    "machine": "no machine deploys",
    "delegate": "what deploys is no machine that acts on behalf of somebody",
}
_ROLES = {
    "authors": "the authors of what is new",
    "approvers": "those who approve",
    "reviewers": "the reviewers",
}
_EXCLUDED = {"actor": "who deploys", **_ROLES}
_VALUES = {
    "strategy": "the strategy",
    "lane": "the lane",
    "action": "the action",
    "target": "the target",
    "service": "the service",
    "now": "the time now",
    "release.version": "the version of the release",
    "release.configuration": "the configuration of the release",
    "configuration_keys": "the set of configuration keys",
}
_UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


def listed(items: Iterable[str], last: str = "and") -> str:
    """`a, b and c`."""
    *others, final = items
    return f"{', '.join(others)} {last} {final}" if others else final


def spoken(seconds: int) -> str:
    """A length of time as somebody would say it: `24 hours`, `3 days`."""
    if seconds == 86_400:
        return "24 hours"
    unit, size = next((unit, size) for unit, size in _UNITS if seconds % size == 0 and seconds >= size)
    return f"{seconds // size} {unit}" + ("" if seconds == size else "s")


def lately(seconds: int) -> str:
    """`in the last hour`, `in the last 3 days`."""
    text = spoken(seconds)
    return "in the last " + text.removeprefix("1 ")


def sources(found: model.Sources, ink: Ink) -> str:
    """Where a route comes from: `a and b`, `a or b`, `at least 2 of a, b and c`."""
    names = [ink.name(name) for name in found.names]
    if found.count == len(names):
        return listed(names)
    return listed(names, "or") if found.count == 1 else f"at least {found.count} of {listed(names)}"


def condition(node: model.Condition, ink: Ink) -> str:
    """What a condition asks for."""
    match node:
        case model.And(operands):
            return listed(_grouped(each, ink) for each in operands)
        case model.Or(operands):
            return "either " + ", or ".join(condition(each, ink) for each in operands)
        case model.Implies(premise, conclusion):
            return f"if {condition(premise, ink)}, then {condition(conclusion, ink)}"
        case model.Not(operand):
            return _denied(operand, ink)
        case model.Compare(operator, left, right):
            return _compared(left, _COMPARED[operator][0], right, ink)
        case model.Truth(operand):
            return f"{value(operand, ink)} is true"
        case model.GateHolds(gate):
            return ink.gate(gate)
        case model.People():
            return _people(node, ink)
        case model.PersonIn(person, people):
            return f"{value(person, ink)} is one of {_group(people, ink)}"
        case model.ActorIs(kind):
            return _ACTORS[kind]
        case model.Healthy(once, place, seconds):
            where = _place(place, ink)
            if once:
                lasting = f" for {spoken(seconds)}" if seconds else ""
                return f"the release was healthy in {where}{lasting} at some time since it came there"
            lasting = f", and has been for the last {spoken(seconds)}" if seconds else ""
            return f"the release is healthy in {where}{lasting}"
        case model.Provenance(builders):
            return f"every artifact was built by {listed(map(ink.name, builders), 'or')}, and nowhere else"
        case model.RollbackPlan(automatic):
            itself = ", and failing health goes back without a person" if automatic else ""
            return f"the proposal plans how to go back to what runs there now{itself}"
        case model.ConfigurationHas(keys):
            return f"the configuration has {listed(map(ink.name, keys))}"
        case model.MigrationsCompatible():
            return "its migrations are compatible at every step of the rollout, and after a rollback"
        case model.NoMigrations():
            return "it brings no migrations of the database"
        case model.ContainsOpenHotfixes():
            return "the release contains every hotfix there that was not brought back yet"
        case model.NewFlagsOff():
            return "every flag that is new there is off"
        case model.NoDrift(place):
            return f"{_place(place, ink)} is as it was deployed, without drift"
        case model.LockHeld():
            return "who deploys holds a lock on it"
        case model.InsideMaintenance():
            return "a maintenance window is open"
        case model.DependenciesMet():
            return "every component that the release depends on runs there in a version that it accepts"
        case model.Happened() | model.Held() | model.Before():
            raise AssertionError("conditions on histories stand in properties only")
        case _:
            assert_never(node)


def _compared(left: model.Operand, how: str, right: model.Operand, ink: Ink) -> str:
    match left:
        case model.Arithmetic("subtract", _, model.RequestValue("now"), then) if type_of(right) == DURATION:
            return f"{value(then, ink)} was {how.removeprefix('is ')} {value(right, ink)} ago"
        case _:
            return f"{value(left, ink)} {how} {value(right, ink)}"


def _grouped(node: model.Condition, ink: Ink) -> str:
    text = condition(node, ink)
    return f"({text})" if isinstance(node, model.Or | model.Implies) else text


def _denied(node: model.Condition, ink: Ink) -> str:
    match node:
        case model.Compare(operator, left, right):
            return _compared(left, _COMPARED[operator][1], right, ink)
        case model.PersonIn(person, people):
            return f"{value(person, ink)} is none of {_group(people, ink)}"
        case model.ActorIs(kind):
            return _NOT_ACTORS[kind]
        case model.Truth(operand):
            return f"{value(operand, ink)} is false"
        case model.Not(operand):
            return condition(operand, ink)
        case _:
            return f"it is not so that {_grouped(node, ink)}"


def _people(node: model.People, ink: Ink) -> str:
    persons = "anybody" if node.groups == ("anyone",) else listed(map(ink.name, node.groups), "or")
    count = f"at least {node.count}" if node.count > 1 else "at least one"
    who = f"{count} of {persons}" if persons != "anybody" else f"{count} person{'s' * (node.count > 1)}"
    has = "have" if node.count > 1 else "has"
    what = "approved the release" if node.kind == "approval" else "reviewed the change"
    when = "" if node.max_age is None else " " + lately(node.max_age)
    but = [_EXCLUDED.get(each) or ink.name(each) for each in node.excluding]
    return f"{who} {has} {what}{when}" + (f", not counting {listed(but, 'or')}" if but else "")


def _group(name: str, ink: Ink) -> str:
    return _ROLES.get(name) or ink.name(name)


def _place(name: str, ink: Ink) -> str:
    return {"source": "each place that it comes from", "target": "the target"}.get(name) or ink.name(name)


def value(node: model.Operand, ink: Ink) -> str:
    """A value in a sentence."""
    match node:
        case model.Constant(value=int(fixed)) if node.type == DURATION and fixed > 0:
            return spoken(fixed)
        case model.Constant(type, fixed):
            if isinstance(type, SetType) and isinstance(fixed, frozenset):
                return listed(sorted(ink.name(show_value(type.element, each)) for each in fixed), "or")
            return ink.name(show_value(type, fixed))
        case model.ParameterValue(name, type, fixed):
            return f"{ink.name(show_value(type, fixed))} (the parameter {ink.name(name)})"
        case model.RequestValue(name):
            return _VALUES[name]
        case model.EvidenceField(evidence, field):
            return ink.name(f"{evidence}.{field}")
        case model.Role(name):
            return "who deploys" if name == "actor" else f"the {name}"
        case model.SetExpression(type, elements):
            return listed([value(each, ink) for each in elements], "or" if type.element != PERSON else "and")
        case model.Arithmetic(operator, _, left, right):
            return f"{value(left, ink)} {_SYMBOLS[operator]} {value(right, ink)}"
        case _:
            assert_never(node)


def need(node: model.Need, evidence: model.Evidence, ink: Ink) -> str:
    """What a gate needs to be known."""
    about = {
        "commit": "each commit that it was built from",
        "build": "each build that made it",
        "artifact": "each of its artifacts",
        "release": "the release",
    }
    what = about.get(evidence.about) or f"{_place(node.place or 'target', ink)}"
    age = "" if node.max_age is None else ", found " + lately(node.max_age)
    return f"there is {ink.name(node.evidence)} about {what}{age}"
