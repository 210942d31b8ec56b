"""Defines how histories are made: one entry after the other, each allowed after all before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

import z3

from rung.frozen import frozen
from rung.inputs.facts import Event
from rung.policy import model
from rung.prove import conditions
from rung.prove.claim_terms import broken, fulfilled, history
from rung.prove.claims import Claim, sources_of
from rung.prove.cone import cone
from rung.prove.decide import Encoder
from rung.prove.errors import NotEncodedError
from rung.prove.realise import initially, lasting, tell, values, watch
from rung.prove.scene import persons_of, strangers_of
from rung.prove.search import Places, asked_of, comes_from, paths
from rung.prove.solve import Answer, Clock, Question
from rung.prove.telling import DAY, HOUR, START, Presence, Release, Telling, possible, well_told, wishes
from rung.prove.verdict import Happens, RunsAlready, Story
from rung.prove.world import BEGIN, Term, Vocabulary, World, is_lasting, version_ranks

ADOPTED = 9  # the number of the release that runs when the policy is adopted
MOST_PATHS = 6
MOST_JOINT = 12
WAITS = (HOUR, DAY, 2 * DAY, 3 * DAY, 5 * DAY, 7 * DAY, 14 * DAY, 30 * DAY)


class Taken(NamedTuple):
    """An entry of a release by a route, after which it may be `watched` to be healthy there."""

    number: int
    route: model.Route
    watched: bool = False


@frozen
class Ending:
    """What the last decision of a history must be: about an entry by `route`, `allowed` or not.

    `term` is what must hold of it besides; `conditions` are those in it. `others` are the routes by which
    other releases must have entered before. A `claim` is what the entry breaks, or fulfils.
    """

    route: model.Route
    term: Callable[[Encoder], Term]
    conditions: tuple[model.Condition, ...] = ()
    others: tuple[model.Route, ...] = ()
    allowed: bool = True
    claim: Claim | None = None
    breaks: bool = False


def breaking(claim: Claim) -> Ending:
    """The ending of a history that breaks a claim; NotEncodedError for one about actions."""
    route = _route_of(claim)
    return Ending(
        route, lambda encoder: broken(claim, encoder), claim.conditions, claim.others, True, claim, True
    )


def fulfilling(claim: Claim) -> Ending:
    """The ending of a history that fulfils a claim; NotEncodedError for one about actions."""
    route = _route_of(claim)
    return Ending(route, lambda encoder: fulfilled(claim, encoder), claim.conditions, (), True, claim, False)


def entering(route: model.Route) -> Ending:
    """The ending of a history in which a route is taken at all."""
    return Ending(route, lambda encoder: z3.BoolVal(True))


def _route_of(claim: Claim) -> model.Route:
    if isinstance(claim.route, model.Act):
        raise NotEncodedError(f"histories with the action {claim.route.action} are not built yet")
    return claim.route


class Stories:
    """Histories under a policy; `waivers` are those in force."""

    def __init__(self, policy: model.Policy, waivers: tuple[model.Waiver, ...], clock: Clock) -> None:
        self.policy = policy if waivers == policy.waivers else replace(policy, waivers=waivers)
        self.clock = clock
        self._able: dict[tuple[model.Route, Places], bool] = {}

    def find(self, ending: Ending) -> Story | None:
        """A shortest history that ends so, None when none was found; NotEncodedError with the reason."""
        before: list[Taken] = []
        for index, other in enumerate(ending.others, 1):
            way = next(self._paths(entering(other)), None)
            if way is None:
                return None
            before += [Taken(index, route) for route in way]
        for taken in islice(self._ways(ending), MOST_PATHS):
            for adopted in _adoptions([*before, *taken]):
                for start in (START, BEGIN):
                    story = self._told([*before, *taken], ending, adopted, start)
                    if story is not None:
                        return story
        return None

    # -- along which routes

    def _ways(self, ending: Ending) -> Iterator[list[Taken]]:
        """The entries of a history that may end so, shortest first."""
        if ending.route.lane != "rollback":
            for way in self._paths(ending):
                yield [Taken(0, route) for route in way]
            return
        # One release enters and is healthy, another takes its place, and the first comes back.
        for route in self.policy.routes:
            if route.target == ending.route.target and route.lane != "rollback":
                for way in islice(self._paths(entering(route)), 1):
                    first = [Taken(0, each, index == len(way) - 1) for index, each in enumerate(way)]
                    second = [Taken(1, each) for each in way]
                    yield [*first, *second, Taken(0, ending.route)]

    def _paths(self, ending: Ending) -> Iterator[tuple[model.Route, ...]]:
        def reaches(been: Places) -> bool:
            return self._can(ending, been)

        def enabled(route: model.Route, been: Places) -> bool:
            asked = been & (set(sources_of(route)) | set(asked_of(self.policy, route)))
            key = route, frozenset(asked)
            if key not in self._able:
                self._able[key] = self._can(entering(route), been)
            return self._able[key]

        return paths(self.policy, ending.route, reaches, enabled, self.clock)

    def _can(self, ending: Ending, been: Places) -> bool:
        """Whether a history may end so for a release that has been in these places and in no others."""
        if not comes_from(ending.route, been):
            return False
        encoder = Encoder(cone(self.policy, (ending.route,), ending.conditions))
        formulas = self._ends(ending, encoder)
        formulas += well_told(self.policy, ending.route, encoder)
        world = encoder.world
        fixed = [term == (key[1] in been) for key, term in world.unknowns.items() if key[0] == "deployed"]
        return Question(self.clock, [*world.axioms, *formulas, *fixed]).ask() is Answer.POSSIBLE

    def _ends(self, ending: Ending, encoder: Encoder) -> list[Term]:
        formulas = [encoder.allowed(ending.route)] if ending.allowed else []
        formulas.append(ending.term(encoder))
        history(encoder, (), ending.route)
        return formulas

    # -- entry by entry

    def _told(
        self, taken: Sequence[Taken], ending: Ending, adopted: Iterable[str], start: int
    ) -> Story | None:
        telling = self._beginning(taken, ending, adopted, start)
        endings = [entering(each.route) for each in taken[:-1]] + [ending]
        if not self._lasting(telling, taken, endings):
            return None
        for each, end in zip(taken, endings, strict=True):
            if not self._enter(telling, each.number, end, end is ending):
                return None
            if each.watched:
                watch(telling, each.number, each.route.target)
        return Story(telling.began, tuple(telling.steps), ending.claim, ending.breaks)

    def _beginning(
        self, taken: Sequence[Taken], ending: Ending, adopted: Iterable[str], start: int
    ) -> Telling:
        routes = tuple(dict.fromkeys(each.route for each in taken))
        part = cone(self.policy, routes, ending.conditions)
        most = max(strangers_of(cone(self.policy, (each,), ending.conditions)) for each in routes)
        vocabulary = Vocabulary(version_ranks(part))
        telling = Telling(self.policy, vocabulary, persons_of(part, most), start, start)
        telling.releases = {each.number: Release(each.number) for each in taken}
        targets = {route.target for route in routes}
        parities = [each for each in self.policy.parities if targets & set(each.places)]
        places = dict.fromkeys([route.target for route in routes])
        places |= dict.fromkeys(place for each in parities for place in each.places)
        facets = tuple(dict.fromkeys(facet for each in parities for facet in each.facets))
        for name in places:
            environment = initially(name, start, facets)
            telling.environments[name] = environment
            telling.steps.append(Happens(start, environment))
        for name in adopted:
            _adopt(telling, name)
        return telling

    def _lasting(self, telling: Telling, taken: Sequence[Taken], endings: Sequence[Ending]) -> bool:
        """Choose, for each release, what holds at all its steps, so that each of these can be taken alone."""
        for number in telling.releases:
            mine = [(index, end) for index, end in enumerate(endings) if taken[index].number == number]
            question, wanted, encoders = Question(self.clock), [], []
            for index, end in mine[-MOST_JOINT:]:
                encoder = self._encoder(telling, end, f"{index}.")
                question.add(*self._ends(end, encoder), *encoder.world.axioms)
                question.add(*well_told(self.policy, end.route, encoder))
                encoders.append(encoder)
                wanted += [
                    z3.Not(term)
                    for key, term in encoder.world.unknowns.items()
                    if key[0] == "person in" and is_lasting(key)
                ]
            found = question.prefer(wanted)
            if found is None:
                return False
            for encoder in encoders:
                telling.releases[number].lasting.update(lasting(values(encoder, found)))
        return True

    def _encoder(self, telling: Telling, ending: Ending, name: str) -> Encoder:
        part = cone(self.policy, (ending.route,), ending.conditions)
        return Encoder(part, world=World(part, name, telling.vocabulary), persons=telling.persons)

    def _enter(self, telling: Telling, number: int, ending: Ending, is_last: bool) -> bool:
        """Go on with an entry that is possible now; False if none is."""
        route = ending.route
        encoder = self._encoder(telling, ending, "")
        formulas = self._ends(ending, encoder)
        scene = encoder.scene(route.target, ())
        states = ("deployed", "earned for", "ever earned", "entered by")
        for place in sorted({key[1] for key in encoder.world.unknowns if key[0] in states}):
            conditions.healthy_for(place, scene)
        whole = _whole(self.policy, route, encoder)
        limits = list(possible(telling, number, route, encoder))
        question = Question(self.clock, [*encoder.world.axioms, *formulas, *limits])
        if not is_last:
            question.add(whole)
        if question.ask() is not Answer.POSSIBLE:
            return False
        at = encoder.world.at
        question.add(at == soonest(question, at, telling.time))
        found = question.prefer([whole, *wishes(telling, number, route, encoder)])
        if found is None:
            return False
        tell(telling, number, route, values(encoder, found), allowed=ending.allowed)
        return True


def soonest(question: Question, at: Term, after: int) -> int:
    """An early instant at which the question can be answered: days, hours, then halves of what is left."""
    for wait in WAITS:
        if question.ask(at == after + wait) is Answer.POSSIBLE:
            return after + wait
    for hours in range(2, 24 * 15):
        if question.ask(at == after + hours * HOUR) is Answer.POSSIBLE:
            return after + hours * HOUR
    low, high = after, after + 1
    while question.ask(at <= high) is not Answer.POSSIBLE:
        low, high = high, high + 2 * (high - after)
    while high - low > 60:
        middle = (low + high) // 2
        if question.ask(at <= middle) is Answer.POSSIBLE:
            high = middle
        else:
            low = middle
    question.add(at <= high)
    question.ask()
    return int(question.solver.model().eval(at, True).as_long())


def _whole(policy: model.Policy, route: model.Route, encoder: Encoder) -> Term:
    """That a deployment gives the release all the traffic at once."""
    partial = [each.kind for each in policy.strategies if route.target in each.places and each.steps]
    if any(act.action == "switch" and act.target == route.target for act in policy.acts):
        partial.append("blue_green")
    kind = encoder.world.value(("request", "strategy"), model.STRATEGY)
    stated = encoder.world.boolean(("stated", "strategy"))
    return z3.And([z3.Not(z3.And(stated, kind == model.STRATEGIES.index(each))) for each in partial])


def _adoptions(taken: Sequence[Taken]) -> Iterator[tuple[str, ...]]:
    """Where something runs already when the policy is adopted: nowhere, else where the history needs it."""
    yield ()
    targets = [each.route.target for each in taken]
    for count in range(1, len(set(targets)) + 1):
        yield tuple(list(dict.fromkeys(reversed(targets)))[:count])


def _adopt(telling: Telling, place: str) -> None:
    release = telling.releases.setdefault(ADOPTED, Release(ADOPTED, telling.began))
    telling.running[place] = [ADOPTED]
    telling.present[ADOPTED, place] = Presence(telling.began, "promote")
    event = Event(
        environment=place,
        release="0.9.0",
        digests=frozenset({release.digest}),
        configuration="sha256:" + f"{0xF1 + ADOPTED:02x}" * 32,
        commit=release.commit,
        lane="promote",
        facets=telling.environments[place].facets,
        started=telling.began,
        finished=telling.began,
        outcome="succeeded",
    )
    telling.steps.append(RunsAlready(telling.began, event))
