"""Defines histories as they unfold: events are applied to a state, and a state has its facts.

What a decision is judged by is derived here from the events before it, so that a story can be run
step by step. A state starts empty, with a history that is complete from its beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from rung.evaluate.decide import Decision
from rung.evaluate.history import Past, earned, observed, past, release_of
from rung.evaluate.rollouts import share_of
from rung.inputs.facts import (
    Approval,
    Build,
    Change,
    Environment,
    Event,
    Evidence,
    Facts,
    Health,
    History,
    Manifest,
    People,
    Review,
    Status,
)
from rung.inputs.proposal import Proposal
from rung.policy import model
from rung.policy.types import SCALE

SOURCE = "timeline"


@dataclass(frozen=True, slots=True)
class Read:
    """An environment's state was read; what runs there is what the history says."""

    environment: Environment


@dataclass(frozen=True, slots=True)
class Entered:
    """A deployment, or a step of one, that succeeded at once."""

    event: Event


@dataclass(frozen=True, slots=True)
class Watched:
    """What runs in an environment was seen healthy, or unhealthy, from its last observation until now."""

    environment: str
    healthy: bool


Happening = Build | Change | Evidence | Review | Approval | Manifest | People | Read | Entered | Watched


@dataclass(frozen=True, slots=True)
class State:
    """All that has happened until `time` (UTC seconds), as facts whose history is complete since `began`."""

    began: int
    time: int
    known: Facts = field(default_factory=Facts)


class ImpossibleEventError(ValueError):
    """An event that could not have happened in the state; its message says why."""


def start(time: int) -> State:
    """The state in which nothing is deployed or owed."""
    return State(time, time, Facts(history=History(complete_since=time, source=SOURCE)))


def apply(state: State, happening: Happening, at: int) -> State:
    """The state after something has happened at an instant; ImpossibleEventError when it could not."""
    if at < state.time:
        raise ImpossibleEventError("time does not go back")
    return State(state.began, at, _added(state, happening, at))


def _added(state: State, happening: Happening, at: int) -> Facts:
    known = state.known
    match happening:
        case Build():
            return known.replace(builds=(*known.builds, happening))
        case Change():
            return known.replace(changes=(*known.changes, happening))
        case Evidence():
            return known.replace(evidence=(*known.evidence, happening))
        case Review():
            return known.replace(reviews=(*known.reviews, happening))
        case Approval():
            return known.replace(approvals=(*known.approvals, happening))
        case Manifest():
            return known.replace(manifests=(*known.manifests, happening))
        case People():
            return known.replace(people=happening)
        case Read(environment):
            others = tuple(each for each in known.environments if each.name != environment.name)
            return known.replace(environments=(*others, environment.replace(read=at)))
        case Entered(event):
            return _entered(known, event, at)
        case Watched(environment, healthy):
            return known.replace(health=_watched(known, environment, healthy, at))
        case _:
            raise AssertionError(f"no state takes {happening!r}")


def _entered(known: Facts, event: Event, at: int) -> Facts:
    assert known.history is not None, "a state has a history from its start"
    if event.finished != at:
        raise ImpossibleEventError("an event enters the history when it has finished")
    events = (*known.history.events, event)
    return known.replace(history=known.history.replace(events=events))


def _watched(known: Facts, environment: str, healthy: bool, at: int) -> tuple[Health, ...]:
    """The observations with that of now: it goes on from the last one of the same kind."""
    running = past(known, environment, at).running
    if running is None:
        raise ImpossibleEventError(f"nothing runs in {environment} that could be observed")
    status: Status = "healthy" if healthy else "unhealthy"
    digests, configuration = running.release
    last = known.health[-1] if known.health else None
    for each in reversed(known.health):
        if each.environment == environment:
            last = each
            break
    follows = (
        last is not None
        and last.environment == environment
        and last.status == status
        and last.digests == digests
        and last.configuration == configuration
        and last.from_ >= running.since
    )
    begin = last.from_ if follows and last is not None else at
    others = tuple(each for each in known.health if not (follows and each is last))
    seen = Health(
        environment=environment,
        digests=digests,
        configuration=configuration,
        status=status,
        from_=begin,
        observed_until=at,
        source=SOURCE,
    )
    return (*others, seen)


