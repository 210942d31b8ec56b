"""Small policies: nothing that is proved is broken by any history that there is. `… enumeration 500`.

Histories are made by the evaluator, breadth first: each release that there is enters, by each lane and actor,
wherever that is allowed, and is seen healthy there or not; what was known of it stays the same throughout.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from rung.evaluate import timeline
from rung.evaluate.decide import Evaluator
from rung.explain.replay import replay
from rung.inputs import facts as documents
from rung.inputs.proposal import Artifact, MachineActor, PersonActor, Proposal, Release
from rung.prove.prover import Prover
from rung.prove.verdict import Verdict
from tests.agreement.meanings import Actor, Entered, Facts, Known, Log, Seen, broken
from tests.campaigns.encoding import policy_of
from tests.campaigns.run import seeded
from tests.generators.small import AUTHORS, BOUND, COMMITS, HOUR, PERSONS, RELEASES, START, Small, small

SECONDS = 60.0
DEPTH = 5  # entries, each perhaps seen healthy, and losses of health
STATES = 120  # at most, of each depth
SCENARIOS = 4  # of what is known of the releases
ACTORS = (
    Actor("machine", None),
    Actor("person", "ana"),
    Actor("person", "bo"),
    Actor("delegate", "ana"),
    Actor("delegate", "cy"),
)
APPROVED = [
    frozenset(each) for each in ((), ("ana",), ("bo",), ("cy",), ("ana", "bo"), ("bo", "cy"), PERSONS)
]
PASSED = (None, BOUND - 1, BOUND, BOUND + 1)


class State(NamedTuple):
    known: timeline.State
    log: Log


# ---------------------------------------------------------------- what is known


def scenarios(numbers: Random) -> Iterator[Facts]:
    """What may be known of the releases: all that is good, then anything."""
    everybody = {each: frozenset(PERSONS) for each in RELEASES}
    yield Facts(dict.fromkeys(RELEASES, BOUND + 1), everybody, frozenset({(1, 0), (0, 1), (1, 2), (2, 1)}))
    for _ in range(SCENARIOS - 1):
        passed = {each: numbers.choice(PASSED) for each in RELEASES}
        pairs = [(1, 0), (0, 1)]
        yield Facts(
            {each: count for each, count in passed.items() if count is not None},
            {each: numbers.choice(APPROVED) for each in RELEASES},
            frozenset(each for each in pairs if numbers.random() < 0.5),
        )


def begun(policy: Small, facts: Facts) -> State:
    """The state in which all is known, and nothing is deployed."""
    state = timeline.start(START)
    for each in _known(policy, facts):
        state = timeline.apply(state, each, START)
    return State(state, Log())


def _known(policy: Small, facts: Facts) -> Iterator[timeline.Happening]:
    yield documents.People(source="t", persons=tuple(documents.Person(id=each) for each in PERSONS))
    for name in policy.environments:
        yield timeline.Read(documents.Environment(name=name, read=START, running=frozenset(), drift=False))
    commits = sorted(set(COMMITS.values()))
    for release in RELEASES:
        head = commit(COMMITS[release])
        yield documents.Build(
            digest=digest(release),
            commit=head,
            builder="ci",
            invocation=f"ci:{release}",
            finished=START,
            source="t",
        )
        inside = tuple(commit(COMMITS[other]) for each, other in facts.contains if each == release)
        for base in (None, *map(commit, commits)):
            yield documents.Change(
                base=base,
                head=head,
                complete=True,
                authors=(AUTHORS[COMMITS[release]],),
                contains=inside,
                source="t",
            )
        for person in sorted(facts.approved[release]):
            target = documents.AboutTarget(digests=frozenset({digest(release)}), target=policy.last)
            yield documents.Approval(by=person, verdict="approved", about=target, time=START, source="t")
        if release in facts.passed:
            about = (
                documents.AboutBuild(build=f"ci:{release}")
                if policy.about == "build"
                else documents.AboutCommit(commit=head)
            )
            fields = {"passed": facts.passed[release]}
            yield documents.Evidence(type="tests", about=about, time=START, fields=fields, source="t")


def digest(release: int) -> str:
    return f"sha256:{release + 1:064x}"


def commit(name: str) -> str:
    return (name * 40)[:40]


def proposal(entry: Entered) -> Proposal:
    kind, person = entry.actor
    return Proposal(
        service="shop",
        lane=entry.lane,  # type: ignore[arg-type]  # one of the lanes
        target=entry.target,
        release=Release(
            version=f"{entry.release + 1}.0.0", artifacts={"app": Artifact(digest=digest(entry.release))}
        ),
        actor=PersonActor(person=str(person))
        if kind == "person"
        else MachineActor(machine="bot", on_behalf_of=person),
    )


# ---------------------------------------------------------------- histories


class Histories:
    """The histories of a small policy from what is known of its releases: what breaks which property."""

    def __init__(self, policy: Small, evaluator: Evaluator, facts: Facts) -> None:
        self.policy = policy
        self.evaluator = evaluator
        self.facts = facts
        self.rules = {each: rule for each in policy.properties() if (rule := broken(each)) is not None}
        self.broken: dict[str, list[tuple[Log, Entered | None]]] = {}
        self.entered: set[tuple[str, str]] = set()
        self.visited: list[State] = []

    def follow(self, numbers: Random) -> None:
        """Follow all histories to their depth, or as many as there may be of each depth."""
        layer = [begun(self.policy, self.facts)]
        for _ in range(DEPTH):
            following: dict[object, State] = {}
            for state in layer:
                for later in self._from(state):
                    following.setdefault(tuple(sorted(later.log.stays.items())), later)
            layer = list(following.values())
            if len(layer) > STATES:
                layer = numbers.sample(layer, STATES)

    def _from(self, state: State) -> Iterator[State]:
        self.visited.append(state)
        at = state.known.time + HOUR
        now = timeline.State(state.known.began, at, state.known.known)
        facts = timeline.facts(now)
        back: set[int] = set()
        for lane, target in dict.fromkeys((each.lane, each.target) for each in self.policy.routes):
            for release in RELEASES:
                taken = None
                for actor in ACTORS:
                    entry = Entered(at, release, target, lane, actor)
                    decision = self.evaluator.decide(proposal(entry), facts, at)
                    if decision.allowed:
                        self._entered(state.log, entry)
                        taken = decision, entry
                if taken is not None:
                    back |= {release} if lane == "rollback" else set()
                    event = timeline.event_of(taken[0], self.evaluator.policy, facts)
                    entered = State(
                        timeline.apply(now, timeline.Entered(event), at), state.log.then(taken[1])
                    )
                    yield entered
                    yield seen(entered, target, True)
        self._rolls_back(state.log, back, at)
        for place in self.policy.environments:
            if state.log.running(place) is not None:
                yield seen(State(now, state.log), place, False)

    def _entered(self, log: Log, entry: Entered) -> None:
        self.entered.add((entry.target, entry.lane))
        for property, rule in self.rules.items():
            if rule(Known(self.policy, self.facts, log), entry):
                self.broken.setdefault(property, []).append((log, entry))

    def _rolls_back(self, log: Log, back: set[int], at: int) -> None:
        """Whether something may be gone back to, and none of that is let in, whoever asks."""
        last = self.policy.last
        within = max((each.within for each in self.policy.routes if each.lane == "rollback"), default=1)
        if log.candidates(last, within) and not back:
            self.broken.setdefault(f"rollback-possible on {last}", []).append((log, None))


def seen(state: State, place: str, healthy: bool) -> State:
    at = state.known.time + 60
    known = timeline.apply(state.known, timeline.Watched(place, healthy), at)
    return State(known, state.log.then(Seen(at, place, healthy)))


# ---------------------------------------------------------------- what is proved


def agree(policy: Small, numbers: Random) -> Counter[str]:
    """How verdicts on a small policy stand to its histories; AssertionError where one of them is wrong."""
    text = policy.text()
    resolved = policy_of(text)
    prover = Prover(resolved)
    verdicts = {
        title: prover.prove(node, SECONDS)
        for title, node in zip(policy.properties(), resolved.properties, strict=True)
    }
    for title, verdict in verdicts.items():
        try:
            assert verdict.story is None or replay(verdict.story, resolved)
        except AssertionError as error:
            error.add_note(f"{title}: {verdict.outcome}\n{text}")
            raise
    evaluator, outcomes = Evaluator(resolved), Counter[str]()
    for facts in scenarios(numbers):
        histories = Histories(policy, evaluator, facts)
        histories.follow(numbers)
        outcomes["states"] += len(histories.visited)
        for title, verdict in verdicts.items():
            assert right(title, verdict, histories), (
                f"{title}: {verdict.outcome}\n{text}\n{facts}\n{example(title, histories)}"
            )
            outcomes[f"{verdict.outcome} and broken"] += title in histories.broken
    outcomes.update(each.outcome for each in verdicts.values())
    return outcomes


def right(title: str, verdict: Verdict, histories: Histories) -> bool:
    """Whether histories and a verdict can both be."""
    policy = histories.policy
    if title.startswith("possible"):
        lanes = {lane for target, lane in histories.entered if target == policy.last}
        return verdict.outcome != "refuted" or not (("hotfix" in lanes) if "hotfix" in title else lanes)
    if title.startswith("responders"):
        return verdict.outcome != "proved" or not locked_out(policy)
    if verdict.outcome != "proved":
        return True
    found = histories.broken.get(title, [])
    if not verdict.without:
        return not found
    # Proved but for waivers: broken only while one of them lasts.
    return all(entry and any(each.at(entry.at) for each in policy.waivers) for _, entry in found)


def locked_out(policy: Small) -> bool:
    """Whether there is an hour in which every lane into the last place is frozen."""
    lanes = {each.lane for each in policy.routes if each.target == policy.last}
    hours = range(START, START + 48 * HOUR, HOUR)
    return any(
        all(any(each.at(at) and lane not in each.spares for each in policy.freezes) for lane in lanes)
        for at in hours
    )


def example(title: str, histories: Histories) -> str:
    found = histories.broken.get(title, [])
    return "" if not found else "\n".join(map(str, (*found[0][0].steps, found[0][1])))


def agreements(seed: str, policies: int) -> Counter[str]:
    numbers = Random(seed)
    found: Counter[str] = Counter()
    for _ in range(policies):
        found += agree(small(numbers), numbers)
    return found


if __name__ == "__main__":
    limit, number = seeded("python -m tests.campaigns.enumeration")
    print(dict(agreements(str(number), limit)))
