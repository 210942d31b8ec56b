"""Defines what stands against a deployment whatever its route: freezes, windows, denies, standing rules.

The outcome of each holds where it does not stand in the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from rung.evaluate import rollouts, windows
from rung.evaluate.conditions import configuration_has
from rung.evaluate.expressions import Check, Gates, condition
from rung.evaluate.history import release_of
from rung.evaluate.obligations import overdue
from rung.evaluate.outcome import FOREVER, Outcome, Seen
from rung.evaluate.situation import Situation
from rung.policy import model


class Standing(NamedTuple):
    """Where a rule stands, which lanes it spares, and whether it binds deployments alone."""

    places: tuple[str, ...]
    spares: frozenset[str]
    deploys_only: bool = False

    def binds(self, lane: str, deploys: bool) -> bool:
        return lane not in self.spares and (deploys or not self.deploys_only)


ORDINARY = frozenset(model.LANES) - {"promote"}  # the lanes that an overdue obligation spares


def standing(policy: model.Policy, gates: Gates) -> Iterator[tuple[Standing, Check]]:
    """Every rule of a policy that stands whatever the route, with its closure."""
    for freeze in policy.freezes:
        yield Standing(freeze.places, frozenset(freeze.spares)), _freeze(freeze, gates)
    for window in policy.windows:
        yield Standing(window.places, frozenset(window.spares)), _window(window)
    for deny in policy.denies:
        yield Standing(deny.places, frozenset(deny.spares)), _deny(deny, gates)
    # A rollback never waits for what an outage could withhold.
    for single in policy.singles:
        yield Standing(single.places, frozenset({*single.spares, "rollback"}), True), _single(single)
    for parity in policy.parities:
        yield Standing(parity.places, frozenset({*parity.spares, "rollback"}), True), _parity(parity, policy)
    for keys in policy.keys:
        yield Standing(keys.places, frozenset({*keys.spares, "rollback"}), True), _keys(keys)
    for place in policy.environments:
        yield Standing((place,), frozenset({"rollback"}), True), rollouts.strategy(place, policy)
        owing = [route for route in policy.routes if route.target == place and route.obligations]
        if owing:
            yield Standing((place,), ORDINARY, True), overdue(owing, gates)


def _freeze(freeze: model.Freeze, gates: Gates) -> Check:
    applies = None if freeze.when is None else condition(freeze.when, gates, positive=False)
    begins, ends = freeze.begins, freeze.ends
    before, after = Outcome(freeze, True, begins), Outcome(freeze, True, FOREVER)

    def check(situation: Situation) -> Outcome:
        at = situation.at
        if at < begins:
            return before
        if at >= ends:
            return after
        if applies is None:
            return Outcome(freeze, False, ends)
        inner = applies(situation)
        return Outcome(freeze, not inner.holds, min(ends, inner.until), None, (inner,))

    return check


def _window(window: model.Window) -> Check:
    return lambda situation: windows.window(window, situation)


def _deny(deny: model.Deny, gates: Gates) -> Check:
    applies = condition(deny.when, gates, positive=False)

    def check(situation: Situation) -> Outcome:
        inner = applies(situation)
        return Outcome(deny, not inner.holds, inner.until, None, (inner,))

    return check


def _single(single: model.Single) -> Check:
    def check(situation: Situation) -> Outcome:
        target = situation.proposal.target
        before = situation.past(target)
        if situation.facts.history is None:
            return Outcome(single, False, FOREVER, Seen(f"no history of {target} was supplied"), (), True)
        busy = before.under_way or ((before.candidate,) if before.candidate is not None else ())
        if busy:
            name = busy[-1].release or sorted(busy[-1].digests)[0][:19]
            return Outcome(single, False, FOREVER, Seen(f"the rollout of {name} is under way"))
        return Outcome(single, True, FOREVER, Seen("no rollout is under way"))

    return check


def _keys(keys: model.Keys) -> Check:
    has = configuration_has(model.ConfigurationHas(keys.keys, keys.span), positive=True)
    return lambda situation: replace(has(situation), rule=keys)


def _parity(parity: model.Parity, policy: model.Policy) -> Check:
    """Holds where the target equals the places that come before it; what comes after does not count."""

    before = {place: _before(place, policy) for place in parity.places}

    def check(situation: Situation) -> Outcome:
        target = situation.proposal.target
        earlier = before[target]
        others = [place for place in parity.places if place in earlier]
        problems = [found for place in others if (found := _unequal(parity, place, situation)) is not None]
        read = [state for place in parity.places if (state := situation.state(place)) is not None]
        until = min((situation.stale(state) for state in read), default=FOREVER)
        if problems:
            return Outcome(parity, False, until, Seen(problems[0]))
        equal = f"{target} equals {', '.join(others)}" if others else f"nothing comes before {target}"
        return Outcome(parity, True, until if others else FOREVER, Seen(equal))

    return check


def _before(place: str, policy: model.Policy) -> set[str]:
    """All environments that come before a place in the order."""
    found: set[str] = set()
    pending = [place]
    while pending:
        after = policy.environments[pending.pop()].after
        fresh = set(after.names).difference(found) if after is not None else set()
        found |= fresh
        pending += fresh
    return found


def _unequal(parity: model.Parity, place: str, situation: Situation) -> str | None:
    """A facet in which the target differs from a place, now or when the release entered there, or None."""
    target = situation.proposal.target
    here, there = situation.state(target), situation.state(place)
    if here is None or there is None:
        return f"the facets of {place if there is None else target} were not read lately"
    entered = [each for each in situation.past(place).entries if release_of(each) == situation.release]
    validated = [each.facets for each in entered[-1:]]
    for facet in parity.facets:
        wanted = here.facets.get(facet)
        if wanted is None:
            return f"the {facet} of {target} is not known"
        for when, facets in (("now", there.facets), *(("when it was validated", each) for each in validated)):
            found = None if facets is None else facets.get(facet)
            if found is None:
                return f"the {facet} of {place} {when} is not known"
            if found != wanted:
                return f"{facet} is {wanted} in {target}, and {found} in {place} {when}"
    return None
