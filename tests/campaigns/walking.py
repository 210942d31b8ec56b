"""Small policies: whatever histories come to, it is as the prover takes it to be. `… walking 500`.

A walk makes its way at random, by the evaluator: releases are tested and approved at any time, enter, also in
part, go on, are seen healthy or not. Each axiom and assumption of the prover is held against every state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from random import Random

import z3

from rung.evaluate import timeline
from rung.evaluate.decide import Decision, Evaluator
from rung.evaluate.situation import Situation
from rung.inputs.facts import AboutBuild, AboutCommit, AboutTarget, Approval, Evidence
from rung.inputs.proposal import Proposal, Strategy
from rung.policy import model
from rung.policy.persons import declared_persons
from rung.prove import conditions
from rung.prove.claim_terms import history
from rung.prove.claims import sources_of
from rung.prove.cone import cone
from rung.prove.decide import Encoder
from rung.prove.invariants import assumed, been, kept, pairs
from rung.prove.obligation import Docket
from rung.prove.solve import Clock
from rung.prove.terms import Term
from tests.agreement.fixed_world import fixing
from tests.agreement.meanings import Entered, Facts
from tests.campaigns.encoding import policy_of
from tests.campaigns.enumeration import ACTORS, begun, commit, digest, proposal
from tests.campaigns.run import seeded
from tests.generators.small import BOUND, COMMITS, PERSONS, RELEASES, Small, small

SECONDS = 60.0
STEPS = 60  # of a walk
ROLLOUTS = """\
strategy canary on {last} {{ step 10% hold 1h step 100% }}
strategy rolling on {last} {{ max unavailable 25% }}
strategy blue_green on {last} {{ keep 1h }}
advance {last}
switch {last} {{ require healthy in {last} }}
"""
KINDS = (
    Strategy(kind="canary", steps=(10, 100)),  # type: ignore[arg-type]  # whole numbers will do
    Strategy(kind="rolling", max_unavailable=25),  # type: ignore[arg-type]  # whole numbers will do
    Strategy(kind="blue_green"),
)


class Assumed:
    """What the prover takes for granted of each state before a way is taken."""

    def __init__(self, policy: model.Policy) -> None:
        self.policy = policy
        self.known = declared_persons(policy)
        ways: list[model.Route | model.Act] = [*policy.routes, *policy.acts]
        self.taken = [(way, *self._taken(way)) for way in ways]

    def _taken(self, way: model.Route | model.Act) -> tuple[Encoder, list[Term], Term]:
        encoder = Encoder(cone(self.policy, (way,)))
        allowed = encoder.allowed(way)
        scene = encoder.scene(way.target, sources_of(way))
        for place in self.policy.environments:
            conditions.ever_earned(place, scene)
            conditions.healthy_for(place, scene)
            for lane in model.LANES:
                by_lane = encoder.world.boolean(("entered by", place, lane))
                encoder.world.assume(z3.Implies(by_lane, conditions.deployed(place, scene)))
        history(self.policy, encoder, way)
        order: list[Term] = []
        if isinstance(way, model.Route):
            docket = Docket(Clock(SECONDS), {})
            wanted = pairs(self.policy.environments, been(encoder))
            order = assumed(encoder, kept(self.policy, wanted, docket))
        return encoder, [*encoder.world.axioms, *order], allowed

    def wrong(self, proposed: Proposal, decision: Decision) -> Iterator[str]:
        """What is taken for granted and not so before a decision, or how the encoder has it otherwise."""
        allowed = False
        for way, encoder, axioms, term in self.taken:
            lane = way.lane if isinstance(way, model.Route) else way.action
            asked = proposed.lane if proposed.action == "deploy" else proposed.action
            if (lane, way.target) != (asked, proposed.target):
                continue
            situation = Situation(self.policy, self.known, proposed, decision.facts, decision.at)
            fixed = fixing(encoder, way, situation)
            for axiom in axioms:
                if z3.is_false(z3.simplify(z3.substitute(axiom, *fixed))):
                    yield f"{lane} {way.target}: {axiom}"
            said = z3.simplify(z3.substitute(term, *fixed))
            allowed |= not z3.is_false(said)
            if decision.allowed and z3.is_true(said):
                return
        if allowed != decision.allowed:
            yield f"allowed: {decision.allowed}, and the encoder says {allowed}"


class Walk:
    def __init__(self, plan: Small, numbers: Random) -> None:
        self.plan = plan
        self.numbers = numbers
        self.text = plan.text() + ROLLOUTS.format(last=plan.last)
        self.policy = policy_of(self.text)
        self.evaluator = Evaluator(self.policy)
        self.assumed = Assumed(self.policy)
        self.tested = {each for each in RELEASES if numbers.random() < 0.7}
        approved = {each: frozenset(PERSONS if numbers.random() < 0.7 else ()) for each in RELEASES}
        pairs = [each for each in ((0, 1), (1, 0)) if numbers.random() < 0.5]
        facts = Facts(dict.fromkeys(self.tested, BOUND + 1), approved, frozenset(pairs))
        self.state = begun(plan, facts).known
        self.met: Counter[str] = Counter()

    def go(self) -> Counter[str]:
        for _ in range(STEPS):
            at = self.state.time + self.numbers.choice((1, 60, 600, 3600, 7200))
            self.state = timeline.State(self.state.began, at, self.state.known)
            self.numbers.choice((*[self._enter] * 4, *[self._watch] * 2, self._learn))()
        return self.met

    def _enter(self) -> None:
        """Something is proposed, more often than not what is allowed."""
        facts = timeline.facts(self.state)
        several = [self._asked() for _ in range(self.numbers.choice((1, 30)))]
        decisions = [self.evaluator.decide(each, facts, self.state.time) for each in several]
        # What comes to the end of the order says most, and is allowed least.
        decision = max(decisions, key=lambda each: (each.allowed, each.proposal.target == self.plan.last))
        asked = decision.proposal
        wrong = list(self.assumed.wrong(asked, decision))
        assert not wrong, "\n".join([*wrong, self.text, repr(asked), repr(facts)])
        self.met[f"{asked.action if asked.action != 'deploy' else asked.lane} {decision.allowed}"] += 1
        if decision.allowed:
            event = timeline.event_of(decision, self.policy, facts)
            self.state = timeline.apply(self.state, timeline.Entered(event), self.state.time)
            if self.numbers.random() < 0.6:
                self._see(asked.target, True)

    def _asked(self) -> Proposal:
        ways = dict.fromkeys((each.lane, each.target) for each in self.plan.routes)
        lane, target = self.numbers.choice(list(ways))
        release, actor = self.numbers.choice(RELEASES), self.numbers.choice(ACTORS)
        asked = proposal(Entered(self.state.time, release, target, lane, actor))
        if target == self.plan.last:
            asked = asked.replace(strategy=self.numbers.choice(KINDS))
            if self.numbers.random() < 0.5:
                asked = asked.replace(action=self.numbers.choice(("advance", "switch")))
        return asked

    def _watch(self) -> None:
        self._see(self.numbers.choice(list(self.plan.environments)), self.numbers.random() < 0.8)

    def _see(self, place: str, healthy: bool) -> None:
        with suppress(timeline.ImpossibleEventError):  # nothing has all the traffic there
            self.state = timeline.apply(self.state, timeline.Watched(place, healthy), self.state.time)

    def _learn(self) -> None:
        """A release is tested, or approved."""
        release, now = self.numbers.choice(RELEASES), self.state.time
        head = commit(COMMITS[release])
        known: Evidence | Approval
        if self.numbers.random() < 0.6 and not (self.plan.once and release in self.tested):
            self.tested.add(release)
            about = (
                AboutBuild(build=f"ci:{release}") if self.plan.about == "build" else AboutCommit(commit=head)
            )
            fields = {"passed": self.numbers.choice((BOUND, BOUND + 1, BOUND + 1, BOUND - 1))}
            known = Evidence(type="tests", about=about, time=now, fields=fields, source="t")
        else:
            target = AboutTarget(digests=frozenset({digest(release)}), target=self.plan.last)
            by, verdict = (
                self.numbers.choice(PERSONS),
                self.numbers.choice(("approved", "approved", "rejected")),
            )
            known = Approval(by=by, verdict=verdict, about=target, time=now, source="t")  # type: ignore[arg-type]  # one of the verdicts
        self.state = timeline.apply(self.state, known, now)


def walked(seed: str, policies: int) -> Counter[str]:
    numbers = Random(seed)
    found: Counter[str] = Counter()
    for _ in range(policies):
        found += Walk(small(numbers), numbers).go()
    return found


if __name__ == "__main__":
    limit, number = seeded("python -m tests.campaigns.walking")
    print(dict(walked(str(number), limit)))
