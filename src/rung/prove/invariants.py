"""Defines the order that every history keeps: what has certainly earned health before it is elsewhere.

`qa before prod` is kept when no route into prod can be taken by what never earned health in qa. Whether a
route keeps it may follow from what is kept elsewhere: that is assumed, and what some route breaks is dropped,
until nothing is (the largest set that is inductive: nothing is deployed at first).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from rung.policy import model
from rung.prove import conditions
from rung.prove.claim_terms import history
from rung.prove.claims import head, routes_into
from rung.prove.cone import cone
from rung.prove.decide import Encoder
from rung.prove.obligation import Docket, Obligation, obligation
from rung.prove.solve import Answer
from rung.prove.terms import Term, all_of, implies, no
from rung.prove.verdict import Order, Pair
from rung.prove.world import Vocabulary, World


@dataclass
class _Way:
    """A way into the second place of a pair; by `step` it keeps the pair if all that is `assumed` is kept.

    `others` are the pairs that are of use to assume besides those known to be kept: none if it needs none.
    """

    entry: _Entry
    others: Order
    assumed: Order
    step: Obligation


def kept(policy: model.Policy, wanted: Order, docket: Docket) -> Order:
    """Those of the pairs wanted that histories keep, and from which they follow, if not known before."""
    suspects = _suspects(policy, wanted, docket)
    used_by: dict[Pair, list[Pair]] = defaultdict(list)
    for pair, ways in suspects.items():
        for other in {other for way in ways for other in way.others}:
            used_by[other].append(pair)
    doubtful = list(suspects)
    while doubtful:
        pair = doubtful.pop()
        if pair not in suspects:
            continue
        for way in suspects[pair]:
            if not _keeps(way, pair, suspects.keys(), docket):
                del suspects[pair]
                docket.order[pair] = False
                doubtful += used_by[pair]
                break
    # Where a pair was dropped, all steps that assumed it were asked again without it.
    for pair, ways in suspects.items():
        docket.order[pair] = True
        for step in (initiation(policy, frozenset({pair})), *(way.step for way in ways)):
            docket.meet(step)
    return frozenset(suspects) | {pair for pair in wanted if docket.order[pair]}


def _suspects(policy: model.Policy, wanted: Order, docket: Docket) -> dict[Pair, list[_Way]]:
    """Pairs of which nothing is known yet, and all from which they may follow, with the ways into each."""
    found: dict[Pair, list[_Way]] = {}
    entries: dict[str, list[_Entry]] = {}
    pending = sorted(wanted)
    while pending:
        pair = pending.pop()
        if pair in found or pair in docket.order:
            continue
        early, late = pair
        if late not in entries:
            entries[late] = [_Entry(policy, route) for route in routes_into(policy, (late,))]
        found[pair] = []
        for entry in entries[late]:
            of_use = pairs([early], entry.been)
            assumed = frozenset(each for each in of_use if docket.order.get(each))
            step = entry.keeps(early, assumed)
            others = frozenset() if docket.ask(step) is Answer.IMPOSSIBLE else of_use - assumed
            found[pair].append(_Way(entry, others, assumed, step))
            pending += sorted(others)
    return found


def _keeps(way: _Way, pair: Pair, suspects: Container[Pair], docket: Docket) -> bool:
    """Whether a pair is kept on a way if all others are that still may be."""
    others = frozenset(each for each in way.others if each in suspects)
    if others != way.assumed & way.others:
        way.assumed = way.assumed - way.others | others
        way.step = way.entry.keeps(pair[0], way.assumed)
    return docket.ask(way.step) is Answer.IMPOSSIBLE


def is_kept(policy: model.Policy, order: Order, docket: Docket) -> bool:
    """Whether histories keep an order that somebody claims: it holds at first, and each entry keeps it."""
    steps = chain([initiation(policy, order)], *(consecution(policy, pair, order) for pair in sorted(order)))
    return all(docket.meet(step) is Answer.IMPOSSIBLE for step in steps)


def initiation(policy: model.Policy, order: Order) -> Obligation:
    """That an order holds at first."""
    world = World(policy, vocabulary=Vocabulary(()))
    nowhere = [no(world.boolean(("deployed", late))) for _, late in sorted(order)]
    holds = all_of([_in_order(world, pair) for pair in sorted(order)])
    return obligation("the order holds at first, when nothing is deployed", *nowhere, no(holds))


class _Entry:
    """An entry by a route, in any state; `been` are the places of whose past the route tells."""

    def __init__(self, policy: model.Policy, route: model.Route) -> None:
        self.policy = policy
        self.route = route
        self.encoder = Encoder(cone(policy, (route,)), guess=True)
        self.allowed = self.encoder.allowed(route)
        self.been = been(self.encoder)

    def keeps(self, early: str, order: Order) -> Obligation:
        """That what enters has earned health in a place, if all of an order was kept until then."""
        encoder = self.encoder
        earned = conditions.ever_earned(early, encoder.scene(self.route.target, ()))
        history(self.policy, encoder, self.route)
        shows = f"what enters by {head(self.route)} has earned health in `{early}`, if it was in order before"
        formulas = [*encoder.world.axioms, *assumed(encoder, order), self.allowed, no(earned)]
        return obligation(shows, *formulas)


def consecution(policy: model.Policy, pair: Pair, order: Order) -> Iterator[Obligation]:
    """That each route into the second of a pair keeps it, if all of an order was kept until then."""
    early, late = pair
    return (_Entry(policy, route).keeps(early, order) for route in routes_into(policy, (late,)))


def been(encoder: Encoder) -> list[str]:
    """The places of which an encoder's world tells whether a release was there."""
    return [key[1] for key in encoder.world.unknowns if key[0] == "deployed"]


def pairs(first: Iterable[str], second: Sequence[str]) -> Order:
    """All pairs of two places."""
    return frozenset((early, late) for early in first for late in second if early != late)


def assumed(encoder: Encoder, order: Order) -> list[Term]:
    """An order as formulas over the places of which an encoder's world knows already."""
    world = encoder.world
    return [_in_order(world, pair) for pair in sorted(order) if ("deployed", pair[1]) in world.unknowns]


def _in_order(world: World, pair: Pair) -> Term:
    early, late = pair
    return implies(world.boolean(("deployed", late)), world.boolean(("ever earned", early)))
