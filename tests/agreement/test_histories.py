"""Random histories of a small policy: no order of allowed events breaks what is always so."""

from __future__ import annotations

from decimal import Decimal

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rung.diagnostics import Source
from rung.evaluate import timeline
from rung.evaluate.conditions import candidates
from rung.evaluate.decide import Decision, Evaluator
from rung.evaluate.history import past, release_of
from rung.evaluate.outcome import Owing
from rung.evaluate.situation import Situation
from rung.inputs.facts import AboutTarget, Approval, Build, Change, Environment, People, Person
from rung.inputs.proposal import Artifact, MachineActor, Proposal, Release, Rollback, Strategy
from rung.policy import model
from rung.policy.from_syntax import policy_from_syntax
from rung.policy.persons import declared_persons
from rung.syntax.parse import parse

POLICY = """
rung 1
policy "histories"
environment dev
environment qa after dev
environment prod after qa
group managers { "ana", "bo" }
group auditors { "cy" }
admit build -> dev
promote dev -> qa
promote qa -> prod { require at least 1 approval from managers except authors }
hotfix qa -> prod {
    owes review within 48h { require at least 1 approval from auditors }
    owes home within 72h { require once healthy in dev for 1h }
}
rollback prod within 2 releases
strategy canary on prod { step 10% hold 1h step 100% }
strategy blue_green on prod { keep 2h }
advance prod
switch prod
single rollout on prod
"""
START = 1_795_514_400
PLACES = ("dev", "qa", "prod")
RELEASES = 4
DAY = 86_400


def policy() -> model.Policy:
    file, mistakes = parse(Source("histories.rung", POLICY))
    assert file is not None
    assert not mistakes
    resolved, wrong = policy_from_syntax(file)
    assert resolved is not None, wrong
    return resolved


MODEL = policy()
EVALUATOR = Evaluator(MODEL)


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def commit(number: int) -> str:
    return f"{number:040x}"


def release(number: int) -> Release:
    return Release(version=f"1.{number}.0", artifacts={"app": Artifact(digest=digest(number))})


