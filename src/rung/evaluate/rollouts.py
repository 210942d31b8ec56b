"""Defines how rollouts are judged: the strategies of deployments, and the actions that go on with them."""

from __future__ import annotations

from rung.evaluate import conditions, windows
from rung.evaluate.expressions import Check, Gates, all_of, condition
from rung.evaluate.history import release_of
from rung.evaluate.outcome import FOREVER, Outcome, Rollout, RouteOutcome, Seen, Way
from rung.evaluate.situation import Situation
from rung.inputs.facts import Event
from rung.policy import model
from rung.policy.types import SCALE, show_duration, show_scaled

WHOLE = 100 * SCALE


def share_of(event: Event) -> int:
    """The share of traffic after an event, as a percent of the representation in `policy.types`."""
    return WHOLE if event.share is None else int(event.share * SCALE)


# ---------------------------------------------------------------- strategies of deployments


def strategy(target: str, policy: model.Policy) -> Check:
    """Whether a deployment into the target is rolled out as the policy says."""
    rules = {each.kind: each for each in policy.strategies if target in each.places}
    lock = conditions.lock_held(model.LockHeld(policy.span), positive=True)
    maintenance = windows.inside_maintenance(model.InsideMaintenance(policy.span))
    demanded = bool(rules) or any(target in each.places for each in policy.maintenance)
    plain = Rollout("strategy", target, None)
    unstated = Outcome(plain, not demanded, FOREVER, Seen("the proposal states no strategy"), (), demanded)
    unruled = {
        kind: Outcome(
            plain, not rules, FOREVER, Seen(f"{target} has no strategy `{kind}`" if rules else kind)
        )
        for kind in model.STRATEGIES
    }

    def check(situation: Situation) -> Outcome:
        chosen = situation.proposal.strategy
        if chosen is None:
            return unstated
        strategy = rules.get(chosen.kind)
        if chosen.kind == "atomic":
            parts = (maintenance(situation), lock(situation))
            return Outcome(Rollout("strategy", target, strategy), *all_of(parts), None, parts)
        if strategy is None:
            return unruled[chosen.kind]
        problem, until = _unlike(strategy, situation)
        rule = Rollout("strategy", target, strategy)
        return Outcome(rule, problem is None, until, Seen(problem or chosen.kind))

    return check


def _unlike(rule: model.Strategy, situation: Situation) -> tuple[str | None, int]:
    """In what the strategy proposed is not the one of the policy, None for nothing; and until when."""
    chosen = situation.proposal.strategy
    assert chosen is not None, "a rule is looked for by the strategy proposed"
    match rule.kind:
        case "canary":
            steps = [int(step * SCALE) for step in chosen.steps]
            wanted = [step.share for step in rule.steps]
            if steps != wanted:
                shown = ", ".join(show_scaled(each) + "%" for each in wanted)
                return f"its steps are not {shown}", FOREVER
        case "rolling":
            most, limit = chosen.max_unavailable, rule.max_unavailable
            if limit is not None and (most is None or int(most * SCALE) > limit):
                return f"more than {show_scaled(limit)}% may become unavailable", FOREVER
        case _:
            return _old_side_kept(rule, situation)
    return None, FOREVER


def _old_side_kept(rule: model.Strategy, situation: Situation) -> tuple[str | None, int]:
    running = situation.past(situation.proposal.target).running
    # The log of a switch need not say again how the rollout began that it ends.
    if running is None or not (running.event.strategy == "blue_green" or running.event.action == "switch"):
        return None, FOREVER
    free = running.since + rule.keep
    if situation.at < free:
        return f"the old side is kept for {show_duration(rule.keep)} after a switch", free
    return None, FOREVER


# ---------------------------------------------------------------- actions


def act(node: model.Act, policy: model.Policy, gates: Gates) -> Way:
    """A closure for an action that goes on with a rollout, or exposes what runs."""
    requirements = [condition(each.condition, gates) for each in node.requirements]
    canary = next(
        (each for each in policy.strategies if each.kind == "canary" and node.target in each.places), None
    )
    steps = [] if canary is None else [
        (step, [condition(each.condition, gates) for each in step.requirements]) for step in canary.steps
    ]  # fmt: skip
    rule = Rollout(node.action, node.target, canary if node.action == "advance" else None)

    def entry(situation: Situation) -> tuple[Outcome, ...]:
        if node.action == "expose":
            return (_exposes(rule, situation),)
        event, problem = _candidate(node, situation)
        if event is None:
            return (Outcome(rule, False, FOREVER, Seen(problem)),)
        if node.action == "switch":
            return (Outcome(rule, True, FOREVER, Seen("the idle side has it")),)
        return _advances(rule, event, steps, situation)

    def check(situation: Situation) -> RouteOutcome:
        situation.come_from(())  # the history does not say which sources a rollout came from
        outcomes = entry(situation) + tuple([requirement(situation) for requirement in requirements])
        return RouteOutcome(node, *all_of(outcomes), outcomes)

    return check


def _candidate(node: model.Act, situation: Situation) -> tuple[Event | None, str]:
    """The rollout of this release that the action goes on with, or why there is none."""
    before = situation.past(node.target)
    event = before.candidate
    # What ran before a first rollout need not be known; that something else runs must not be.
    if before.problem is not None and before.running is not None:
        return None, before.problem
    if event is not None and before.under_way:
        return None, f"a step in {node.target} has begun and not ended"
    if event is not None and before.failed:
        return None, f"a step in {node.target} has failed since"
    if event is None:
        return None, before.problem or f"no rollout into {node.target} is under way"
    if release_of(event) != situation.release:
        return None, f"the rollout under way in {node.target} is of another release"
    if event.lane != situation.proposal.lane:
        return None, f"the rollout came by the lane {event.lane}"
    idle = share_of(event) == 0
    if idle != (node.action == "switch"):
        return None, "it has traffic already" if node.action == "switch" else "it has no traffic yet: switch"
    return event, ""


Steps = list[tuple[model.Step, list[Check]]]


def _advances(rule: Rollout, event: Event, steps: Steps, situation: Situation) -> tuple[Outcome, ...]:
    """The step reached has held long enough, and what it requires holds."""
    reached = next((each for each in steps if each[0].share == share_of(event)), None)
    if reached is None:
        text = f"{show_scaled(share_of(event))}% is no step of the policy"
        return (Outcome(rule, False, FOREVER, Seen(text)),)
    step, requirements = reached
    free = (event.finished or event.started) + step.hold
    held = situation.at >= free
    shown = (
        f"{show_scaled(step.share)}% for {show_duration(situation.at - (event.finished or event.started))}"
    )
    outcome = Outcome(rule._replace(step=step), held, FOREVER if held else free, Seen(shown))
    return (outcome, *[requirement(situation) for requirement in requirements])


def _exposes(rule: Rollout, situation: Situation) -> Outcome:
    """Flags are exposed of what runs in the target, by the lane that it came by."""
    before = situation.past(situation.proposal.target)
    running = before.running
    if before.problem is not None or running is None:
        text = before.problem or f"nothing runs in {situation.proposal.target}"
        return Outcome(rule, False, FOREVER, Seen(text))
    if running.release != situation.release:
        return Outcome(
            rule, False, FOREVER, Seen(f"this release does not run in {situation.proposal.target}")
        )
    if running.event.lane != situation.proposal.lane:
        return Outcome(rule, False, FOREVER, Seen(f"what runs came by the lane {running.event.lane}"))
    return Outcome(rule, True, FOREVER, Seen("it runs there"))
