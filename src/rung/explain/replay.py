"""Replays the story of a proof through the evaluator: requests are judged by what the steps before them left.

A story that does not go as it was told is a mistake of this program.
"""

from __future__ import annotations

from typing import NamedTuple

from rung.evaluate import timeline
from rung.evaluate.decide import Decision, Evaluator
from rung.explain import claims
from rung.inputs.facts import Environment, Facts
from rung.policy import model
from rung.prove.verdict import Decides, Happens, RunsAlready, Step, Story, Watched


class Replayed(NamedTuple):
    """A step as it went; of a decision, the facts that it was judged by."""

    step: Step
    decision: Decision | None
    facts: Facts | None


class NotReplayedError(AssertionError):
    """A story did not go as it was told; the message says where."""


def replay(story: Story, policy: model.Policy) -> list[Replayed]:
    """Every step of a story, run; NotReplayedError where one goes otherwise, or the claim is not as told."""
    evaluator, judge = Evaluator(policy), claims.judge_of(policy)
    state = timeline.start(story.began)
    done: list[Replayed] = []
    for step in story.steps:
        decision, facts = None, None
        match step:
            case RunsAlready(at, event):
                state = timeline.apply(state, timeline.Entered(event), at)
            case Watched(at, environment, healthy):
                state = timeline.apply(state, timeline.Watched(environment, healthy), at)
            case Happens(at, Environment() as environment):
                state = timeline.apply(state, timeline.Read(environment), at)
            case Happens(at, fact):
                assert not isinstance(fact, Environment), "environments are read"
                state = timeline.apply(state, fact, at)
            case Decides(at, proposal, allowed):
                state = timeline.State(state.began, at, state.known)
                facts = timeline.facts(state)
                decision = evaluator.decide(proposal, facts, at, judge)
                because = [each.rule for each in decision.bans if not each.holds]
                if decision.allowed != allowed or (step.because and not set(because) & set(step.because)):
                    raise NotReplayedError(_otherwise(decision))
                if allowed:
                    event = timeline.event_of(decision, policy, facts)
                    state = timeline.apply(state, timeline.Entered(event), at)
        done.append(Replayed(step, decision, facts))
    if story.claim is not None:
        _ends_as_told(story, done, policy)
    return done


def _otherwise(decision: Decision) -> str:
    proposal = decision.proposal
    said = "allowed" if decision.allowed else "denied"
    failing = [each.rule for route in decision.routes for each in route.requirements if not each.holds]
    failing += [each.rule for each in decision.bans if not each.holds]
    return f"{proposal.lane} into {proposal.target} at {decision.at} is {said}: {failing!r}"


def _ends_as_told(story: Story, done: list[Replayed], policy: model.Policy) -> None:
    last = next(each for each in reversed(done) if each.decision is not None)
    assert story.claim is not None, "it was looked for"
    assert last.decision is not None, "it was looked for"
    if claims.is_broken(story.claim, last.decision, policy) != story.breaks:
        raise NotReplayedError(f"the last entry does not {'break' if story.breaks else 'fulfil'} its claim")
