"""Defines which rules of a policy its cases have seen at work: each of them allowing, and denying."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rung.diagnostics import Source, Span
from rung.evaluate.decide import Decision
from rung.evaluate.outcome import Gate, Need, Outcome, Owing, Rollout, RouteOutcome
from rung.explain import words
from rung.policy import model


@dataclass(slots=True)
class Cover:
    """A rule, and how it was seen. A waiver only allows."""

    kind: str
    text: str
    span: Span
    allowing: bool = False
    denying: bool = False

    @property
    def lacks(self) -> tuple[str, ...]:
        """How it was not seen yet."""
        wanted = (("allowing", self.allowing), ("denying", self.denying or self.kind == "waiver"))
        return tuple(name for name, seen in wanted if not seen)


class Coverage:
    """The rules of several policies; one of a baseline counts once, whoever uses it."""

    def __init__(self) -> None:
        self.rules: dict[Span, Cover] = {}

    def declare(self, policy: model.Policy, sources: Mapping[str, Source]) -> None:
        """Note all rules of a policy, before its cases are run."""
        for kind, span, text in _rules(policy):
            self.rules.setdefault(span, Cover(kind, text or words.written(span, sources), span))

    def uncovered(self) -> list[Cover]:
        return sorted((each for each in self.rules.values() if each.lacks), key=lambda each: each.span)

    def add(self, decision: Decision) -> None:
        """Note what a decision has shown."""
        for route in decision.routes:
            self._route(route)
        for ban in decision.bans:
            self._standing(ban)

    def _mark(self, span: Span, holds: bool) -> None:
        rule = self.rules.get(span)
        if rule is not None:
            rule.allowing |= holds
            rule.denying |= not holds

    def _route(self, outcome: RouteOutcome) -> None:
        self._mark(outcome.route.span, outcome.holds)
        asked = len(outcome.requirements) - len(outcome.route.requirements)
        first = outcome.requirements[0].rule if outcome.requirements else None
        if isinstance(first, Rollout) and first.step is not None:
            self._mark(first.step.span, outcome.requirements[0].holds)
            self._requirements(first.step.requirements, outcome.requirements[1:asked])
        self._requirements(outcome.route.requirements, outcome.requirements[asked:])

    def _requirements(self, requirements: Sequence[model.Requirement], outcomes: Iterable[Outcome]) -> None:
        for requirement, outcome in zip(requirements, outcomes, strict=True):
            self._mark(requirement.span, outcome.holds)
            self._gates(outcome)

    def _gates(self, outcome: Outcome) -> None:
        """The gates in a condition, with all that they ask."""
        if not isinstance(outcome.rule, Gate):
            for part in outcome.parts:
                self._gates(part)
            return
        gate, waiver = outcome.rule
        self._mark(gate.span if waiver is None else waiver.span, outcome.holds)
        for part in outcome.parts:
            if isinstance(part.rule, Need):
                self._mark(part.rule.need.span, part.holds)
            for requirement in gate.requirements:
                if _is(requirement.condition, part):
                    self._mark(requirement.span, part.holds)
            self._gates(part)

    def _standing(self, outcome: Outcome) -> None:
        match outcome.rule:
            case Rollout(strategy=model.Strategy() as strategy):
                self._mark(strategy.span, outcome.holds)
            case Owing():
                for part in outcome.parts:
                    obligation = part.rule.obligation
                    self._mark(obligation.span, part.holds)
                    self._requirements(obligation.requirements, part.parts)
            case (
                model.Freeze()
                | model.Window()
                | model.Deny()
                | model.Single()
                | model.Parity()
                | model.Keys()
            ):
                self._mark(outcome.rule.span, outcome.holds)
            case _:
                pass  # what the language itself asks


def _is(condition: model.Condition, outcome: Outcome) -> bool:
    if isinstance(outcome.rule, Gate):
        return isinstance(condition, model.GateHolds) and condition.gate == outcome.rule.gate.name
    return outcome.rule is condition


Rule = tuple[str, Span, str | None]


def _rules(policy: model.Policy) -> Iterator[Rule]:
    """Every rule that can be seen to allow or deny: its kind, where it is, and its text if not as written."""
    for gate in policy.gates.values():
        yield "gate", gate.span, gate.name
        for need in gate.needs:
            yield "need", need.span, None
        yield from _required(gate.requirements)
    for route in policy.routes:
        yield "route", route.span, words.route_head(route)
        yield from _required(route.requirements)
        for obligation in route.obligations:
            yield "obligation", obligation.span, obligation.name
            yield from _required(obligation.requirements)
    for act in policy.acts:
        yield "action", act.span, words.route_head(act)
        yield from _required(act.requirements)
    for strategy in policy.strategies:
        if strategy.kind != "atomic":  # what it asks is the language's own
            yield "strategy", strategy.span, f"strategy {strategy.kind}"
        for step in strategy.steps[:-1]:  # what has reached the last one is no rollout any more
            yield "step", step.span, None
            yield from _required(step.requirements)
    yield from (("freeze", each.span, words.ban_name(each)) for each in policy.freezes)
    yield from (("window", each.span, words.ban_name(each)) for each in policy.windows)
    yield from (("deny", each.span, words.ban_name(each)) for each in policy.denies)
    yield from (("single", each.span, None) for each in policy.singles)
    yield from (("parity", each.span, None) for each in policy.parities)
    yield from (("keys", each.span, None) for each in policy.keys)
    for waiver in policy.waivers:
        yield "waiver", waiver.span, waiver.id


def _required(requirements: Iterable[model.Requirement]) -> Iterator[Rule]:
    for requirement in requirements:
        yield "requirement", requirement.span, None
