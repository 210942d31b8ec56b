"""Defines the property `built-once`."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

from rung.inputs.facts import Build
from rung.policy import model
from rung.policy.walk import gates_behind, required_on
from rung.prove.claims import sources_of
from rung.prove.decide import Encoder
from rung.prove.endings import Ending
from rung.prove.errors import NotEncodedError
from rung.prove.task import Task
from rung.prove.terms import Term
from rung.prove.verdict import Happens, Story, Verdict

OTHER_DIGEST = "sha256:" + "b2" * 32


Way = model.Route | model.Act


def verdict(task: Task, node: model.NamedProperty) -> Verdict:
    """Proved means: all evidence on which a release enters, or goes on in a rollout, is about its own build,
    artifacts or digests, or about an environment; none is about a commit, which may be built more than once.
    """
    rides = [
        (way, gate, need)
        for way in _ways(task.policy)
        for gate in _gates(way, task.policy)
        for need in gate.needs
        if task.policy.evidence[need.evidence].about == "commit"
    ]
    why = "no history was found that leads there"
    for way, gate, need in rides:
        text = (
            f"`{gate.name}` lets a release into `{way.target}` by `{need.evidence}` about its commit, "
            "which another build may have earned"
        )
        try:
            story = task.stories.find(_counting(way, gate))
        except NotEncodedError as error:
            why = str(error)
            continue
        if story is not None:
            return task.made("refuted", text, _with_another_build(story))
    if rides:
        return task.made("unknown", f"evidence about commits is used, but {why}")
    return task.made("proved", "", *_witness(task))


def _ways(policy: model.Policy) -> list[Way]:
    """All by which a release comes to more of the traffic of a place."""
    return [*policy.routes, *(each for each in policy.acts if each.action != "expose")]


def _gates(way: Way, policy: model.Policy) -> list[model.Gate]:
    """The gates that may count on a way, those within others and those of alternatives included."""
    behind = gates_behind(required_on(way, policy), policy)
    return [gate for name, gate in policy.gates.items() if name in behind]


def _counting(way: Way, gate: model.Gate) -> Ending:
    """The ending of a history by a way for which a gate holds."""

    def holds(encoder: Encoder) -> Term:
        return encoder.gate(encoder.scene(way.target, sources_of(way)), gate.name)

    return Ending(way, holds, (model.GateHolds(gate.name, gate.span),))


def _with_another_build(story: Story) -> Story:
    """The same history, in which the commit was built once more, and it was that build which was tested."""
    steps = list(story.steps)
    for index, step in enumerate(steps):
        if isinstance(step, Happens) and isinstance(step.fact, Build):
            other = step.fact.replace(digest=OTHER_DIGEST, invocation="build-99")
            steps.insert(index, replace(step, fact=other))
            break
    return replace(story, steps=tuple(steps))


def _witness(task: Task) -> tuple[Story | None, list[str]]:
    """A history in which something enters on evidence."""
    using = [each for each in task.policy.routes if any(gate.needs for gate in _gates(each, task.policy))]
    others = [each for each in task.policy.routes if each not in using and each.lane != "rollback"]
    for route in chain(using, others):
        try:
            story = task.stories.entry(route)
        except NotEncodedError:
            continue
        if story is not None:
            findings = [] if route in using else ["no route asks for evidence"]
            return story, findings
    return None, ["no history was found in which anything enters"]
