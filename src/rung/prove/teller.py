"""Defines how the entries of a history are told one after the other, each possible after all before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rung.inputs.facts import Event
from rung.policy import model
from rung.policy.persons import counted, strangers_of
from rung.policy.walk import conditions as conditions_of
from rung.policy.walk import parts
from rung.prove import conditions
from rung.prove.claims import sources_of
from rung.prove.cone import cone
from rung.prove.decide import Encoder
from rung.prove.endings import Ending, can_be_told, discharging, ends
from rung.prove.lasting import ROLLOUTS, Read, between, choose, read
from rung.prove.realise import become, initially, keeps, owes, tell, values, watch
from rung.prove.scene import persons_of
from rung.prove.solve import Answer, Clock, Question
from rung.prove.telling import DAY, HOUR, Debt, Presence, Release, Telling, possible, wishes
from rung.prove.terms import TRUE, Term, all_of, no, same
from rung.prove.verdict import Happens, RunsAlready, Story
from rung.prove.world import Vocabulary, World, version_ranks

ADOPTED = 9  # the number of the release that runs when the policy is adopted
MOST_STEPS = 20  # of a rollout
MOST_HOURS = 24 * 15 - 1
SOON = 120  # seconds from one decision to the next where what differs may be short
WAITS = (HOUR, DAY, 2 * DAY, 3 * DAY, 5 * DAY, 7 * DAY, 14 * DAY, 30 * DAY)


class Taken(NamedTuple):
    """A way taken by a release, after which it may be `watched` to be healthy there.

    `whole` is whether the release shall have all the traffic then, None where that does not matter.
    """

    number: int
    way: model.Route | model.Act
    watched: bool = False
    whole: bool | None = True


class Teller:
    """One history: where something runs already when it begins (`adopted`), and its entries.

    It is one under the first of the policies; others have a say in how it ends.

    `failed` names the target of the entry that was not possible.
    """

    def __init__(
        self,
        policies: Sequence[model.Policy],
        builders: list[str],
        clock: Clock,
        taken: Sequence[Taken],
        ending: Ending,
        adopted: Iterable[str],
        start: int,
    ) -> None:
        self.policy, *self.others = policies
        self.builders = builders
        self.clock = clock
        self.taken = [*taken[:-1], taken[-1]._replace(whole=None)]
        self.ending = ending
        self.endings = [*(Ending(each.way) for each in taken[:-1]), ending]
        self.failed: str | None = None
        self.telling = self._beginning(adopted, start)

    def story(self) -> Story | None:
        """The history, None where an entry is not possible."""
        if not self._lasting():
            return None
        for each, ending in zip(self.taken, self.endings, strict=True):
            if not (self._enter(each, ending) or self._enter_without_debts(each, ending)):
                self.failed = each.way.target
                return None
            if each.watched:
                watch(self.telling, each.number, each.way.target)
        ending = self.ending
        number = self.taken[-1].number
        if not all(become(self.telling, number, place, state) for place, state in ending.becomes):
            return None
        steps = tuple(sorted(self.telling.steps, key=lambda each: each.at))
        return Story(self.telling.began, steps, ending.claim, ending.breaks)

    def _beginning(self, adopted: Iterable[str], start: int) -> Telling:
        acts = [
            each for each in self.policy.acts if each.target in {taken.way.target for taken in self.taken}
        ]
        ways = tuple(dict.fromkeys([*(each.way for each in self.taken), *acts]))
        owed = [each for way in ways if isinstance(way, model.Route) for each in way.obligations]
        debts = [each.condition for obligation in owed for each in obligation.requirements]
        part = cone(self.policy, ways, (*self.ending.conditions, *debts))
        claimed = self.ending.conditions
        most = max(strangers_of(cone(self.policy, (each,), claimed), claimed) for each in ways)
        most += counted(debts) + sum(strangers_of(each) for each in self.others)
        vocabulary = Vocabulary(version_ranks(part, *self.others))
        persons = persons_of(part, *self.others, strangers=most)
        telling = Telling(self.policy, self.builders, vocabulary, persons, start, start)
        telling.releases = {each.number: Release(each.number) for each in self.taken}
        targets = [way.target for way in ways]
        parities = [
            each
            for policy in (self.policy, *self.others)
            for each in policy.parities
            if set(targets) & set(each.places)
        ]
        places = dict.fromkeys([*targets, *(place for each in parities for place in each.places)])
        places |= dict.fromkeys(name for each in (part, *self.others) for name in _looked_at(each, ways))
        facets = tuple(dict.fromkeys(facet for each in parities for facet in each.facets))
        for name in places:
            environment = initially(name, start, facets)
            telling.environments[name] = environment
            telling.steps.append(Happens(start, environment))
        for name in adopted:
            lane = self.ending.adopted or "promote"
            kept = [keeps(each, name) for each in (self.policy, *self.others)]
            paired = self.ending.adopted is not None and any(kept)
            _adopt(telling, name, lane, paired=paired)
            if paired:
                telling.kept[name], telling.kept_beside[name] = (
                    start + kept[0],
                    start + max(kept[1:], default=0),
                )
            telling.owed[name] = [
                Debt(ADOPTED, each, start + each.seconds) for each in owes(self.policy, lane, name)
            ]
            telling.due[name] = [
                start + each.seconds for policy in self.others for each in owes(policy, lane, name)
            ]
        return telling

    def _lasting(self) -> bool:
        """Choose, for each release, what holds at all its steps, so that each of these can be taken alone."""
        claim = self.ending.claim
        alike = claim is not None and claim.alike
        for number, release in self.telling.releases.items():
            both = zip(self.taken, self.endings, strict=True)
            mine = [end for taken, end in both if taken.number == number]
            read = [self._read(each, f"{index}.") for index, each in enumerate(mine)]
            others = between(self.policy, [each.way for each in mine])
            besides = [self._read(each, f"between {index}.") for index, each in enumerate(others)]
            if not choose(release, read, besides, self.clock, alike=alike):
                return False
        return True

    def _read(self, ending: Ending, name: str) -> Read:
        return read(self.policy, self.builders, ending, self._encoder(ending, name))

    def _encoder(self, ending: Ending, name: str = "") -> Encoder:
        part = cone(self.policy, (ending.way,), ending.conditions)
        world = World(part, name, self.telling.vocabulary)
        return Encoder(part, world=world, persons=self.telling.persons)

    def _enter(self, taken: Taken, ending: Ending) -> bool:
        """Take a way that is possible now, and a rollout to its end if that is asked; False if none is."""
        if not taken.whole or self._take(taken, ending, whole=True):
            return bool(taken.whole) or self._take(taken, ending, whole=taken.whole)
        return self._take(taken, ending, whole=False) and self._roll_out(taken)

    def _enter_without_debts(self, taken: Taken, ending: Ending) -> bool:
        """As `_enter`, after what is owed in the target was fulfilled."""
        target = taken.way.target
        return bool(self.telling.owed.get(target)) and self._discharge(target) and self._enter(taken, ending)

    def _discharge(self, target: str) -> bool:
        """Fulfil what is owed in a target; False where something cannot be."""
        for debt in list(self.telling.owed.get(target, ())):
            if not can_be_told(debt.obligation, self.policy):
                return False
            ending = discharging(debt.obligation, target)
            taken = Taken(debt.number, ending.way, whole=None)
            if not self._take(taken, ending, None, decided=False):
                return False
            self.telling.owed[target].remove(debt)
        return True

    def _roll_out(self, taken: Taken) -> bool:
        """Go on with a rollout until the release has all the traffic."""
        target = taken.way.target
        for _ in range(MOST_STEPS):
            candidate = self.telling.candidates.get(target)
            if candidate is None:
                return True
            action = "switch" if candidate.share == 0 else "advance"
            acts = [each for each in self.policy.acts if (each.action, each.target) == (action, target)]
            if not acts or not self._take(taken, Ending(acts[0]), whole=None):
                return False
        return False

    def _take(self, taken: Taken, ending: Ending, whole: bool | None, *, decided: bool = True) -> bool:
        """Take a way that is possible now; False if it is not. `whole` is about the traffic it gives.

        What is not `decided` only becomes known.
        """
        way, number = ending.way, taken.number
        encoder = self._encoder(ending)
        formulas = ends(self.policy, ending, encoder)
        scene = encoder.scene(way.target, ())
        states = ("deployed", "earned for", "ever earned", "ever bad", "entered by")
        for place in sorted({key[1] for key in encoder.world.unknowns if key[0] in states}):
            conditions.healthy_for(place, scene)
        at_once = _at_once(self.policy, way, encoder)
        soon = bool(self.others) and ending is self.ending
        limits = list(possible(self.telling, number, way, encoder, SOON if soon else HOUR))
        question = Question(self.clock, [*encoder.world.axioms, *formulas, *limits])
        if whole is not None:
            question.add(at_once == whole)
        if taken.whole is False and isinstance(self.ending.way, model.Act):
            question.add(_by(ROLLOUTS[self.ending.way.action], encoder))  # what the action goes on with
        if question.ask() is not Answer.POSSIBLE:
            return False
        at = encoder.world.at
        question.add(at == soonest(question, at, self.telling.time))
        found = question.prefer([at_once, *wishes(self.telling, number, way, encoder)])
        if found is None:
            return False
        chosen = values(encoder, found)
        tell(self.telling, number, way, chosen, allowed=ending.allowed, decided=decided)
        return True


def _looked_at(policy: model.Policy, ways: Iterable[model.Route | model.Act]) -> Iterator[str]:
    """The places, other than targets, whose state the rules of a policy look at."""
    for condition in conditions_of(policy):
        for node in parts(condition):
            match node:
                case model.NoDrift("source"):
                    yield from (name for way in ways for name in sources_of(way))
                case model.NoDrift(place) if place in policy.environments:
                    yield place
                case _:
                    pass


def soonest(question: Question, at: Term, after: int) -> int:
    """An early instant at which the question can be answered: days, hours, then halves of what is left."""
    for wait in WAITS:
        if question.ask(at == after + wait) is Answer.POSSIBLE:
            return after + wait
    whole_hours = at > after + HOUR, (at - after) % HOUR == 0
    low, high = 1, MOST_HOURS
    if question.ask(*whole_hours, at <= after + high * HOUR) is Answer.POSSIBLE:
        while high - low > 1:
            middle = (low + high) // 2
            if question.ask(*whole_hours, at <= after + middle * HOUR) is Answer.POSSIBLE:
                high = middle
            else:
                low = middle
        return after + high * HOUR
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


def _at_once(policy: model.Policy, way: model.Route | model.Act, encoder: Encoder) -> Term:
    """That a deployment gives the release all the traffic at once."""
    if isinstance(way, model.Act):
        return TRUE
    partial = [each.kind for each in policy.strategies if way.target in each.places and each.steps]
    if any(act.action == "switch" and act.target == way.target for act in policy.acts):
        partial.append("blue_green")
    return all_of([no(_by(each, encoder)) for each in partial])


def _by(kind: str, encoder: Encoder) -> Term:
    """That a strategy of a kind is proposed."""
    proposed = encoder.world.value(("request", "strategy"), model.STRATEGY)
    stated = encoder.world.boolean(("stated", "strategy"))
    return all_of(stated, same(proposed, model.STRATEGIES.index(kind)))


def _adopt(telling: Telling, place: str, lane: model.Lane, *, paired: bool) -> None:
    """Let a release run in a place already, which came by a lane, and as one side of a pair."""
    release = telling.releases.setdefault(ADOPTED, Release(ADOPTED, telling.began, is_adopted=True))
    telling.running[place] = [ADOPTED]
    telling.present[ADOPTED, place] = Presence(telling.began, lane, frozenset({lane}))
    if lane == "hotfix":
        telling.hotfixes[place] = [ADOPTED]
    event = Event(
        environment=place,
        release="0.9.0",
        digests=frozenset({release.digest}),
        configuration="sha256:" + f"{0xF1 + ADOPTED:02x}" * 32,
        commit=release.commit,
        lane=lane,
        strategy="blue_green" if paired else None,
        facets=telling.environments[place].facets,
        started=telling.began,
        finished=telling.began,
        outcome="succeeded",
    )
    telling.steps.append(RunsAlready(telling.began, event))
