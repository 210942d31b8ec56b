"""Defines how the lints about freezes, windows and denies ask when these apply."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from rung.policy import model
from rung.policy.types import EnumType
from rung.prove.cone import cone
from rung.prove.decide import Encoder, Rule
from rung.prove.lints.readings import Readings
from rung.prove.solve import Answer, Question
from rung.prove.terms import Term, any_of, no, same

Ban = model.Freeze | model.Window | model.Deny


class Bound(NamedTuple):
    """What goes into a place by a lane, or acts there (no lane), and when each rule that binds it applies."""

    place: str
    lane: model.Lane | None
    rules: tuple[tuple[Rule, Term], ...]
    question: Question


class Bans:
    """The bans of a policy, for everything that they can bind."""

    def __init__(self, readings: Readings) -> None:
        self.policy = readings.policy
        self.clock = readings.clock

    @cached_property
    def bound(self) -> list[Bound]:
        lanes = dict.fromkeys((each.target, each.lane) for each in self.policy.routes)
        acting = dict.fromkeys((each.target, None) for each in self.policy.acts)
        return [self._bound(place, lane) for place, lane in (*lanes, *acting)]

    def _bound(self, place: str, lane: model.Lane | None) -> Bound:
        self.clock.left()
        ways: list[model.Route | model.Act] = [*self.policy.routes, *self.policy.acts]
        encoder = Encoder(cone(self.policy, [each for each in ways if each.target == place]), guess=True)
        rules = encoder.act_banning(place) if lane is None else encoder.banning(lane, place)
        named = [(rule, term) for rule, term in rules if isinstance(rule, Ban)]
        value = encoder.world.value
        action = value(("request", "action"), model.ACTION)
        deploys = same(action, _number(model.ACTION, "deploy"))
        if lane is None:
            taken = {each.action for each in self.policy.acts if each.target == place}
            given = [any_of([same(action, _number(model.ACTION, each)) for each in sorted(taken)])]
        else:
            given = [deploys, same(value(("request", "lane"), model.LANE), _number(model.LANE, lane))]
        question = Question(self.clock, [*encoder.world.axioms, *given])
        return Bound(place, lane, tuple(named), question)

    def _binding(self, rule: Ban) -> Iterator[tuple[Bound, Term]]:
        """What a rule binds, and when it applies there."""
        for bound in self.bound:
            yield from ((bound, term) for each, term in bound.rules if each is rule)

    def binds(self, rule: Ban) -> bool:
        """Whether there is anything that a rule binds."""
        return any(True for _ in self._binding(rule))

    def applies(self, rule: Ban) -> bool:
        """Whether a rule can apply to anything, as far as the solver can tell."""
        return any(bound.question.ask(term) is not Answer.IMPOSSIBLE for bound, term in self._binding(rule))

    def covers(self, other: Ban, rule: Ban) -> bool:
        """Whether another rule applies wherever and whenever a rule does."""
        found = [(bound, term, _applying(bound, other)) for bound, term in self._binding(rule)]
        if not found or any(applying is None for _, _, applying in found):
            return False
        return all(
            bound.question.ask(term, no(applying)) is Answer.IMPOSSIBLE for bound, term, applying in found
        )


def _applying(bound: Bound, rule: Ban) -> Term | None:
    """When a rule applies to what is bound, None where it does not bind it."""
    return next((term for each, term in bound.rules if each is rule), None)


def _number(type: EnumType, member: str) -> int:
    return type.members.index(member)
