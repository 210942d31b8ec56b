"""Defines the situation of one decision: the proposal and the facts, found by what rules ask of them.

Everything is computed when first asked for, and once. What most decisions go through stands in plain loops
here and in the conditions: until Python 3.12 a comprehension makes a function whenever it is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from rung.evaluate.history import Episode, Observed, Past, ReleaseKey, observed, past, read_of, release_of
from rung.evaluate.outcome import FOREVER, Outcome
from rung.evaluate.people import Directory, directory
from rung.frozen import light
from rung.inputs.facts import (
    AboutCommit,
    AboutTarget,
    Approval,
    Build,
    Environment,
    Event,
    Evidence,
    Facts,
    Review,
)
from rung.inputs.proposal import Artifact, MachineActor, Proposal, Release, Strategy
from rung.policy import model

Value = TypeVar("Value")


class computed(Generic[Value]):  # noqa: N801  # reads as the decorator that it is
    """An attribute that is computed when it is first asked for; from then on it is a plain one."""

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        self.compute = compute
        self.name = compute.__name__

    def __get__(self, owner: object, kind: type) -> Value:
        value = self.compute(owner)
        setattr(owner, self.name, value)  # through `__dict__` it would make every later access slower
        return value


@light
class Origin:
    """The builds of each artifact of a release, in order of digests; their commits and invocations in order.

    `problem` says of which artifact no build is known.
    """

    builds: Mapping[str, list[Build]]
    commits: tuple[str, ...]
    invocations: tuple[str, ...]
    problem: str | None


NOBODY = "\0"  # no document can name it


class Judged(NamedTuple):
    """What a proposal's migrations come to: whether they are compatible, None where that cannot be told."""

    holds: bool | None
    reason: str


Judge = Callable[[Proposal], Judged]


def nobody(proposal: Proposal) -> Judged:
    """The judge where there is none: it knows only that no migrations need none."""
    if proposal.migrations is None:
        return Judged(True, "the proposal brings none")
    return _unjudged(proposal)


def _unjudged(proposal: Proposal) -> Judged:
    return Judged(None, "nothing has judged the migrations")


