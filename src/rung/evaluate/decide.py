"""Defines the decision: whether a policy allows what a proposal asks for, and the whole reason.

There is one decision function, behind every door. A deployment is allowed when one route of the lane
that it claims, into its target, has every requirement fulfilled, and no ban applies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import NamedTuple

from rung.evaluate import conditions, rollouts
from rung.evaluate.bans import standing
from rung.evaluate.evidence import Choice, need
from rung.evaluate.expressions import Check, Gates, all_of, any_of, condition
from rung.evaluate.history import Episode
from rung.evaluate.outcome import FOREVER, Candidate, Gate, Outcome, RouteOutcome, Seen, Source, Way
from rung.evaluate.situation import Judge, Situation, next_fact, nobody
from rung.frozen import light
from rung.inputs.facts import Facts
from rung.inputs.proposal import Proposal
from rung.policy import model
from rung.policy.persons import declared_persons


@light
class Owed:
    """An obligation that an allowed deployment raises, due at an instant (UTC seconds)."""

    obligation: model.Obligation
    due: int


@light
class Decision:
    """A verdict with its whole reason.

    `routes` are those of the lane into the target, tried in order; `bans` are all that were looked at,
    holding where they do not apply. `until` is the earliest instant (UTC seconds) at which the verdict
    may change by what it stands on.
    """

    allowed: bool
    at: int
    proposal: Proposal
    facts: Facts
    problem: str | None
    routes: tuple[RouteOutcome, ...] = ()
    bans: tuple[Outcome, ...] = ()
    owes: tuple[Owed, ...] = ()
    waivers: tuple[model.Waiver, ...] = ()
    until: int = FOREVER

    @property
    def route(self) -> RouteOutcome | None:
        """The route by which the deployment is allowed."""
        return next((each for each in self.routes if each.holds), None) if self.allowed else None

    @property
    def valid_until(self) -> int | None:
        """The earliest instant (UTC seconds) at which the verdict may change by time alone, None for never.

        Facts that are dated later than the decision count from their time on.
        """
        if self.problem is not None:
            return None
        until = min(self.until, next_fact(self.facts, self.at))
        return None if until >= FOREVER else until


class Rules(NamedTuple):
    """What is asked of one action: ways, of which one must be open; bans; and what is owed afterwards."""

    ways: tuple[Way, ...]
    bans: tuple[Check, ...]
    owed: tuple[model.Obligation, ...] = ()


class Evaluator:
    """A policy made ready to decide: every expression is a closure, made once."""

    def __init__(self, policy: model.Policy) -> None:
        self.policy = policy
        self.known = declared_persons(policy)
        self.gates = gates = dict[str, Check]()
        for gate in policy.gates.values():
            gates[gate.name] = _gate(gate, policy, gates)
        stand = tuple(standing(policy, gates))
        acts = [(act, rollouts.act(act, policy, gates)) for act in policy.acts]
        # By action, lane and target.
        self.rules: dict[tuple[str, str, str], Rules] = {}
        for place, lane in product(policy.environments, model.LANES):
            here = [(each, check) for each, check in stand if place in each.places]
            routes = [each for each in policy.routes if each.target == place and each.lane == lane]
            if routes:
                ways = tuple(_route(each, gates) for each in routes)
                bans = tuple(check for each, check in here if each.binds(lane, deploys=True))
                # The history does not say by which route of a lane a release came: what one owes, all do.
                owed = dict.fromkeys(owed for route in routes for owed in route.obligations)
                self.rules["deploy", lane, place] = Rules(ways, bans, tuple(owed))
            bans = tuple(check for each, check in here if each.binds(lane, deploys=False))
            for act, way in acts:
                if act.target == place:
                    self.rules[act.action, lane, place] = Rules((way,), bans)

    def decide(self, proposal: Proposal, facts: Facts, at: int, judge: Judge = nobody) -> Decision:
        """Decide a proposal by what the facts show at an instant (UTC seconds); `judge` judges migrations."""
        rules = self.rules.get((proposal.action, proposal.lane, proposal.target))
        deploys = proposal.action == "deploy"
        if rules is None or (proposal.migrations is not None and proposal.lane == "rollback" and deploys):
            return Decision(False, at, proposal, facts, self._problem(proposal))
        situation = Situation(self.policy, self.known, proposal, facts, at, judge)
        routes, bans = [], []
        for way in rules.ways:
            routes.append(way(situation))
        situation.come_from(proposal.from_ if deploys and proposal.lane in model.THROUGH_SOURCES else ())
        for ban in rules.bans:
            bans.append(ban(situation))
        passable, routes_until = any_of(routes)
        open_, bans_until = all_of(bans)
        if not (passable and open_):
            # Denied until both a route and all bans could have changed.
            until = routes_until if open_ else bans_until if passable else max(routes_until, bans_until)
            return Decision(False, at, proposal, facts, None, tuple(routes), tuple(bans), (), (), until)
        until = bans_until if bans_until < routes_until else routes_until
        owes = tuple([Owed(each, at + each.seconds) for each in rules.owed]) if rules.owed else ()
        waivers: tuple[model.Waiver, ...] = ()
        if self.policy.waivers:
            taken = next(route for route in routes if route.holds)
            waivers = tuple(dict.fromkeys(_waivers(taken.requirements)))
        return Decision(True, at, proposal, facts, None, tuple(routes), tuple(bans), owes, waivers, until)

    def _problem(self, proposal: Proposal) -> str:
        """Why no rule of the policy can speak of the proposal at all."""
        target = proposal.target
        if target not in self.policy.environments:
            return f"the policy has no environment `{target}`"
        if proposal.action == "deploy":
            if (proposal.action, proposal.lane, target) in self.rules:
                return "a rollback brings no migrations: the schema stays as it is"
            return f"the policy has no `{proposal.lane}` route into `{target}`"
        return f"the policy has no rule for `{proposal.action}` in `{target}`"


def _waivers(outcomes: tuple[Outcome, ...]) -> list[model.Waiver]:
    """The waivers that holding gates hold by."""
    found = []
    for outcome in outcomes:
        if isinstance(outcome.rule, Gate) and outcome.rule.waiver is not None:
            found.append(outcome.rule.waiver)
        elif outcome.holds:
            found.extend(_waivers(outcome.parts))
    return found


# ---------------------------------------------------------------- routes


def _route(route: model.Route, gates: Gates) -> Way:
    entry = _entry(route)
    requirements = [condition(each.condition, gates) for each in route.requirements]
    names = route.sources.names if route.sources is not None else ()

    def check(situation: Situation) -> RouteOutcome:
        # Only what comes through sources may choose among them; elsewhere the choice would be unchecked.
        situation.come_from((situation.proposal.from_ or names) if names else ())
        outcomes = [*entry(situation)]
        for requirement in requirements:
            outcomes.append(requirement(situation))
        holds, until = all_of(outcomes)
        return RouteOutcome(route, holds, until, tuple(outcomes))

    return check


def _entry(route: model.Route) -> Callable[[Situation], tuple[Outcome, ...]]:
    """What the lane itself asks, before any requirement."""
    match route.lane:
        case "admit":
            return lambda situation: _admitted(route, situation)
        case "rollback":
            return lambda situation: (_candidate(route, situation),)
        case _:
            return _through_sources(route)


def _admitted(route: model.Route, situation: Situation) -> tuple[Outcome, ...]:
    if set(situation.proposal.from_) <= {"build"}:
        return ()
    rule = Source(route, ("build",), 1, "come from the build")
    seen = Seen("the proposal comes from " + ", ".join(situation.proposal.from_))
    return (Outcome(rule, False, FOREVER, seen),)


def _through_sources(route: model.Route) -> Callable[[Situation], tuple[Outcome, ...]]:
    assert route.sources is not None, "the grammar gives sources to promote and hotfix"
    names, count = route.sources.names, route.sources.count
    known, promotes = frozenset(names), route.lane == "promote"
    look = conditions.once_healthy if promotes else conditions.deployed
    rule = Source(route, names, count, "earned health" if promotes else "been deployed")

    def check(situation: Situation) -> tuple[Outcome, ...]:
        sources = situation.sources
        if not known.issuperset(sources):
            foreign = [name for name in sources if name not in known]
            return (Outcome(rule, False, FOREVER, Seen(f"the proposal comes from {', '.join(foreign)}")),)
        seen, fulfilled = [], 0
        for name in dict.fromkeys(sources):
            found = look(situation, name)
            seen.append(found)
            fulfilled += found.problem is None
        return (Outcome(rule, fulfilled >= count, FOREVER, tuple(seen)),)

    return check


def _candidate(route: model.Route, situation: Situation) -> Outcome:
    candidates = conditions.candidates(situation, route.target, route.within)
    rule = Candidate(route)
    before = situation.past(route.target)
    unfinished = before.candidate is not None or before.under_way or before.failed
    if unfinished and before.running and before.running.release == situation.release:
        return Outcome(rule, True, FOREVER, Seen("gives up the rollout that is under way"))
    if any(each.release == situation.release for each in candidates):
        return Outcome(rule, True, FOREVER, Seen("earned health here, and was not marked bad since"))
    return Outcome(rule, False, FOREVER, Seen(_why_no_candidate(route, situation, candidates)))


def _why_no_candidate(route: model.Route, situation: Situation, candidates: list[Episode]) -> str:
    past = situation.past(route.target)
    if past.running is None:
        return past.problem or f"nothing was ever deployed into {route.target}"
    if past.running.release == situation.release:
        return f"it runs in {route.target} already"
    found = conditions.once_healthy(situation, route.target)
    if found.problem is not None:
        return found.problem
    return f"{len(candidates)} other releases are nearer, and {route.within} may be gone back"


# ---------------------------------------------------------------- gates


def _gate(gate: model.Gate, policy: model.Policy, gates: Gates) -> Check:
    """A closure for a gate: its needs, then its requirements for every combination of records."""
    needs = [(each.evidence, need(each, policy.evidence[each.evidence])) for each in gate.needs]
    requirements = [
        (condition(each.condition, gates), tuple(sorted(evidence_in(each.condition))))
        for each in gate.requirements
    ]
    waivers = [each for each in policy.waivers if each.gate == gate.name]
    name, plain = gate.name, Gate(gate, None)

    def check(situation: Situation) -> Outcome:
        known = situation.gates.get(name)
        if known is not None:
            return known
        outer = situation.gate, situation.records
        situation.gate = name
        parts: list[Outcome] = []
        found: dict[str, tuple[Choice, ...]] = {}
        for each, find in needs:
            outcomes, found[each] = find(situation)
            parts += outcomes
        for requirement, evidence in requirements:
            for situation.records in found[evidence[0]] if len(evidence) == 1 else _choices(evidence, found):
                parts.append(requirement(situation))
        situation.gate, situation.records = outer
        whole = tuple(parts)
        holds, until = all_of(whole)
        outcome = Outcome(plain, holds, until, None, whole)
        if waivers:
            outcome = _waived(outcome, gate, waivers, situation)
        situation.gates[name] = outcome
        return outcome

    return check


def _choices(evidence: tuple[str, ...], found: dict[str, tuple[Choice, ...]]) -> list[Choice]:
    """The choices of a record of each evidence that a requirement speaks of.

    Where a need failed there is nothing to hold the requirement against; the need says so already.
    """
    choices: list[Choice] = [{}]
    for name in evidence:
        choices = [{**choice, **another} for choice in choices for another in found[name]]
    return choices


def evidence_in(node: model.Expression) -> set[str]:
    """The evidence whose fields an expression reads."""
    match node:
        case model.EvidenceField(evidence):
            return {evidence}
        case model.Compare(_, left, right) | model.Arithmetic(_, _, left, right):
            return evidence_in(left) | evidence_in(right)
        case model.Implies(left, right):
            return evidence_in(left) | evidence_in(right)
        case model.And(several) | model.Or(several) | model.SetExpression(_, several):
            return set().union(*(evidence_in(each) for each in several))
        case model.Not(one) | model.Truth(one) | model.PersonIn(one):
            return evidence_in(one)
        case _:
            return set()


def _waived(outcome: Outcome, gate: model.Gate, waivers: list[model.Waiver], situation: Situation) -> Outcome:
    """A gate that fails holds all the same while a waiver of it lasts; one that holds needs none."""
    target, at = situation.proposal.target, situation.at
    here = [each for each in waivers if target in each.places and at < each.ends]
    if outcome.holds or not here:
        return outcome
    lasting = [each for each in here if each.begins <= at]
    if not lasting:
        begins = min(each.begins for each in here)
        return replace(outcome, until=min(outcome.until, begins))
    waiver = max(lasting, key=lambda each: each.ends)
    return replace(outcome, rule=Gate(gate, waiver), holds=True, until=waiver.ends)
