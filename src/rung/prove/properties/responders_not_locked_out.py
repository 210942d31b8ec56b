"""Defines the property `responders-not-locked-out`."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

from rung.inputs.proposal import Artifact, MachineActor, Proposal, Release
from rung.policy import model
from rung.prove.choosing import can_run, certain, choices
from rung.prove.cone import cone
from rung.prove.decide import Encoder
from rung.prove.endings import Ending
from rung.prove.entry import MACHINE
from rung.prove.errors import NotEncodedError
from rung.prove.obligation import obligation
from rung.prove.realise import initially
from rung.prove.solve import Answer, Question
from rung.prove.task import Task
from rung.prove.teller import soonest
from rung.prove.telling import HOUR, START
from rung.prove.telling import Release as Told
from rung.prove.terms import Term, all_of, no
from rung.prove.verdict import Decides, Happens, Step, Story, Verdict


def verdict(task: Task, node: model.NamedProperty) -> Verdict:
    """Proved means: at every instant, and whatever the facts, somebody can propose what no rule that stands
    over every route keeps out, by some lane into the environment.

    What its route requires is another matter.
    """
    for place in node.places:
        routes = [each for each in task.policy.routes if each.target == place]
        if not routes:
            return task.made("unknown", f"there is no way into `{place}` at all")
        shut = _Shut(task.policy, place, tuple(dict.fromkeys(each.lane for each in routes)))
        encoder = Encoder(cone(task.policy, routes), guess=True)
        closed = shut.term(encoder)
        shows = f"some lane into `{place}` is open at every time"
        facts = [*encoder.world.axioms, can_run(task.policy, place, encoder, task.docket)]
        said = task.docket.meet(obligation(shows, *facts, closed))
        if said is Answer.UNKNOWN:
            return task.made("unknown", "the solver gave no answer")
        if said is Answer.POSSIBLE:
            if encoder.guessed:
                return task.made("unknown", f"the solver is not told about {encoder.guessed[0]}")
            question = Question(task.clock, [*facts, closed])
            return _refuted(task, routes, shut, encoder, question)
    return task.made("proved")


class _Shut(NamedTuple):
    """That by none of the lanes into a place anything can be proposed that no rule keeps out."""

    policy: model.Policy
    place: str
    lanes: tuple[model.Lane, ...]

    def term(self, encoder: Encoder) -> Term:
        closed = {lane: encoder.closed(lane, self.place) for lane in self.lanes}
        made = ((lane, choice) for lane in self.lanes for choice in choices(self.policy, encoder, lane))
        kept_out = [choice(closed[lane]) for lane, choice in made]
        return all_of(*certain(encoder), *kept_out)


def _refuted(
    task: Task, routes: list[model.Route], shut: _Shut, encoder: Encoder, question: Question
) -> Verdict:
    """An instant at which all is closed; where that depends on facts as well, a history that leads there."""
    text = f"there are times at which every way into `{shut.place}` is closed"
    at = soonest(question, encoder.world.at, START)
    otherwise = [*encoder.world.axioms, encoder.world.at == at, no(shut.term(encoder))]
    if Question(task.clock, otherwise).ask() is Answer.IMPOSSIBLE:
        return task.made("refuted", text, _story(task.policy, routes, at))
    reason = ""
    conditions = tuple(each.when for each in task.policy.denies if shut.place in each.places)
    hanging: list[tuple[model.Route, ...]] = [(), *((each,) for each in routes)]
    for others, route in product(hanging, routes):
        ending = Ending(route, shut.term, conditions, others, hanging=bool(others), allowed=False)
        try:
            story = task.stories.find(ending)
        except NotEncodedError as error:
            reason = reason or str(error)
            continue
        if story is not None:
            return task.made("refuted", text, story)
    return task.made("unknown", f"{text}, it seems, but {reason or 'no history was found that leads there'}")


def _story(policy: model.Policy, routes: list[model.Route], at: int) -> Story:
    """At such an instant nothing is let in by any lane, because of these rules."""
    place, began = routes[0].target, at - HOUR
    rules: tuple[model.Freeze | model.Window | model.Deny, ...]
    rules = (*policy.freezes, *policy.windows, *policy.denies)
    because = tuple(each for each in rules if place in each.places)
    release = Told(0)
    artifacts = {"app": Artifact(digest=release.digest)}
    steps: list[Step] = [Happens(began, initially(place, began, ()))]
    for lane in dict.fromkeys(each.lane for each in routes):
        route = next(each for each in routes if each.lane == lane)
        proposal = Proposal(
            service="shop",
            lane=lane,
            target=place,
            release=Release(version="1.0.0", artifacts=artifacts),
            actor=MachineActor(machine=MACHINE),
            flags={},
        )
        steps.append(Decides(at, proposal, False, route, because))
    return Story(began, tuple(steps))
