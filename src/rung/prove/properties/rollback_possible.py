"""Defines the property `rollback-possible`."""

from __future__ import annotations

from typing import Any, NamedTuple

from rung.policy import model
from rung.prove.choosing import can_run, certain, choices
from rung.prove.conditions import brings_migrations
from rung.prove.cone import cone
from rung.prove.decide import Encoder
from rung.prove.endings import Ending
from rung.prove.errors import NotEncodedError
from rung.prove.obligation import obligation
from rung.prove.solve import Answer
from rung.prove.task import Task
from rung.prove.terms import Term, all_of, any_of, no
from rung.prove.verdict import Verdict


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
        stuck = _Stuck(task.policy, tuple(routes))
        encoder = Encoder(cone(task.policy, routes), guess=True)
        shows = f"whenever there is something to go back to in `{place}`, somebody can"
        denied = stuck.term(encoder)
        runs = can_run(task.policy, place, encoder, task.docket)
        said = task.docket.meet(obligation(shows, *encoder.world.axioms, denied, runs))
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
    """That there is something to go back to by these routes, and no choice of a proposal is allowed.

    What is proposed brings no migrations: otherwise that alone would be why it is denied.
    """

    policy: model.Policy
    routes: tuple[model.Route, ...]

    def term(self, encoder: Encoder) -> Term:
        allowed = any_of([encoder.allowed(each) for each in self.routes])
        widest = max(self.routes, key=lambda each: each.within)
        candidate = encoder.world.boolean(("candidate", widest.target, widest.within))
        denied = [no(choice(allowed)) for choice in choices(self.policy, encoder, "rollback")]
        brings = brings_migrations(encoder.scene(widest.target, ()))
        return all_of(candidate, no(brings), *certain(encoder), *denied)
