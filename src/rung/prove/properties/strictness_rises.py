"""Defines the property `strictness-rises`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rung.policy import model
from rung.policy.walk import conjuncts, demands, gates_behind, parts
from rung.prove.asking import AskedTwice, asked_twice
from rung.prove.claims import head
from rung.prove.cone import cone
from rung.prove.decide import Encoder
from rung.prove.endings import Ending
from rung.prove.errors import NotEncodedError
from rung.prove.obligation import obligation
from rung.prove.solve import Answer, Question
from rung.prove.stories import Stories
from rung.prove.task import Task
from rung.prove.terms import FALSE, Term, all_of, any_of, no
from rung.prove.verdict import Story, Verdict


def verdict(task: Task, node: model.NamedProperty) -> Verdict:
    """Proved means: where an environment and one before it ask for the same evidence, every record that is
    accepted into the later one would be accepted into the earlier one.

    Ways in that do not ask for the evidence accept no record of it, and no waivers are taken into account.
    """
    pairs = list(asked_twice(task.policy))
    for evidence, late, early, later, earlier in pairs:
        for route in later:
            encoder = Encoder(cone(task.policy, (route, *earlier)), ())
            looser = _looser(route, earlier, evidence, encoder)
            text = f"`{late}` accepts `{evidence}` that `{early}`, which comes before it, would not"
            shows = f"`{early}` accepts every record of `{evidence}` that {head(route)} accepts"
            perhaps = _looser(route, earlier, evidence, encoder, surely=False)
            said = task.docket.meet(obligation(shows, *encoder.world.axioms, perhaps))
            if said is Answer.IMPOSSIBLE:
                continue
            if Question(task.clock, [*encoder.world.axioms, looser]).ask() is Answer.POSSIBLE:
                return _refuted(task, route, earlier, evidence, text)
            if said is Answer.POSSIBLE:
                return task.made("unknown", f"{text}, perhaps: what is asked of it depends on more than it")
            return task.made("unknown", "the solver gave no answer")
    if not pairs:
        return task.made("unknown", "no two environments in order ask for the same evidence")
    return task.made("proved", "", *_witness(task, pairs))


def _witness(task: Task, pairs: Sequence[AskedTwice]) -> tuple[Story | None, list[str]]:
    """A history in which something enters on such evidence."""
    for pair in pairs:
        for route in pair.later:
            try:
                story = task.stories.entry(route)
            except NotEncodedError:
                continue
            if story is not None:
                return story, []
    return None, ["no history was found in which anything enters on such evidence"]


def _counted(route: model.Route, evidence: str, policy: model.Policy) -> tuple[list[model.Gate], bool]:
    """The gates on the way in that ask for evidence, and whether all must hold.

    Where none must, these are those of the alternatives, each of which may be what lets a release in.
    """
    needing = {
        name for name, gate in policy.gates.items() if any(need.evidence == evidence for need in gate.needs)
    }
    held = demands(route.requirements, policy)
    required = {each.gate for each, _ in held if isinstance(each, model.GateHolds)} & needing
    counted = required or needing & set(gates_behind(route.requirements, policy))
    return [policy.gates[name] for name in policy.gates if name in counted], bool(required)


def _looser(
    late: model.Route, earlier: list[model.Route], evidence: str, encoder: Encoder, *, surely: bool = True
) -> Term:
    """When a record does for a later route and for none of the earlier ones.

    What an earlier route asks of it that depends on more than the record is taken to be fulfilled; or if that
    is not `surely` so, not to be.
    """
    refused = [no(_accepted(each, evidence, encoder, others=surely)) for each in earlier]
    return all_of(_accepted(late, evidence, encoder, others=True), *refused)


def _accepted(route: model.Route, evidence: str, encoder: Encoder, *, others: bool) -> Term:
    """When a record of the evidence does for a route.

    `others` is what conditions come to that read it and depend on more than it, and whether one of
    several alternatives will do.
    """
    sources = route.sources.names if route.sources is not None else ()
    scene = encoder.scene(route.target, sources)
    gates, together = _counted(route, evidence, encoder.policy)
    accepting: list[Term] = []
    for gate in gates:
        found: list[Term] = []
        looking = scene.inside(gate.name).looking_at({evidence: (evidence, None, 0)})
        for need in gate.needs:
            if need.evidence == evidence and need.max_age is not None:
                found.append(encoder.world.integer(("record age", evidence, None), 0) < need.max_age)
        for condition in conjuncts(gate.requirements):
            reads = _reads(condition)
            if reads == {evidence}:
                found.append(encoder.read(condition, looking))
            elif evidence in reads and not others:
                found.append(FALSE)
        accepting.append(all_of(found))
    return any_of(accepting) if others and not together else all_of(accepting)


def _reads(condition: model.Condition) -> set[str]:
    """The evidence that a condition reads, with a mark for what else it depends on."""
    found: set[str] = set()
    for node in parts(condition):
        match node:
            case model.EvidenceField(evidence):
                found.add(evidence)
            case model.RequestValue("now") | model.Constant() | model.ParameterValue() | model.Arithmetic():
                pass
            case model.Compare() | model.Truth() | model.And() | model.Or() | model.Not() | model.Implies():
                pass
            case model.SetExpression():
                pass
            case _:
                found.add("something else")
    return found


def _refuted(task: Task, route: model.Route, earlier: list[model.Route], evidence: str, text: str) -> Verdict:
    """A history in which such a record lets a release in; it would not have been let in earlier."""
    stories = Stories(replace(task.policy, waivers=()), task.clock)
    conditions = tuple(each.condition for before_ in earlier for each in before_.requirements)
    about = task.policy.evidence[evidence].about
    if about == "environment":
        return task.made("unknown", f"{text}, it seems, but histories of it are not built yet")
    ending = Ending(route, lambda encoder: _looser(route, earlier, evidence, encoder), conditions)
    try:
        story = stories.find(ending)
    except NotEncodedError as error:
        return task.made("unknown", f"{text}, it seems, but {error}")
    if story is None:
        return task.made("unknown", f"{text}, it seems, but no history was found that leads there")
    return task.made("refuted", text, story)
