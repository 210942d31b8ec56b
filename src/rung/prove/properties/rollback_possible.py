"""Defines the property `rollback-possible`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any, NamedTuple

import z3

from rung.policy import model
from rung.prove.cone import cone
from rung.prove.decide import Encoder
from rung.prove.endings import Ending
from rung.prove.errors import NotEncodedError
from rung.prove.obligation import obligation
from rung.prove.solve import Answer
from rung.prove.task import Task
from rung.prove.terms import FALSE, TRUE, Term, all_of, any_of, no
from rung.prove.verdict import Verdict
from rung.prove.world import Key

MOST_CHOICES = 4000
Choice = list[tuple[Term, Term]]


def verdict(task: Task, node: model.NamedProperty) -> Verdict:
    """Proved means: whenever a release may be gone back to (it earned health, is not marked bad, and is near
    enough), somebody can, by some strategy and plan, whatever the facts and the time.

    Facts that an outage could withhold, approvals among them, are taken to be withheld.
    """
    for place in node.places:
        routes = [each for each in task.policy.routes if each.target == place and each.lane == "rollback"]
        if not routes:
            routes = [model.Route("rollback", None, place, 1, (), (), node.span)]
            ending = Ending(routes[0], allowed=False)
            return _refuted(task, ending, f"there is no way back in `{place}`")
        stuck = _Stuck(tuple(routes))
        encoder = Encoder(cone(task.policy, routes), guess=True)
        shows = f"whenever there is something to go back to in `{place}`, somebody can"
        denied = stuck.term(encoder)
        said = task.docket.meet(obligation(shows, *encoder.world.axioms, denied))
        if said is Answer.POSSIBLE and encoder.guessed:
            return task.made("unknown", f"the solver is not told about {encoder.guessed[0]}")
        if said is Answer.UNKNOWN:
            return task.made("unknown", "the solver gave no answer")
        if said is Answer.POSSIBLE:
            widest = max(routes, key=lambda each: each.within)
            conditions = tuple(each.condition for route in routes for each in route.requirements)
            ending = Ending(widest, stuck.term, conditions, allowed=False)
            return _refuted(task, ending, f"a rollback of `{place}` can be denied, whoever asks for it")
    return task.made("proved", "", *_witness(task, node))


def _refuted(task: Task, ending: Ending, reason: str) -> Verdict:
    try:
        story = task.stories.find(ending)
    except NotEncodedError as error:
        return task.made("unknown", f"{reason}, it seems, but {error}")
    if story is None:
        return task.made("unknown", f"{reason}, it seems, but no history was found that leads there")
    return task.made("refuted", reason, story)


def _witness(task: Task, node: model.NamedProperty) -> Any:
    """A history in which something is rolled back, and a finding where none was found."""
    back = [each for each in task.policy.routes if each.lane == "rollback"]
    route = next(each for each in back if each.target in node.places)
    try:
        story = task.stories.entry(route)
    except NotEncodedError as error:
        return None, [f"no history with a rollback was found: {error}"]
    return story, [] if story is not None else ["no history with a rollback was found"]


class _Stuck(NamedTuple):
    """That there is something to go back to by these routes, and no choice of a proposal is allowed."""

    routes: tuple[model.Route, ...]

    def term(self, encoder: Encoder) -> Term:
        allowed = any_of([encoder.allowed(each) for each in self.routes])
        widest = max(self.routes, key=lambda each: each.within)
        candidate = encoder.world.boolean(("candidate", widest.target, widest.within))
        # Who the policy names is somebody certain.
        certain = [
            term == encoder.persons.number(key[1])
            for key, term in encoder.world.unknowns.items()
            if key[0] == "person of" and encoder.persons.number(key[1]) is not None
        ]
        denied = [no(z3.substitute(allowed, *choice)) for choice in _choices(encoder)]
        return all_of(candidate, *certain, *denied)


def _choices(encoder: Encoder) -> Iterator[Choice]:
    """Everything that whoever proposes a rollback can choose, as values of unknowns."""
    world = encoder.world
    parts = [_fixed(world.unknowns), *_alternatives(encoder)]
    if prod(len(part) for part in parts) > MOST_CHOICES:
        raise NotEncodedError(f"there are more than {MOST_CHOICES} ways to propose a rollback")
    for chosen in product(*parts):
        yield [pair for part in chosen for pair in part]


def _fixed(unknowns: dict[Key, Term]) -> list[Choice]:
    chosen: Choice = []
    for key, term in unknowns.items():
        match key:
            case ("request", "action"):
                chosen.append((term, z3.IntVal(model.ACTIONS.index("deploy"))))
            case ("request", "lane"):
                chosen.append((term, z3.IntVal(model.LANES.index("rollback"))))
            case ("flag", model.MigrationsCompatible(), *_):
                chosen.append((term, TRUE))
            case ("brings migrations",):
                chosen.append((term, FALSE))
            case _:
                pass
    return [chosen]


def _alternatives(encoder: Encoder) -> Iterator[list[Choice]]:
    """For each thing to choose that the rules ask about, the choices."""
    unknowns = encoder.world.unknowns
    actor = [unknowns.get(key) for key in (("kind of actor",), ("actor",), ("actor known",))]
    if any(term is not None for term in actor):
        named = range(len(encoder.persons.ids))
        whos = [(1, 0, False), *((kind, number, True) for kind in (0, 2) for number in named)]
        if not named:
            whos += [(0, 0, False), (2, 0, False)]
        yield [_pairs(actor, who) for who in whos]
    if ("stated", "strategy") in unknowns:
        stated, kind = unknowns["stated", "strategy"], unknowns.get(("request", "strategy"))
        kinds = range(len(model.STRATEGIES))
        yield [_pairs([stated, kind], (False, 0)), *(_pairs([stated, kind], (True, each)) for each in kinds)]
    plans = [(term, key) for key, term in unknowns.items() if _is_plan(key)]
    if plans:
        # No plan, one back to what runs, and an automatic one; what runs there is known.
        yield [
            [(term, z3.BoolVal(not key[3])) for term, key in plans],
            [(term, z3.BoolVal(not key[1].automatic)) for term, key in plans],
            [(term, TRUE) for term, key in plans],
        ]
    keys = [(term, key) for key, term in unknowns.items() if key[1:2] == ("configuration_keys",)]
    if keys:
        given = [(term, z3.BoolVal(key[-2] != "has other than")) for term, key in keys]
        yield [given, [(term, FALSE) for term, _ in keys]]
    service = unknowns.get(("request", "service"))
    if service is not None:
        known = range(len(encoder.world.texts) + 1)
        yield [[(service, z3.IntVal(code))] for code in known]


def _is_plan(key: Key) -> bool:
    return key[0] == "flag" and isinstance(key[1], model.RollbackPlan)


def _pairs(terms: list[Term | None], values: tuple[Any, ...]) -> Choice:
    made = (z3.BoolVal(each) if isinstance(each, bool) else z3.IntVal(each) for each in values)
    return [(term, value) for term, value in zip(terms, made, strict=True) if term is not None]
