"""Defines how a history is to end: with which decision, and what must hold of it."""

from __future__ import annotations

from collections.abc import Callable

from rung.frozen import frozen
from rung.policy import model
from rung.policy.walk import gates_behind, parts
from rung.prove.claim_terms import broken, fulfilled, history
from rung.prove.claims import Claim
from rung.prove.decide import Encoder
from rung.prove.terms import TRUE, Term, all_of


def _anything(encoder: Encoder) -> Term:
    return TRUE


@frozen
class Ending:
    """What the last decision of a history must be: about the way `way`, `allowed` or not.

    `term` is what must hold of it besides; `conditions` are those in it. `others` are the routes by which
    other releases must have entered before; with `hanging`, the last of them has only a share of the traffic.
    A `claim` is what the entry breaks, or fulfils. With `adopted`, something runs in the target from the
    beginning, which came by that lane.
    """

    way: model.Route | model.Act
    term: Callable[[Encoder], Term] = _anything
    conditions: tuple[model.Condition, ...] = ()
    others: tuple[model.Route, ...] = ()
    hanging: bool = False
    allowed: bool = True
    claim: Claim | None = None
    breaks: bool = False
    adopted: model.Lane | None = None

    @property
    def becomes(self) -> tuple[tuple[str, str], ...]:
        """What becomes of the release after its entry, where the claim is broken only then."""
        return self.claim.becomes if self.claim is not None and self.breaks else ()


def breaking(claim: Claim) -> Ending:
    """The ending of a history that breaks a claim."""

    def term(encoder: Encoder) -> Term:
        return broken(claim, encoder)

    return Ending(claim.route, term, claim.conditions, claim.others, claim=claim, breaks=True)


def fulfilling(claim: Claim) -> Ending:
    """The ending of a history that fulfils a claim."""

    def term(encoder: Encoder) -> Term:
        return fulfilled(claim, encoder)

    return Ending(claim.route, term, claim.conditions, claim=claim)


_FLEETING = (
    model.InsideMaintenance | model.LockHeld | model.NoDrift | model.NewFlagsOff | model.DependenciesMet
)
_CHOSEN = (
    model.ActorIs
    | model.ConfigurationHas
    | model.RollbackPlan
    | model.MigrationsCompatible
    | model.NoMigrations
)
_TOLD = ("release.configuration", "target", "lane")


def can_be_told(owed: model.Obligation, policy: model.Policy) -> bool:
    """Whether a history can tell when what is owed is fulfilled: by facts that stay, whoever chose what.

    Of the entry that owes it only some choices are known later; what an environment was like is not.
    """
    behind = gates_behind(owed.requirements, policy)
    asked = [*owed.requirements, *(each for name in behind for each in policy.gates[name].requirements)]
    return not any(_passes(node) for each in asked for node in parts(each.condition))


def _passes(node: model.Expression) -> bool:
    match node:
        case model.RequestValue(name):
            return name not in _TOLD
        case model.Role(name) | model.PersonIn(people=name):
            return name == "actor"
        case model.People(excluding=excluding):
            return "actor" in excluding
        case _:
            return isinstance(node, _FLEETING | _CHOSEN)


def discharging(owed: model.Obligation, target: str) -> Ending:
    """That what is owed in a target is fulfilled, which is no decision."""
    asked = tuple(each.condition for each in owed.requirements)

    def fulfilled(encoder: Encoder) -> Term:
        scene = encoder.scene(target, ())
        return all_of([encoder.read(each, scene) for each in asked])

    return Ending(model.Act("expose", target, (), owed.span), fulfilled, asked, allowed=False)


def ends(policy: model.Policy, ending: Ending, encoder: Encoder) -> list[Term]:
    """What an ending asks of its decision."""
    formulas = [encoder.allowed(ending.way)] if ending.allowed else []
    formulas.append(ending.term(encoder))
    history(policy, encoder, ending.way)
    return formulas
