"""Defines what of the language a decision has met: rules with their verdicts, and how near to bounds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from rung.evaluate.decide import Decision
from rung.evaluate.outcome import Gate, Need, Outcome, Rollout, Source
from rung.policy import model
from rung.policy.types import DECIMAL, DURATION, INT, PERCENT, TIME, VERSION, SetType
from rung.policy.walk import parts

Met = tuple[Any, ...]
SIDES = (-1, 0, 1)  # one below a bound, at it, one above
QUANTITIES = (INT, DECIMAL, PERCENT, DURATION, TIME)
ORDERS = ("less", "at_most", "more", "at_least", "equal", "unequal")
ARITHMETIC = ("add", "subtract", "multiply")
OTHERS = {
    "equal": ("text", "enum", "digest", "person", "set"),
    "unequal": ("text", "enum", "digest", "person", "set"),
    "in": ("text", "enum", "int", "person"),
    "not_in": ("text", "enum"),
    "subset": ("set",),
    "disjoint": ("set",),
    "starts": ("text",),
    "ends": ("text",),
}
"""The other comparisons, by the types of what stands on their left."""
CONDITIONS = (
    *("Compare", "Truth", "Not", "And", "Or", "Implies", "approval", "review", "PersonIn"),
    *("person", "machine", "delegate", "Healthy", "once Healthy", "Provenance", "RollbackPlan"),
    *("automatic RollbackPlan", "ConfigurationHas", "MigrationsCompatible", "ContainsOpenHotfixes"),
    *("NewFlagsOff", "NoDrift", "LockHeld", "InsideMaintenance", "DependenciesMet", "Gate"),
)
RULES = (
    *("Freeze", "Window", "Deny", "Single", "Parity", "Keys", "Owing", "Candidate"),
    *(
        "Source promote",
        "Source hotfix",
        "Rollout strategy",
        "Rollout advance",
        "Rollout switch",
        "Rollout expose",
    ),
    *(f"Need {about}" for about in model.SUBJECTS),
)
BOUNDS = (
    "age of evidence",
    "age of words",
    "health",
    "once health",
    "freeze begins",
    "freeze ends",
    "persons",
)
WAIVED = ("waived", "waiver begins", "waiver ends")


def expected() -> set[Met]:
    """All that decisions together have to meet."""
    found: set[Met] = {("compared", *each) for each in product(ORDERS, map(str, QUANTITIES), SIDES)}
    found |= {("compared", *each) for each in product(ORDERS, [str(VERSION)], SIDES)}
    found |= {
        ("compared", name, kind, holds)
        for name, kinds in OTHERS.items()
        for kind in kinds
        for holds in (True, False)
    }
    found |= {("calculated", name) for name in ARITHMETIC}
    found |= {(name, holds) for name in (*CONDITIONS, *RULES) for holds in (True, False)}
    found |= {(name, side) for name in BOUNDS for side in SIDES}
    found |= {(name, side) for name in WAIVED[1:] for side in SIDES}
    return found | {(WAIVED[0], True)}


def met(decision: Decision) -> Iterator[Met]:
    """What a decision has met."""
    for each in (*(part for route in decision.routes for part in route.requirements), *decision.bans):
        yield from _met(each, decision)


def _met(outcome: Outcome, decision: Decision) -> Iterator[Met]:
    rule, seen, at = outcome.rule, outcome.seen, decision.at
    yield _name(rule), outcome.holds
    for part in outcome.parts:
        yield from _met(part, decision)
    match rule:
        case model.Compare():
            yield from _compared(rule, outcome)
        case model.People():
            yield from _side("persons", len(seen.counted) - rule.count)
            for word in (*decision.facts.approvals, *decision.facts.reviews):
                if rule.max_age is not None:
                    yield from _side("age of words", at - word.time - rule.max_age)
        case model.Healthy():
            for each in seen:
                if each.since is not None and each.until is not None:
                    yield from _side(
                        "once health" if rule.once else "health", each.until - each.since - rule.seconds
                    )
        case Need(need) if need.max_age is not None and seen.time is not None:
            yield from _side("age of evidence", at - seen.time - need.max_age)
        case model.Freeze():
            yield from _side("freeze begins", at - rule.begins)
            yield from _side("freeze ends", at - rule.ends)
        case Gate(_, waiver) if waiver is not None:
            yield "waived", True
        case _:
            pass


def waivers_met(policy: model.Policy, decision: Decision) -> Iterator[Met]:
    """How near a decision is to the ends of the waivers."""
    for each in policy.waivers:
        yield from _side("waiver begins", decision.at - each.begins)
        yield from _side("waiver ends", decision.at - each.ends)


def _side(name: str, difference: int) -> Iterator[Met]:
    if difference in SIDES:
        yield name, difference


def _name(rule: Any) -> str:
    match rule:
        case model.People(kind) | model.ActorIs(kind):
            return str(kind)
        case model.Healthy(once=True):
            return "once Healthy"
        case model.RollbackPlan(automatic=True):
            return "automatic RollbackPlan"
        case Source(route):
            return f"Source {route.lane}"
        case Rollout(action):
            return f"Rollout {action}"
        case Need(_, evidence):
            return f"Need {evidence.about}"
        case _:
            return type(rule).__name__


def _compared(rule: model.Compare, outcome: Outcome) -> Iterator[Met]:
    for node in parts(rule):
        if isinstance(node, model.Arithmetic):
            yield "calculated", node.operator
    left, right, type = outcome.seen.left, outcome.seen.right, model.type_of(rule.left)
    if left is None or right is None:
        return
    if type in QUANTITIES and isinstance(left, int) and isinstance(right, int):
        if left - right in SIDES:
            yield "compared", rule.operator, str(type), left - right
    elif type == VERSION and not isinstance(right, frozenset):
        yield "compared", rule.operator, str(type), (left > right) - (left < right)
    if rule.operator in OTHERS:
        yield "compared", rule.operator, _kind(type), outcome.holds


def _kind(type: Any) -> str:
    if isinstance(type, SetType):
        return "set"
    return "enum" if hasattr(type, "members") else str(type)
