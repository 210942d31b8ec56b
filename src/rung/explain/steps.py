"""Defines what is missing for a denied deployment: the fewest steps that its failing rules ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from rung.evaluate.decide import Decision
from rung.evaluate.outcome import (
    FOREVER,
    Candidate,
    Gate,
    HealthSeen,
    Need,
    Outcome,
    Owing,
    PeopleSeen,
    RecordSeen,
    Rollout,
    RouteOutcome,
    Seen,
)
from rung.evaluate.outcome import Source as Through
from rung.explain import words
from rung.explain.findings import findings
from rung.explain.words import Sources
from rung.policy import model
from rung.policy.types import show_scaled

# The order of steps: what somebody can change at once, then what somebody must say, then what must
# be found out, then what only time brings.
CHANGE, PEOPLE, EVIDENCE, FACTS, WAIT = range(5)

_WORDS = {
    "equal": "",
    "unequal": "other than ",
    "less": "less than ",
    "at_most": "at most ",
    "more": "more than ",
    "at_least": "at least ",
    "in": "one of ",
    "not_in": "none of ",
    "subset": "among ",
    "disjoint": "free of ",
    "starts": "a text that starts with ",
    "ends": "a text that ends with ",
}


class Step(NamedTuple):
    """One thing that is missing; `at` is the instant (UTC seconds) that it waits for."""

    rank: int
    text: str
    at: int | None = None


def route_steps(route: RouteOutcome, decision: Decision, sources: Sources) -> tuple[Step, ...]:
    """The steps after which the route would hold."""
    return tuple(dict.fromkeys(_all(route.requirements, _Asked(decision, sources))))


def standing_steps(decision: Decision, sources: Sources) -> tuple[Step, ...]:
    """The steps after which nothing that binds every route would stand against the deployment."""
    return tuple(_all(decision.bans, _Asked(decision, sources)))


class _Asked(NamedTuple):
    decision: Decision
    sources: Sources

    def found(self, outcome: Outcome) -> str:
        phrases = findings(outcome, self.decision.proposal, self.decision.at, self.sources)
        return "; ".join(phrases)

    def written(self, node: Any) -> str:
        if isinstance(node, model.LockHeld | model.InsideMaintenance):
            return "lock held" if isinstance(node, model.LockHeld) else "inside maintenance"
        return words.written(node.span, self.sources)


def _all(outcomes: Iterable[Outcome], asked: _Asked) -> list[Step]:
    return [step for each in outcomes if not each.holds for step in _steps(each, asked)]


def _steps(outcome: Outcome, asked: _Asked) -> list[Step]:
    """The steps for an outcome that does not hold."""
    rule = outcome.rule
    match rule:
        case Gate() | model.And():
            return _all(outcome.parts, asked)
        case model.Or():
            return min((_steps(part, asked) for part in outcome.parts), key=len)
        case model.Implies():
            return _steps(outcome.parts[1], asked)  # the premise is rather a case than a choice
        case Rollout() | Owing() if outcome.parts:
            return _all(outcome.parts, asked)
        case Rollout():
            return [_rollout(rule, outcome, asked)]
        case model.Freeze() | model.Window() | model.Deny():
            return [_ban(outcome, asked)]
        case Need():
            return [_need(rule, outcome.seen, asked)]
        case Through():
            return [*_sources(rule, outcome, asked)]
        case Candidate(route):
            return [Step(CHANGE, f"another release to go back to in {route.target}: {asked.found(outcome)}")]
        case model.People():
            return [_people(rule, outcome.seen)]
        case model.Healthy() if not outcome.seen:
            return [Step(CHANGE, f"`{asked.written(rule)}`: there is no source to look at")]
        case model.Healthy():
            return [_health(rule, each, asked) for each in outcome.seen if each.problem is not None]
        case model.Compare():
            return [_compare(rule, outcome, asked)]
        case _:
            return [Step(CHANGE, f"`{asked.written(rule)}`: {asked.found(outcome)}")]


def _people(rule: model.People, seen: PeopleSeen) -> Step:
    if seen.problem is not None:
        return Step(FACTS, f"facts that make the {rule.kind}s countable: {seen.problem}")
    lacking = rule.count - len(seen.counted)
    noun = rule.kind if lacking == 1 else rule.kind + "s"
    groups = "anyone" if rule.groups == ("anyone",) else " or ".join(rule.groups)
    but = "".join(f", not from {each}" for each in rule.excluding).replace("from actor", "from who deploys")
    return Step(PEOPLE, f"{lacking} more {noun} from {groups}{but}")


def _need(rule: Need, seen: RecordSeen, asked: _Asked) -> Step:
    name = rule.evidence.name
    if seen.time is None and not seen.subject:
        return Step(FACTS, f"facts that tell what {name} is about: {seen.problem}")
    about = words.subject(rule.evidence.about, seen.subject, asked.decision.proposal)
    kind = "well-formed " if (seen.problem or "").startswith("malformed") else "new " if seen.time else ""
    return Step(EVIDENCE, f"a {kind}record of {name} about {about}")


def _sources(rule: Through, outcome: Outcome, asked: _Asked) -> Iterator[Step]:
    if not isinstance(outcome.seen, tuple) or isinstance(outcome.seen, Seen):
        where = "the build" if rule.environments == ("build",) else words.listed(rule.environments)
        yield Step(CHANGE, f"a proposal that comes from {where}: {asked.found(outcome)}")
        return
    lacking = [each for each in outcome.seen if each.problem is not None]
    missing = rule.at_least - (len(outcome.seen) - len(lacking))
    if missing < len(lacking):
        places = " or ".join(each.place for each in lacking)
        yield Step(FACTS, f"the release to have {rule.asked} in {missing} more of {places}")
        return
    for each in lacking:
        yield Step(FACTS, f"the release to have {rule.asked} in {each.place}: {each.problem}")
    if missing > len(lacking):
        named = {each.place for each in outcome.seen}
        places = " or ".join(place for place in rule.environments if place not in named)
        yield Step(CHANGE, f"a proposal that comes from {missing - len(lacking)} more of {places}")


def _rollout(rule: Rollout, outcome: Outcome, asked: _Asked) -> Step:
    if outcome.until >= FOREVER:
        return Step(CHANGE, f"the rollout: {asked.found(outcome)}")
    what = asked.found(outcome)
    if rule.step is not None:
        what = f"{show_scaled(rule.step.share)}% of the traffic for {words.duration(rule.step.hold)}"
    return Step(WAIT, f"{what}: not before {words.clock(outcome.until)}", outcome.until)


def _health(rule: model.Healthy, seen: HealthSeen, asked: _Asked) -> Step:
    if seen.problem == "not long enough" and seen.since is not None:
        when = seen.since + rule.seconds
        span = words.duration(rule.seconds)
        return Step(WAIT, f"{span} of health in {seen.place}: not before {words.clock(when)}", when)
    return Step(FACTS, f"health in {seen.place}: {seen.problem}")


def _compare(rule: model.Compare, outcome: Outcome, asked: _Asked) -> Step:
    left, right = outcome.seen.left, outcome.seen.right
    if left is None or right is None:
        return Step(CHANGE, f"`{asked.written(rule)}`: {asked.found(outcome)}")
    name = asked.written(rule.left)
    bound = words.value(rule.right, right)
    now = words.value(rule.left, left)
    rank = CHANGE if isinstance(rule.left, model.RequestValue) else EVIDENCE
    return Step(rank, f"{name} to be {_WORDS[rule.operator]}{bound}: it is {now}")


def _ban(outcome: Outcome, asked: _Asked) -> Step:
    name = words.ban_name(outcome.rule)
    if isinstance(outcome.rule, model.Deny):
        return Step(CHANGE, f"{name} not to apply: {asked.found(outcome)}")
    turn = "to open" if isinstance(outcome.rule, model.Window) else "to end"
    if outcome.until >= FOREVER:
        return Step(WAIT, f"{name} {turn}")
    return Step(WAIT, f"{name} {turn}: {words.clock(outcome.until)}", outcome.until)
