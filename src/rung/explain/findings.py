"""Defines what was found where a rule looked, a phrase for each finding.

A phrase has values with their units, and stands by itself: `unit_tests.coverage is 78.2%`.
"""

from __future__ import annotations

from typing import Any

from rung.evaluate.outcome import HealthSeen, Need, Outcome, PeopleSeen, RecordSeen, Seen, Values
from rung.explain import words
from rung.explain.words import Sources
from rung.inputs.proposal import Proposal
from rung.policy import model


def findings(outcome: Outcome, proposal: Proposal, at: int, sources: Sources) -> tuple[str, ...]:
    """What was found for a rule; for one that only joins others, what was found for these."""
    match outcome.seen:
        case None:
            return tuple(phrase for part in outcome.parts for phrase in findings(part, proposal, at, sources))
        case Values() as seen:
            return _values(outcome.rule, seen, sources)
        case PeopleSeen() as seen:
            return _people(outcome.rule, seen)
        case RecordSeen() as seen:
            return (record(outcome.rule, seen, proposal, at),)
        case Seen(text):
            return (text,)
        case several:
            return tuple(_health(outcome.rule, each) for each in several)


def _values(rule: Any, seen: Values, sources: Sources) -> tuple[str, ...]:
    match rule:
        case model.Compare(_, left, right):
            pairs = ((left, seen.left), (right, seen.right))
            return tuple(
                f"{words.written(node.span, sources)} is {words.value(node, found)}"
                for node, found in pairs
                if not isinstance(node, model.Constant)
            )
        case model.Truth(node):
            return (f"{words.written(node.span, sources)} is {words.value(node, seen.left)}",)
        case model.PersonIn(node, people):
            name = words.written(node.span, sources)
            if seen.missing is not None:
                return (f"cannot be told: {name} is {seen.missing}" if seen.left is None else
                        f"cannot be told: {seen.missing}",)  # fmt: skip
            return (f"{name} is {seen.left}", f"{people}: {words.listed(seen.right) or 'nobody'}")
        case _:
            raise AssertionError(f"{rule} compares no values")


def _people(rule: model.People, seen: PeopleSeen) -> tuple[str, ...]:
    if seen.problem is not None:
        return (f"cannot be counted: {seen.problem}",)
    counted = f"{len(seen.counted)} of {rule.count}"
    phrases = [f"{counted}: {words.listed(seen.counted)}" if seen.counted else counted]
    if seen.left_out:
        by_reason: dict[str, dict[str, None]] = {}
        for each in seen.left_out:
            by_reason.setdefault(each.why, {})[each.who] = None
        left_out = words.listed(f"{words.listed(who)} ({why})" for why, who in by_reason.items())
        phrases.append(f"not counted: {left_out}")
    return tuple(phrases)


def _health(rule: Any, seen: HealthSeen) -> str:
    lasted = "" if seen.since is None or seen.until is None else words.age(seen.until - seen.since)
    since = "" if seen.since is None else words.clock(seen.since)
    match seen.problem:
        case None if isinstance(rule, model.Healthy):
            return f"healthy in {seen.place} for {lasted}, since {since}"
        case None if rule.asked == "been deployed":
            return f"in {seen.place} since {since}"
        case None:
            return f"healthy in {seen.place} since {since}"
        case "not long enough":
            needed = f", {words.duration(rule.seconds)} needed"
            return f"healthy in {seen.place} for {lasted} since {since}{needed}"
        case problem if seen.until is not None:
            return f"{problem} (last at {words.clock(seen.until)})"
        case problem:
            return f"{problem} ({since})" if since else problem


def record(rule: Need, seen: RecordSeen, proposal: Proposal, at: int) -> str:
    """What a need found: a record with its age and source, or why there is none that counts."""
    name = rule.evidence.name
    if seen.time is not None:
        limit = "" if rule.need.max_age is None else f", at most {words.duration(rule.need.max_age)} allowed"
        old = f"{words.age(at - seen.time)} old"
        by = f"from {seen.source}"
        match seen.problem:
            case None:
                return f"{old}, {by}"
            case "expired":
                return f"expired: {old}{limit}, {by}"
            case problem:
                return f"{problem}, {by}"
    about = words.subject(rule.evidence.about, seen.subject, proposal)
    match seen.problem:
        case "absent":
            return f"the facts hold no {name}"
        case "about something else":
            return f"the facts hold {name}, but none about {about}"
        case "dated in the future":
            return f"the facts hold {name} about {about}, but dated in the future"
        case problem:
            return f"cannot be told: {problem}"
