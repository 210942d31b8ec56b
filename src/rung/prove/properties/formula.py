"""Defines the properties that users write: a title, what it ranges over, and a claim about histories."""

from __future__ import annotations

from collections.abc import Iterator

from rung.policy import model
from rung.policy.walk import parts
from rung.prove.apart import apart, holds_at_first, of_entries
from rung.prove.claims import Claim
from rung.prove.errors import NotEncodedError
from rung.prove.naming import chosen
from rung.prove.properties import possible
from rung.prove.task import Task
from rung.prove.telling import START
from rung.prove.verdict import Story, Verdict


def verdict(task: Task, node: model.FormulaProperty) -> Verdict:
    """Proved means: for each choice of what it ranges over, the claim holds in every state of every history
    (`always`), in none (`never`), or in some (`possible`).

    What has happened once stays so. So a claim can become false only at an entry into a place of which it
    says what follows from being deployed there, or from what becomes of a release there; and it is read
    there: of gates, persons and the proposal as they are then. A rollback enters nothing for the first time,
    unless the claim names that lane.
    """
    claims = list(chosen(node.quantifiers, node.claim))
    if node.modality == "possible":
        return possible.verdict(task, claims)
    if node.modality == "never":
        claims = [model.Not(each, each.span) for each in claims]
    together = [each for claim in claims for each in apart(claim)]
    if any(holds_at_first(each) is False for each in together):
        nothing = f"{node.title}: not so before anything is deployed"
        return task.made("refuted", nothing, Story(START, ()))
    return task.entries([each for claim in together for each in _at_entries(task.policy, claim, node.title)])


def _at_entries(policy: model.Policy, claim: model.Condition, title: str) -> Iterator[Claim]:
    """The claim at each entry at which it can become false."""
    stronger, states = of_entries(claim)
    triggers = list(_triggers(stronger, True))
    places = {each.place for each in triggers}
    if not triggers or holds_at_first(claim) is None:
        raise NotEncodedError("the claim is about more than what follows from a deployment")
    if _asks_of_entries(claim) and len(places) > 1:
        raise NotEncodedError("a claim about the entries into several places at once")
    for route in policy.routes:
        lanes = {each.lane for each in triggers if each.place == route.target}
        if route.lane in lanes or (None in lanes and route.lane != "rollback"):
            text = f"{title}: not so when a release enters `{route.target}` by `{route.lane}`"
            yield Claim(route, stronger, text, becomes=tuple(sorted(states.items())))


def _triggers(node: model.Condition, positive: bool) -> Iterator[model.Happened]:
    """The deployments that can make a claim about deployments false."""
    match node:
        case model.And(operands) | model.Or(operands):
            for each in operands:
                yield from _triggers(each, positive)
        case model.Not(operand):
            yield from _triggers(operand, not positive)
        case model.Implies(premise, conclusion):
            yield from _triggers(premise, not positive)
            yield from _triggers(conclusion, positive)
        case model.Happened():
            if not positive:
                yield node
        case model.Before(_, second):
            if not positive:
                yield second
        case _:
            return


def _asks_of_entries(node: model.Condition) -> bool:
    """Whether a claim asks more than what has happened: that is read at the entry."""
    logic = (model.And, model.Or, model.Not, model.Implies, model.Happened, model.Before)
    return any(not isinstance(each, logic) for each in parts(node))