class Situation:
    """A proposal and its facts at one instant, for one policy; `judge` is asked where a rule needs it."""

    def __init__(
        self,
        policy: model.Policy,
        known: Mapping[str, str],
        proposal: Proposal,
        facts: Facts,
        at: int,
        judge: Judge = nobody,
    ) -> None:
        self.policy = policy
        self.known = known
        self.proposal = proposal
        self.facts = facts
        self.at = at
        self.judge = judge
        self.before = at  # the changes of a release are those since what ran then
        self.release: ReleaseKey = (proposal.release.digests, proposal.release.configuration)
        self.sources: tuple[str, ...] = proposal.from_
        self.records: Mapping[str, Mapping[str, Any]] = {}  # the record of each evidence now looked at
        self.gate: str | None = None  # the gate now looked at
        self.gates: dict[str, Outcome] = {}
        self.found: dict[Any, Any] = {}  # what needs of gates have found
        self._pasts: dict[str, Past] = {}
        self._fared: dict[str, list[Observed]] = {}

    def come_from(self, sources: tuple[str, ...]) -> None:
        """Judge the release as coming from these environments; gates may depend on them."""
        if sources != self.sources:
            self.sources = sources
            self.gates = {}
            self.found = {}

    # -- who

    @computed
    def directory(self) -> Directory:
        return directory(self.policy, self.known, self.facts)

    @computed
    def actor(self) -> str | None:
        """Who acts: the person on whose behalf a machine does, else the actor itself; None if unknown."""
        actor = self.proposal.actor
        if isinstance(actor, MachineActor):
            return self.directory.person(actor.on_behalf_of or actor.machine)
        return self.directory.person(actor.person)

    @computed
    def authors(self) -> tuple[frozenset[str], str | None]:
        """Who wrote the commits between what the target runs and this release, or why it is not certain."""
        origin = self.origin
        if origin.problem is not None:
            return frozenset(), origin.problem
        target = self.proposal.target
        before = self.past(target) if self.before == self.at else past(self.facts, target, self.before)
        if before.problem is not None:
            return frozenset(), before.problem
        running = before.running
        base = running.event.commit if running is not None else None
        if running is not None and base is None:
            return frozenset(), f"the commit that runs in {self.proposal.target} is not known"
        persons: set[str] = set()
        for head in origin.commits:
            if head == base:
                continue
            accounts, lack = [], "not known"
            for change in self.facts.changes:
                if change.head == head and change.base == base:
                    accounts += [*change.authors, *change.coauthors]
                    if not change.complete:
                        lack = "not completely known"
                        break
                    lack = ""
            if lack:
                start = f"since {base[:12]}" if base else "from the beginning"
                return frozenset(), f"the commits {start} up to {head[:12]} are {lack}"
            for account in accounts:
                person = self.directory.persons.get(account)
                if person is None:
                    return frozenset(), f"the author {account} belongs to no known person"
                persons.add(person)
        return frozenset(persons), None

    # -- what

    @computed
    def origin(self) -> Origin:
        """The builds of the release that were finished by now."""
        builds: dict[str, list[Build]] = {}
        for digest in sorted(self.release[0]):
            builds[digest] = []
        at = self.at
        commits: dict[str, Build] = {}
        invocations: dict[str, Build] = {}
        for build in self.facts.builds:
            if build.digest in builds and build.finished <= at:
                builds[build.digest].append(build)
                commits[build.commit] = invocations[build.invocation] = build
        problem = None
        for digest, found in builds.items():
            if not found:
                problem = f"no build of {digest[:19]} is known"
                break
        return Origin(builds, tuple(sorted(commits)), tuple(sorted(invocations)), problem)

    @computed
    def evidence(self) -> dict[str, list[Evidence]]:
        found: dict[str, list[Evidence]] = {}
        for record in self.facts.evidence:
            found.setdefault(record.type, []).append(record)
        return found

    @computed
    def approvals(self) -> list[Approval]:
        """The verdicts on this release for this target, of any time."""
        digests, configuration = self.release
        target, found = self.proposal.target, []
        for each in self.facts.approvals:
            about = each.about
            if (
                isinstance(about, AboutTarget)
                and about.target == target
                and about.digests == digests
                and about.configuration == configuration
            ):
                found.append(each)
        return found

    @computed
    def reviews(self) -> list[Review | Approval]:
        """The verdicts on changes, of any time."""
        on_commits = [each for each in self.facts.approvals if isinstance(each.about, AboutCommit)]
        return [*self.facts.reviews, *on_commits]

    # -- where and how it fared

    def past(self, environment: str) -> Past:
        found = self._pasts.get(environment)
        if found is None:
            found = self._pasts[environment] = past(self.facts, environment, self.at)
        return found

    def fared(self, environment: str) -> list[Observed]:
        """How this release fared in an environment, one entry for each time that it ran there."""
        found = self._fared.get(environment)
        if found is None:
            found = self._fared[environment] = self.fared_of(environment, self.release)
        return found

    def fared_of(self, environment: str, release: ReleaseKey) -> list[Observed]:
        """How any release fared in an environment."""
        before, found = self.past(environment), []
        rolled_back = []
        for each, instant in before.rolled_back:
            if each == release:
                rolled_back.append(instant)
        for episode in before.episodes:
            if episode.release == release:
                found.append(observed(self.facts, environment, episode, rolled_back, self.at))
        return found

    def stays(self, environment: str) -> list[Episode]:
        """Each time that this release was in a place, with all the traffic or, in a rollout, a share."""
        before = self.past(environment)
        candidate = [each.episode for each in self.fared_as_candidate(environment)]
        return [*(each for each in before.episodes if each.release == self.release), *candidate]

    def fared_as_candidate(self, environment: str) -> list[Observed]:
        """How this release fares in its own rollout that is under way, for the actions that go on with it."""
        if self.proposal.action not in ("advance", "switch"):
            return []
        before = self.past(environment)
        if before.candidate is None or release_of(before.candidate) != self.release:
            return []
        episode = Episode(self.release, before.candidate_since, None, before.candidate)
        return [observed(self.facts, environment, episode, (), self.at)]

    def state(self, environment: str) -> Environment | None:
        """What was read of an environment lately: as with health, older readings say nothing about now."""
        state = read_of(self.facts, environment)
        if state is None or not state.read <= self.at < self.stale(state):
            return None
        return state

    def stale(self, state: Environment) -> int:
        """When a reading of an environment says nothing any more."""
        return state.read + self.policy.health_age

    def at_entry(self, event: Event, at: int | None = None) -> Situation:
        """The situation of a release that entered the target earlier, judged now or at a time since."""
        at = self.at if at is None else at
        # What was chosen then is what the event says; the rest, migrations too, is not known any more.
        entered = Situation(self.policy, self.known, _chosen(event, self.proposal), self.facts, at, _unjudged)
        entered.release = release_of(event)
        entered.before = event.started - 1
        entered.sources = ()
        return entered


def _chosen(event: Event, proposal: Proposal) -> Proposal:
    """The proposal by which an event came, as far as the history tells; an unknown actor is nobody."""
    artifacts = {str(number): Artifact(digest=digest) for number, digest in enumerate(sorted(event.digests))}
    return Proposal(
        service=proposal.service,
        lane=event.lane,
        target=event.environment,
        release=Release(configuration=event.configuration, artifacts=artifacts),
        strategy=None if event.strategy is None else Strategy(kind=event.strategy),
        actor=event.actor or MachineActor(machine=NOBODY),
    )


def next_fact(facts: Facts, at: int) -> int:
    """The instant of the first fact dated later than an instant, which will count from then on."""
    events = facts.history.events if facts.history is not None else ()
    times = [
        *(each.finished for each in facts.builds),
        *(each.time for records in (facts.evidence, facts.reviews, facts.approvals) for each in records),
        *(time for each in events for time in (each.started, each.finished or 0)),
        *(time for each in facts.health for time in (each.from_, each.observed_until)),
        *(each.read for each in facts.environments),
    ]
    return min((time for time in times if time > at), default=FOREVER)
