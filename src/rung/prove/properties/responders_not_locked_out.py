"""Defines the property `responders-not-locked-out`."""

from __future__ import annotations

from rung.inputs.proposal import Artifact, MachineActor, Proposal, Release
from rung.policy import model
from rung.prove.cone import cone
from rung.prove.decide import Encoder
from rung.prove.entry import MACHINE
from rung.prove.obligation import obligation
from rung.prove.realise import initially
from rung.prove.solve import Answer, Question
from rung.prove.task import Task
from rung.prove.teller import soonest
from rung.prove.telling import HOUR, START
from rung.prove.telling import Release as Told
from rung.prove.terms import all_of
from rung.prove.verdict import Decides, Happens, Step, Story, Verdict


def verdict(task: Task, node: model.NamedProperty) -> Verdict:
    """Proved means: at every instant some lane into the environment is closed by no freeze and no window."""
    for place in node.places:
        routes = [each for each in task.policy.routes if each.target == place]
        if not routes:
            return task.made("unknown", f"there is no way into `{place}` at all")
        encoder = Encoder(cone(task.policy, routes))
        lanes = list(dict.fromkeys(each.lane for each in routes))
        closed = all_of([encoder.closed(lane, place) for lane in lanes])
        shows = f"some lane into `{place}` is open at every time"
        said = task.docket.meet(obligation(shows, *encoder.world.axioms, closed))
        if said is Answer.UNKNOWN:
            return task.made("unknown", "the solver gave no answer")
        if said is Answer.POSSIBLE:
            question = Question(task.clock, [*encoder.world.axioms, closed])
            at = soonest(question, encoder.world.at, START)
            text = f"there are times at which every way into `{place}` is closed"
            return task.made("refuted", text, _story(task.policy, routes, at))
    return task.made("proved")


def _story(policy: model.Policy, routes: list[model.Route], at: int) -> Story:
    """At such an instant nothing is let in by any lane, because of freezes and windows."""
    place, began = routes[0].target, at - HOUR
    rules: tuple[model.Freeze | model.Window, ...] = (*policy.freezes, *policy.windows)
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
