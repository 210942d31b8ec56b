"""Histories as they unfold: whatever is done, in whatever order, a state stays one that could be."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rung.diagnostics import Source
from rung.evaluate import timeline
from rung.evaluate.decide import Evaluator
from rung.evaluate.history import Interval, Past, past
from rung.evaluate.timeline import (
    Entered,
    Happening,
    ImpossibleEventError,
    Read,
    State,
    Watched,
    apply,
    event_of,
    facts,
    start,
    violations,
)
from rung.inputs.facts import (
    AboutArtifact,
    AboutCommit,
    AboutTarget,
    Approval,
    Build,
    Change,
    Environment,
    Event,
    Evidence,
    Facts,
    Manifest,
    People,
    Person,
    Review,
)
from rung.inputs.proposal import Artifact, MachineActor, Proposal, Release, Strategy
from rung.policy.from_syntax import policy_from_syntax
from rung.syntax.parse import parse

POLICY = """rung 1
policy "unfolding"
environment qa
environment prod after qa
environment idle after qa
group managers { "ana", "bo" }
evidence scan about artifact { critical: int }
gate scanned { needs scan no older than 2h require scan.critical == 0 }
admit build -> qa
promote qa -> prod { require scanned, once healthy in qa for 10m }
hotfix qa -> prod {
    require at least 1 approval from managers
    owes review within 1h { require at least 2 approvals from managers }
}
promote qa -> idle
rollback prod within 2 releases
strategy canary on prod { step 5% hold 5m step 50% step 100% }
strategy rolling on prod { max unavailable 50% }
strategy blue_green on idle { keep 10m }
advance prod
switch idle
expose prod
"""
BEGAN = 1_795_000_000
SOURCE = "test"
PLACES = ("qa", "prod", "idle")
RELEASES = ("a1", "a2", "a3")
STRATEGIES = (
    None,
    Strategy(kind="rolling", max_unavailable=Decimal(25)),
    Strategy(kind="canary", steps=(Decimal(5), Decimal(50), Decimal(100))),
    Strategy(kind="canary", steps=(Decimal(100),)),
    Strategy(kind="blue_green"),
)


def evaluator() -> Evaluator:
    file, slips = parse(Source("p.rung", POLICY))
    assert file is not None, slips
    policy, mistakes = policy_from_syntax(file)
    assert policy is not None, mistakes
    return Evaluator(policy)


EVALUATOR = evaluator()


def digest(release: str) -> str:
    return "sha256:" + release * 32


def commit(release: str) -> str:
    return release * 20


def build(release: str, at: int) -> Build:
    return Build(
        digest=digest(release),
        commit=commit(release),
        builder="ci",
        invocation=release,
        finished=at,
        source=SOURCE,
    )


def proposal(release: str, lane: str, target: str, action: str, strategy: Strategy | None) -> Proposal:
    return Proposal(
        service="shop",
        action=action,  # type: ignore[arg-type]  # drawn from those there are
        lane=lane,  # type: ignore[arg-type]  # drawn from those there are
        target=target,
        release=Release(artifacts={"app": Artifact(digest=digest(release))}),
        strategy=strategy,
        actor=MachineActor(machine="deployer"),
    )


class Unfolding(RuleBasedStateMachine):
    """Facts come, releases are proposed, and what is allowed is done."""

    @initialize()
    def begin(self) -> None:
        self.state = start(BEGAN)
        self.before = self.state
        for place in PLACES:
            self.happens(Read(Environment(name=place, read=BEGAN, running=frozenset())), 0)

    def happens(self, happening: Happening, later: int) -> None:
        self.before = self.state
        self.state = apply(self.state, happening, self.state.time + later)

    @rule(release=st.sampled_from(RELEASES), later=st.integers(0, 600))
    def built(self, release: str, later: int) -> None:
        self.happens(build(release, self.state.time + later), later)

    @rule(release=st.sampled_from(RELEASES), critical=st.integers(0, 1), later=st.integers(0, 600))
    def found(self, release: str, critical: int, later: int) -> None:
        evidence = Evidence(
            type="scan",
            about=AboutArtifact(artifact=digest(release)),
            time=self.state.time + later,
            fields={"critical": critical},
            source=SOURCE,
        )
        self.happens(evidence, later)

    @rule(release=st.sampled_from(RELEASES), by=st.sampled_from(["ana", "bo"]), later=st.integers(0, 600))
    def approved(self, release: str, by: str, later: int) -> None:
        about = AboutTarget(digests=frozenset({digest(release)}), target="prod")
        time = self.state.time + later
        self.happens(Approval(by=by, verdict="approved", about=about, time=time, source=SOURCE), later)

    @rule(place=st.sampled_from(PLACES), healthy=st.booleans(), later=st.integers(0, 1200))
    def watched(self, place: str, healthy: bool, later: int) -> None:
        if past(self.state.known, place, self.state.time).running is None:
            with pytest.raises(ImpossibleEventError, match="nothing runs"):
                self.happens(Watched(place, healthy), later)
        else:
            self.happens(Watched(place, healthy), later)

    @rule(
        release=st.sampled_from(RELEASES),
        way=st.sampled_from(
            [
                ("admit", "qa", "deploy"),
                ("promote", "prod", "deploy"),
                ("promote", "idle", "deploy"),
                ("hotfix", "prod", "deploy"),
                ("rollback", "prod", "deploy"),
                ("promote", "prod", "advance"),
                ("hotfix", "prod", "advance"),
                ("promote", "idle", "switch"),
                ("promote", "prod", "expose"),
            ]
        ),
        strategy=st.sampled_from(STRATEGIES),
    )
    def proposed(self, release: str, way: tuple[str, str, str], strategy: Strategy | None) -> None:
        lane, target, action = way
        known = facts(self.state)
        decision = EVALUATOR.decide(proposal(release, lane, target, action, strategy), known, self.state.time)
        if decision.allowed:
            self.happens(Entered(event_of(decision, EVALUATOR.policy, known)), 0)

    @invariant()
    def nothing_is_broken(self) -> None:
        if hasattr(self, "state"):
            assert violations(self.before, self.state) == []

    @invariant()
    def what_is_read_is_what_the_history_says(self) -> None:
        if hasattr(self, "state"):
            problems = [past(facts(self.state), place, self.state.time).problem for place in PLACES]
            assert not any(problem and "is not what was last deployed" in problem for problem in problems)


TestUnfolding = Unfolding.TestCase
TestUnfolding.settings = settings(
    max_examples=60, stateful_step_count=40, derandomize=True, deadline=None, database=None
)


def event(release: str, at: int, **other: object) -> Event:
    values: dict[str, object] = {
        "environment": "prod",
        "digests": frozenset({digest(release)}),
        "lane": "promote",
        "started": at,
        "finished": at,
        "outcome": "succeeded",
    }
    return Event(**{**values, **other})  # type: ignore[arg-type]  # the fields of an event


def test_time_does_not_go_back() -> None:
    with pytest.raises(ImpossibleEventError, match="time"):
        apply(start(BEGAN), build("a1", BEGAN - 1), BEGAN - 1)


def test_an_event_enters_when_it_has_finished() -> None:
    with pytest.raises(ImpossibleEventError, match="finished"):
        apply(start(BEGAN), Entered(event("a1", BEGAN)), BEGAN + 1)


def test_a_state_keeps_whatever_is_found_out() -> None:
    state = start(BEGAN)
    change = Change(base=None, head=commit("a1"), complete=True, authors=("ana",), source=SOURCE)
    about = AboutCommit(commit=commit("a1"))
    review = Review(by="ana", verdict="approved", about=about, time=BEGAN, source=SOURCE)
    manifest = Manifest(digests=frozenset({digest("a1")}), requires=(), source=SOURCE)
    people = People(source=SOURCE, persons=(Person(id="ana"),))
    for happening in (change, review, manifest, people):
        state = apply(state, happening, BEGAN)
    known = facts(state)
    assert (known.changes, known.reviews, known.manifests) == ((change,), (review,), (manifest,))
    assert known.people == people


def test_what_no_state_takes_is_a_mistake_of_the_program() -> None:
    with pytest.raises(AssertionError, match="no state takes"):
        apply(start(BEGAN), "nothing", BEGAN)  # type: ignore[arg-type]  # the point of the test


def test_observations_go_on_while_they_say_the_same() -> None:
    state = apply(start(BEGAN), Entered(event("a1", BEGAN)), BEGAN)
    for later, healthy in ((10, True), (20, True), (30, False), (40, True)):
        state = apply(state, Watched("prod", healthy), BEGAN + later)
    seen = [(each.status, each.from_ - BEGAN, each.observed_until - BEGAN) for each in state.known.health]
    assert seen == [("healthy", 10, 20), ("unhealthy", 30, 30), ("healthy", 40, 40)]


def test_a_release_of_two_commits_has_none_of_its_own() -> None:
    state = start(BEGAN)
    for made in (build("a1", BEGAN), build("a1", BEGAN).replace(commit=commit("a2"))):
        state = apply(state, made, BEGAN)
    known = facts(state)
    decision = EVALUATOR.decide(proposal("a1", "admit", "qa", "deploy", None), known, BEGAN)
    entered = event_of(decision, EVALUATOR.policy, known)
    assert (entered.commit, entered.facets) == (None, None)


def test_what_breaks_a_history_is_said() -> None:
    before = apply(start(BEGAN), Entered(event("a1", BEGAN)), BEGAN)
    replaced = apply(start(BEGAN), Entered(event("a2", BEGAN)), BEGAN)
    found = violations(before, replaced)
    assert found == ["an entry into prod was forgotten"]


def done(state: State, way: tuple[str, str, str], strategy: Strategy | None, later: int) -> State:
    """The state after an action of the release a1 was decided, allowed and done."""
    lane, target, action = way
    state = State(state.began, state.time + later, state.known)
    known = facts(state)
    decision = EVALUATOR.decide(proposal("a1", lane, target, action, strategy), known, state.time)
    assert decision.allowed
    return apply(state, Entered(event_of(decision, EVALUATOR.policy, known)), state.time)


def soaked() -> State:
    """A state in which the release a1 has earned health in qa, and prod is empty."""
    state = start(BEGAN)
    for place in PLACES:
        state = apply(state, Read(Environment(name=place, read=BEGAN, facets={"os": "x"})), BEGAN)
    state = apply(state, build("a1", BEGAN), BEGAN)
    state = done(state, ("admit", "qa", "deploy"), None, 0)
    about = AboutArtifact(artifact=digest("a1"))
    scan = Evidence(type="scan", about=about, time=BEGAN, fields={"critical": 0}, source=SOURCE)
    for happening, later in ((scan, 0), (Watched("qa", True), 1), (Watched("qa", True), 601)):
        state = apply(state, happening, BEGAN + later)
    return state


def shares(state: State, place: str) -> list[Decimal | None]:
    assert state.known.history is not None
    return [each.share for each in state.known.history.events if each.environment == place]


def test_a_canary_goes_up_its_steps() -> None:
    state = done(soaked(), ("promote", "prod", "deploy"), STRATEGIES[2], 0)
    entered = past(state.known, "prod", state.time).candidate
    assert entered is not None
    assert (entered.strategy, entered.facets, entered.commit) == ("canary", {"os": "x"}, commit("a1"))
    running = next(each.running for each in facts(state).environments if each.name == "prod")
    assert running == frozenset({digest("a1")})
    state = done(state, ("promote", "prod", "advance"), None, 300)
    state = done(state, ("promote", "prod", "advance"), None, 0)
    assert shares(state, "prod") == [5, 50, None]
    assert past(state.known, "prod", state.time).running is not None
    state = done(state, ("promote", "prod", "expose"), None, 0)
    assert shares(state, "prod") == [5, 50, None, None]


def test_an_idle_side_has_no_traffic_until_the_switch() -> None:
    state = done(soaked(), ("promote", "idle", "deploy"), STRATEGIES[4], 0)
    state = done(state, ("promote", "idle", "switch"), None, 0)
    assert shares(state, "idle") == [0, None]


def test_observations_of_several_places_are_kept_apart() -> None:
    state = soaked()
    state = apply(state, Entered(event("a1", state.time)), state.time)
    state = apply(state, Watched("prod", True), state.time + 1)
    state = apply(state, Watched("qa", True), state.time + 1)
    assert [(each.environment, each.observed_until) for each in state.known.health] == [
        ("prod", state.time - 1),
        ("qa", state.time),
    ]


# What follows cannot be while the history module is right: these say that it would be noticed.


def test_health_of_before_a_deployment_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    state = apply(start(BEGAN), Entered(event("a1", BEGAN)), BEGAN)
    monkeypatch.setattr(timeline, "earned", lambda seen, seconds: Interval(BEGAN - 1, BEGAN))
    assert violations(state, state) == ["something earned health in prod before it was deployed there"]


def test_something_that_ran_and_is_forgotten_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = apply(start(BEGAN), Entered(event("a1", BEGAN)), BEGAN)
    after = apply(before, Entered(event("a2", BEGAN)), BEGAN)

    def forgetful(known: Facts, place: str, at: int) -> Past:
        found = past(known, place, at)
        return Past(episodes=found.episodes[-1:], entries=found.entries)

    monkeypatch.setattr(timeline, "past", forgetful)
    assert violations(before, after) == ["something that ran in prod was forgotten"]
