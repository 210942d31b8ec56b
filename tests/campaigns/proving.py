"""Any small policy: no history that is tried breaks what was proved of it. `… proving 1000`."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import product

from rung.evaluate import timeline
from rung.evaluate.decide import Decision, Evaluator
from rung.explain.claims import is_broken
from rung.explain.replay import replay
from rung.inputs.facts import (
    AboutBuild,
    AboutCommit,
    AboutTarget,
    Approval,
    Build,
    Change,
    Environment,
    Evidence,
    People,
    Person,
)
from rung.inputs.proposal import Artifact, MachineActor, PersonActor, Proposal, Release, Strategy
from rung.policy import model
from rung.prove.apart import apart
from rung.prove.claims import Claim
from rung.prove.naming import chosen
from rung.prove.properties import ENTRIES, formula
from rung.prove.prover import Prover
from rung.prove.verdict import Verdict
from tests.campaigns.encoding import policy_of
from tests.campaigns.run import campaign
from tests.generators.claims import Claimed, claimed, walks

SECONDS = 60.0
WALKS, STEPS = 40, 40
BEGAN = 1_770_109_200  # 2026-02-03T09:00:00Z
HOUR = 3600
PEOPLE = ("ana", "bo", "eve", "zoe")
verdicts: Counter[str] = Counter()


def check(asked: Claimed) -> None:
    policy = policy_of(asked.text)
    prover = Prover(policy)
    proved: list[Verdict] = []
    for node in policy.properties:
        verdict = prover.prove(node, SECONDS)
        verdicts[verdict.outcome] += 1
        if verdict.story is not None:
            replay(verdict.story, policy)
        if verdict.outcome == "proved" and not verdict.without:
            proved.append(verdict)
    if proved:
        tried = [_Tried.of(policy, each) for each in proved]
        for chance in walks(asked.seed, WALKS):
            _Walk(policy, chance, tried).go()


@dataclass
class _Tried:
    """A property that was proved: its claims about entries, and those about what has happened."""

    node: model.Property
    entries: list[Claim] = field(default_factory=list)
    states: list[model.Condition] = field(default_factory=list)
    goes_back: tuple[str, ...] = ()

    @classmethod
    def of(cls, policy: model.Policy, verdict: Verdict) -> _Tried:
        node = verdict.property
        if isinstance(node, model.NamedProperty):
            if node.name == "rollback-possible":
                return cls(node, goes_back=node.places)
            return cls(node, list(ENTRIES[node.name](policy, node)))
        found = cls(node)
        for claim in chosen(node.quantifiers, node.claim):
            always = claim if node.modality == "always" else model.Not(claim, claim.span)
            if formula._asks_of_entries(always):
                for each in apart(always):
                    found.entries += formula._at_entries(policy, each, node.title)
            else:
                found.states.append(always)
        return found


@dataclass
class _Fate:
    """What has become of a release: when each thing happened first and last."""

    deployed: dict[str, set[str]] = field(default_factory=dict)
    earned: set[str] = field(default_factory=set)
    bad: set[str] = field(default_factory=set)
    # At each entry, the place and lane, with what had happened before.
    entries: list[tuple[str, str, set[tuple[str, str, str | None]]]] = field(default_factory=list)

    def past(self) -> set[tuple[str, str, str | None]]:
        found: set[tuple[str, str, str | None]] = {("earned", place, None) for place in self.earned}
        found |= {("bad", place, None) for place in self.bad}
        for place, lanes in self.deployed.items():
            found.add(("deployed", place, None))
            found |= {("deployed", place, lane) for lane in lanes}
        return found


class _Walk:
    """A history in which chance decides what is proposed, and what becomes known before."""

    def __init__(self, policy: model.Policy, chance: random.Random, tried: list[_Tried]) -> None:
        self.policy = policy
        self.chance = chance
        self.tried = tried
        self.evaluator = Evaluator(policy)
        bare = [replace(each, requirements=()) for each in policy.routes]
        self.free = Evaluator(replace(policy, routes=tuple(bare), denies=(), freezes=()))
        self.state = timeline.start(BEGAN)
        self.at = BEGAN
        self.fates = [_Fate() for _ in range(3)]
        self.running: dict[str, int] = {}
        self._setting()

    def _setting(self) -> None:
        persons = tuple(Person(id=each, groups=()) for each in PEOPLE)
        self._happens(People(source="directory", read=self.at, persons=persons))
        for name in self.policy.environments:
            here = Environment(
                name=name, read=self.at, running=frozenset(), drift=False, components={}, facets={}, flags={}
            )
            self._happens(timeline.Read(here))
        commits = [None, *(commit(each) for each in range(3))]
        for number in range(3):
            self._happens(
                Build(
                    digest=digest(number), commit=commit(number), builder="ci", invocation=f"build-{number}",
                    finished=self.at, source="ci",
                )
            )  # fmt: skip
            authors = tuple(self.chance.sample(PEOPLE, self.chance.randint(1, 2)))
            for base in commits:
                if base != commit(number):
                    contains = tuple(c for c in commits if c and self.chance.random() < 0.3)
                    self._happens(
                        Change(
                            base=base, head=commit(number), complete=True, authors=authors, contains=contains,
                            source="git",
                        )
                    )  # fmt: skip

    def _happens(self, happening: timeline.Happening) -> None:
        self.state = timeline.apply(self.state, happening, self.at)

    def go(self) -> None:
        self._look()
        for _ in range(STEPS):
            self.at += self.chance.choice((HOUR // 4, HOUR // 2, HOUR, 2 * HOUR, 3 * HOUR))
            self.chance.choices((self._propose, self._watch, self._learn), (5, 3, 2))[0]()
            self._look()

    def _learn(self) -> None:
        number, kind = self.chance.randrange(3), self.chance.choice(("tests", "scan", "approval", "approval"))
        if kind == "approval":
            about = AboutTarget(
                digests=frozenset({digest(number)}), configuration=None,
                target=self.chance.choice([*self.policy.environments]),
                gate=self.chance.choice((None, "signed")),
            )  # fmt: skip
            verdict = self.chance.choice(("approved", "approved", "approved", "rejected"))
            by = self.chance.choice((*PEOPLE, "github:ana"))
            self._happens(Approval(by=by, verdict=verdict, about=about, time=self.at, source="desk"))
        else:
            fields = {"failed" if kind == "tests" else "critical": self.chance.choice((0, 0, 1, 5))}
            place = (
                AboutBuild(build=f"build-{number}") if kind == "tests" else AboutCommit(commit=commit(number))
            )
            self._happens(Evidence(type=kind, about=place, time=self.at, fields=fields, source="ci"))

    def _watch(self) -> None:
        for place, number in sorted(self.running.items()):
            if self.chance.random() < 0.7:
                healthy = self.chance.random() < 0.8
                self._happens(timeline.Watched(place, healthy))
                (self.fates[number].earned if healthy else self.fates[number].bad).add(place)

    def _propose(self) -> None:
        route, number = self.chance.choice(self.policy.routes), self.chance.randrange(3)
        actor = self.chance.choice([*_actors()])
        strategy = self.chance.choice((None, Strategy(kind="rolling"), Strategy(kind="blue_green")))
        proposal = _proposal(route, number, actor, strategy)
        decision = self._decide(self.evaluator, proposal)
        if not decision.allowed:
            return
        verdicts["entries"] += 1
        for tried in self.tried:
            for claim in tried.entries:
                taken = decision.route is not None and decision.route.route is claim.route
                assert not (taken and is_broken(claim, decision, self.policy)), claim.broken
        event = timeline.event_of(decision, self.policy, timeline.facts(self.state))
        self._happens(timeline.Entered(event))
        fate, before = self.fates[number], self.running.get(route.target)
        if route.lane == "rollback" and before is not None and before != number:
            self.fates[before].bad.add(route.target)
        fate.entries.append((route.target, route.lane, fate.past()))
        fate.deployed.setdefault(route.target, set()).add(route.lane)
        self.running[route.target] = number

    def _decide(self, evaluator: Evaluator, proposal: Proposal) -> Decision:
        state = timeline.State(self.state.began, self.at, self.state.known)
        return evaluator.decide(proposal, timeline.facts(state), self.at)

    def _look(self) -> None:
        """That what was proved holds in the state that has come."""
        for tried in self.tried:
            for claim in tried.states:
                for number in range(3):
                    assert self._holds(claim, number), tried.node
            for place in tried.goes_back:
                self._goes_back(place)

    def _goes_back(self, place: str) -> None:
        """Where there is something to go back to, somebody can."""
        routes = [each for each in self.policy.routes if (each.lane, each.target) == ("rollback", place)]
        alone = MachineActor(machine="bot")
        for number in range(3):
            wanted = [_proposal(each, number, alone, None) for each in routes]
            if any(self._decide(self.free, each).allowed for each in wanted):
                strategies = (None, Strategy(kind="rolling"), Strategy(kind="blue_green"))
                choices = product(routes, _actors(), strategies)
                ways = (_proposal(route, number, actor, strategy) for route, actor, strategy in choices)
                assert any(self._decide(self.evaluator, each).allowed for each in ways), place

    def _holds(self, node: model.Condition, number: int) -> bool:
        fate = self.fates[number]
        match node:
            case model.And(operands):
                return all(self._holds(each, number) for each in operands)
            case model.Or(operands):
                return any(self._holds(each, number) for each in operands)
            case model.Not(operand):
                return not self._holds(operand, number)
            case model.Implies(premise, conclusion):
                return not self._holds(premise, number) or self._holds(conclusion, number)
            case model.Happened("running", place):
                return self.running.get(place) == number
            case model.Happened(event, place, lane):
                return (event, place, lane) in fate.past()
            case model.Before(first, second):
                key = (first.event, first.place, first.lane)
                return any(
                    key in past and place == second.place and second.lane in (None, lane)
                    for place, lane, past in fate.entries
                )
            case _:
                raise AssertionError(f"{node} asks of an entry")


def _actors() -> tuple[PersonActor | MachineActor, ...]:
    persons = tuple(PersonActor(person=each) for each in PEOPLE)
    delegates = tuple(MachineActor(machine="bot", on_behalf_of=each) for each in PEOPLE)
    return (*persons, *delegates, MachineActor(machine="bot"))


def _proposal(
    route: model.Route, number: int, actor: PersonActor | MachineActor, strategy: Strategy | None
) -> Proposal:
    artifacts = {"app": Artifact(digest=digest(number))}
    return Proposal(
        service="shop", lane=route.lane, target=route.target, actor=actor, strategy=strategy, flags={},
        release=Release(version=f"{number}.0.0", artifacts=artifacts),
    )  # fmt: skip


def digest(number: int) -> str:
    return "sha256:" + f"{0xA1 + number:02x}" * 32


def commit(number: int) -> str:
    return f"{0xC1 + number:02x}" * 20


if __name__ == "__main__":
    campaign(check, claimed(), "python -m tests.campaigns.proving")
    print(dict(verdicts))
