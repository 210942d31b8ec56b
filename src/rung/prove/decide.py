"""Defines the symbolic reading of decisions: when a route, with all that stands over it, lets a release in.

Mirrors `evaluate.decide` and `evaluate.bans`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import NamedTuple

from rung.policy import model
from rung.policy.types import EnumType
from rung.policy.walk import conjuncts, parts
from rung.prove import clock
from rung.prove import conditions as read
from rung.prove.conditions import counting
from rung.prove.errors import NotEncodedError
from rung.prove.expressions import condition
from rung.prove.order import before
from rung.prove.scene import Persons, Scene, persons_of
from rung.prove.terms import FALSE, TRUE, Term, all_of, any_of, at_least, below, from_, no
from rung.prove.world import Key, World

Rule = model.Freeze | model.Window | model.Deny | model.Single | model.Parity | model.Keys


class _Standing(NamedTuple):
    """A rule that stands whatever the route: where, over all lanes but those spared, and when it applies.

    `rule` is None where it is the language's own.
    """

    places: Container[str]
    spares: tuple[str, ...]
    applies: Callable[[Scene], Term]
    deploys_only: bool = False
    rule: Rule | None = None


class Encoder:
    """A policy made ready to be asked about; one world, in which every route is read.

    `waivers` are those in force: all of them, unless a verdict asks what holds without some. `copies` is how
    many records of an evidence there are, one for each subject; one stands for all in proofs, since
    whatever a gate requires it requires of each. With `guess`, what cannot be encoded is an unknown of its
    own, and `guessed` says what: a proof holds whatever it is, and no refutation can rest on it.
    """

    def __init__(
        self,
        policy: model.Policy,
        waivers: tuple[model.Waiver, ...] | None = None,
        copies: Mapping[str, int] | None = None,
        *,
        world: World | None = None,
        persons: Persons | None = None,
        guess: bool = False,
    ) -> None:
        self.policy = policy
        self.world = world or World(policy)
        self.persons: Persons = persons or persons_of(policy)
        self.waivers = policy.waivers if waivers is None else waivers
        self.copies = copies or {}
        self.guess = guess
        self.guessed: list[str] = []
        self._gates: dict[tuple[str, str, tuple[str, ...] | None], Term] = {}

    def beside(self, policy: model.Policy, known_as: Callable[[Key], Key]) -> Encoder:
        """Another policy in the same world, whose rules know an unknown by the key that `known_as` gives."""
        world = self.world.beside(policy, known_as)
        return Encoder(policy, copies=self.copies, world=world, persons=self.persons, guess=self.guess)

    def scene(self, target: str, sources: tuple[str, ...] | None) -> Scene:
        return Scene(self.world, self.persons, target, sources, None, self.gate)

    # -- routes

    def route(self, route: model.Route) -> Term:
        """When the route itself lets a release in: what the lane asks, and every requirement."""
        sources = route.sources.names if route.sources is not None else ()
        scene = self.scene(route.target, sources)
        asked = self.entry(route, scene)
        return all_of(asked, *[self.read(each.condition, scene) for each in route.requirements])

    def read(self, node: model.Condition, scene: Scene, positive: bool = True) -> Term:
        """A condition's term, or where it has none and `guess` lets it, an unknown."""
        try:
            return condition(node, scene, positive)
        except NotEncodedError as error:
            if not self.guess:
                raise
            self.guessed.append(str(error))
            where = (scene.target, scene.sources, scene.gate_name, tuple(scene.records.items()))
            return self.world.boolean(("guess", node, *where, positive))

    def entry(self, route: model.Route, scene: Scene) -> Term:
        """What the lane of a route asks by itself."""
        match route.lane:
            case "admit":
                return self.world.boolean(("from build",))
            case "rollback":
                candidate = self.world.boolean(("candidate", route.target, route.within))
                return all_of(candidate, no(read.brings_migrations(scene)))
            case lane:
                return self._through_sources(route, lane, scene)

    def _through_sources(self, route: model.Route, lane: str, scene: Scene) -> Term:
        assert route.sources is not None, "the grammar gives sources to promote and hotfix"
        came = []
        for name in route.sources.names:
            promotes = lane == "promote"
            there = from_(read.earned_for(name, scene), 0) if promotes else read.deployed(name, scene)
            came.append(all_of(read.claimed(name, scene), there))
        foreign = self.world.boolean(("from elsewhere", route.sources.names))
        return all_of(no(foreign), at_least(route.sources.count, came))

    # -- gates

    def gate(self, scene: Scene, name: str) -> Term:
        """When a gate holds by itself, or by a waiver."""
        key = (name, scene.target, scene.sources)
        if key not in self._gates:
            gate = self.policy.gates[name]
            needs = [self.need(each, scene) for each in gate.needs]
            required = [
                self.read(each.condition, looking)
                for looking in self.looks(gate, scene.inside(name))
                for each in gate.requirements
            ]
            own = all_of(*needs, *required)
            self._gates[key] = any_of(own, *self._waived(gate, scene.target))
        return self._gates[key]

    def looks(self, gate: model.Gate, scene: Scene) -> list[Scene]:
        """The scene once for every choice of a record of each evidence that the gate needs."""
        choices = [
            [
                (each.evidence, (*_record(each, scene), copy))
                for copy in range(self.copies.get(each.evidence, 1))
            ]
            for each in gate.needs
        ]
        return [scene.looking_at(dict(choice)) for choice in product(*choices)]

    def need(self, need: model.Need, scene: Scene) -> Term:
        """The latest record about each subject is well-formed and young enough; `age` is the oldest's."""
        if need.place == "source" and scene.sources == ():
            return FALSE
        key = _record(need, scene)
        there = self.world.boolean(("record", *key))
        age = self.world.integer(("record age", *key), 0)
        return there if need.max_age is None else all_of(there, below(age, need.max_age))

    def _waived(self, gate: model.Gate, target: str) -> list[Term]:
        at = self.world.at
        return [
            all_of(at >= each.begins, at < each.ends)
            for each in self.waivers
            if each.gate == gate.name and target in each.places
        ]

    def failing(self, way: model.Route | model.Act) -> list[Term]:
        """When what a way requires fails, a term for each reason; gates fail for what they ask themselves."""
        if isinstance(way, model.Act):
            return list(self._failing(way.requirements, self._going_on(way)))
        sources = way.sources.names if way.sources is not None else ()
        return list(self._failing(way.requirements, self.scene(way.target, sources)))

    def _failing(self, requirements: Iterable[model.Requirement], scene: Scene) -> Iterator[Term]:
        for node in conjuncts(requirements):
            if not isinstance(node, model.GateHolds):
                yield no(self.read(node, scene))
                continue
            gate = self.policy.gates[node.gate]
            asked = [no(self.need(each, scene)) for each in gate.needs]
            for looking in self.looks(gate, scene.inside(gate.name)):
                asked += self._failing(gate.requirements, looking)
            waived = any_of(self._waived(gate, scene.target))
            yield from (all_of(each, no(waived)) for each in asked)

    # -- what stands over every route

    def unbanned(self, route: model.Route) -> Term:
        """When no freeze, window, deny or standing rule is in the way of the route."""
        return no(any_of(self.bans(route.lane, route.target)))

    def bans(self, lane: str, target: str) -> list[Term]:
        """When each ban on a lane into a target applies."""
        return [term for _, term in self.banning(lane, target)]

    def banning(self, lane: str, target: str) -> Iterator[tuple[Rule | None, Term]]:
        """Each rule that binds a lane into a target, None for those of the language, and when it applies."""
        scene = self.scene(target, None if lane in model.THROUGH_SOURCES else ())
        for each in self._standing():
            if target in each.places and lane not in each.spares:
                yield each.rule, each.applies(scene)

    def closed(self, lane: str, target: str) -> Term:
        """When some ban keeps what is proposed on a lane from a target."""
        return any_of(self.bans(lane, target))

    def act_bans(self, act: model.Act) -> list[Term]:
        """When each ban on an action applies, by the lane that it claims."""
        return [term for _, term in self.act_banning(act.target, _goes_on(act))]

    def act_banning(self, target: str, goes_on: bool = True) -> Iterator[tuple[Rule | None, Term]]:
        """Each rule that binds actions in a target, and when it applies to one by the lane that it claims."""
        scene = replace(self.scene(target, ()), goes_on=goes_on)
        lane = self.world.value(("request", "lane"), model.LANE)
        for each in self._standing():
            if target in each.places and not each.deploys_only:
                spared = any_of([lane == _index(model.LANE, name) for name in each.spares])
                yield each.rule, all_of(no(spared), each.applies(scene))

    def _standing(self) -> Iterator[_Standing]:
        policy = self.policy
        for freeze in policy.freezes:
            yield _Standing(freeze.places, freeze.spares, self._frozen(freeze), rule=freeze)
        for window in policy.windows:
            yield _Standing(window.places, window.spares, self._closed(window), rule=window)
        for deny in policy.denies:
            yield _Standing(deny.places, deny.spares, self._denied(deny), rule=deny)
        for single in policy.singles:
            yield _Standing(single.places, (*single.spares, "rollback"), self._flagged("busy"), True, single)
        for parity in policy.parities:
            yield _Standing(parity.places, (*parity.spares, "rollback"), self._differs(parity), True, parity)
        for keys in policy.keys:
            yield _Standing(keys.places, (*keys.spares, "rollback"), self._lacking(keys), True, keys)
        yield _Standing(policy.environments, ("rollback",), self._strategy, True)
        owing = {route.target for route in policy.routes if route.obligations}
        others = tuple(lane for lane in model.LANES if lane != "promote")
        yield _Standing(owing, others, self._flagged("overdue"), True)

    def _frozen(self, freeze: model.Freeze) -> Callable[[Scene], Term]:
        def applies(scene: Scene) -> Term:
            at = self.world.at
            when = TRUE if freeze.when is None else self.read(freeze.when, scene, False)
            return all_of(at >= freeze.begins, at < freeze.ends, when)

        return applies

    def _closed(self, window: model.Window) -> Callable[[Scene], Term]:
        return lambda scene: no(clock.is_open(window, self.world))

    def _denied(self, deny: model.Deny) -> Callable[[Scene], Term]:
        return lambda scene: self.read(deny.when, scene, False)

    def _lacking(self, keys: model.Keys) -> Callable[[Scene], Term]:
        has = model.ConfigurationHas(keys.keys, keys.span)
        return lambda scene: no(condition(has, scene))

    def _differs(self, parity: model.Parity) -> Callable[[Scene], Term]:
        return lambda scene: self.differs(parity, scene.target)

    def differs(self, parity: model.Parity, target: str) -> Term:
        """When a target differs in some facet from some place that comes before it, now or when validated."""
        earlier = [each for each in before(self.policy, target) if each in parity.places]
        pairs = product(earlier, parity.facets)
        return any_of([self.world.boolean(("unequal", target, place, facet)) for place, facet in pairs])

    def _flagged(self, word: str) -> Callable[[Scene], Term]:
        return lambda scene: self.world.boolean((word, scene.target))

    def _strategy(self, scene: Scene) -> Term:
        """When the strategy proposed is not the one that the policy wants in the target."""
        kinds = model.STRATEGY
        rules = {each.kind: each for each in self.policy.strategies if scene.target in each.places}
        demanded = bool(rules) or any(scene.target in each.places for each in self.policy.maintenance)
        stated = self.world.boolean(("stated", "strategy"))
        kind = self.world.value(("request", "strategy"), kinds)
        wrong = [no(stated)] if demanded else []
        for name in rules:
            if name != "atomic":
                unlike = self.world.boolean(("unlike", scene.target, name))
                wrong.append(all_of(kind == _index(kinds, name), unlike))
        if rules:
            declared = [kind == _index(kinds, name) for name in sorted({*rules, "atomic"})]
            wrong.append(no(any_of(declared)))
        lock = condition(model.LockHeld(self.policy.span), scene)
        calm = all_of(lock, read.inside_maintenance(scene))
        wrong.append(all_of(stated, kind == _index(kinds, "atomic"), no(calm)))
        return any_of(wrong)

    # -- a whole decision

    def allowed(self, way: model.Route | model.Act) -> Term:
        """When a deployment by a route, or an action by its rule, is allowed."""
        if isinstance(way, model.Act):
            banned = any_of(self.act_bans(way))
            return all_of(self.act(way), no(banned), self._claims("action", model.ACTION, way.action))
        return all_of(self.route(way), self.unbanned(way), self.deploys(way))

    def denied(self, route: model.Route) -> Term:
        """When a deployment that claims the lane of a route is not let in by it."""
        return all_of(no(all_of(self.route(route), self.unbanned(route))), self.deploys(route))

    def deploys(self, route: model.Route) -> Term:
        """That what is proposed is a deployment by the lane of a route."""
        lane = self._claims("lane", model.LANE, route.lane)
        return all_of(lane, self._claims("action", model.ACTION, "deploy"))

    def _claims(self, name: str, type: EnumType, member: str) -> Term:
        return self.world.value(("request", name), type) == _index(type, member)

    def act(self, act: model.Act) -> Term:
        """When the rule of an action lets it go on: what it goes on with, and every requirement."""
        scene = self._going_on(act)
        ready = [self.world.boolean(("goes on", act.action, act.target))]
        canaries = [each for each in self.policy.strategies if act.target in each.places and each.steps]
        if act.action == "advance":
            ready.append(any_of([self._stepped(step, scene) for each in canaries for step in each.steps]))
        return all_of(*ready, *[self.read(each.condition, scene) for each in act.requirements])

    def _going_on(self, act: model.Act) -> Scene:
        return replace(self.scene(act.target, ()), goes_on=_goes_on(act))

    def _stepped(self, step: model.Step, scene: Scene) -> Term:
        """When a rollout has reached a step, and may leave it."""
        share = self.world.integer(("share", scene.target), 0)
        held = self.world.integer(("held for", scene.target), 0)
        required = [self.read(each.condition, scene) for each in step.requirements]
        return all_of(share == step.share, held >= step.hold, *required)

    # -- who an entry rests on

    def counted(self, way: model.Route | model.Act, kind: str) -> list[Term]:
        """For each person, whether an approval (or review) of theirs is counted on a way."""
        names = way.sources.names if isinstance(way, model.Route) and way.sources is not None else ()
        found: list[list[Term]] = [[] for _ in self.persons.numbers]
        for node, gate in self._counts(way.requirements):
            if node.kind == kind:
                scene = self.scene(way.target, names)
                terms = counting(node, scene.inside(gate) if gate else scene)
                for number, term in enumerate(terms):
                    found[number].append(term)
        return [any_of(terms) for terms in found]

    def _counts(
        self, requirements: tuple[model.Requirement, ...], gate: str | None = None
    ) -> Iterator[tuple[model.People, str | None]]:
        for requirement in requirements:
            for node in parts(requirement.condition):
                if isinstance(node, model.People):
                    yield node, gate
                elif isinstance(node, model.GateHolds):
                    yield from self._counts(self.policy.gates[node.gate].requirements, node.gate)


def _record(need: model.Need, scene: Scene) -> tuple[str, Hashable]:
    """What records of an evidence are known by: the evidence, and the place that they speak of."""
    place: Hashable = need.place
    if need.place == "source":
        place = scene.sources
    elif need.place == "target":
        place = scene.target
    return need.evidence, place


def _index(type: EnumType, member: str) -> int:
    return type.members.index(member)


def _goes_on(act: model.Act) -> bool:
    """Whether an action is a step of a rollout that is under way."""
    return act.action != "expose"
