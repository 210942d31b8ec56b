"""Defines how a history goes on by an entry that a solver has chosen: its documents, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import z3

from rung.inputs.facts import (
    Environment,
)
from rung.inputs.proposal import Proposal
from rung.policy import model
from rung.policy.types import (
    SCALE,
)
from rung.prove.decide import Encoder
from rung.prove.entry import Entry, Values
from rung.prove.happenings import happenings
from rung.prove.joint import strategy_in
from rung.prove.proposing import proposal, share
from rung.prove.telling import HOUR, Candidate, Debt, Presence, Telling
from rung.prove.verdict import Decides, Watched
from rung.prove.world import Key, is_lasting

WHOLE = 100 * SCALE


def values(encoder: Encoder, found: Any) -> dict[Key, Any]:
    """The value of each unknown in a model, as python has it."""
    return {key: _python(found.eval(unknown, True)) for key, unknown in encoder.world.unknowns.items()}


def _python(term: Any) -> Any:
    return z3.is_true(term) if z3.is_bool(term) else term.as_long()


def tell(
    telling: Telling,
    number: int,
    way: model.Route | model.Act,
    chosen: Values,
    *,
    allowed: bool = True,
    decided: bool = True,
) -> None:
    """Go on with a history by an entry, or an action, whose unknowns have the values chosen.

    What is not `decided` is only what goes before one.
    """
    entry = Entry(telling, telling.releases[number], way, chosen)
    steps = list(happenings(entry))
    proposed = proposal(entry)
    if decided:
        steps.append(Decides(entry.at, proposed, allowed, way))
    telling.steps += sorted(steps, key=lambda each: each.at)
    telling.time = entry.at
    runs_already = telling.runs(way.target) == number
    for key, value in lasting(chosen).items():
        if not (runs_already and key[:2] == ("person in", "authors")):
            entry.release.lasting[key] = value
    if not allowed:
        return
    keep = _keeps(telling.policy, proposed)
    if isinstance(way, model.Act):
        _went_on(telling, way, entry.at, keep)
        return
    if way.lane == "hotfix":
        telling.hotfixes.setdefault(way.target, []).append(number)
    owed = telling.owed.setdefault(way.target, [])
    owed += [
        Debt(number, each, entry.at + each.seconds) for each in owes(telling.policy, way.lane, way.target)
    ]
    first = share(entry)
    if first is not None:
        telling.candidates[way.target] = Candidate(number, way.lane, first, entry.at)
        return
    _entered(telling, number, way.target, way.lane, entry.at, keep)


def lasting(chosen: Values) -> dict[Key, Any]:
    """What of an entry's values belongs to the release or its people."""
    derived = ("built by", "person of", "known")
    return {key: value for key, value in chosen.items() if is_lasting(key) and key[0] not in derived}


def watch(telling: Telling, number: int, place: str) -> None:
    """See that what has just entered a place is healthy there."""
    here = telling.present[number, place]
    here.first = here.last = telling.time + HOUR // 2
    here.ever = True
    telling.time += HOUR // 2
    telling.steps.append(Watched(telling.time, place, True))


def become(telling: Telling, number: int, place: str, state: str) -> bool:
    """Let a release come to run, to have earned health or to be bad in a place; False where it cannot."""
    here = telling.present.get((number, place))
    if here is None:
        return False
    if here.until is None and state != "running" and not (here.ever if state == "earned" else here.bad):
        here.ever, here.bad = here.ever or state == "earned", state == "bad"
        telling.time += HOUR // 2
        telling.steps.append(Watched(telling.time, place, not here.bad))
    return {"running": here.until is None, "earned": here.ever, "bad": here.bad}[state]


def owes(policy: model.Policy, lane: model.Lane, target: str) -> Iterator[model.Obligation]:
    """What enters by a lane owes what any route of that lane does."""
    for route in policy.routes:
        if (route.lane, route.target) == (lane, target):
            yield from route.obligations


def keeps(policy: model.Policy, place: str) -> int:
    """For how many seconds a policy wants the old side of a pair kept in a place."""
    rule = strategy_in(policy, place, "blue_green")
    return 0 if rule is None else rule.keep


def _keeps(policy: model.Policy, proposed: Proposal) -> int:
    """For how many seconds after a step the old side of a pair is kept."""
    chosen = proposed.strategy is not None and proposed.strategy.kind == "blue_green"
    return keeps(policy, proposed.target) if chosen or proposed.action == "switch" else 0


def _went_on(telling: Telling, act: model.Act, at: int, keep: int) -> None:
    """The rollout of a place has come to its next share."""
    rollout = telling.candidates.get(act.target)
    if act.action == "expose" or rollout is None:
        return
    canaries = [each for each in telling.policy.strategies if act.target in each.places]
    steps = [step.share for each in canaries for step in each.steps]
    following = min((each for each in steps if each > rollout.share), default=WHOLE)
    if act.action == "switch" or following == WHOLE:
        del telling.candidates[act.target]
        _entered(telling, rollout.number, act.target, rollout.lane, at, keep)
    else:
        rollout.share, rollout.since = following, at


def _entered(telling: Telling, number: int, place: str, lane: model.Lane, at: int, keep: int) -> None:
    """A release has all the traffic of a place, whose old side is kept for so long."""
    telling.candidates.pop(place, None)
    telling.kept[place] = at + keep
    before = telling.runs(place)
    if before is not None and before != number:
        telling.present[before, place].until = at
        if lane == "rollback":
            telling.present[before, place].bad = True
            if before in telling.hotfixes.get(place, ()):
                telling.hotfixes[place].remove(before)
    telling.running.setdefault(place, []).append(number)
    known = telling.present.get((number, place))
    if known is None:
        telling.present[number, place] = Presence(at, lane, frozenset({lane}))
    else:
        lanes, failed = known.lanes | {lane}, known.failed or known.bad
        telling.present[number, place] = Presence(at, lane, lanes, failed, ever=known.ever)


def initially(name: str, at: int, facets: tuple[str, ...]) -> Environment:
    """An environment as it is when a story begins."""
    return Environment(
        name=name,
        read=at,
        running=frozenset(),
        drift=False,
        components={},
        facets=dict.fromkeys(facets, "1"),
        flags={},
    )
