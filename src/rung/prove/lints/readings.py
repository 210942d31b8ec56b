"""Defines how the solver lints read a policy: each block of requirements, and each way in, as questions.

A solver is asked about a block with some of its parts assumed and others denied. What cannot be encoded is
left open, so that only what is so whatever it comes to is found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache, cached_property, partial
from typing import NamedTuple

import z3

from rung.diagnostics import Related, Span
from rung.policy import model
from rung.policy.moments import BEGIN, END
from rung.policy.walk import Block, blocks, conjuncts, gates_behind, parts
from rung.prove.claim_terms import history
from rung.prove.claims import sources_of
from rung.prove.cone import cone
from rung.prove.decide import Encoder, Rule
from rung.prove.solve import Answer, Clock, Question
from rung.prove.terms import Term, implies, no

Part = model.Condition | model.Need | Rule
Owner = model.Route | model.Obligation | model.Act | model.Step


class Place(NamedTuple):
    """Where the requirements of a block are read: for a target, with the sources that are come from."""

    target: str
    sources: tuple[str, ...]


class Reading:
    """Parts that must hold together in a place, each a term, under what is `given`; asked of one solver."""

    def __init__(
        self,
        clock: Clock,
        encoder: Encoder,
        parts: Sequence[tuple[Part, Term]],
        given: Iterable[Term],
    ) -> None:
        self.parts = tuple(each for each, _ in parts)
        self.encoder = encoder
        self._question = Question(clock, [*encoder.world.axioms, *given])
        self._holding = [self._mark(f"holds {index}", term) for index, (_, term) in enumerate(parts)]
        self._failing = [self._mark(f"fails {index}", no(term)) for index, (_, term) in enumerate(parts)]

    def _mark(self, name: str, term: Term) -> Term:
        mark = z3.Bool(name)
        self._question.add(implies(mark, term))
        return mark

    def can(self, holding: Iterable[int], failing: int | None = None) -> bool:
        """Whether these parts can hold together while another does not; also if the solver cannot tell."""
        marks = [self._holding[each] for each in holding]
        marks += [] if failing is None else [self._failing[failing]]
        return self._question.ask(*marks) is not Answer.IMPOSSIBLE

    @property
    def conditions(self) -> dict[int, model.Condition]:
        """The parts that are conditions, by their index."""
        return {index: each for index, each in enumerate(self.parts) if isinstance(each, model.Condition)}

    def together(self) -> bool:
        """Whether all parts can hold together."""
        return self.can(range(len(self.parts)))

    def can_from(self, places: Collection[str]) -> bool:
        """Whether all parts can hold together for a release that has been in no other places."""
        world = self.encoder.world
        elsewhere = [
            no(term) for key, term in world.unknowns.items() if key[0] == "deployed" and key[1] not in places
        ]
        return self._question.ask(*self._holding, *elsewhere) is not Answer.IMPOSSIBLE

    def conflict(self, holding: Iterable[int], failing: int | None = None) -> list[int]:
        """Of parts that cannot hold together (while another does not), those but for which they could."""
        left = list(holding)
        for each in list(left):
            fewer = [other for other in left if other != each]
            if not self.can(fewer, failing):
                left = fewer
        return left


class Requirements:
    """A block of requirements, read in each place where it counts when it is first asked about there."""

    def __init__(self, block: Block, readings: Sequence[Callable[[], Reading]]) -> None:
        self.owner = block.owner
        self._made = [cache(each) for each in readings]

    @property
    def anywhere(self) -> Reading:
        """The block in one of its places."""
        return self._made[0]()

    @property
    def everywhere(self) -> Iterator[Reading]:
        """The block in each of its places."""
        return (each() for each in self._made)

    @cached_property
    def together(self) -> bool:
        """Whether all conditions can hold together somewhere."""
        return any(each.together() for each in self.everywhere)


class Readings:
    """A policy as its lints ask about it; what one has read is there for the next."""

    def __init__(self, policy: model.Policy, clock: Clock) -> None:
        self.policy = policy
        self.clock = clock
        self._ways: dict[int, Reading] = {}

    # -- blocks of requirements

    @cached_property
    def blocks(self) -> list[Requirements]:
        """Every block of requirements that counts anywhere."""
        found = []
        for block in blocks(self.policy):
            name = block.owner.name if isinstance(block.owner, model.Gate) else None
            places = self._required.get(name, {}) if name else self._owned[id(block.owner)]
            if places:
                found.append(Requirements(block, [partial(self._block, block, place) for place in places]))
        return found

    @cached_property
    def _owned(self) -> dict[int, list[Place]]:
        """The places in which a block is read, by its owner."""
        found: dict[int, list[Place]] = {}
        for owner, place in self._owners:
            found.setdefault(id(owner), []).append(place)
        return found

    @cached_property
    def _required(self) -> dict[str, dict[Place, None]]:
        """The places in which a gate is required."""
        found: dict[str, dict[Place, None]] = {}
        for owner, place in self._owners:
            for name in gates_behind(owner.requirements, self.policy):
                found.setdefault(name, {})[place] = None
        return found

    @cached_property
    def _owners(self) -> list[tuple[Owner, Place]]:
        """The owners of blocks, but for gates, with the places in which they are read."""
        found: list[tuple[Owner, Place]] = []
        for route in self.policy.routes:
            found.append((route, Place(route.target, sources_of(route))))
            found += [(each, Place(route.target, ())) for each in route.obligations]
        found += [(act, Place(act.target, ())) for act in self.policy.acts]
        for strategy in self.policy.strategies:
            found += [(step, Place(place, ())) for step in strategy.steps for place in strategy.places]
        return found

    def _block(self, block: Block, place: Place) -> Reading:
        self.clock.left()
        asking = model.Act("expose", place.target, block.requirements, block.owner.span)
        encoder = Encoder(cone(self.policy, (asking,)), guess=True)
        scene = encoder.scene(place.target, place.sources)
        read: list[tuple[Part, Term]] = []
        if isinstance(block.owner, model.Gate):
            read = [(each, encoder.need(each, scene)) for each in block.owner.needs]
            (scene,) = encoder.looks(block.owner, scene.inside(block.owner.name))
        given = [encoder.deploys(block.owner)] if isinstance(block.owner, model.Route) else []
        read += [(each, encoder.read(each, scene)) for each in conjuncts(block.requirements)]
        return Reading(self.clock, encoder, read, given)

    @cached_property
    def _broken(self) -> set[str]:
        """The gates whose own requirements never hold together."""
        return {
            each.owner.name
            for each in self.blocks
            if isinstance(each.owner, model.Gate) and not each.together
        }

    def rests_on_broken(self, parts_: Iterable[Part]) -> bool:
        """Whether one of these is a gate that never holds, or one that another of those is behind."""
        asked = [model.Requirement(each, each.span) for each in parts_ if isinstance(each, model.Condition)]
        return bool(self._broken & gates_behind(asked, self.policy))

    # -- ways in

    def way(self, route: model.Route) -> Reading:
        """All that must hold for a release to come by a route: its requirements, and that no rule bans it."""
        if id(route) not in self._ways:
            self.clock.left()
            encoder = Encoder(cone(self.policy, (route,)), guess=True)
            scene = encoder.scene(route.target, sources_of(route))
            given = [encoder.entry(route, scene), encoder.deploys(route)]
            read: list[tuple[Part, Term]] = []
            read += [(each, encoder.read(each, scene)) for each in conjuncts(route.requirements)]
            for rule, term in encoder.banning(route.lane, route.target):
                if rule is None:
                    given.append(no(term))
                else:
                    read.append((rule, no(term)))
            history(self.policy, encoder, route)
            self._ways[id(route)] = Reading(self.clock, encoder, read, given)
        return self._ways[id(route)]

    def usable(self, route: model.Route) -> bool:
        """Whether some release can come by a route, as far as the solver can tell."""
        return self.way(route).together()


def related(spans: Iterable[Span], message: str) -> tuple[Related, ...]:
    """Places of which the same is said."""
    return tuple(Related(each, message) for each in spans)


def has_parameter(condition: model.Condition) -> bool:
    """Whether a condition depends on a parameter, which is there to be changed."""
    return any(isinstance(each, model.ParameterValue) for each in parts(condition))


def is_within_horizon(rule: model.Freeze | model.Waiver) -> bool:
    """Whether a rule lies within the years that a solver is told about."""
    return rule.begins >= BEGIN and rule.ends <= END


def ways(policy: model.Policy) -> Iterator[model.Route]:
    """The routes by which something can come to where it was not before."""
    return (each for each in policy.routes if each.lane != "rollback")
