"""Defines the symbolic reading of decisions: when a route, with all that stands over it, lets a release in.

Mirrors `evaluate.decide` and `evaluate.bans`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from itertools import product

import z3

from rung.policy import model
from rung.policy.types import EnumType
from rung.prove import clock
from rung.prove import conditions as read
from rung.prove.errors import NotEncodedError
from rung.prove.expressions import condition
from rung.prove.scene import Persons, Scene, persons_of
from rung.prove.world import Term, World


class Encoder:
    """A policy made ready to be asked about; one world, in which every route is read.

    `waivers` are those in force: all of them, unless a verdict asks what holds without some. `copies` is how
    many records of an evidence there are, one for each subject; one stands for all in proofs, since
    whatever a gate requires it requires of each.
    """

    def __init__(
        self,
        policy: model.Policy,
        waivers: tuple[model.Waiver, ...] | None = None,
        copies: Mapping[str, int] | None = None,
    ) -> None:
        self.policy = policy
        self.world = World(policy)
        self.persons: Persons = persons_of(policy)
        self.waivers = policy.waivers if waivers is None else waivers
        self.copies = copies or {}
        self._gates: dict[tuple[str, str, tuple[str, ...]], Term] = {}

    def scene(self, target: str, sources: tuple[str, ...]) -> Scene:
        return Scene(self.world, self.persons, target, sources, None, self.gate)

    # -- routes

    def route(self, route: model.Route) -> Term:
        """When the route itself lets a release in: what the lane asks, and every requirement."""
        sources = route.sources.names if route.sources is not None else ()
        scene = self.scene(route.target, sources)
        asked = self._entry(route, scene)
        return z3.And(asked, *[condition(each.condition, scene) for each in route.requirements])

    def _entry(self, route: model.Route, scene: Scene) -> Term:
        match route.lane:
            case "admit":
                return self.world.boolean(("from build",))
            case "rollback":
                return self.world.boolean(("candidate", route.target, route.within))
            case lane:
                return self._through_sources(route, lane, scene)

    def _through_sources(self, route: model.Route, lane: str, scene: Scene) -> Term:
        assert route.sources is not None, "the grammar gives sources to promote and hotfix"
        came = []
        for name in route.sources.names:
            promotes = lane == "promote"
            there = read.earned_for(name, scene) >= 0 if promotes else read.deployed(name, scene)
            came.append(z3.And(read.claimed(name, scene), there))
        foreign = self.world.boolean(("from elsewhere", route.sources.names))
        return z3.And(z3.Not(foreign), z3.AtLeast(*came, route.sources.count))

    # -- gates

    def gate(self, scene: Scene, name: str) -> Term:
        """When a gate holds by itself, or by a waiver."""
        key = (name, scene.target, scene.sources)
        if key not in self._gates:
            gate = self.policy.gates[name]
            needs = [self._need(each, scene) for each in gate.needs]
            required = [
                condition(each.condition, looking)
                for looking in self._looks(gate, scene.inside(name))
                for each in gate.requirements
            ]
            own = z3.And(*needs, *required)
            self._gates[key] = z3.Or(own, *self._waived(gate, scene.target))
        return self._gates[key]

    def _looks(self, gate: model.Gate, scene: Scene) -> list[Scene]:
        """The scene once for every choice of a record of each evidence that the gate needs."""
        choices = [
            [
                (each.evidence, (*_record(each, scene), copy))
                for copy in range(self.copies.get(each.evidence, 1))
            ]
            for each in gate.needs
        ]
        return [scene.looking_at(dict(choice)) for choice in product(*choices)]

    def _need(self, need: model.Need, scene: Scene) -> Term:
        """The latest record about each subject is well-formed and young enough; `age` is the oldest's."""
        key = _record(need, scene)
        there = self.world.boolean(("record", *key))
        age = self.world.integer(("record age", *key), 0)
        return there if need.max_age is None else z3.And(there, age < need.max_age)

    def _waived(self, gate: model.Gate, target: str) -> list[Term]:
        at = self.world.at
        return [
            z3.And(at >= each.begins, at < each.ends)
            for each in self.waivers
            if each.gate == gate.name and target in each.places
        ]

    # -- what stands over every route

    def unbanned(self, route: model.Route) -> Term:
        """When no freeze, window, deny or standing rule is in the way of the route."""
        return z3.Not(z3.Or(self.bans(route.lane, route.target)))

    def bans(self, lane: str, target: str) -> list[Term]:
        """When each ban on a lane into a target applies."""
        scene = self.scene(target, ())
        return [
            applies(scene)
            for places, spares, applies in self._standing()
            if target in places and lane not in spares
        ]

    def _standing(self) -> list[tuple[tuple[str, ...], tuple[str, ...], Callable[[Scene], Term]]]:
        policy = self.policy
        found: list[tuple[tuple[str, ...], tuple[str, ...], Callable[[Scene], Term]]] = []
        for freeze in policy.freezes:
            found.append((freeze.places, freeze.spares, self._frozen(freeze)))
        for window in policy.windows:
            found.append((window.places, window.spares, self._closed(window)))
        for deny in policy.denies:
            found.append((deny.places, deny.spares, self._denied(deny)))
        for single in policy.singles:
            found.append((single.places, (*single.spares, "rollback"), self._flagged("busy")))
        for parity in policy.parities:
            flag = self._flagged("unequal", parity)
            found.append((parity.places, (*parity.spares, "rollback"), flag))
        for keys in policy.keys:
            found.append((keys.places, (*keys.spares, "rollback"), self._lacking(keys)))
        places = tuple(policy.environments)
        found.append((places, ("rollback",), self._strategy))
        owing = tuple({route.target for route in policy.routes if route.obligations})
        found.append(
            (owing, tuple(lane for lane in model.LANES if lane != "promote"), self._flagged("overdue"))
        )
        return found

    def _frozen(self, freeze: model.Freeze) -> Callable[[Scene], Term]:
        def applies(scene: Scene) -> Term:
            at = self.world.at
            when = z3.BoolVal(True) if freeze.when is None else condition(freeze.when, scene, False)
            return z3.And(at >= freeze.begins, at < freeze.ends, when)

        return applies

    def _closed(self, window: model.Window) -> Callable[[Scene], Term]:
        return lambda scene: z3.Not(clock.is_open(window, self.world))

    def _denied(self, deny: model.Deny) -> Callable[[Scene], Term]:
        return lambda scene: condition(deny.when, scene, False)

    def _lacking(self, keys: model.Keys) -> Callable[[Scene], Term]:
        has = model.ConfigurationHas(keys.keys, keys.span)
        return lambda scene: z3.Not(condition(has, scene))

    def _flagged(self, word: str, rule: object = None) -> Callable[[Scene], Term]:
        return lambda scene: self.world.boolean((word, scene.target, rule))

    def _strategy(self, scene: Scene) -> Term:
        """When the strategy proposed is not the one that the policy wants in the target."""
        kinds = model.STRATEGY
        rules = {each.kind: each for each in self.policy.strategies if scene.target in each.places}
        demanded = bool(rules) or any(scene.target in each.places for each in self.policy.maintenance)
        stated = self.world.boolean(("stated", "strategy"))
        kind = self.world.value(("request", "strategy"), kinds)
        wrong = [z3.Not(stated)] if demanded else []
        for name in rules:
            if name != "atomic":
                unlike = self.world.boolean(("unlike", scene.target, name))
                wrong.append(z3.And(stated, kind == _index(kinds, name), unlike))
        lock = condition(model.LockHeld(self.policy.span), scene)
        calm = z3.And(lock, read.inside_maintenance(scene))
        wrong.append(z3.And(stated, kind == _index(kinds, "atomic"), z3.Not(calm)))
        return z3.Or(wrong)

    # -- a whole decision

    def allowed(self, route: model.Route) -> Term:
        """When a deployment by this route is allowed."""
        return z3.And(self.route(route), self.unbanned(route), *self._claims(route))

    def _claims(self, route: model.Route) -> list[Term]:
        lanes = model.LANE
        action = self.world.value(("request", "action"), model.ACTION)
        lane = self.world.value(("request", "lane"), lanes)
        return [lane == _index(lanes, route.lane), action == _index(model.ACTION, "deploy")]

    def problem(self, route: model.Route) -> str | None:
        """What in a route the solver is not told about, if anything."""
        try:
            self.allowed(route)
        except NotEncodedError as error:
            return str(error)
        return None


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
