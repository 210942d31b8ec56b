"""Defines how histories are found: the entries of one after the other, and their telling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from rung.policy import model
from rung.policy.assumptions import assumed
from rung.policy.moments import BEGIN
from rung.policy.persons import strangers_of
from rung.policy.walk import demands, parts
from rung.prove.claims import sources_of
from rung.prove.cone import cone
from rung.prove.endings import Ending, ends
from rung.prove.errors import NotEncodedError
from rung.prove.joint import joint_encoder
from rung.prove.search import Places, asked_of, comes_from, entries_before, paths
from rung.prove.solve import Answer, Clock, Question
from rung.prove.teller import Taken, Teller
from rung.prove.telling import DAY, START, builders_of, well_told
from rung.prove.terms import Term, all_of, any_of, no, same
from rung.prove.verdict import Story
from rung.prove.world import Key

MOST_PATHS = 6


def _numbered(taken: Sequence[Taken]) -> list[Taken]:
    """The releases numbered in the order in which they come."""
    numbers: dict[int, int] = {}
    return [each._replace(number=numbers.setdefault(each.number, len(numbers))) for each in taken]


def _orders(before: list[Taken], taken: list[Taken]) -> Iterator[list[Taken]]:
    """Others first, then the release itself; or both nearly there, before the others take their last way."""
    yield [*before, *taken]
    if before:
        yield [*before[:-1], *taken[:-1], before[-1], taken[-1]]


def _need_something(taken: Sequence[Taken], policy: model.Policy) -> Iterator[str]:
    """The places into which the first way asks for a plan to go back, so that something must run there."""
    waived = {each.gate for each in policy.waivers}
    first = {each.way.target: each.way for each in reversed(taken)}
    for place, way in first.items():
        asked = demands(way.requirements, policy)
        plans = (gate for each, gate in asked if isinstance(each, model.RollbackPlan))
        if any(gate is None or gate.name not in waived for gate in plans):
            yield place


def _goes_back(route: model.Route, place: str) -> bool:
    return (route.lane, route.target) == ("rollback", place)


class Stories:
    """Histories under a policy, found within the time of `clock`; those of plain entries are found once.

    What ends one may be read under another policy too, of which `beside` is the part that matters.
    """

    def __init__(self, policy: model.Policy, clock: Clock, beside: model.Policy | None = None) -> None:
        self.policy = policy
        self.clock = clock
        self.beside = beside
        self.builders = builders_of(*self._policies(policy))
        self.entries = entries_before(policy)
        self.assumed = assumed(policy)
        self._able: dict[tuple[model.Route, Places], bool] = {}
        self._entries: dict[model.Route | model.Act, Story | str | None] = {}

    def _policies(self, first: model.Policy) -> tuple[model.Policy, ...]:
        return (first,) if self.beside is None else (first, self.beside)

    def entry(self, way: model.Route | model.Act) -> Story | None:
        """A shortest history in which a way is taken; NotEncodedError with the reason why there is none."""
        if way not in self._entries:
            try:
                self._entries[way] = self.find(Ending(way))
            except NotEncodedError as error:
                self._entries[way] = str(error)
        found = self._entries[way]
        if isinstance(found, str):
            raise NotEncodedError(found)
        return found

    def find(self, ending: Ending) -> Story | None:
        """A shortest history that ends so, None when none was found; NotEncodedError with the reason."""
        before: list[Taken] = []
        for index, other in enumerate(ending.others, 1):
            way = next(self._paths(other, Ending(other)), None)
            if way is None:
                return None
            before += [Taken(index, route) for route in way]
        if ending.hanging:
            before[-1] = before[-1]._replace(whole=False)
        for taken in islice(self._ways(ending), MOST_PATHS):
            for order in _orders(before, taken):
                story = self._told(order, ending)
                if story is not None:
                    return story
        return None

    def _told(self, taken: Sequence[Taken], ending: Ending) -> Story | None:
        """The history of these entries, where they can be; what needs something that runs there has it."""
        numbered = _numbered(taken)
        # What is owed from the beginning is due on any day of the week.
        starts = [START + day * DAY for day in range(7)] if ending.adopted is not None else [START, BEGIN]
        for start in starts:
            adopted = list(_need_something(numbered, self.policy))
            if ending.adopted is not None and ending.way.target not in adopted:
                adopted.append(ending.way.target)
            while True:
                teller = Teller(
                    self._policies(self.policy), self.builders, self.clock, numbered, ending, adopted, start
                )
                story = teller.story()
                if story is not None:
                    return story
                if teller.failed is None or teller.failed in adopted:
                    break
                adopted.append(teller.failed)
        return None

    # -- along which routes

    def _ways(self, ending: Ending) -> Iterator[list[Taken]]:
        """The entries of a history that may end so, shortest first."""
        way = ending.way
        if isinstance(way, model.Route) and way.lane != "rollback":
            for routes in self._paths(way, ending):
                yield [Taken(0, route) for route in routes]
            return
        into = [each for each in self.policy.routes if each.target == way.target and each.lane != "rollback"]
        first_ways = [next(self._paths(each, Ending(each)), None) for each in into]
        entering = [each for each in first_ways if each is not None]
        if isinstance(way, model.Act):
            # A rollout that is under way goes on, or what has entered is exposed.
            whole = way.action == "expose"
            for each in entering:
                entry = Taken(0, each[-1], whole=whole)
                yield [*(Taken(0, route) for route in each[:-1]), entry, Taken(0, way)]
            return
        # One release enters and is healthy, others take its place, and the first comes back.
        narrower = {
            each.within + 1
            for policy in self._policies(self.policy)
            for each in policy.routes
            if _goes_back(each, way.target)
        }
        for others in sorted({1, *(each for each in narrower if each <= way.within)}):
            if not self._can_go_back(way, ending, others):
                continue
            for first in entering:
                for then in sorted(entering, key=lambda each: each is not first):
                    entry = Taken(0, first[-1], watched=True)
                    earlier = [*(Taken(0, route) for route in first[:-1]), entry]
                    later = [
                        Taken(number + 1, route, watched=others > 1 and route is then[-1])
                        for number in range(others)
                        for route in then
                    ]
                    yield [*earlier, *later, Taken(0, way)]
        # Or another only begins to take its place, and that is given up.
        for each in entering:
            begins = [*(Taken(1, route) for route in each[:-1]), Taken(1, each[-1], whole=False)]
            yield [*(Taken(0, route) for route in each), *begins, Taken(0, way)]

    def _paths(self, goal: model.Route, ending: Ending) -> Iterator[tuple[model.Route, ...]]:
        def reaches(been: Places) -> bool:
            return self._can(goal, ending, been)

        def enabled(route: model.Route, been: Places) -> bool:
            asked = been & {*sources_of(route), *asked_of(self.policy, route)}
            key = route, frozenset(asked)
            if key not in self._able:
                self._able[key] = self._can(route, Ending(route), been)
            return self._able[key]

        orders = [each for condition in ending.conditions for each in parts(condition)]
        again = any(isinstance(each, model.Before) and each.first.place == goal.target for each in orders)
        return paths(self.policy, goal, reaches, enabled, self.clock, again=again)

    def _can(self, route: model.Route, ending: Ending, been: Places) -> bool:
        """Whether a history may end so for a release that has been in these places and in no others."""
        if not comes_from(route, been):
            return False
        formulas, unknowns = self._end(route, ending)
        fixed = [same(term, key[1] in been) for key, term in unknowns.items() if key[0] == "deployed"]
        return Question(self.clock, [*formulas, *fixed]).ask() is Answer.POSSIBLE

    def _can_go_back(self, route: model.Route, ending: Ending, others: int) -> bool:
        """Whether a history may end so for a release after which so many others have come."""
        formulas, unknowns = self._end(route, ending)
        depths = {key[2]: term for key, term in unknowns.items() if key[0] == "candidate"}
        near = [no(term) for within, term in depths.items() if within < others]
        far = [term for within, term in depths.items() if within >= others]
        alike = any_of([all_of(far), no(any_of(far))])
        return Question(self.clock, [*formulas, *near, alike]).ask() is Answer.POSSIBLE

    def _end(self, route: model.Route, ending: Ending) -> tuple[list[Term], Mapping[Key, Term]]:
        """When a history may end so, and the unknowns that this depends on."""
        part = cone(self.policy, (route,), ending.conditions)
        strangers = strangers_of(part, ending.conditions)
        encoder = joint_encoder(*self._policies(part), strangers=strangers)
        formulas = ends(self.policy, ending, encoder)
        formulas += well_told(self.policy, self.builders, route, encoder)
        return [*encoder.world.axioms, *formulas], encoder.world.unknowns


class Untold(Stories):
    """No histories: for whoever has no need to see one."""

    def find(self, ending: Ending) -> Story | None:
        return None
