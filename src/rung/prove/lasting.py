"""Defines how it is chosen what lasts of a release: before its story is told, by all that it does in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import z3

from rung.policy import model
from rung.prove.decide import Encoder
from rung.prove.endings import Ending, discharging, ends
from rung.prove.realise import lasting, owes, values
from rung.prove.solve import Clock, Question
from rung.prove.telling import Release, well_told
from rung.prove.terms import Term, all_of, any_of, no
from rung.prove.world import is_lasting

MOST_JOINT = 12
ROLLOUTS = {"advance": "canary", "switch": "blue_green"}
"""The actions that go on with a rollout, each with the strategy that begins it."""


class Read(NamedTuple):
    """When a way can be taken, and whether that hangs on what is so of the release at all its steps.

    `migrates` is whether it brings migrations that way, None for what cannot or where nothing asks.
    """

    encoder: Encoder
    formulas: list[Term]
    speaks_of_release: bool
    migrates: Term | None


def read(policy: model.Policy, builders: list[str], ending: Ending, encoder: Encoder) -> Read:
    """When a way can be taken and told."""
    formulas = ends(policy, ending, encoder)
    enters = isinstance(ending.way, model.Route) and ending.way.lane != "rollback"
    migrates = encoder.world.unknowns.get(("brings migrations",)) if enters else None
    speaks = migrates is not None or any(is_lasting(key) for key in encoder.world.unknowns)
    formulas += well_told(policy, builders, ending.way, encoder)
    # The axioms last: what is told makes unknowns as well.
    return Read(encoder, [*formulas, *encoder.world.axioms], speaks, migrates)


def between(policy: model.Policy, ways: Iterable[model.Route | model.Act]) -> Iterator[Ending]:
    """What a release may do between its ways: go on with a rollout, and fulfil what it owes."""
    routes = dict.fromkeys(each for each in ways if isinstance(each, model.Route))
    targets = {each.target for each in routes}
    yield from (Ending(each) for each in policy.acts if each.action in ROLLOUTS and each.target in targets)
    for route in routes:
        yield from (discharging(each, route.target) for each in owes(policy, route.lane, route.target))


def choose(
    release: Release, ways: Sequence[Read], besides: Sequence[Read], clock: Clock, *, alike: bool
) -> bool:
    """Choose what lasts of a release so that it can take its ways; False where that cannot be.

    What it may do besides holds as well if that can be. It brings migrations by each way that asks, or by
    none, if it can; where they are to be `alike`, it must.
    """
    question = Question(clock)
    for each in [each for each in ways if each.speaks_of_release][-MOST_JOINT:]:
        question.add(*each.formulas)
    migrates = [each.migrates for each in ways if each.migrates is not None]
    same = any_of([all_of(migrates), no(any_of(migrates))])
    if alike:
        question.add(same)
    wanted = [*(all_of(each.formulas) for each in besides), same, *map(no, migrates)]
    wanted += [
        no(term)
        for each in (*ways, *besides)
        for key, term in each.encoder.world.unknowns.items()
        if key[0] == "person in" and is_lasting(key)
    ]
    found = question.prefer(wanted)
    if found is None:
        return False
    release.migrates = bool(migrates) and z3.is_true(found.eval(all_of(migrates), True))
    for each in (*ways, *besides):
        release.lasting.update(lasting(values(each.encoder, found)))
    return True