class Histories(RuleBasedStateMachine):
    """What the policy allows happens; what it denies does not; observations and approvals as they come."""

    @initialize()
    def begin(self) -> None:
        self.state = self.before = timeline.start(START)
        people = People(source="t", persons=tuple(Person(id=each) for each in ("ana", "bo", "cy", "dee")))
        self.happen(people)
        for name in PLACES:
            self.happen(timeline.Read(Environment(name=name, read=START)))
        self.entered: list[tuple[str, str]] = []

    def happen(self, happening: timeline.Happening) -> None:
        self.before = self.state
        self.state = timeline.apply(self.state, happening, self.state.time)

    @rule(seconds=st.sampled_from([1, 60, 3600, DAY, 3 * DAY]))
    def wait(self, seconds: int) -> None:
        self.state = timeline.State(self.state.began, self.state.time + seconds, self.state.known)

    @rule(number=st.integers(0, RELEASES - 1))
    def build(self, number: int) -> None:
        now = self.state.time
        made = Build(
            digest=digest(number),
            commit=commit(number),
            builder="ci",
            invocation=f"ci:{number}",
            finished=now,
            source="t",
        )
        self.happen(made)
        for base in [None, *(commit(each) for each in range(RELEASES))]:
            change = Change(base=base, head=commit(number), complete=True, authors=("dee",), source="t")
            self.happen(change)

    @rule(number=st.integers(0, RELEASES - 1), by=st.sampled_from(["ana", "cy"]), yes=st.booleans())
    def approve(self, number: int, by: str, yes: bool) -> None:
        about = AboutTarget(digests=frozenset({digest(number)}), target="prod")
        verdict = "approved" if yes else "rejected"
        self.happen(Approval(by=by, verdict=verdict, about=about, time=self.state.time, source="t"))

    @rule(place=st.sampled_from(PLACES), healthy=st.booleans(), seconds=st.sampled_from([0, 60, 7200]))
    def watch(self, place: str, healthy: bool, seconds: int) -> None:
        if past(self.state.known, place, self.state.time).running is None:
            return
        self.happen(timeline.Watched(place, healthy))
        self.wait(seconds)
        self.happen(timeline.Watched(place, healthy))

    @rule(
        number=st.integers(0, RELEASES - 1),
        into=st.sampled_from(PLACES),
        lane=st.sampled_from(model.LANES),
        action=st.sampled_from(["deploy", "advance", "switch"]),
        kind=st.sampled_from(["rolling", "canary", "blue_green"]),
    )
    def propose(self, number: int, into: str, lane: model.Lane, action: str, kind: str) -> None:
        steps = tuple(Decimal(each) for each in (10, 100)) if kind == "canary" else ()
        proposal = Proposal(
            service="app",
            lane=lane,
            action=action,  # type: ignore[arg-type]  # drawn from its values
            target=into,
            release=release(number),
            strategy=Strategy(kind=kind, steps=steps),  # type: ignore[arg-type]  # drawn from its values
            rollback=Rollback(to=frozenset({digest(0)})),
            actor=MachineActor(machine="ci"),
        )
        facts = timeline.facts(self.state)
        decision = EVALUATOR.decide(proposal, facts, self.state.time)
        if decision.allowed:
            self.happen(timeline.Entered(timeline.event_of(decision, MODEL, facts)))
            if lane == "hotfix" and action == "deploy":
                self.entered.append((into, digest(number)))

    @rule(
        number=st.integers(0, RELEASES - 1),
        lane=st.sampled_from(["promote", "hotfix"]),
        kind=st.sampled_from(["rolling", "canary", "blue_green"]),
        onward=st.booleans(),
    )
    def travel(self, number: int, lane: model.Lane, kind: str, onward: bool) -> None:
        """A release goes the usual way, as far as it is let."""
        self.build(number)
        self.propose(number, "dev", "admit", "deploy", "rolling")
        self.watch("dev", True, 7200)
        self.propose(number, "qa", "promote", "deploy", "rolling")
        self.watch("qa", True, 60)
        self.approve(number, "ana", True)
        self.propose(number, "prod", lane, "deploy", kind)
        if onward:
            self.wait(3600)
            self.propose(number, "prod", lane, "advance" if kind == "canary" else "switch", kind)
            self.watch("prod", True, 60)

    @rule(number=st.integers(0, RELEASES - 1))
    def go_back(self, number: int) -> None:
        self.propose(number, "prod", "rollback", "deploy", "rolling")

    # -- what is always so

    @invariant()
    def no_step_breaks_the_state(self) -> None:
        assert timeline.violations(self.before, self.state) == []

    @invariant()
    def nothing_skips_the_order(self) -> None:
        """Whatever ran in a place by promotion had run in all that comes before it."""
        known = self.state.known
        for target, source in (("qa", "dev"), ("prod", "qa")):
            before = past(known, source, self.state.time)
            for event in past(known, target, self.state.time).entries:
                ran = [each.since for each in before.episodes if each.release == release_of(event)]
                assert min(ran, default=event.started + 1) <= event.started

    @invariant()
    def candidates_ran_once(self) -> None:
        situation = self.situation()
        episodes = situation.past("prod").episodes
        for candidate in candidates(situation, "prod", 2):
            assert candidate in episodes
            assert candidate.release != episodes[-1].release

    @invariant()
    def what_is_owed_does_not_vanish(self) -> None:
        """Every hotfix that entered and was not rolled back is owed for, discharged or not."""
        undone = {each for each, _ in past(self.state.known, "prod", self.state.time).rolled_back}
        owed = [
            (each.event.digests, each.obligation.name)
            for each in self.owing()
            if each.event and each.obligation
        ]
        for _, entered in self.entered:
            if (frozenset({entered}), None) not in undone:
                assert (frozenset({entered}), "review") in owed
                assert (frozenset({entered}), "home") in owed

    def situation(self) -> Situation:
        proposal = Proposal(
            service="app", lane="promote", target="prod", release=release(0), actor=MachineActor(machine="ci")
        )
        facts = timeline.facts(self.state)
        return Situation(MODEL, declared_persons(MODEL), proposal, facts, self.state.time)

    def owing(self) -> list[Owing]:
        situation = self.situation()
        decision: Decision = EVALUATOR.decide(situation.proposal, situation.facts, situation.at)
        return [part.rule for ban in decision.bans if isinstance(ban.rule, Owing) for part in ban.parts]


Histories.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, derandomize=True
)
TestHistories = Histories.TestCase