def facts(state: State) -> Facts:
    """What a decision at the state's time is judged by: each environment runs what the history says."""
    return state.known.replace(
        environments=tuple(_as_it_runs(state, each) for each in state.known.environments)
    )


def _as_it_runs(state: State, environment: Environment) -> Environment:
    before = past(state.known, environment.name, state.time)
    digests: frozenset[str] = before.running.release[0] if before.running is not None else frozenset()
    if before.candidate is not None:
        digests |= before.candidate.digests
    return environment.replace(read=state.time, running=digests)


# ---------------------------------------------------------------- from decisions to events


def event_of(decision: Decision, policy: model.Policy, before: Facts) -> Event:
    """The event that an allowed decision becomes when it is carried out at once."""
    assert decision.allowed, "only what is allowed happens"
    proposal = decision.proposal
    commits = sorted({each.commit for each in before.builds if each.digest in proposal.release.digests})
    state = next((each for each in before.environments if each.name == proposal.target), None)
    return Event(
        environment=proposal.target,
        release=proposal.release.version,
        digests=proposal.release.digests,
        configuration=proposal.release.configuration,
        commit=commits[0] if len(commits) == 1 else None,
        lane=proposal.lane,
        action=proposal.action,
        share=_share(proposal, policy, past(before, proposal.target, decision.at)),
        facets=None if state is None else state.facets,
        actor=proposal.actor,
        strategy=None if proposal.strategy is None else proposal.strategy.kind,
        waivers=tuple(each.id for each in decision.waivers),
        started=decision.at,
        finished=decision.at,
        outcome="succeeded",
    )


def _share(proposal: Proposal, policy: model.Policy, before: Past) -> Decimal | None:
    """The share of traffic that the release has after the step, None for all of it."""
    kind = proposal.strategy.kind if proposal.strategy is not None else None
    if proposal.action == "deploy" and kind == "canary" and proposal.strategy and proposal.strategy.steps:
        share = proposal.strategy.steps[0]
        return None if share == 100 else share
    if proposal.action == "deploy" and kind == "blue_green":
        switches = any(act.action == "switch" and act.target == proposal.target for act in policy.acts)
        return Decimal(0) if switches else None
    if proposal.action == "advance" and before.candidate is not None:
        reached = share_of(before.candidate)
        steps = next(
            (
                each.steps
                for each in policy.strategies
                if each.kind == "canary" and proposal.target in each.places
            ),
            (),
        )
        following = min((step.share for step in steps if step.share > reached), default=100 * SCALE)
        return None if following == 100 * SCALE else Decimal(following) / SCALE
    return None


# ---------------------------------------------------------------- what is always so


def violations(before: State, after: State) -> list[str]:
    """What the step from one state to the next breaks of the invariants; empty when all hold.

    Nothing is earned that was not deployed; what ran once is remembered in order; nothing that entered
    is forgotten, so that what it owes cannot vanish but by being discharged.
    """
    checks: tuple[Callable[[str], str | None], ...] = (
        partial(_earned_without_deployment, after),
        partial(_forgotten, before, after),
    )
    places = {each.environment for each in _events(after)} | {each.environment for each in after.known.health}
    found = [check(place) for place in sorted(places) for check in checks]
    return [each for each in found if each is not None]


def _events(state: State) -> tuple[Event, ...]:
    assert state.known.history is not None, "a state has a history from its start"
    return state.known.history.events


def _earned_without_deployment(state: State, place: str) -> str | None:
    before = past(state.known, place, state.time)
    entered = {release_of(event) for event in before.entries}
    for episode in before.episodes:
        undone = [instant for release, instant in before.rolled_back if release == episode.release]
        seen = observed(state.known, place, episode, undone, state.time)
        held = earned([seen], 0)
        if held is not None and (episode.release not in entered or held.start < episode.since):
            return f"something earned health in {place} before it was deployed there"
    return None


def _forgotten(before: State, after: State, place: str) -> str | None:
    old, new = past(before.known, place, before.time), past(after.known, place, after.time)
    if new.entries[: len(old.entries)] != old.entries:
        return f"an entry into {place} was forgotten"
    ran = [each.release for each in old.episodes]
    if [each.release for each in new.episodes][: len(ran)] != ran:
        return f"something that ran in {place} was forgotten"
    return None
