"""Defines when a decision that was made breaks a claim: the concrete reading of what is said of entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from rung.evaluate import conditions
from rung.evaluate.bans import standing
from rung.evaluate.decide import Decision, Evaluator
from rung.evaluate.expressions import condition
from rung.evaluate.outcome import Outcome, PeopleSeen
from rung.evaluate.situation import Judge, Judged, Situation
from rung.inputs.proposal import Proposal
from rung.policy import model
from rung.policy.types import PERSON
from rung.policy.walk import gone_back
from rung.prove.claims import FILLED, Allowed, Claim, Equal, roles_in
from rung.prove.proposing import BACK, COMPATIBLE


def judge_of(policy: model.Policy) -> Judge:
    """The judge of the migrations that stories tell of, which are what their directory is called."""

    def judge(proposal: Proposal) -> Judged:
        brought = proposal.migrations
        if brought is None or brought == COMPATIBLE:
            return Judged(True, "")
        asked, known = gone_back(policy, proposal.target), brought.directory.removeprefix(BACK)
        holds = known.isdecimal() and int(known) >= asked
        back = f" up to {asked} releases back" if known.isdecimal() else ""
        return Judged(holds, "" if holds else f"what runs{back} does not go with the schema after them")

    return judge


def is_broken(claim: Claim, decision: Decision, policy: model.Policy) -> bool:
    """Whether an entry breaks a claim, for somebody who has each of the roles that it speaks of.

    Where nobody approved (or reviewed), what is claimed of who did does not hold.
    """
    entry = _Entry(decision, policy)
    names = roles_in(claim.conditions)
    for chosen in product(*[entry.persons(name) for name in names]):
        roles = dict(zip(names, chosen, strict=True))
        given = claim.given is None or entry.holds(claim.given, roles)
        if given and not entry.fulfils(claim.holds, roles):
            return True
    return False


def elsewhere(decision: Decision, policy: model.Policy) -> Decision:
    """What another policy decides of what was decided."""
    return Evaluator(policy).decide(decision.proposal, decision.facts, decision.at, judge_of(policy))


class _Entry:
    def __init__(self, decision: Decision, policy: model.Policy) -> None:
        evaluator = Evaluator(policy)
        self.gates = evaluator.gates
        self.decision = decision
        self.policy = policy
        self.situation = Situation(
            policy, evaluator.known, decision.proposal, decision.facts, decision.at, judge_of(policy)
        )
        route = decision.route
        sources = getattr(route.route, "sources", None) if route is not None else None
        self.situation.come_from(decision.proposal.from_ or (sources.names if sources is not None else ()))

    def persons(self, role: str) -> list[str | None]:
        """Those who have a role at the entry; nobody is one where somebody should."""
        if role == "author":
            return [*self.situation.authors[0]]
        route = self.decision.route
        assert route is not None, "claims are about entries that are allowed"
        counted = {person for each in route.requirements for person in _counted(each, FILLED[role])}
        return [*sorted(counted)] or [None]

    def fulfils(self, claim: model.Condition | Equal | Allowed, roles: dict[str, str | None]) -> bool:
        if isinstance(claim, Allowed):
            return elsewhere(self.decision, claim.policy).allowed
        if isinstance(claim, model.Condition):
            return self.holds(claim, roles)
        checks = (check for _, check in standing(self.policy, self.gates))
        outcomes = (check(self.situation) for check in checks)
        return all(each.holds for each in outcomes if each.rule == claim.parity)

    def holds(self, node: model.Condition, roles: dict[str, str | None], positive: bool = True) -> bool:
        """As the solver reads it: what cannot be told is what does not fulfil the claim."""
        match node:
            case model.And(operands):
                return all(self.holds(each, roles, positive) for each in operands)
            case model.Or(operands):
                return any(self.holds(each, roles, positive) for each in operands)
            case model.Not(operand):
                return not self.holds(operand, roles, not positive)
            case model.Implies(premise, conclusion):
                return not self.holds(premise, roles, not positive) or self.holds(conclusion, roles, positive)
            case model.Happened() as event:
                return self._happened(event)
            case model.Held(gate):
                return self.gates[gate](self.situation).holds
            case model.Before(first, second):
                lane = second.lane in (None, self.decision.proposal.lane)
                return lane and self._happened_before(first)
            case _:
                chosen = _with_persons(node, roles)
                if chosen is None:
                    return not positive
                return condition(chosen, self.gates, positive)(self.situation).holds

    def _happened(self, event: model.Happened) -> bool:
        proposal = self.decision.proposal
        entry = ("deployed", proposal.target) == (event.event, event.place)
        return (entry and event.lane in (None, proposal.lane)) or self._happened_before(event)

    def _happened_before(self, event: model.Happened) -> bool:
        """Whether something had happened when the entry was decided."""
        match event.event:
            case "earned":
                return any(each.healthy for each in self.situation.fared(event.place))
            case "bad":
                return any(each.bad for each in self.situation.fared(event.place))
        if event.lane is None:
            return conditions.deployed(self.situation, event.place).problem is None
        episodes = self.situation.past(event.place).episodes
        return any(
            each.release == self.situation.release and each.event.lane == event.lane for each in episodes
        )


def _counted(outcome: Outcome, kind: str) -> Iterator[str]:
    """Whom the counts beneath a requirement include."""
    if isinstance(outcome.rule, model.People) and outcome.rule.kind == kind:
        assert isinstance(outcome.seen, PeopleSeen), "a count has seen people"
        yield from outcome.seen.counted
    for part in outcome.parts:
        yield from _counted(part, kind)


def _with_persons(node: model.Condition, roles: dict[str, str | None]) -> model.Condition | None:
    """The condition with persons instead of roles, None where a role is nobody's."""

    def person(operand: model.Operand) -> model.Operand | None:
        if isinstance(operand, model.Role) and operand.name in roles:
            who = roles[operand.name]
            return None if who is None else model.Constant(PERSON, who, operand.span)
        return operand

    match node:
        case model.Compare(left=left, right=right):
            first, second = person(left), person(right)
            return None if first is None or second is None else replace(node, left=first, right=second)
        case model.PersonIn(person=who):
            found = person(who)
            return None if found is None else replace(node, person=found)
        case _:
            return node
